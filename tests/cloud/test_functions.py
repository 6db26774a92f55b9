"""Calling functions by name (`contract/cloud.md` §2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from parse_cloud.invocations import FunctionCall, Upload
from parse_cloud.kinds import Failure, Kind
from parse_cloud.registry import CloudCode
from parse_core.application import Application
from parse_core.errors import InvalidQuery, ScriptFailed
from tests.cloud.conftest import Code
from tests.support.client import ApiClient, Reply

UNKNOWN = [
    "nope",
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "a.b",
    "a'b",
    'a"b',
    "a`b",
    "fn.prototype.constructor",
    "fn.__class__",
    "__init__",
    "run",
    "'; DROP TABLE x; --",
    "x" * 2000,
]


def echo(call: FunctionCall) -> Any:
    return call.params


def raising(error: BaseException) -> Callable[[Any], None]:
    def run(_call: Any) -> None:
        raise error

    return run


def test_a_function_gets_parameters_and_caller_and_its_result_goes_back(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "add", lambda call: {"sum": sum(call.params["of"]), "master": call.master})
    reply = api.post("/functions/add", {"of": [1, 2]})
    assert (reply.status, reply.json, reply.statements) == (200, {"result": {"sum": 3, "master": False}}, 0)


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_name_nobody_defined_is_141_however_it_looks(api: ApiClient, code: Code, name: str) -> None:
    code(Kind.FUNCTION, "fn", echo)
    reply = api.post(f"/functions/{name}", {})
    assert (reply.status, reply.json) == (400, {"code": 141, "error": f'Invalid function: "{name}"'})


def test_the_name_of_a_trigger_is_no_function(api: ApiClient, code: Code) -> None:
    code(Kind.BEFORE_SAVE, "Post", echo)
    assert api.post("/functions/Post", {}).error == (141, 'Invalid function: "Post"')


def test_a_function_is_only_posted_to(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "hello", echo)
    assert api.get("/functions/hello").status == 404
    assert api.post("/functions/hello", {"_method": "GET"}).status == 404
    assert api.put("/functions/hello", {}).status == 404


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ("Hello world!", {"result": "Hello world!"}),
        (0, {"result": 0}),
        (False, {"result": False}),
        ("", {"result": ""}),
        ([1, [2, [3]], None], {"result": [1, [2, [3]], None]}),
        (
            {"__type": "Date", "iso": "2026-01-31T10:00:00.000Z"},
            {"result": {"__type": "Date", "iso": "2026-01-31T10:00:00.000Z"}},
        ),
        (
            {"a": {"__type": "GeoPoint", "latitude": 1, "longitude": 2}},
            {"result": {"a": {"__type": "GeoPoint", "latitude": 1, "longitude": 2}}},
        ),
    ],
)
def test_whatever_a_function_returns_is_its_result(api: ApiClient, code: Code, result: Any, body: Any) -> None:
    code(Kind.FUNCTION, "f", lambda _call: result)
    assert api.post("/functions/f", {}).json == body


def test_nothing_is_no_result_and_null_is_one(api: ApiClient, code: Code) -> None:
    def null(call: FunctionCall) -> None:
        call.result = None

    code(Kind.FUNCTION, "nothing", lambda _call: None)
    code(Kind.FUNCTION, "null", null)
    assert api.post("/functions/nothing", {}).json == {}
    assert api.post("/functions/null", {}).json == {"result": None}


@pytest.mark.parametrize(
    ("raised", "status", "body"),
    [
        (Failure("not today"), 400, {"code": 141, "error": "not today"}),
        (ValueError("a native error"), 400, {"code": 141, "error": "a native error"}),
        (NameError("name 'undefined' is not defined"), 400, {"code": 141, "error": "name 'undefined' is not defined"}),
        (ScriptFailed("not today"), 400, {"code": 141, "error": "not today"}),
        (InvalidQuery("what query?"), 400, {"code": 102, "error": "what query?"}),
        (Failure("own", 999), 400, {"code": 999, "error": "own"}),
        (Failure("gone", 101), 404, {"code": 101, "error": "gone"}),
        (Failure("inside", 1), 500, {"code": 1, "error": "inside"}),
        (Failure(7), 400, {"code": 141, "error": 7}),
        (Failure({"some": ["object"]}), 400, {"code": 141, "error": {"some": ["object"]}}),
        (Failure(None), 400, {"code": 141, "error": "Script failed."}),
        (Failure(""), 400, {"code": 141, "error": "Script failed."}),
        (ValueError(), 400, {"code": 141, "error": "Script failed."}),
        (Failure(None, 142), 400, {"code": 142}),
        (RecursionError("too deep"), 400, {"code": 141, "error": "too deep"}),
    ],
)
def test_what_a_function_raises_is_what_clients_read(
    api: ApiClient, code: Code, raised: Exception, status: int, body: Any
) -> None:
    code(Kind.FUNCTION, "f", raising(raised))
    reply = api.post("/functions/f", {})
    assert (reply.status, reply.json) == (status, body)
    assert api.post("/functions/f", {}).status == status, "the server goes on"


def test_parameters_come_from_body_and_address_the_latter_first(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "echo", echo)
    reply = api.post("/functions/echo", {"a": 1, "b": 2}, query={"b": "3", "c": "4"})
    assert reply.json == {"result": {"a": 1, "b": "3", "c": "4"}}


@pytest.mark.parametrize(
    ("raw", "content_type", "params"),
    [
        (b"a=1&b=two", "application/x-www-form-urlencoded", {"a": "1", "b": "two"}),
        (b'{"a":1}', "text/plain", {"a": 1}),
        (b'["x",{"y":1}]', "application/json", {"0": "x", "1": {"y": 1}}),
        (b"", "application/json", {}),
        (b'{"_context":{"x":1},"_private":2}', "application/json", {"_context": {"x": 1}, "_private": 2}),
        (b'{"a":[{"__type":"Date","iso":"2026-01-31T10:00:00.000Z"}]}', "application/json",
         {"a": [{"__type": "Date", "iso": "2026-01-31T10:00:00.000Z"}]}),
    ],
)  # fmt: skip
def test_bodies_of_all_kinds_become_parameters(
    api: ApiClient, code: Code, raw: bytes, content_type: str, params: Any
) -> None:
    code(Kind.FUNCTION, "echo", echo)
    reply = api.post("/functions/echo", raw=raw, content_type=content_type)
    assert reply.json == {"result": params}


def test_malformed_json_is_refused_and_nothing_runs(api: ApiClient, code: Code) -> None:
    ran: list[object] = []
    code(Kind.FUNCTION, "f", ran.append)
    reply = api.post("/functions/f", raw=b'{"a":')
    assert (reply.status, "error" in reply.json, ran) == (400, True, [])


def test_a_body_that_names_the_application_keeps_its_keys_to_itself(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "f", lambda call: {"params": call.params, "installation": call.installation_id})
    body = {"_ApplicationId": "cloud", "_InstallationId": "i1", "_ClientVersion": "js5", "a": 1}
    reply = api.post("/functions/f", body, headers={"X-Parse-Application-Id": None})
    assert reply.json == {"result": {"params": {"a": 1}, "installation": "i1"}}


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://169.254.169.254/latest", (130, "File URL domain '169.254.169.254' is not allowed.")),
        ("nothing", (130, "Invalid file URL.")),
        (7, (130, "Invalid file URL.")),
    ],
)
def test_a_file_of_a_foreign_host_is_no_parameter(api: ApiClient, code: Code, url: Any, error: Any) -> None:
    ran: list[object] = []
    code(Kind.FUNCTION, "f", ran.append)
    reply = api.post("/functions/f", {"deep": [{"in": {"__type": "File", "name": "a", "url": url}}]})
    assert (reply.status, reply.error, ran) == (400, error, [])


def test_a_file_of_this_server_is(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "f", echo)
    file = {"__type": "File", "name": "a", "url": "http://api.example/parse/files/cloud/a"}
    assert api.post("/functions/f", {"file": file}).json == {"result": {"file": file}}


def test_the_call_says_who_asks_and_from_where(api: ApiClient, code: Code) -> None:
    user = api.post("/users", {"username": "ann", "password": "secret"}).json
    seen: list[FunctionCall] = []
    code(Kind.FUNCTION, "f", seen.append)
    api.put(f"/users/{user['objectId']}", {"city": "Rome"}, master=True)
    api.post(
        "/functions/f",
        {},
        as_user=user["sessionToken"],
        headers={"X-Parse-Installation-Id": "i1", "X-Custom": "x", "X-Parse-Cloud-Context": '{"a":1}'},
        address="10.0.0.7",
    )
    (call,) = seen
    assert call.user is not None
    assert (call.user["city"], call.user["sessionToken"]) == ("Rome", user["sessionToken"])
    assert (call.name, call.installation_id, call.ip, call.cloud) == ("f", "i1", "10.0.0.7", {"a": 1})
    assert call.headers["x-custom"] == "x"
    assert (call.master, call.is_read_only) == (False, False)


@pytest.mark.parametrize(
    ("how", "seen"),
    [({"master": True}, (True, False)), ({"read_only": True}, (True, True)), ({"maintenance": True}, (False, False))],
)
def test_keys_count_as_what_they_are_worth(api: ApiClient, code: Code, how: Any, seen: Any) -> None:
    code(Kind.FUNCTION, "f", lambda call: [call.master, call.is_read_only, call.user])
    assert api.post("/functions/f", {}, **how).json == {"result": [*seen, None]}


def test_status_and_headers_are_the_functions_to_say(api: ApiClient, code: Code) -> None:
    def run(call: FunctionCall) -> str:
        call.status, call.headers_out["X-Foo"] = 201, "bar"
        return "made"

    code(Kind.FUNCTION, "f", run)
    reply = api.post("/functions/f", {})
    assert (reply.status, reply.headers["x-foo"], reply.json) == (201, "bar", {"result": "made"})
    batch = api.post("/batch", {"requests": [{"method": "POST", "path": "/parse/functions/f", "body": {}}]})
    assert (batch.status, batch.json) == (200, [{"success": {"result": "made"}}])
    assert "x-foo" not in batch.headers


@pytest.mark.parametrize(("asked", "status"), [(422, 422), (503, 503), (201, 400), (302, 400), (None, 400)])
def test_a_refusal_has_the_status_it_asked_for_if_it_is_one(
    api: ApiClient, code: Code, asked: int | None, status: int
) -> None:
    def run(call: FunctionCall) -> None:
        call.status, call.headers_out["X-Foo"] = asked, "bar"
        raise Failure("no")

    code(Kind.FUNCTION, "f", run)
    reply = api.post("/functions/f", {})
    assert (reply.status, reply.json, reply.headers["x-foo"]) == (status, {"code": 141, "error": "no"}, "bar")


def test_a_batch_has_an_answer_for_each_function(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "f", echo)
    requests = [
        {"method": "POST", "path": "/parse/functions/f", "body": {"a": 1}},
        {"method": "POST", "path": "/parse/functions/nope", "body": {}},
        {"method": "POST", "path": "/parse/functions/f?b=2", "body": ["x"]},
    ]
    assert api.post("/batch", {"requests": requests}).json == [
        {"success": {"result": {"a": 1}}},
        {"error": {"code": 141, "error": 'Invalid function: "nope"'}},
        {"success": {"result": {"0": "x", "b": "2"}}},
    ]


def test_a_request_that_arrives_twice_runs_once(configure: Callable[..., Application]) -> None:
    application = configure(idempotencyOptions={"paths": ["functions/.*"], "ttl": 60})
    api, code = ApiClient(application), Code(application)
    ran: list[object] = []
    code(Kind.FUNCTION, "f", ran.append)
    again = {"X-Parse-Request-Id": "r1"}
    assert api.post("/functions/f", {"a": 1}, headers=again).json == {}
    assert api.post("/functions/f", {"a": 1}, headers=again).error == (159, "Duplicate request")
    assert form(api, b"x", headers={"X-Parse-Request-Id": "r2"}).status == 200
    assert form(api, b"x", headers={"X-Parse-Request-Id": "r2"}).error == (159, "Duplicate request")
    assert len(ran) == 2


def form(api: ApiClient, data: bytes, *, boundary: str = "b0", head: str = "", **how: Any) -> Reply:
    """Posts a text and a file."""
    head = head or 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain'
    raw = b'--b0\r\nContent-Disposition: form-data; name="text"\r\n\r\nhi\r\n--b0\r\n'
    raw += head.encode() + b"\r\n\r\n" + data + b"\r\n--b0--\r\n"
    content_type = f"multipart/form-data; boundary={boundary}" if boundary else "multipart/form-data"
    return api.post("/functions/f", raw=raw, content_type=content_type, **how)


def test_a_form_brings_texts_and_files(api: ApiClient, code: Code) -> None:
    seen: list[Any] = []
    code(Kind.FUNCTION, "f", lambda call: seen.append(call.params))
    form(api, b"\x00\r\n--b\xff")
    form(api, b"x", head='Content-Disposition: form-data; name="text"; filename="b"')
    assert seen == [
        {"text": "hi", "file": Upload("a.txt", "text/plain", b"\x00\r\n--b\xff")},
        {"text": Upload("b", "application/octet-stream", b"x")},
    ]


@pytest.mark.parametrize("how", [{"boundary": ""}, {"boundary": "other"}, {"head": "X: y"}, {"head": "nothing"}])
def test_a_form_that_is_none_is_107(api: ApiClient, code: Code, how: Any) -> None:
    ran: list[object] = []
    code(Kind.FUNCTION, "f", ran.append)
    reply = form(api, b"x", **how)
    assert (reply.status, reply.json["code"], ran) == (400, 107, [])
    assert reply.json["error"].startswith("Invalid multipart request: ")


def test_a_form_that_is_too_large_is_116(configure: Callable[..., Application]) -> None:
    application = configure(maxUploadSize="1kb")
    Code(application)(Kind.FUNCTION, "f", echo)
    reply = form(ApiClient(application), b"x" * 2000)
    assert (reply.status, reply.error) == (400, (116, "Multipart request exceeds maximum upload size."))


def test_the_parts_of_a_form_name_no_application(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "f", echo)
    head = 'Content-Disposition: form-data; name="_ApplicationId"'
    reply = form(api, b"cloud", head=head, headers={"X-Parse-Application-Id": None})
    assert (reply.status, reply.json) == (403, {"error": "unauthorized"})


def test_functions_that_call_each_other_without_end_are_given_up(configure: Callable[..., Application]) -> None:
    application = configure(cloudMaxDepth=5)
    code, depths = Code(application), []

    def run(call: FunctionCall) -> Any:
        from parse_cloud.functions import call_function

        depths.append(call.params["depth"])
        return call_function(call.context, "f", {"depth": call.params["depth"] + 1}).result

    code(Kind.FUNCTION, "f", run)
    reply = ApiClient(application).post("/functions/f", {"depth": 1})
    assert (reply.error, depths) == ((141, "Cloud code recursion limit exceeded."), [1, 2, 3, 4, 5])


def test_two_applications_know_nothing_of_each_others_functions(
    configure: Callable[..., Application], api: ApiClient, code: Code
) -> None:
    code(Kind.FUNCTION, "f", lambda _call: "here")
    from parse_core.application import applications

    other = applications.configure({"appId": "elsewhere", "masterKey": "m", "serverURL": "http://x.example/parse"})
    try:
        assert other.part(CloudCode).names(Kind.FUNCTION) == []
        assert ApiClient(other).post("/functions/f", {}).error == (141, 'Invalid function: "f"')
    finally:
        applications.remove("elsewhere")
    assert api.post("/functions/f", {}).json == {"result": "here"}


def test_of_two_with_one_name_the_last_counts_and_it_is_said(
    code: Code, api: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    code(Kind.FUNCTION, "f", lambda _call: 1)
    code(Kind.FUNCTION, "f", lambda _call: 2)
    assert api.post("/functions/f", {}).json == {"result": 2}
    assert caplog.messages[:1] == [
        "Warning: Duplicate cloud functions exist for f. Only the last one will be used and the others will be ignored."
    ]
