"""`POST /batch`: results in order, checks before the first request runs, transactions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parse_core.errors import WriteConflict
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import routes
from parse_core.rest.views import batch as batch_view
from tests.rest.conftest import Configure
from tests.support.client import ApiClient, Reply
from tests.support.scenario import Scenario, post, scenarios

MOUNT = "/parse"


def part(method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    return {"method": method, "path": MOUNT + path, **({} if body is None else {"body": body}), **more}


def send(api: ApiClient, *parts: Any, transaction: Any = None, **how: Any) -> Reply:
    body = {"requests": parts, **({} if transaction is None else {"transaction": transaction})}
    return api.post("/batch", body, **how)


def count(api: ApiClient, class_name: str) -> int:
    return int(api.get(f"/classes/{class_name}", query={"count": 1, "limit": 0}).json["count"])


def test_results_come_in_order_with_errors_in_their_places(api: ApiClient) -> None:
    known = api.post("/classes/Mixed", {"n": 0}).json["objectId"]
    reply = send(
        api,
        part("POST", "/classes/Mixed", {"n": 1}),
        part("PUT", f"/classes/Mixed/{known}", {"n": 2}),
        part("GET", f"/classes/Mixed/{known}"),
        part("GET", "/classes/Mixed", {"where": {"n": 2}, "keys": "n"}),
        part("GET", "/classes/Mixed/nope"),
        part("POST", "/classes/Mixed", {"n": "text"}),
        part("DELETE", f"/classes/Mixed/{known}"),
        part("DELETE", f"/classes/Mixed/{known}"),
    )
    assert reply.status == 200
    created, updated, got, found, missing, mismatch, gone, unknown = reply.json
    assert created["success"].keys() == {"objectId", "createdAt"}
    assert updated["success"].keys() == {"updatedAt"}
    assert got["success"]["n"] == 2
    assert [row["objectId"] for row in found["success"]["results"]] == [known]
    assert missing == {"error": {"code": 101, "error": "Object not found."}}
    assert mismatch["error"]["code"] == 111
    assert gone == {"success": {}}
    assert unknown == {"error": {"code": 101, "error": "Object not found."}}


def test_creates_in_a_row_are_stored_together(api: ApiClient) -> None:
    api.post("/classes/Many", {"n": 0})
    reply = send(api, *(part("POST", "/classes/Many", {"n": n}) for n in range(50)))
    assert len({result["success"]["objectId"] for result in reply.json}) == 50
    assert reply.statements == 1


def test_one_bad_create_leaves_the_others_alone(api: ApiClient) -> None:
    api.post("/classes/Some", {"n": 0})
    reply = send(
        api,
        part("POST", "/classes/Some", {"n": 1}),
        part("POST", "/classes/Some", {"n": "text"}),
        part("POST", "/classes/Some", {"1a": 1}),
        part("POST", "/classes/Some", {"n": 2, "objectId": "twice"}),
        part("POST", "/classes/Some", {"n": 3, "objectId": "twice"}),
    )
    assert ["success" in result for result in reply.json] == [True, False, False, True, False]
    assert [result["error"]["code"] for result in reply.json if "error" in result] == [111, 105, 137]


NO_PARTS: list[Any] = [1, "x", None, [], {}, {"path": 1}, {"path": None}, {"path": {"$ne": 1}}, {"path": ["x"]}]

REFUSED: list[tuple[str, Any, str]] = [
    ("no requests", {}, "requests must be an array"),
    ("requests that are no list", {"requests": {"0": part("POST", "/classes/No")}}, "requests must be an array"),
    ("requests that are a text", {"requests": "x"}, "requests must be an array"),
    *(
        (f"the element {element!r}", {"requests": [element]}, "batch request path must be a string")
        for element in NO_PARTS
    ),
    (
        "a path without the mount",
        {"requests": [{"method": "POST", "path": "/classes/No"}]},
        "cannot route batch path /classes/No",
    ),
    (
        "a path that only begins like the mount",
        {"requests": [{"method": "POST", "path": "/parsed/classes/No"}]},
        "cannot route batch path /parsed/classes/No",
    ),
    ("an unknown route", {"requests": [part("POST", "/nosuch")]}, "cannot route POST /nosuch"),
    ("a lower-case method", {"requests": [part("post", "/classes/No")]}, "cannot route post /classes/No"),
    ("no method", {"requests": [{"path": "/parse/classes/No"}]}, "cannot route undefined /classes/No"),
    (
        "a method that is no text",
        {"requests": [{"method": 1, "path": "/parse/classes/No"}]},
        "cannot route 1 /classes/No",
    ),
    ("an unknown method", {"requests": [part("PATCH", "/classes/No")]}, "cannot route PATCH /classes/No"),
    ("HEAD", {"requests": [part("HEAD", "/classes/No")]}, "cannot route HEAD /classes/No"),
    ("a hostile method", {"requests": [part("__init__", "/classes/No")]}, "cannot route __init__ /classes/No"),
    ("a method the route has not", {"requests": [part("PUT", "/classes/No")]}, "cannot route PUT /classes/No"),
    ("health", {"requests": [part("GET", "/health")]}, "cannot route GET /health"),
    ("a batch", {"requests": [part("POST", "/batch")]}, "nested batch requests are not allowed"),
    ("a batch in other letters", {"requests": [part("post", "//BATCH/")]}, "nested batch requests are not allowed"),
    ("a body that is a text", {"requests": [part("POST", "/classes/No", "x")]}, "batch request body must be an object"),
]


@pytest.mark.parametrize(("body", "text"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
@pytest.mark.parametrize("transaction", [False, True])
def test_a_malformed_batch_does_nothing_at_all(api: ApiClient, body: Any, text: str, transaction: bool) -> None:
    requests = body.get("requests")
    if isinstance(requests, list):
        requests.insert(0, part("POST", "/classes/Untouched", {}))
    reply = api.post("/batch", {**body, "transaction": transaction})
    assert (reply.status, reply.error) == (400, (107, text))
    assert count(api, "Untouched") == 0


@scenarios(
    Scenario("an empty list", post("/batch", {"requests": []}), json=[]),
    Scenario("an empty transaction", post("/batch", {"requests": [], "transaction": True}), json=[]),
    Scenario("a trailing slash", post("/batch/", {"requests": []}), json=[]),
    Scenario("a double slash", post("//batch", {"requests": []}), json=[]),
    Scenario(
        "no body in a part",
        post("/batch", {"requests": [part("GET", "/classes/Empty")]}),
        json=[{"success": {"results": []}}],
    ),
    Scenario(
        "slashes in a path",
        post("/batch", {"requests": [part("GET", "//classes/Empty/")]}),
        json=[{"success": {"results": []}}],
    ),
    Scenario(
        "a master-only route as a client",
        post("/batch", {"requests": [part("GET", "/schemas")]}),
        json=[{"error": {"error": "Permission denied"}}],
    ),
    Scenario(
        "_method in a part is a field",
        post("/batch", {"requests": [part("POST", "/classes/Empty", {"_method": "GET"})]}),
        json=[{"error": {"code": 105, "error": "Invalid field name: _method."}}],
    ),
    Scenario(
        "a key in a part is a field",
        post("/batch", {"requests": [part("POST", "/classes/Empty", {"_MasterKey": "master"})]}),
        json=[{"error": {"code": 105, "error": "Invalid field name: _MasterKey."}}],
    ),
)
def test_batches(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


def test_a_query_string_in_a_path_is_one(api: ApiClient) -> None:
    for n in range(3):
        api.post("/classes/Queried", {"n": n})
    path = "/classes/Queried?where=%7B%22n%22%3A%7B%22%24gt%22%3A0%7D%7D&order=-n"
    (result,) = send(api, part("GET", path, {"limit": 1})).json
    assert [row["n"] for row in result["success"]["results"]] == [2]


def test_ids_in_paths_are_percent_decoded(api: ApiClient) -> None:
    api.post("/classes/Coded", {"objectId": "a b/é"})
    (result,) = send(api, part("GET", "/classes/Coded/a%20b%2F%C3%A9")).json
    assert result["success"]["objectId"] == "a b/é"


@pytest.mark.parametrize(
    ("server", "public", "path", "routed"),
    [
        ("http://x/parse", None, "/parse", True),
        ("http://x/other", None, "/other", True),
        ("http://x/other", None, "/parse", True),
        ("http://x/parse", "https://y/public/parse", "/public/parse", True),
        ("http://x/parse", "https://y/parse/public", "/parse/public", True),
        ("http://x/parse", "https://y/public", "/private", False),
    ],
)
def test_paths_may_start_with_any_address_clients_know(
    configure: Configure, server: str, public: str | None, path: str, routed: bool
) -> None:
    api = ApiClient(configure(serverURL=server, publicServerURL=public))
    reply = api.post("/batch", {"requests": [{"method": "GET", "path": path + "/classes/Empty"}]})
    assert (reply.json == [{"success": {"results": []}}]) is routed


def test_the_number_of_requests_is_limited(configure: Configure) -> None:
    api = ApiClient(configure(requestComplexity={"batchRequestLimit": 2}))
    parts = [part("GET", "/classes/Empty")] * 3
    assert send(api, *parts[:2]).status == 200
    reply = send(api, *parts)
    text = "Batch request contains 3 sub-requests, which exceeds the limit of 2."
    assert (reply.status, reply.error) == (400, (107, text))
    assert send(api, *parts, master=True).status == 200
    assert send(api, *parts, maintenance=True).status == 200


def test_ten_thousand_requests_are_refused_by_default(api: ApiClient) -> None:
    assert send(api, *[part("POST", "/classes/Flood", {})] * 10_000).error[0] == 107


def test_a_transaction_stores_all(api: ApiClient) -> None:
    reply = send(
        api, part("POST", "/classes/Whole", {"n": 1}), part("POST", "/classes/Whole2", {"n": 1}), transaction=True
    )
    assert reply.status == 200
    assert (count(api, "Whole"), count(api, "Whole2")) == (1, 1)


@pytest.mark.parametrize(
    ("failing", "code"),
    [
        (part("PUT", "/classes/Torn/nope", {"n": 1}), 101),
        (part("POST", "/classes/Torn", {"n": "text"}), 111),
        (part("POST", "/classes/Torn", {"n": 1, "objectId": "taken"}), 137),
        (part("POST", "/classes/Torn", {"1a": 1}), 105),
        (part("GET", "/schemas"), None),
    ],
)
def test_a_transaction_stores_nothing_if_one_fails(api: ApiClient, failing: dict[str, Any], code: int | None) -> None:
    api.post("/classes/Torn", {"objectId": "taken", "n": 0})
    before = count(api, "Torn")
    good = part("POST", "/classes/Torn", {"n": 1})
    reply = send(api, good, part("POST", "/classes/Fresh", {"n": 1}), failing, good, transaction=True)
    assert (reply.status, reply.error[0]) == (400, code)
    assert count(api, "Torn") == before
    assert "Fresh" not in {schema["className"] for schema in api.get("/schemas", master=True).json["results"]}


def test_a_text_is_no_transaction(api: ApiClient) -> None:
    good, bad = part("POST", "/classes/Loose", {"n": 1}), part("PUT", "/classes/Loose/nope", {})
    reply = send(api, good, bad, transaction="true")
    assert [*map(list, reply.json)] == [["success"], ["error"]]
    assert count(api, "Loose") == 1


def test_transactions_do_not_see_each_other(api: ApiClient) -> None:
    api.post("/classes/Apart", {"n": 0})

    def run(number: int) -> int:
        bad = [part("PUT", "/classes/Apart/nope", {})] if number % 2 else []
        parts = [part("POST", "/classes/Apart", {"n": n}) for n in range(5)]
        return send(api, *parts, *bad, transaction=True).status

    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(run, range(16))] == [200, 400] * 8
    assert count(api, "Apart") == 1 + 8 * 5


class Conflicted(ParseView):
    """Meets a write conflict a number of times."""

    conflicts = 0
    asked = 0

    def post(self, call: Call) -> Answer:
        assert call.context.transaction is not None
        Conflicted.asked += 1
        if Conflicted.asked <= Conflicted.conflicts:
            raise WriteConflict
        return Answer({})


@pytest.mark.parametrize(("conflicts", "asked", "status"), [(0, 1, 200), (5, 6, 200), (6, 6, 400)])
def test_a_write_conflict_is_tried_again_five_times(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, conflicts: int, asked: int, status: int
) -> None:
    monkeypatch.setattr(Conflicted, "conflicts", conflicts)
    monkeypatch.setattr(Conflicted, "asked", 0)
    with routes.temporarily("conflicted", Conflicted):
        reply = send(api, part("POST", "/conflicted"), transaction=True)
    assert (reply.status, Conflicted.asked) == (status, asked)
    if status == 400:
        assert reply.error[0] == 251


class Broken(ParseView):
    """A defect of the server."""

    def post(self, call: Call) -> Answer:
        raise ZeroDivisionError


def test_a_defect_in_one_request_is_hidden_and_alone(api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    with routes.temporarily("broken", Broken):
        broken, fine = send(api, part("POST", "/broken"), part("GET", "/classes/Empty")).json
        assert broken == {"error": {"code": 1, "error": "Internal server error."}}
        assert fine == {"success": {"results": []}}
        assert send(api, part("POST", "/broken"), transaction=True).status == 500
    assert "ZeroDivisionError" in caplog.text


def test_the_module_has_a_bounded_number_of_retries() -> None:
    assert batch_view.RETRIES == 5
