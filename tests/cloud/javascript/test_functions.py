"""Functions written in JavaScript (`contract/cloud.md` §2, acceptance cases 1-22)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cloud.javascript.conftest import Serve
from tests.support.client import ApiClient
from tests.support.scenario import UNSAID, Request, Scenario, get, post, scenarios


@pytest.fixture(scope="module")
def api(serve: Serve) -> ApiClient:
    client = serve("functions.js", fileUpload={"allowedFileUrlDomains": ["files.example"]}, allowCustomObjectId=True)
    user = client.post("/users", {"username": "ada", "password": "secret", "nickname": "Countess"}).json
    client.users["ada"] = user["sessionToken"]
    client.users["id"] = user["objectId"]
    return client


def call(name: str, body: Any = None, **how: Any) -> Request:
    return post(f"/functions/{name}", {} if body is None else body, **how)


def answers(name: str, request: Request, result: Any) -> Scenario:
    return Scenario(name, request, json={"result": result})


def refuses(name: str, request: Request, code: int, text: Any, status: int = 400) -> Scenario:
    return Scenario(name, request, status=status, json={"code": code, **({} if text is UNSAID else {"error": text})})


DATE = {"__type": "Date", "iso": "2020-01-02T03:04:05.678Z"}
POINTER = {"__type": "Pointer", "className": "Book", "objectId": "b1"}
FILE = {"__type": "File", "name": "a.txt", "url": "http://files.example/a.txt"}
PLACE = {"__type": "GeoPoint", "latitude": 1, "longitude": 2}


@scenarios(
    answers("a text is the result", call("hello"), "Hello world!"),
    Scenario("nothing returned is no result", call("nothing"), json={}),
    answers("null is a result", call("null"), None),
    *(
        refuses(f"{name!r} is no function", call(name), 141, f'Invalid function: "{name}"')
        for name in ("nope", "a.b", "a'b", "constructor", "__proto__", "toString", "x" * 500)
    ),
    Scenario("functions are not got", get("/functions/hello"), status=404),
    refuses("a text", call("raise", {"what": "text"}), 141, "a text"),
    refuses("a native error", call("raise", {"what": "error"}), 141, "an error"),
    refuses("a Parse error", call("raise", {"what": "parse"}), 999, "of its own"),
    refuses("Parse error 101", call("raise", {"what": "missing"}), 101, "not there", 404),
    refuses("Parse error 1", call("raise", {"what": "internal"}), 1, "inside", 500),
    refuses("null", call("raise", {"what": "null"}), 141, "Script failed."),
    refuses("undefined", call("raise", {"what": "undefined"}), 141, "Script failed."),
    refuses("an object with a message", call("raise", {"what": "message"}), 141, "in an object"),
    refuses("another object", call("raise", {"what": "object"}), 141, {"some": "thing"}),
    refuses("a number", call("raise", {"what": "number"}), 141, 42),
    refuses("a list", call("raise", {"what": "list"}), 141, [1, 2]),
    refuses("an undefined name", call("undefinedName"), 141, "doesNotExist is not defined"),
    answers(
        "parameters are decoded at any depth",
        call("kinds", {"a": [[DATE]], "b": {"c": POINTER, "d": FILE}, "e": PLACE, "f": None, "g": 0}),
        {
            "a": [["Date 2020-01-02T03:04:05.678Z"]],
            "b": {"c": "Object Book b1", "d": "File a.txt"},
            "e": PLACE,
            "f": None,
            "g": 0,
        },
    ),
    answers("the query goes before the body", call("echo?a=2", {"a": 1, "b": 1}), {"a": "2", "b": 1}),
    answers("a list has keys", call("echo", ["x", "y"]), {"0": "x", "1": "y"}),
    answers(
        "values have REST forms",
        call("values"),
        {
            "date": {"__type": "Date", "iso": "1970-01-01T00:00:00.000Z"},
            "place": PLACE,
            "file": FILE,
            "bytes": {"__type": "Bytes", "base64": "AAE="},
            "odd": [None, None, None],
            "acl": {"*": {"read": True}},
        },
    ),
    refuses("an unsaved object", call("unsaved"), 141, "Cannot create a pointer to an unsaved ParseObject"),
    Scenario(
        "status and header",
        call("response"),
        status=201,
        json={"result": {"made": True}},
        headers={"X-Foo": "bar"},
    ),
    Scenario("a status with what is returned", call("returned"), status=202, json={"result": "later"}),
    Scenario("neither answered nor returned", call("silent"), json={}),
    Scenario("neither answered nor returned by a promise", call("silentAsync"), json={}),
    answers("answered by a callback", call("legacy"), "by a callback"),
    Scenario(
        "an error keeps status and headers",
        call("refusing"),
        status=418,
        json={"code": 141, "error": "no coffee"},
        headers={"X-Tea": "pot"},
    ),
    refuses("a Parse error through the response", call("refusingWithParseError"), 123, "own code"),
    answers("the first answer stands", call("twice"), "first"),
    answers("functions call each other", call("deep", {"depth": 5}), "bottom"),
    refuses("… not for ever", call("deep", {"depth": 100}), 141, "Cloud code recursion limit exceeded."),
    refuses("an unknown function inside", call("unknownInner"), 141, 'Invalid function: "nope"'),
    answers("objects are saved and destroyed together", call("batch"), [[1, 2], 0]),
    answers("there is one SDK", call("shared"), True),
    answers("the configuration changes while it runs", call("configure"), True),
    answers("a refusal is a Parse error", call("refused"), [True, 119, "Permission denied"]),
)
def test_functions(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


def test_what_a_request_says_of_its_caller(api: ApiClient) -> None:
    headers = {"X-Parse-Installation-Id": "i1", "X-Own": "yes", "X-Parse-Cloud-Context": '{"a": 1}'}
    said = api.post("/functions/request", {}, as_user="ada", headers=headers, address="10.0.0.7").json["result"]
    assert said == {
        "user": "Countess",
        "isUser": True,
        "token": True,
        "master": False,
        "isReadOnly": False,
        "installationId": "i1",
        "functionName": "request",
        "ip": "10.0.0.7",
        "header": "yes",
        "context": {"a": 1},
        "log": True,
        "version": "9.10.0",
    }


def test_the_user_is_as_stored_a_moment_ago(api: ApiClient) -> None:
    api.put(f"/users/{api.users['id']}", {"nickname": "Enchantress"}, master=True)
    assert api.post("/functions/request", {}, as_user="ada").json["result"]["user"] == "Enchantress"
    api.put(f"/users/{api.users['id']}", {"nickname": "Countess"}, master=True)


@pytest.mark.parametrize(
    ("as_whom", "user", "master"), [("nobody", None, False), ("user", "Countess", False), ("master", None, True)]
)
def test_a_call_from_inside_is_nobodys_unless_it_says_whose(
    as_whom: str, user: str | None, master: bool, api: ApiClient
) -> None:
    said = api.post("/functions/inner", {"as": as_whom}, as_user="ada").json["result"]
    assert (said.get("user"), said["master"]) == (user, master)
    assert (said["context"], said["installationId"]) == ({"from": "inner"}, "cloud")


def test_a_context_that_cannot_be_copied_is_162(api: ApiClient) -> None:
    code, text = api.post("/functions/badContext", {}).error
    assert code == 162
    assert text.startswith("Context contains non-cloneable values: ")


def test_saved_objects_are_whole_and_changed_ones_are_pointers(api: ApiClient) -> None:
    saved = api.post("/functions/saved", {}).json["result"]
    assert (saved["__type"], saved["className"], saved["title"]) == ("Object", "Book", "Notes")
    assert (saved["author"]["__type"], saved["author"]["name"]) == ("Object", "Ada")
    changed = api.post("/functions/changed", {}).json["result"]
    assert changed == {"__type": "Pointer", "className": "Book", "objectId": changed["objectId"]}


def test_in_a_batch_only_the_body_counts(api: ApiClient) -> None:
    requests = [{"method": "POST", "path": f"/parse/functions/{name}", "body": {}} for name in ("response", "nope")]
    assert api.post("/batch", {"requests": requests}).json == [
        {"success": {"result": {"made": True}}},
        {"error": {"code": 141, "error": 'Invalid function: "nope"'}},
    ]


def test_file_parts_arrive_as_buffers(api: ApiClient) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nwords\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
        b"content\r\n--x--\r\n"
    )
    reply = api.post("/functions/upload", raw=body, content_type="multipart/form-data; boundary=x")
    assert reply.json["result"] == {
        "text": "words",
        "filename": "a.txt",
        "contentType": "text/plain",
        "content": "content",
    }


def test_a_file_of_a_foreign_host_is_refused(api: ApiClient) -> None:
    reply = api.post("/functions/echo", {"file": {**FILE, "url": "http://evil.example/a.txt"}})
    assert reply.error == (130, "File URL domain 'evil.example' is not allowed.")


def test_the_configuration_is_readable(api: ApiClient) -> None:
    said = api.post("/functions/server", {}).json["result"]
    assert said == {
        "appId": api.application.id,
        "same": True,
        "version": "9.10.0",
        "zone": "user",
        "id": api.application.id,
    }
