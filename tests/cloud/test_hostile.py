"""What nobody sends by mistake: it is refused or harmless, never a failure of the server (`contract/hostile.md`)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from parse_cloud.invocations import AfterFindCall, BeforeFindCall
from parse_cloud.kinds import Kind
from tests.cloud.conftest import Code
from tests.support.client import ApiClient

DEEP = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
PART = b'--b\r\nContent-Disposition: form-data; name="%d"\r\n\r\nx\r\n'
BODIES: list[tuple[str, bytes, str]] = [
    ("deep JSON", DEEP, "application/json"),
    ("deep lists", b"[" * 50_000 + b"]" * 50_000, "application/json"),
    ("names of prototypes", b'{"__proto__":{"x":1},"constructor":{"prototype":{}}}', "application/json"),
    ("NUL", b'{"a":"\\u0000"}', "application/json"),
    ("half a surrogate", b'{"a":"\\ud800"}', "application/json"),
    ("large numbers", b'{"a":1e999,"b":123456789012345678901234567890}', "application/json"),
    ("many parts", b"".join(PART % n for n in range(1_500)) + b"--b--", "multipart/form-data; boundary=b"),
    ("a part of headers", b"--b\r\n" + b"X: y\r\n" * 20_000 + b"\r\n\r\n--b--", "multipart/form-data; boundary=b"),
    ("a part without a name", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
     "multipart/form-data; boundary=b"),
    ("a long boundary", b"--b--", "multipart/form-data; boundary=" + "b" * 5_000),
    ("no end", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx', "multipart/form-data; boundary=b"),
    ("a form of many fields", b"&".join(b"a%d=1" % n for n in range(5_000)), "application/x-www-form-urlencoded"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "kind"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_no_body_of_a_function_call_fails_the_server(api: ApiClient, code: Code, body: bytes, kind: str) -> None:
    code(Kind.FUNCTION, "f", lambda call: sorted(call.params)[:3])
    started = time.monotonic()
    reply = api.post("/functions/f", raw=body, content_type=kind)
    assert reply.status < 500, reply.body
    assert time.monotonic() - started < 5
    assert api.post("/functions/f", {}).json == {"result": []}


@pytest.mark.parametrize("context", ['{"a":' * 5_000 + "1" + "}" * 5_000, '{"a":"\\u0000"}', "{" * 10_000, "ÿ", ""])
def test_no_context_fails_the_server(api: ApiClient, code: Code, context: str) -> None:
    code(Kind.BEFORE_SAVE, "Post", lambda call: call.cloud.update(seen=True))
    reply = api.post("/classes/Post", {"a": 1}, headers={"X-Parse-Cloud-Context": context})
    assert reply.status in (201, 400), reply.body


@pytest.mark.parametrize(
    "documents",
    [
        [{}],
        [{"objectId": ""}],
        [{"objectId": "x", "className": "_User"}],
        [{"className": "Post", "objectId": "nobody's"}] * 3,
    ],
)
def test_whatever_a_handler_supplies_the_caller_sees_no_more_than_he_may(
    api: ApiClient, code: Code, documents: list[dict[str, Any]]
) -> None:
    api.post("/classes/Post", {"ACL": {}}, master=True)

    def run(call: BeforeFindCall) -> None:
        call.objects = documents

    code(Kind.BEFORE_FIND, "Post", run)
    reply = api.get("/classes/Post")
    assert reply.status == 200
    assert not any(each.get("objectId") for each in reply.json["results"])
    assert api.get("/classes/Post/x").status in (200, 404)


def test_results_may_be_of_any_shape(api: ApiClient, code: Code) -> None:
    def run(call: AfterFindCall) -> None:
        call.objects = [{}, {"a": None}, {"className": 5}]

    api.post("/classes/Post", {"a": 1})
    code(Kind.AFTER_FIND, "Post", run)
    assert api.get("/classes/Post").json["results"] == [{}, {"a": None}, {"className": 5}]
    city = api.post("/classes/City", {"at": {"__type": "Pointer", "className": "Post", "objectId": "x"}}).json
    assert api.get(f"/classes/City/{city['objectId']}", query={"include": "at"}).status == 200


def test_addresses_of_files_are_looked_at_however_deep_they_are(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "f", lambda call: call.params)
    value: Any = {"__type": "File", "name": "a", "url": "http://127.0.0.1/"}
    for _ in range(50):
        value = {"a": [value]}
    assert api.post("/functions/f", value).error == (130, "File URL domain '127.0.0.1' is not allowed.")
