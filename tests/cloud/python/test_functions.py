"""Functions written in Python (`contract/cloud.md` §2), as `def` and as `async def`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from parse_cloud import ACL, File, FunctionRequest, FunctionResponse, GeoPoint, Object, ParseError, Polygon, Response
from parse_cloud.author.cloud import Cloud
from parse_core.errors import DuplicateValue
from tests.cloud.python.conftest import Serving
from tests.support.client import ApiClient, Reply

FormOf = Callable[[Any], Any]
POINTER = {"__type": "Pointer", "className": "Post", "objectId": "x1"}
DATE = {"__type": "Date", "iso": "2026-01-31T12:00:00.000Z"}
PLACE = {"__type": "GeoPoint", "latitude": 1.0, "longitude": 2.0}


def served(serving: Serving, function: Callable[..., Any], **how: Any) -> Callable[..., Reply]:
    """Calls of the only function of an application."""
    api = serving(lambda cloud: cloud.function("f", **how)(function))

    def call(params: Any = None, **sent: Any) -> Reply:
        return api.post("/functions/f", params or {}, **sent)

    return call


def test_a_function_is_called_by_its_name(serving: Serving, form: FormOf) -> None:
    def hello(request: FunctionRequest) -> str:
        return f"Hello {request.params['name']}!"

    api = serving(lambda cloud: cloud.function(form(hello)))
    reply = api.post("/functions/hello", {"name": "world"})
    assert (reply.status, reply.json) == (200, {"result": "Hello world!"})


def test_decorators_give_the_function_back(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function("one")
        @cloud.function("two", require_user=True)
        @cloud.function
        @cloud.job
        @cloud.before_save("Post", fields=["title"])
        @cloud.before_login
        @cloud.before_login()
        @cloud.before_connect
        def answer(_request: Any) -> int:
            return 42

        assert answer(None) == 42

    api = serving(setup)
    assert api.post("/functions/one").json == {"result": 42}
    assert api.post("/functions/answer").json == {"result": 42}
    assert api.post("/functions/two").error == (142, "Validation failed. Please login to continue.")


# --- Results ----------------------------------------------------------------------------------------------------------


def unsaved_changes() -> Object:
    post = Object.from_json({"className": "Post", "objectId": "x1", "title": "t"})
    return post.set("title", "new")


@dataclass
class Point:
    x: int
    _hidden: int = 0


@pytest.mark.parametrize(
    ("make", "result"),
    [
        (lambda: "text", "text"),
        (lambda: [1, None, {"a": [True]}], [1, None, {"a": [True]}]),
        (lambda: datetime(2026, 1, 31, 12, tzinfo=UTC), DATE),
        (lambda: GeoPoint(1, 2), PLACE),
        (
            lambda: Polygon([(0, 0), (0, 1), (1, 1)]),
            {"__type": "Polygon", "coordinates": [[0, 0], [0, 1], [1, 1]]},
        ),
        (lambda: b"\x00\x01", {"__type": "Bytes", "base64": "AAE="}),
        (lambda: {"deep": [{"when": datetime(2026, 1, 31, 12, tzinfo=UTC)}]}, {"deep": [{"when": DATE}]}),
        (lambda: {"__type": "Whatever", "a": 1}, {"__type": "Whatever", "a": 1}),
        (lambda: float("nan"), None),
        (lambda: [float("inf"), 1], [None, 1]),
        (lambda: Response(None), None),
        (lambda: Point(1, 2), {"x": 1}),
        (lambda: (1, 2), [1, 2]),
        (lambda: 2**70, float(2**70)),
        (lambda: "\ud800", "\ufffd"),
        (lambda: {1: {None: 2}}, {"1": {"None": 2}}),
        (
            lambda: Object.from_json({"className": "Post", "objectId": "x1", "title": "t"}),
            {"__type": "Object", "className": "Post", "objectId": "x1", "title": "t"},
        ),
        (
            lambda: [
                Object.from_json({"className": "Post", "objectId": "x1", "author": {**POINTER, "__type": "Object"}})
            ],
            [{"__type": "Object", "className": "Post", "objectId": "x1", "author": POINTER}],
        ),
        (unsaved_changes, POINTER),
    ],
    ids=lambda value: "" if callable(value) else json.dumps(value)[:40],
)
def test_results_go_out_as_rest_json(serving: Serving, make: Callable[[], Any], result: Any) -> None:
    reply = served(serving, lambda _request: make())()
    assert (reply.status, reply.json) == (200, {"result": result})


def test_a_function_that_returns_nothing_has_no_result(serving: Serving, form: FormOf) -> None:
    reply = served(serving, form(lambda _request: None))()
    assert (reply.status, reply.body) == (200, b"{}")


def test_a_saved_object_goes_out_whole(serving: Serving) -> None:
    def save(_request: FunctionRequest) -> Object:
        return Object("Post", title="t", acl_free=True).save(use_master_key=True)

    reply = served(serving, save)()
    result = reply.json["result"]
    assert (result["__type"], result["className"], result["title"]) == ("Object", "Post", "t")
    assert {"objectId", "createdAt", "updatedAt"} <= result.keys()


def contains_itself() -> list[Any]:
    endless: list[Any] = []
    endless.append(endless)
    return endless


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Object("Post", title="new"), "Cannot create a pointer to an unsaved ParseObject"),
        (lambda: [{"a": Object("Post")}], "Cannot create a pointer to an unsaved ParseObject"),
        (contains_itself, "The result contains itself."),
    ],
    ids=["an unsaved object", "one inside", "endless"],
)
def test_results_that_cannot_go_out_are_141_and_the_server_lives(
    serving: Serving, form: FormOf, make: Callable[[], Any], error: str | None
) -> None:
    call = served(serving, form(lambda _request: make()))
    reply = call()
    assert (reply.status, reply.json["code"]) == (400, 141)
    assert error is None or reply.json["error"] == error


# --- Parameters -------------------------------------------------------------------------------------------------------


def test_parameters_are_decoded_at_any_depth(serving: Serving) -> None:
    seen: dict[str, Any] = {}
    call = served(serving, lambda request: seen.update(request.params))
    file = {"__type": "File", "name": "a.txt", "url": "http://api.example/parse/files/x/a.txt"}
    sent = {
        "date": DATE,
        "list": [[DATE], {"p": POINTER}],
        "file": file,
        "place": PLACE,
        "bytes": {"__type": "Bytes", "base64": "AA=="},
        "object": {"__type": "Object", "className": "Post", "objectId": "x1"},
        "null": None,
        "text": "x",
    }
    assert call(sent).status == 200
    assert seen["date"] == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert seen["list"][0] == [seen["date"]]
    assert (seen["list"][1]["p"].class_name, seen["list"][1]["p"].id) == ("Post", "x1")
    assert isinstance(seen["file"], File)
    assert (seen["file"].name, seen["file"].url) == ("a.txt", file["url"])
    for name in ("place", "bytes", "object", "null", "text"):
        assert seen[name] == sent[name]


def test_a_files_host_is_checked(serving: Serving) -> None:
    call = served(serving, lambda _request: 1)
    reply = call({"file": {"__type": "File", "name": "a", "url": "http://evil.example/a"}})
    assert reply.error == (130, "File URL domain 'evil.example' is not allowed.")


def test_parts_of_a_form_arrive(serving: Serving) -> None:
    seen: dict[str, Any] = {}
    call = served(serving, lambda request: seen.update(request.params))
    body = (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\ntext\r\n'
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="cat.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89\x00\r\n--x--\r\n"
    )
    assert call(None, raw=body, content_type="multipart/form-data; boundary=x").status == 200
    assert seen == {"a": "text", "f": {"filename": "cat.png", "contentType": "image/png", "data": b"\x89\x00"}}


# --- Who asks ---------------------------------------------------------------------------------------------------------


def sign_up(api: ApiClient, name: str = "ada") -> tuple[str, str]:
    """Id and session token of a new user."""
    reply = api.post("/users", {"username": name, "password": "secret"})
    assert reply.status == 201, reply.body
    return reply.json["objectId"], reply.json["sessionToken"]


def test_a_function_knows_who_asks(serving: Serving, form: FormOf) -> None:
    seen: dict[str, Any] = {}

    def look(request: FunctionRequest) -> None:
        seen.update(
            name=request.function_name,
            user=request.user and (request.user.id, request.user.get("nick"), request.user.session_token),
            master=request.master,
            read_only=request.is_read_only,
            installation=request.installation_id,
            camel=request.installationId,
            ip=request.ip,
            header=request.headers.get("x-custom"),
            context=request.context,
            app=request.config.app_id,
            as_user=request.as_user(),
        )

    api = serving(lambda cloud: cloud.function("look")(form(look)), readOnlyMasterKey="read-only")
    identifier, token = sign_up(api)
    api.put(f"/users/{identifier}", {"nick": "A"}, master=True)
    api.post(
        "/functions/look",
        {},
        as_user=token,
        headers={"X-Parse-Installation-Id": "i1", "X-Custom": "c", "X-Parse-Cloud-Context": '{"a":1}'},
    )
    assert seen == {
        "name": "look",
        "user": (identifier, "A", token),
        "master": False,
        "read_only": False,
        "installation": "i1",
        "camel": "i1",
        "ip": "127.0.0.1",
        "header": "c",
        "context": {"a": 1},
        "app": api.application.id,
        "as_user": {"session_token": token, "installation_id": "i1"},
    }
    api.post("/functions/look", {}, master=True)
    assert (seen["master"], seen["read_only"], seen["user"]) == (True, False, None)
    assert seen["as_user"] == {"use_master_key": True, "installation_id": "cloud"}
    api.post("/functions/look", {}, read_only=True)
    assert (seen["master"], seen["read_only"]) == (True, True)


def test_attributes_that_are_not_there_are_not_made_up(serving: Serving) -> None:
    def look(request: Any) -> list[bool]:
        return [hasattr(request, name) for name in ("params", "functionName", "function_name", "nonsense", "noSense")]

    assert served(serving, look)().json == {"result": [True, True, True, False, False]}


# --- Failures ---------------------------------------------------------------------------------------------------------


class Silent(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (ValueError("wrong"), 400, {"code": 141, "error": "wrong"}),
        (ParseError(999, "mine"), 400, {"code": 999, "error": "mine"}),
        (ParseError(ParseError.OBJECT_NOT_FOUND, "gone"), 404, {"code": 101, "error": "gone"}),
        (ParseError(1, "broken"), 500, {"code": 1, "error": "broken"}),
        (ParseError(142), 400, {"code": 142}),
        (ParseError(141, {"a": 1}), 400, {"code": 141, "error": {"a": 1}}),
        (ParseError(141, 5), 400, {"code": 141, "error": 5}),
        (Exception(), 400, {"code": 141, "error": "Script failed."}),
        (Silent(), 400, {"code": 141, "error": "Script failed."}),
        (DuplicateValue("twice"), 400, {"code": 137, "error": "twice"}),
        (SystemExit(3), 400, {"code": 141, "error": "3"}),
        (KeyboardInterrupt(), 400, {"code": 141, "error": "Script failed."}),
        (GeneratorExit("x"), 400, {"code": 141, "error": "x"}),
        (StopIteration("x"), 400, {"code": 141, "error": None}),
        (TimeoutError("slow"), 400, {"code": 141, "error": "slow"}),
    ],
    ids=repr,
)
def test_what_is_raised_is_what_clients_get(
    serving: Serving, form: FormOf, error: BaseException, status: int, body: dict[str, Any]
) -> None:
    def fail(request: FunctionRequest) -> int:
        if request.params.get("fail"):
            raise error
        return 1

    call = served(serving, form(fail))
    reply = call({"fail": True})
    assert reply.status == status, reply.body
    if body.get("error", "") is None:
        assert reply.json["code"] == body["code"]
    else:
        assert reply.json == body
    assert call().json == {"result": 1}


def test_an_undefined_name_is_told(serving: Serving, form: FormOf) -> None:
    reply = served(serving, form(lambda _request: nowhere))()  # type: ignore[name-defined]  # noqa: F821 - on purpose
    assert reply.error[0] == 141
    assert "name 'nowhere' is not defined" in reply.error[1]


def test_an_error_may_be_made_by_cloud(serving: Serving) -> None:
    api = serving(lambda cloud: cloud.function("f")(lambda _request: cloud.error("not today")))
    assert api.post("/functions/f").error == (141, "not today")


def test_texts_of_exceptions_may_be_kept_from_clients(
    serving: Serving, caplog: pytest.LogCaptureFixture, form: FormOf
) -> None:
    def fail(request: FunctionRequest) -> None:
        if request.params.get("parse"):
            raise ParseError(142, "for you")
        raise ValueError("the password is 1234")

    api = serving(lambda cloud: cloud.function("f")(form(fail)), cloudExposeExceptions=False)
    assert api.post("/functions/f").error == (141, "Script failed.")
    assert "the password is 1234" in caplog.text
    assert api.post("/functions/f", {"parse": 1}).error == (142, "for you")


# --- Status and headers -----------------------------------------------------------------------------------------------


def test_a_response_has_status_and_headers(serving: Serving, form: FormOf) -> None:
    reply = served(serving, form(lambda _request: Response({"a": 1}, status=201, headers={"X-Foo": "bar"})))()
    assert (reply.status, reply.headers["x-foo"], reply.json) == (201, "bar", {"result": {"a": 1}})


def said(_request: Any, response: FunctionResponse) -> None:
    response.status(201).header("X-Foo", "bar").success({"a": 1})


def returned(_request: Any, response: FunctionResponse) -> int:
    response.status(202)
    return 1


def nothing(_request: Any, response: FunctionResponse) -> None:
    pass


def twice(_request: Any, response: FunctionResponse) -> None:
    response.success("first")
    response.success("second")
    response.error("third")


def refused(_request: Any, response: FunctionResponse) -> None:
    response.status(409).header("X-Foo", "bar").error("no")


def refused_with_code(_request: Any, response: FunctionResponse) -> None:
    response.error(ParseError(999, "mine"))


def refused_by_nothing(_request: Any, response: FunctionResponse) -> None:
    response.error()


def raised(_request: Any, response: FunctionResponse) -> None:
    response.status(418)
    raise ValueError("teapot")


def bad_header(_request: Any, response: FunctionResponse) -> None:
    response.header("X-Foo", "a\r\nSet-Cookie: b")


def bad_status(_request: Any, response: FunctionResponse) -> None:
    response.status("nope")


@pytest.mark.parametrize(
    ("function", "status", "body", "header"),
    [
        (said, 201, {"result": {"a": 1}}, "bar"),
        (returned, 202, {"result": 1}, None),
        (nothing, 200, {}, None),
        (twice, 200, {"result": "first"}, None),
        (refused, 409, {"code": 141, "error": "no"}, "bar"),
        (refused_with_code, 400, {"code": 999, "error": "mine"}, None),
        (refused_by_nothing, 400, {"code": 141, "error": "Script failed."}, None),
        (raised, 418, {"code": 141, "error": "teapot"}, None),
        (bad_header, 400, {"code": 141}, None),
        (bad_status, 400, {"code": 141}, None),
    ],
)
def test_the_second_parameter_says_the_answer(
    serving: Serving, form: FormOf, function: Any, status: int, body: dict[str, Any], header: str | None
) -> None:
    reply = served(serving, form(function))()
    assert (reply.status, reply.headers.get("x-foo")) == (status, header), reply.body
    assert {name: reply.json[name] for name in body} == body
    assert "set-cookie" not in reply.headers


def test_in_a_batch_only_the_body_counts(serving: Serving) -> None:
    api = serving(lambda cloud: cloud.function("f")(said))
    requests = [{"method": "POST", "path": f"/parse/functions/{name}", "body": {}} for name in ("f", "nope")]
    reply = api.post("/batch", {"requests": requests})
    assert (reply.status, reply.json) == (
        200,
        [{"success": {"result": {"a": 1}}}, {"error": {"code": 141, "error": 'Invalid function: "nope"'}}],
    )


# --- Functions call functions -----------------------------------------------------------------------------------------


def test_functions_call_functions_for_nobody_unless_they_say_so(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function
        def inner(request: FunctionRequest) -> list[Any]:
            user = request.user
            return [request.params, user and user.id, request.master, request.installation_id, request.context]

        @cloud.function
        def outer(request: FunctionRequest) -> list[Any]:
            return [
                cloud.run("inner", {"when": datetime(2026, 1, 31, 12, tzinfo=UTC)}),
                cloud.run("inner", use_master_key=True),
                cloud.run("inner", **request.as_user()),
                cloud.run("inner", user=request.user),
                cloud.run("inner", installation_id="mine", context={"a": [1]}),
            ]

        @cloud.function
        async def outer_later(request: FunctionRequest) -> list[Any]:
            return [
                await cloud.arun("inner", {"when": datetime(2026, 1, 31, 12, tzinfo=UTC)}),
                await cloud.arun("inner", use_master_key=True),
                await cloud.arun("inner", **request.as_user()),
                await cloud.arun("inner", user=request.user),
                await cloud.arun("inner", installation_id="mine", context={"a": [1]}),
            ]

    api = serving(setup)
    identifier, token = sign_up(api)
    for name in ("outer", "outer_later"):
        reply = api.post(f"/functions/{name}", {}, as_user=token, headers={"X-Parse-Installation-Id": "i1"})
        assert reply.json["result"] == [
            [{"when": DATE}, None, False, "cloud", {}],
            [{}, None, True, "cloud", {}],
            [{}, identifier, False, "i1", {}],
            [{}, identifier, False, "cloud", {}],
            [{}, None, False, "mine", {"a": [1]}],
        ]


def test_the_context_of_a_call_is_copied(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function
        def inner(request: FunctionRequest) -> None:
            request.context["a"].append(2)

        @cloud.function
        def outer(_request: FunctionRequest) -> Any:
            context = {"a": [1]}
            cloud.run("inner", context=context)
            return context

        @cloud.function
        def lock(_request: FunctionRequest) -> Any:
            import threading

            return cloud.run("inner", context={"a": threading.Lock()})

    api = serving(setup)
    assert api.post("/functions/outer").json == {"result": {"a": [1]}}
    code, text = api.post("/functions/lock").error
    assert code == 162
    assert text.startswith("Context contains non-cloneable values: ")


def test_what_a_called_function_refuses_may_be_caught(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        cloud.function("inner", require_master=True)(lambda _request: 1)

        @cloud.function
        def outer(_request: FunctionRequest) -> Any:
            caught = []
            for name in ("inner", "nope", "a.b"):
                with pytest.raises(ParseError) as raised:
                    cloud.run(name)
                caught.append([raised.value.code, raised.value.message])
            return caught

    assert serving(setup).post("/functions/outer").json["result"] == [
        [142, "Validation failed. Master key is required to complete this request."],
        [141, 'Invalid function: "nope"'],
        [141, 'Invalid function: "a.b"'],
    ]


def test_objects_go_through_a_call(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function
        def make(request: FunctionRequest) -> Object:
            request.params["post"].set("title", "new").save(use_master_key=True)
            post: Object = request.params["post"]
            return post

        @cloud.function
        def outer(_request: FunctionRequest) -> list[Any]:
            post = Object("Post", title="old").save(use_master_key=True)
            made = cloud.run("make", {"post": post})
            return [made == post, made.get("title"), made.dirty()]

    assert serving(setup).post("/functions/outer").json == {"result": [True, "new", False]}


def test_acl_is_a_result_too(serving: Serving) -> None:
    acl = ACL()
    acl.set_public_read_access(True)
    assert served(serving, lambda _request: acl)().json == {"result": {"*": {"read": True}}}
