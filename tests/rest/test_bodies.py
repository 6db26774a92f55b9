"""What may be in a request's body, and what is made of it."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.rest.conftest import Configure
from tests.support.client import ApiClient
from tests.support.scenario import Scenario, post, put, scenarios

pytestmark = pytest.mark.usefixtures("echo")

TEXT = "text/plain"
FORM = "application/x-www-form-urlencoded"


@scenarios(
    Scenario("JSON", post("/echo", {"a": 1}), has={"parameters": {"a": 1}}),
    Scenario("JSON as text", post("/echo", {"a": 1}, content_type=TEXT), has={"parameters": {"a": 1}}),
    Scenario("JSON as anything", post("/echo", {"a": 1}, content_type="foo/bar"), has={"parameters": {"a": 1}}),
    Scenario("JSON without a type", post("/echo", {"a": 1}, content_type=""), has={"parameters": {"a": 1}}),
    Scenario("nothing", post("/echo"), has={"parameters": {}}),
    Scenario("nothing, as JSON", post("/echo", raw=b""), has={"parameters": {}}),
    Scenario("an array", post("/echo", ["a"]), has={"parameters": {"0": "a"}}),
    Scenario("the last of two equal names", post("/echo", raw=b'{"a":1,"a":2}'), has={"parameters": {"a": 2}}),
    Scenario(
        "a form",
        post("/echo", raw=b"a=1&b=x+y&c=", content_type=FORM),
        has={"parameters": {"a": "1", "b": "x y", "c": ""}},
    ),
    Scenario(
        "a form is flat", post("/echo", raw=b"token[$ne]=x", content_type=FORM), has={"parameters": {"token[$ne]": "x"}}
    ),
    Scenario(
        "UTF-8 by name",
        post("/echo", {"a": "é"}, content_type="application/json; charset=UTF-8"),
        has={"parameters": {"a": "é"}},
    ),
    Scenario(
        "gzip",
        post("/echo", raw=gzip.compress(b'{"a":1}'), headers={"Content-Encoding": "gzip"}),
        has={"parameters": {"a": 1}},
    ),
    Scenario(
        "a multipart body is left alone",
        post("/echo", raw=b"--x", content_type="multipart/form-data; boundary=x"),
        has={"parameters": {}},
    ),
    Scenario(
        "an integer beyond 64 bits",
        post("/echo", raw=b'{"a":123456789012345678901234567890}'),
        has={"parameters": {"a": 123456789012345678901234567890.0}},
    ),
    Scenario(
        "a huge exponent", post("/echo", raw=b'{"a":1e400,"b":-1E999999}'), has={"parameters": {"a": None, "b": None}}
    ),
    Scenario(
        "a huge exponent beside large integers",
        post("/echo", raw=b'{"a":1e400,"b":9223372036854775807,"c":5}'),
        has={"parameters": {"a": None, "b": 9223372036854775807, "c": 5}},
    ),
    Scenario(
        "digits without end",
        post("/echo", raw=b'{"a":' + b"9" * 5000 + b',"b":1e400}'),
        has={"parameters": {"a": None, "b": None}},
    ),
    Scenario(
        "a lone surrogate",
        post("/echo", raw=rb'{"\ud800":"a\udfffb","c":["\ud83d\ude00"]}'),
        has={"parameters": {"\ufffd": "a\ufffdb", "c": ["😀"]}},
    ),
    Scenario(
        "the text \\u0000 is not NUL", post("/echo", raw=rb'{"a":"\\u0000"}'), has={"parameters": {"a": "\\u0000"}}
    ),
    Scenario("_noBody is dropped", post("/echo", {"_noBody": True}), has={"parameters": {}}),
)
def test_bodies_are_read_whatever_they_are_called(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


@scenarios(
    *(
        Scenario(name, post("/echo", raw=raw), status=400)
        for name, raw in {
            "cut off": b'{"a":',
            "a text": b'"a"',
            "a number": b"1",
            "null": b"null",
            "true": b"true",
            "NaN": b'{"a":NaN}',
            "Infinity": b'{"a":-Infinity}',
            "no JSON": b"a=1",
            "broken UTF-8": b'{"a":"\xff"}',
            "a raw NUL": b'{"a":"\x00"}',
            "two values": b"{}{}",
        }.items()
    ),
    Scenario(
        "another charset",
        post("/echo", raw=b"{}", content_type="application/json; charset=latin1"),
        status=415,
        error=(None, 'unsupported charset "LATIN1"'),
    ),
    Scenario("an unknown packing", post("/echo", raw=b"{}", headers={"Content-Encoding": "br"}), status=415),
    Scenario(
        "a packing without end",
        post("/echo", raw=gzip.compress(b"{}" * 99)[:-9], headers={"Content-Encoding": "gzip"}),
        status=400,
    ),
    Scenario("a broken packing", post("/echo", raw=b"{}", headers={"Content-Encoding": "gzip"}), status=400),
)
def test_malformed_bodies_are_errors_without_a_code(scenario: Scenario, api: ApiClient) -> None:
    reply = scenario.play(api)
    assert reply.json.keys() == {"error"}


@scenarios(
    Scenario("NUL in a text", post("/classes/X", raw=rb'{"a":"x\u0000"}'), status=400),
    Scenario("NUL in a name", post("/classes/X", raw=rb'{"\u0000":1}'), status=400),
    Scenario("NUL far inside", post("/classes/X", raw=rb'{"a":[{"b":["\\u0000","\u0000"]}]}'), status=400),
    Scenario("a thousand levels", post("/classes/X", raw=b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}"), status=400),
    Scenario("300 levels", post("/classes/X", raw=b'{"a":' + b'[{"b":' * 150 + b"1" + b"}]" * 150 + b"}"), status=400),
    Scenario("a million brackets", post("/classes/X", raw=b'{"a":' + b"[" * 1_000_000), status=400),
)
def test_what_storage_cannot_keep_is_107(scenario: Scenario, api: ApiClient) -> None:
    reply = scenario.play(api)
    assert reply.json.get("code", 107) == 107


def test_many_brackets_side_by_side_are_not_deep(api: ApiClient) -> None:
    rows = [{"n": [1]} for _ in range(1000)]
    assert api.post("/echo", {"rows": rows}).json["parameters"] == {"rows": rows}


def test_a_body_over_the_limit_is_413(api: ApiClient, configure: Configure) -> None:
    reply = api.post("/classes/X", raw=b'{"a":"' + b"x" * (21 << 20) + b'"}')
    assert (reply.status, reply.json) == (413, {"error": "request entity too large"})
    configure(maxUploadSize="1kb")
    assert api.post("/echo", {"a": "x" * 1000}).status == 200
    assert api.post("/echo", {"a": "x" * 1100}).status == 413
    packed = gzip.compress(b'{"a":"' + b"x" * 100_000 + b'"}')
    assert len(packed) < 1000
    assert api.post("/echo", raw=packed, headers={"Content-Encoding": "gzip"}).status == 413


NO_METHODS: list[Any] = [{"$ne": 1}, 1, None, [], ""]


@scenarios(
    Scenario("GET", post("/echo", {"_method": "GET", "limit": 1}), has={"method": "GET", "parameters": {"limit": 1}}),
    Scenario("in lower case", post("/echo", {"_method": "delete"}), has={"method": "DELETE", "parameters": {}}),
    *(
        Scenario(f"{value!r} is dropped", post("/echo", {"_method": value}), has={"method": "POST", "parameters": {}})
        for value in NO_METHODS
    ),
    Scenario("not on PUT", put("/echo", {"_method": "GET"}), has={"method": "PUT", "parameters": {"_method": "GET"}}),
    *(
        Scenario(f"{word} leads nowhere", post("/echo", {"_method": word}), status=404)
        for word in ("PATCH", "OPTIONS", "dispatch", "__init__", "constructor", "x" * 1000)
    ),
)
def test_method_in_the_body_replaces_post(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


def test_a_find_by_post_as_the_javascript_sdk_sends_it(api: ApiClient) -> None:
    api.post("/classes/Song", {"title": "a"})
    body: dict[str, Any] = {"where": {"title": "a"}, "_method": "GET", "_ApplicationId": "rest", "_ClientVersion": "js"}
    reply = api.post("/classes/Song", body, content_type=TEXT, headers={"X-Parse-Application-Id": None})
    assert [song["title"] for song in reply.json["results"]] == ["a"]


NAMED = {"_ApplicationId": "rest"}
UNNAMED: dict[str, Any] = {"headers": {"X-Parse-Application-Id": None}}
MALFORMED: dict[str, Any] = {"status": 400, "error": (107, "Invalid object for context.")}


@scenarios(
    Scenario("none", post("/echo"), has={"cloud": {}}),
    Scenario("in the header", post("/echo", headers={"X-Parse-Cloud-Context": '{"a":1}'}), has={"cloud": {"a": 1}}),
    Scenario("in the body", post("/echo", {**NAMED, "_context": {"a": 1}}, **UNNAMED), has={"cloud": {"a": 1}}),
    Scenario(
        "in the body as text", post("/echo", {**NAMED, "_context": '{"a":1}'}, **UNNAMED), has={"cloud": {"a": 1}}
    ),
    Scenario(
        "the body goes before the header",
        post(
            "/echo",
            {**NAMED, "_context": {"a": 1}},
            headers={"X-Parse-Application-Id": None, "X-Parse-Cloud-Context": '{"a":2}'},
        ),
        has={"cloud": {"a": 1}},
    ),
    *(
        Scenario(f"the header {text}", post("/echo", headers={"X-Parse-Cloud-Context": text}), **MALFORMED)
        for text in ("[1]", "bad", "1", "null", "")
    ),
    *(
        Scenario(f"the body {value!r}", post("/echo", {**NAMED, "_context": value}, **UNNAMED), **MALFORMED)
        for value in ("bad", [1], 1, "[1]")
    ),
)
def test_cloud_context_is_an_object(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)
