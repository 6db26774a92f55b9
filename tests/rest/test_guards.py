"""`routeAllowList`, the read-only master key, session tokens, defects: what stands between a request and its route."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from parse_core.application import Application
from parse_core.context import Principal
from parse_core.errors import InvalidSessionToken
from parse_core.rest import urls  # noqa: F401 (fills the table of routes)
from parse_core.rest.authentication import SESSION_TOKEN, session_resolvers
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import Route, routes
from tests.rest.conftest import Configure
from tests.rest.echo import EchoView, described
from tests.support.client import ApiClient
from tests.support.scenario import Scenario, delete, get, post, put, scenarios

DENIED: dict[str, Any] = {"status": 400, "error": (119, "Permission denied")}


def batched(method: str, path: str, **how: Any) -> Any:
    return post("/batch", {"requests": [{"method": method, "path": "/parse" + path}]}, **how)


@scenarios(
    Scenario("a listed path", get("/classes/Empty")),
    Scenario("a listed path with slashes around it", get("//classes/Empty/")),
    Scenario("a path of which a part is listed", get("/classes/Empty/x"), **DENIED),
    Scenario("a path that holds a listed one", get("/classes/EmptyX"), **DENIED),
    Scenario("an unlisted path", get("/classes/Other"), **DENIED),
    Scenario("an unlisted word", get("/nosuch"), **DENIED),
    Scenario("health, unlisted", get("/health"), **DENIED),
    Scenario(
        "health without application id, unlisted", get("/health", headers={"X-Parse-Application-Id": None}), **DENIED
    ),
    Scenario("a pattern", get("/classes/Log7")),
    Scenario("the query string does not count", get("/classes/Empty?limit=1")),
    Scenario("a listed path in a batch", batched("GET", "/classes/Empty")),
    Scenario("an unlisted path in a batch", batched("GET", "/classes/Other"), **DENIED),
    Scenario("an encoded path in a batch", batched("GET", "/classes/%4Fther"), **DENIED),
    Scenario("the master key may go anywhere", get("/classes/Other", master=True)),
    Scenario("and so may it in a batch", batched("GET", "/classes/Other", master=True)),
    Scenario("the maintenance key may go anywhere", get("/classes/Other", maintenance=True)),
    Scenario("the read-only master key may go anywhere", get("/classes/Other", read_only=True)),
)
def test_clients_may_only_use_listed_routes(scenario: Scenario, configure: Configure) -> None:
    scenario.play(ApiClient(configure(routeAllowList=["classes/Empty", r"classes/Log\d", "batch"])))


def test_an_empty_list_blocks_everything(configure: Configure) -> None:
    api = ApiClient(configure(routeAllowList=[], enableSanitizedErrorResponse=False))
    assert api.get("/classes/X").error == (119, "Route not allowed by routeAllowList: GET classes/X")
    assert api.post("/batch", {"requests": []}).error == (119, "Route not allowed by routeAllowList: POST batch")


METHODS = [
    (route, method)
    for route in routes
    for method in ("POST", "PUT", "DELETE")
    if route.view.handles(method) and route.view.refuses_read_only_key and not route.view.ignores_read_only_key
]


@pytest.mark.parametrize(("route", "method"), METHODS, ids=[f"{method} {route.pattern}" for route, method in METHODS])
def test_the_read_only_master_key_writes_nowhere(api: ApiClient, route: Route, method: str) -> None:
    path = "/" + route.pattern.replace("<", "").replace(">", "").replace("...", "")
    reply = api.request(method, path, {}, read_only=True)
    assert reply.status in (400, 403), reply.body
    assert reply.status == 403 or reply.error[0] == 119
    assert api.request("POST", path, {"_method": method}, read_only=True).body == reply.body


@scenarios(
    Scenario(
        "create",
        post("/classes/X", {}, read_only=True),
        status=400,
        error=(119, "read-only masterKey isn't allowed to perform the create operation."),
    ),
    Scenario(
        "update",
        put("/classes/X/x", {}, read_only=True),
        status=400,
        error=(119, "read-only masterKey isn't allowed to perform the update operation."),
    ),
    Scenario(
        "delete",
        delete("/classes/X/x", read_only=True),
        status=400,
        error=(119, "read-only masterKey isn't allowed to perform the delete operation."),
    ),
    Scenario("purge", delete("/purge/X", read_only=True), status=400),
    Scenario("find", get("/classes/Empty", read_only=True), json={"results": []}),
    Scenario("find by POST", post("/classes/Empty", {"_method": "GET"}, read_only=True), json={"results": []}),
)
def test_refusals_of_the_read_only_master_key(scenario: Scenario, configure: Configure) -> None:
    scenario.play(ApiClient(configure(enableSanitizedErrorResponse=False)))


def test_the_read_only_master_key_reads_in_a_batch(api: ApiClient) -> None:
    parts = [{"method": method, "path": "/parse/classes/Empty"} for method in ("GET", "POST", "POST")]
    found, *refused = api.post("/batch", {"requests": parts}, read_only=True).json
    assert found == {"success": {"results": []}}
    assert [result["error"]["code"] for result in refused] == [119, 119]


class Keyless(EchoView):
    """A route for which the read-only master key is no key."""

    ignores_read_only_key = True


class Tokenless(EchoView):
    """A route that does without a session, whatever token is sent."""

    resolves_session = False


def resolve(application: Application, token: str, installation_id: str | None, route: str) -> Principal:
    if token == "r:broken":
        raise ZeroDivisionError
    if token != "r:good":
        raise InvalidSessionToken
    return Principal(user_id=f"{application.id} {installation_id} {route}", session_token=token)


@pytest.fixture
def sessions() -> Iterator[None]:
    with (
        session_resolvers.temporarily(SESSION_TOKEN, resolve),
        routes.temporarily("keyless", Keyless),
        routes.temporarily("tokenless", Tokenless),
    ):
        yield


INSTALLATION = {"X-Parse-Installation-Id": "phone"}
BAD: dict[str, Any] = {"status": 400, "error": (209, "Invalid session token")}


@pytest.mark.usefixtures("echo", "sessions")
@scenarios(
    Scenario(
        "a good token",
        get("/echo", as_user="r:good", headers=INSTALLATION),
        has={"user": "rest phone echo", "sessionToken": "r:good", "level": "client"},
    ),
    Scenario("a bad token", get("/echo", as_user="r:bad"), **BAD),
    Scenario("a bad token on a public class", get("/classes/Empty", as_user="r:bad"), **BAD),
    Scenario("a bad token on an unknown route", get("/nosuch", as_user="r:bad"), **BAD),
    Scenario("an empty token is none", get("/echo", as_user=""), has={"user": None}),
    Scenario(
        "in the body",
        post("/echo", {"_ApplicationId": "rest", "_SessionToken": "r:good"}, headers={"X-Parse-Application-Id": None}),
        has={"user": "rest None echo"},
    ),
    Scenario(
        "a master request has no user",
        get("/echo", as_user="r:good", master=True),
        has={"user": None, "level": "master", "sessionToken": "r:good", "installation": "cloud"},
    ),
    Scenario(
        "not even a bad one",
        get("/echo", as_user="r:bad", maintenance=True),
        has={"user": None, "level": "maintenance", "installation": "cloud"},
    ),
    Scenario(
        "a master request with an installation",
        get("/echo", master=True, headers=INSTALLATION),
        has={"installation": "phone"},
    ),
    Scenario(
        "a master key in the body",
        post("/echo", {"_ApplicationId": "rest", "_MasterKey": "master"}, headers={"X-Parse-Application-Id": None}),
        has={"installation": None, "level": "master"},
    ),
    Scenario(
        "an installation in the body",
        post("/echo", {"_ApplicationId": "rest", "_InstallationId": "phone"}, headers={"X-Parse-Application-Id": None}),
        has={"installation": "phone", "level": "client"},
    ),
    Scenario(
        "a route without sessions", get("/tokenless", as_user="r:bad"), has={"user": None, "sessionToken": "r:bad"}
    ),
    Scenario(
        "a route without read-only key",
        post("/keyless", as_user="r:good", read_only=True),
        has={"level": "client", "user": "rest None keyless"},
    ),
    Scenario("a resolver that fails", get("/echo", as_user="r:broken"), status=400, json={"error": "Unknown error"}),
)
def test_session_tokens(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


class Defect(ParseView):
    """What we did wrong."""

    def get(self, call: Call) -> Answer:
        raise ZeroDivisionError("secret detail")

    def post(self, call: Call) -> Answer:
        def deeper(value: Any) -> Any:
            return deeper([value])

        return Answer(described(call, deeper(0)))


def test_a_defect_is_logged_and_hidden(api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    with routes.temporarily("defect", Defect):
        reply = api.get("/defect")
        text = "Internal server error."
        assert (reply.status, reply.json) == (500, {"code": 1, "error": text, "message": text})
        record = next(record for record in caplog.records if record.levelno == logging.ERROR)
        assert vars(record)["request_id"] == reply.headers["x-request-id"]
        assert "secret detail" in caplog.text
        assert api.post("/defect").error[0] == 107, "recursion without end is the client's doing"


def test_file_urls_are_filled_in_at_the_edge(configure: Configure) -> None:
    api = ApiClient(configure())
    path = (
        "/classes/WithFile/"
        + api.post("/classes/WithFile", {"file": {"__type": "File", "name": "a.txt"}}).json["objectId"]
    )
    assert api.get(path).json["file"]["url"] == "http://api.example/parse/files/rest/a.txt"
    configure(publicServerURL="https://cdn.example/p")
    assert (
        api.get(path, headers={"Host": "evil.example"}).json["file"]["url"] == "https://cdn.example/p/files/rest/a.txt"
    )


def test_statements_are_told_where_settings_ask_for_it(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "x-parse-statement-count" not in api.post("/classes/WithFile", {}).headers
    monkeypatch.setattr("parse_core.rest.base.COUNT_STATEMENTS", True)
    assert api.get("/classes/WithFile").headers["x-parse-statement-count"] == "1"
    assert api.get("/health").headers["x-parse-statement-count"] == "0"
