"""Which path leads where, and what every response below the mount carries."""

from __future__ import annotations

import pytest
from django.core.handlers.wsgi import WSGIHandler

from parse_core.rest.routes import Routes
from tests.rest.conftest import Configure
from tests.rest.echo import EchoView
from tests.support.client import ApiClient
from tests.support.scenario import Scenario, delete, get, head, options, patch, post, put, scenarios

NOBODY = {"X-Parse-Application-Id": None}


@scenarios(
    Scenario("a double slash", get("//classes/Empty"), json={"results": []}),
    Scenario("a trailing slash", get("/classes/Empty/"), json={"results": []}),
    Scenario("words in another case", get("/CLASSES/Empty"), json={"results": []}),
    Scenario("a double slash on a word", get("//health"), json={"status": "ok"}),
    Scenario("a trailing slash on a word", get("/HEALTH/"), json={"status": "ok"}),
    Scenario("an empty class name", get("/classes//x"), status=404),
    Scenario("NUL in a path", get("/classes/X/a%00b"), status=400),
    Scenario("broken UTF-8 in a path", get("/classes/X/%ff"), status=404, error=(101, "Object not found.")),
)
def test_paths_are_read_generously(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


@scenarios(
    Scenario("an unknown word", get("/nosuch"), status=404, json={"error": "Cannot GET /parse/nosuch"}),
    Scenario("the mount itself", get("/"), status=404, json={"error": "Cannot GET /parse/"}),
    Scenario("the mount without a slash", get(""), status=404, json={"error": "Cannot GET /parse"}),
    Scenario(
        "a method that no route has",
        patch("/classes/X/x"),
        status=404,
        json={"error": "Cannot PATCH /parse/classes/X/x"},
    ),
    Scenario(
        "a method that this route has not",
        put("/classes/X", {}),
        status=404,
        json={"error": "Cannot PUT /parse/classes/X"},
    ),
    Scenario(
        "POST to an object", post("/classes/X/x", {}), status=404, json={"error": "Cannot POST /parse/classes/X/x"}
    ),
    Scenario(
        "a method by override",
        post("/batch", {"_method": "GET"}),
        status=404,
        json={"error": "Cannot GET /parse/batch"},
    ),
)
def test_what_is_not_there_is_a_404_that_sdks_can_read(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


@pytest.mark.parametrize("object_id", ["my id/é", "a b", "a%b", "a+b", "..", "æøå", "x/y/z", "'\"\\"])
def test_ids_are_percent_decoded(api: ApiClient, object_id: str) -> None:
    from urllib.parse import quote

    assert api.post("/classes/Id", {"objectId": object_id}).status == 201
    path = "/classes/Id/" + quote(object_id, safe="")
    assert api.get(path).json["objectId"] == object_id
    assert api.put(path, {"a": 1}).status == 200
    assert api.delete(path).json == {}


@pytest.mark.parametrize("object_id", ["a b", "a/b", "a%2Fb", "é😀", "a\r\nSet-Cookie: x=y", 'a"?#b'])
def test_location_leads_to_the_object_whatever_its_id(api: ApiClient, object_id: str) -> None:
    api.post("/classes/Located", {"objectId": object_id})
    reply = api.post("/classes/Located", {"objectId": object_id + "2"})
    location = reply.headers["location"]
    assert location.isascii()
    assert location.isprintable()
    assert api.get(location.removeprefix("http://testserver/parse")).json["objectId"] == object_id + "2"


def test_head_answers_like_get_without_a_body(api: ApiClient) -> None:
    whole, empty = api.get("/health"), api.request("HEAD", "/health")
    assert (empty.status, empty.body) == (200, b"")
    assert empty.headers == whole.headers
    api.post("/classes/X", {})
    assert head("/classes/X").method == "HEAD"
    assert int(api.request("HEAD", "/classes/X").headers["content-length"]) > 80


CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET,PUT,POST,DELETE,OPTIONS",
    "Access-Control-Expose-Headers": "X-Parse-Job-Status-Id, X-Parse-Push-Status-Id",
}


@scenarios(
    Scenario("a find", get("/classes/X"), headers=CORS),
    Scenario("health", get("/health", headers=NOBODY), headers=CORS),
    Scenario("a refusal", get("/classes/X", headers=NOBODY), status=403, headers=CORS),
    Scenario("an error", get("/classes/X/x"), status=404, headers=CORS),
    Scenario("an unknown route", get("/nosuch"), status=404, headers=CORS),
    Scenario("a broken body", post("/classes/X", raw=b"{"), status=400, headers=CORS),
    Scenario("OPTIONS", options("/classes/X", headers=NOBODY), headers=CORS),
    Scenario("OPTIONS on an unknown route", options("/nosuch", headers=NOBODY), headers=CORS),
)
def test_every_response_lets_browsers_read_it(scenario: Scenario, api: ApiClient) -> None:
    reply = scenario.play(api)
    allowed = reply.headers["access-control-allow-headers"].split(", ")
    assert {"X-Parse-Session-Token", "Content-Type", "X-Parse-Installation-Id", "Authorization"} <= {*allowed}


def test_options_answers_ok_in_plain_text(api: ApiClient) -> None:
    reply = api.request("OPTIONS", "/anything", headers=NOBODY)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b"OK", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("allowed", "origin", "answered"),
    [
        ("https://a.example", None, "https://a.example"),
        ("https://a.example", "https://b.example", "https://a.example"),
        (["https://a.example", "https://b.example"], "https://b.example", "https://b.example"),
        (["https://a.example", "https://b.example"], "https://c.example", "https://a.example"),
        (["https://a.example", "https://b.example"], "null", "https://a.example"),
        ("*", "https://c.example", "*"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_only_listed_origins_are_allowed(
    configure: Configure, method: str, allowed: object, origin: str | None, answered: str
) -> None:
    api = ApiClient(configure(allowOrigin=allowed, allowHeaders=["X-Mine"]))
    reply = api.request(method, "/classes/X", headers={"Origin": origin})
    assert reply.headers["access-control-allow-origin"] == answered
    assert reply.headers["access-control-allow-headers"].endswith(", X-Mine")


def test_a_get_is_304_for_who_has_it_already(api: ApiClient) -> None:
    path = "/classes/X/" + api.post("/classes/X", {"a": 1}).json["objectId"]
    tag = api.get(path).headers["etag"]
    assert tag.startswith('W/"')
    for known in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        reply = api.get(path, headers={"If-None-Match": known})
        assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", tag)
    assert api.get(path, headers={"If-None-Match": '"x"'}).status == 200
    assert api.get(path, headers={"If-None-Match": tag, "Cache-Control": "no-cache"}).status == 200
    api.put(path, {"a": 2})
    assert api.get(path, headers={"If-None-Match": tag}).status == 200


def test_only_successful_gets_have_a_tag(api: ApiClient) -> None:
    assert "etag" not in api.post("/classes/X", {}).headers
    assert "etag" not in api.get("/classes/X/x").headers
    assert api.get("/classes/X/x", headers={"If-None-Match": "*"}).status == 404


@pytest.mark.parametrize(
    ("options_", "host", "base"),
    [
        ({}, "api.example:1337", "http://api.example:1337/parse"),
        ({"publicServerURL": "https://public.example/1"}, "api.example", "https://public.example/1"),
        ({"publicServerURL": lambda: "https://public.example/1"}, "api.example", "https://public.example/1"),
    ],
)
def test_location_of_a_new_object(configure: Configure, options_: dict[str, object], host: str, base: str) -> None:
    reply = ApiClient(configure(**options_)).post("/classes/X", {}, headers={"Host": host})
    assert reply.status == 201
    assert reply.headers["location"] == f"{base}/classes/X/{reply.json['objectId']}"


def test_django_s_own_handler_serves_the_same(api: ApiClient) -> None:
    api.post("/classes/X", {"a": 1})
    short = api.get("/classes/X")
    api._wsgi = WSGIHandler()
    long = api.get("/classes/X")
    assert (long.status, long.body, long.headers) == (short.status, short.body, short.headers)
    assert api.post("/classes/X", raw=b"{").status == 400
    assert api.get("/nosuch").status == 404
    assert api.request("OPTIONS", "/x").body == b"OK"


ROUTES = Routes()
for pattern in ("a", "a/me", "a/<id>", "a/<id>/b", "b/<name...>", "b/fixed/<one>", "caseWord/<Id>"):
    ROUTES.add(pattern, EchoView)


@pytest.mark.parametrize(
    ("path", "pattern", "arguments"),
    [
        ("a", "a", {}),
        ("A", "a", {}),
        ("a/me", "a/me", {}),
        ("a/ME", "a/me", {}),
        ("a/Me2", "a/<id>", {"id": "Me2"}),
        ("a/x/b", "a/<id>/b", {"id": "x"}),
        ("a/x/c", None, {}),
        ("a/x/b/c", None, {}),
        ("b/x", "b/<name...>", {"name": "x"}),
        ("b/x/y//z", "b/<name...>", {"name": "x/y//z"}),
        ("b/fixed/y", "b/fixed/<one>", {"one": "y"}),
        ("b", None, {}),
        ("CASEWORD/Xy", "caseWord/<Id>", {"Id": "Xy"}),
        ("", None, {}),
        ("__class__", None, {}),
    ],
)
def test_the_route_that_says_most_wins(path: str, pattern: str | None, arguments: dict[str, str]) -> None:
    found = ROUTES.match(path)
    assert (found and found.route.pattern, found.arguments if found else {}) == (pattern, arguments)


def test_a_pattern_has_one_owner() -> None:
    with pytest.raises(ValueError, match="already registered"):
        ROUTES.add("a/me", EchoView)


@pytest.mark.usefixtures("echo")
@pytest.mark.parametrize(
    ("trust", "peer", "forwarded", "address"),
    [
        ([], "9.9.9.9", "1.1.1.1", "9.9.9.9"),
        (False, "9.9.9.9", "1.1.1.1", "9.9.9.9"),
        (True, "9.9.9.9", "1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (True, "9.9.9.9", None, "9.9.9.9"),
        (1, "9.9.9.9", "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        (2, "9.9.9.9", "1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (9, "9.9.9.9", "1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (["9.9.9.9"], "9.9.9.9", "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        (["9.9.9.0/24", "2.2.2.2"], "9.9.9.9", "1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (["loopback"], "127.0.0.1", "1.1.1.1", "1.1.1.1"),
        ("loopback, uniquelocal", "10.0.0.1", "1.1.1.1, 192.168.1.1", "1.1.1.1"),
        (["loopback"], "9.9.9.9", "1.1.1.1", "9.9.9.9"),
        (["loopback"], "::1", "nonsense", "nonsense"),
    ],
)
def test_proxies_are_believed_as_far_as_they_are_trusted(
    configure: Configure, trust: object, peer: str, forwarded: str | None, address: str
) -> None:
    api = ApiClient(configure(trustProxy=trust))
    reply = api.get("/echo", address=peer, headers={"X-Forwarded-For": forwarded})
    assert reply.json["address"] == address


@pytest.mark.usefixtures("echo")
def test_the_address_of_the_mount_behind_a_trusted_proxy(configure: Configure) -> None:
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "public.example"}
    assert ApiClient(configure()).get("/echo", headers=proxied).json["baseUrl"] == "http://testserver/parse"
    trusting = ApiClient(configure(trustProxy=["loopback"]))
    assert trusting.get("/echo", headers=proxied).json["baseUrl"] == "https://public.example/parse"
    assert trusting.get("/echo", headers=proxied, address="9.9.9.9").json["baseUrl"] == "http://testserver/parse"


@pytest.mark.usefixtures("echo")
def test_handlers_see_headers_by_name(api: ApiClient) -> None:
    headers = api.post("/echo", {}, headers={"X-Mine": "1", "User-Agent": "test"}).json["headers"]
    assert headers["x-mine"] == "1"
    assert headers["user-agent"] == "test"
    assert headers["content-type"] == "application/json"


def test_deleting_is_not_undone_by_a_body(api: ApiClient) -> None:
    path = "/classes/X/" + api.post("/classes/X", {}).json["objectId"]
    assert delete(path).path == path
    assert api.request("DELETE", path, {"a": 1}).json == {}
