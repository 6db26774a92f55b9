"""JSON, numbers, texts and paths at their limits (`contract/hostile.md` §8)."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.auth.people import Person
from tests.hostile.attacks import Attack, attacks, sent
from tests.hostile.conftest import Configure
from tests.support.client import ApiClient
from tests.support.scenario import Request, get, post, put

NUMBERS: dict[str, tuple[bytes, Any]] = {
    "2^53 + 1": (b"9007199254740993", 9007199254740993),
    "the largest of 64 bits": (b"18446744073709551615", 2**64 - 1),
    "beyond 64 bits": (b"18446744073709551616", 2**64),
    "the smallest of 64 bits": (b"-9223372036854775808", -(2**63)),
    "below 64 bits": (b"-9223372036854775809", -(2**63)),
    "below 64 bits by far": (b"-10000000000000000000", -(10**19)),
    "a hundred digits": (b"1" + b"0" * 99, 10**99),
    "1e19": (b"1e19", 10**19),
    "1e20": (b"1e20", 10**20),
    "1e21": (b"1e21", 10**21),
    "the largest double": (b"1.7976931348623157e308", 1.7976931348623157e308),
    "the smallest double": (b"5e-324", 5e-324),
    "below all doubles": (b"1e-999", 0),
    "beyond all doubles": (b"1e999", None),
    "below all negative doubles": (b"-1e999", None),
    "an exponent of ten digits": (b"1e9999999999", None),
    "a negative exponent of ten digits": (b"1e-9999999999", 0),
    "minus zero": (b"-0.0", 0),
    "many zeros": (b"0." + b"0" * 400 + b"1", 0),
    "a long fraction": (b"0.1" + b"1" * 5000, 0.1111111111111111),
}


@pytest.mark.parametrize(("text", "stored"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_comes_back_as_javascript_reads_it(api: ApiClient, text: bytes, stored: Any) -> None:
    raw = b'{"n":%b,"o":{"n":%b},"a":[%b,{"n":%b}]}' % ((text,) * 4)
    for request in (post("/classes/Numbers", raw=raw), post("/classes/Numbers", raw=b'{"requests":[]}')):
        made = sent(api, request)
    made = sent(api, post("/classes/Numbers", raw=raw))
    assert made.status == 201, made.body
    path = f"/classes/Numbers/{made.json['objectId']}"
    assert sent(api, put(path, raw=raw)).status == 200
    found = sent(api, get(path)).json
    for value in (found.get("n"), found["o"]["n"], found["a"][0], found["a"][1]["n"]):
        assert value is None if stored is None else float(value) == float(stored)
    where = b'{"_method":"GET","where":{"n":%b}}' % text
    sent(api, post("/classes/Numbers", raw=where))
    sent(api, post("/classes/Numbers", raw=b'{"_method":"GET","where":{"o.n":{"$gte":%b,"$in":[%b]}}}' % (text, text)))
    for field in (b"i", b"o.i"):
        increment = b'{"%b":{"__op":"Increment","amount":%b}}' % (field, text)
        for request in (put(path, raw=increment), put(path, raw=increment), post("/classes/Numbers", raw=increment)):
            reply = sent(api, request)
            assert (reply.status < 400) is (stored is not None) or abs(stored or 0) > 1e300, reply.body


@attacks(
    *[
        Attack(name, post("/classes/Json", raw=raw), (None,), status=400)
        for name, raw in {
            "NaN": b'{"n":NaN}',
            "Infinity": b'{"n":Infinity}',
            "minus Infinity": b'{"n":-Infinity}',
            "a hexadecimal number": b'{"n":0x10}',
            "a leading zero": b'{"n":01}',
            "a plus sign": b'{"n":+1}',
            "a comment": b'{"n":1} // x',
            "a trailing comma": b'{"n":1,}',
            "single quotes": b"{'n':1}",
            "two values": b'{"n":1}{"n":2}',
            "a control character": b'{"n":"\x01"}',
            "a byte that is no UTF-8": b'{"n":"\xff"}',
            "a surrogate as UTF-8": b'{"n":"\xed\xa0\x80"}',
            "an overlong slash": b'{"n":"\xc0\xaf"}',
            "UTF-16": '{"n":1}'.encode("utf-16"),
            "a half escape": b'{"n":"\\u12"}',
            "a scalar": b"1",
            "a text": b'"x"',
            "null": b"null",
            "nothing but a brace": b"{",
        }.items()
    ]
)
def test_what_is_no_json_object_is_refused(attack: Attack, api: ApiClient) -> None:
    attack.play(api)


def test_of_two_members_with_one_name_the_last_stays(api: ApiClient, ann: Person) -> None:
    made = sent(api, post("/classes/Json", raw=b'{"n":1,"n":"x","n":2,"o":{"a":1,"a":2}}')).json["objectId"]
    found = api.get(f"/classes/Json/{made}").json
    assert (found["n"], found["o"]) == (2, {"a": 2})
    raw = b'{"where":{"objectId":"none"},"where":{"objectId":"%b"},"_method":"POST","_method":"GET"}' % made.encode()
    assert len(sent(api, post("/classes/Json", raw=raw)).json["results"]) == 1
    raw = b'{"username":"ann","username":"nobody","password":"s3cret"}'
    assert sent(api, post("/login", raw=raw)).error[0] == 101


SURROGATES = [b"\\ud800", b"\\udc00", b"\\udc00\\ud800", b"\\ud800x", b"\\ud83d", b"\\ud83d\\u0041"]


@pytest.mark.parametrize("escape", SURROGATES)
def test_a_lone_surrogate_becomes_a_replacement_character(api: ApiClient, escape: bytes) -> None:
    raw = b'{"s":"%b","o":{"%b":"%b"},"a":["%b"]}' % ((escape,) * 4)
    made = sent(api, post("/classes/Texts", raw=raw)).json["objectId"]
    found = sent(api, get(f"/classes/Texts/{made}")).json
    assert "\ufffd" in found["s"]
    assert found["o"] == {found["s"]: found["s"]}
    for where in (b'{"s":"%b"}', b'{"s":{"$regex":"%b"}}', b'{"s":{"$in":["%b"]}}', b'{"objectId":"%b"}'):
        body = b'{"_method":"GET","where":%b}' % (where % escape)
        assert sent(api, post("/classes/Texts", raw=body)).status in (200, 400)
    for path, raw in (
        ("/users", b'{"username":"%b","password":"%b"}'),
        ("/login", b'{"username":"%b","password":"%b"}'),
        ("/roles", b'{"name":"%b","ACL":{"%b":{"read":true}}}'),
    ):
        sent(api, post(path, raw=raw % (escape, escape)))


def test_nul_is_refused_in_every_place_of_a_body(api: ApiClient, ann: Person) -> None:
    nul = "a\0b"
    pointer = {"__type": "Pointer", "className": "X", "objectId": nul}
    for body in (
        {"s": nul},
        {nul: 1},
        {"o": {nul: 1}},
        {"o": {"x": [nul]}},
        {"a": [[{"x": nul}]]},
        {f"o.{nul}": 1},
        {"p": pointer},
        {"p": {**pointer, "objectId": "x", "className": nul}},
        {"r": {"__op": "AddRelation", "objects": [pointer]}},
        {"a": {"__op": "Add", "objects": [nul]}},
        {"ACL": {nul: {"read": True}}},
        {"ACL": {f"role:{nul}": {"write": True}}},
        {"f": {"__type": "File", "name": nul}},
        {"d": {"__type": "Date", "iso": nul}},
        {"b": {"__type": "Bytes", "base64": nul}},
        {"x": {"__type": nul}},
        {"x": {"__op": nul}},
    ):
        made = api.post("/classes/Nul", {"x": 1}).json["objectId"]
        for request in (
            post("/classes/Nul", body),
            put(f"/classes/Nul/{made}", body),
            post("/users", {**body, "username": "n"}),
        ):
            assert sent(api, request).error[0] == 107
        where = post("/classes/Nul", {"_method": "GET", "where": body})
        assert sent(api, where).error[0] == 107
        part = {"method": "POST", "path": "/parse/classes/Nul", "body": body}
        assert sent(api, post("/batch", {"requests": [part]})).error[0] == 107
    for name in ("username", "password", "email"):
        assert sent(api, post("/login", {"username": "ann", "password": "x", name: nul})).error[0] == 107
    for name in (
        "_InstallationId",
        "_SessionToken",
        "_MasterKey",
        "_ApplicationId",
        "_context",
        "_method",
        "_ContentType",
    ):
        body = {"_ApplicationId": "hostile", name: nul}
        reply = sent(api, post("/classes/Nul", body, headers={"X-Parse-Application-Id": None}))
        assert reply.status in (400, 403)


def test_nul_is_refused_in_paths_query_strings_forms_and_headers(api: ApiClient, ann: Person) -> None:
    for path in ("/classes/N%00", "/classes/N/%00", "/users/%00", "/%00", "/classes/%00/x", "/schemas/%00"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            callers: list[dict[str, Any]] = [{}, {"master": True}, {"as_user": ann.token}]
            for how in callers:
                reply = sent(api, Request(method, path, {} if method in ("POST", "PUT") else None, how))
                assert reply.status in (400, 403, 404)
            assert (
                sent(api, post("/batch", {"requests": [{"method": method, "path": "/parse" + path}]})).error[0] == 107
            )
    for query in (
        "where=%00",
        "%00=1",
        "where[%00]=1",
        "keys=%00",
        "order=a%00b",
        'where={"a":"\\u0000"}',
        "limit=%00",
    ):
        assert sent(api, get("/classes/N?" + query)).error[0] == 107
    for form in (b"a=%00", b"%00=1", b"a=b%00c", b"username=%00&password=x"):
        request = post("/classes/N", raw=form, content_type="application/x-www-form-urlencoded")
        assert sent(api, request).error[0] == 107
    for name in (
        "X-Parse-Session-Token",
        "X-Parse-Installation-Id",
        "X-Parse-Master-Key",
        "X-Parse-Application-Id",
        "Host",
    ):
        sent(api, get("/users/me", headers={name: "a\0b"}))
        sent(api, post("/login", {"username": "ann", "password": "s3cret"}, headers={name: "a\0b"}))


CROOKED_PATHS = [
    "/classes/%FF",
    "/classes/P/%FF%FE",
    "/classes/%ED%A0%80",
    "/classes/P/%C0%AF",
    "/classes/%",
    "/classes/%zz",
    "/classes/P%0d%0aX: y",
    "/classes/P/" + "x" * 50_000,
    "/classes/" + "x" * 50_000,
    "/classes/../users",
    "/classes/./P",
    "/classes/P/..",
    "/classes//P",
    "/" * 1000,
    "/" + "a/" * 5000,
    "/classes/P;x=1",
    "/classes/P#x",
    "/classes/\u202e",
    "/users/me/..",
    "/sessions/me/x",
    "/*",
]


@pytest.mark.parametrize("path", CROOKED_PATHS, ids=lambda path: path[:30])
def test_a_crooked_path_leads_nowhere(api: ApiClient, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "", "get", "X" * 1000):
        how: dict[str, Any] = {}
        if method in ("HEAD", "OPTIONS"):
            reply = api.request(method, path)
            assert reply.status < 500
            continue
        reply = sent(api, Request(method, path, {} if method in ("POST", "PUT") else None, how))
        assert reply.status in (400, 403, 404) or reply.json == {"results": []}, reply.body
        part = {"requests": [{"method": method, "path": "/parse" + path, "body": {}}]}
        reply = sent(api, post("/batch", part))
        assert reply.status == 400 or "error" in reply.json[0] or reply.json == [{"success": {"results": []}}]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:99999", "a b", "", "x" * 5000, "<script>", "[::1", "éxample"]
)
def test_the_host_header_is_in_no_address_of_a_file(api: ApiClient, configure: Configure, host: str) -> None:
    file = {"__type": "File", "name": "a.txt"}
    made = sent(api, post("/classes/Filed", {"f": file}, headers={"Host": host})).json["objectId"]
    headers = {"Host": host, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "javascript"}
    for request in (get(f"/classes/Filed/{made}", headers=headers), get("/classes/Filed", headers=headers)):
        reply = sent(api, request)
        assert b"evil" not in reply.body
        assert b"http://api.example/parse/files/hostile/a.txt" in reply.body
    configure(publicServerURL="https://public.example/p")
    location = sent(api, post("/classes/Filed", {}, headers=headers)).headers["location"]
    assert location.startswith("https://public.example/p/classes/Filed/")


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=" + "x" * 100_000,
        "multipart/form-data; boundary=\xff",
        "multipart/mixed; boundary=x",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/json; charset=utf-7",
        "application/json; charset=" + "x" * 100_000,
        "application/json; charset*=utf-8''x",
        ";",
        "application/json;" + ";" * 100_000,
        'application/json; charset="',
        "\xff\xfe",
    ],
    ids=lambda text: text[:40],
)
def test_an_odd_content_type_is_refused_or_does_no_harm(api: ApiClient, content_type: str) -> None:
    multipart = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nann\r\n' * 1000 + b"--x--\r\n"
    for raw in (multipart, b"--x", b"--x--", b'{"a":1}', b"\x00" * 1000, b"--x\r\n" * 10_000):
        for path in ("/classes/Typed", "/login", "/users", "/batch"):
            reply = sent(api, post(path, raw=raw, content_type=content_type))
            assert reply.status in (200, 201, 400, 404, 415), reply.body


def test_a_packed_body_is_not_unpacked_beyond_the_limit(api: ApiClient, configure: Configure) -> None:
    import gzip

    configure(maxUploadSize="1mb")
    for bomb in (gzip.compress(b"0" * 50_000_000), gzip.compress(b'{"a":"' + b"a" * 2_000_000 + b'"}')):
        reply = sent(api, post("/classes/Packed", raw=bomb, headers={"Content-Encoding": "gzip"}))
        assert (reply.status, reply.json) == (413, {"error": "request entity too large"})
    twice = gzip.compress(gzip.compress(b'{"a":1}'))
    for raw, encoding in ((twice, "gzip"), (b"x", "gzip"), (twice, "gzip, gzip"), (b"{}", "br"), (twice[:20], "gzip")):
        assert sent(api, post("/classes/Packed", raw=raw, headers={"Content-Encoding": encoding})).status in (400, 415)


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "9" * 30, " 1", "0x10", "²", "1", ""])
def test_a_length_that_is_not_the_body_s_does_no_harm(api: ApiClient, length: str) -> None:
    environ = api._environ("POST", "/classes/Lengths", raw=b'{"a":1}')
    environ["CONTENT_LENGTH"] = length
    started: list[Any] = []
    body = b"".join(api._wsgi(environ, lambda status, headers: started.extend((status, headers))))
    assert int(started[0][:3]) in (201, 400, 413), body


TYPED: dict[str, Any] = {
    "a type that is an object": {"__type": {"x": 1}},
    "a type that is a list": {"__type": ["Pointer"]},
    "a type that is null": {"__type": None},
    "a type nobody knows": {"__type": "Nosuch" * 1000},
    "a date that is a number": {"__type": "Date", "iso": 1},
    "a date that is a date": {"__type": "Date", "iso": {"__type": "Date", "iso": "2020-01-01"}},
    "the year zero": {"__type": "Date", "iso": "0000-01-01T00:00:00Z"},
    "before the year 1": {"__type": "Date", "iso": "0001-01-01T00:00:00+23:00"},
    "after the year 9999": {"__type": "Date", "iso": "9999-12-31T23:59:59-23:00"},
    "a month 13": {"__type": "Date", "iso": "2020-13-01T00:00:00Z"},
    "a long date": {"__type": "Date", "iso": "2020-01-01T00:00:00." + "0" * 100_000 + "Z"},
    "a pointer to nothing": {"__type": "Pointer"},
    "a pointer to a list": {"__type": "Pointer", "className": ["X"], "objectId": {"$ne": 1}},
    "a point of texts": {"__type": "GeoPoint", "latitude": "1", "longitude": "2"},
    "a point beyond": {"__type": "GeoPoint", "latitude": 1e300, "longitude": 0},
    "a point of null": {"__type": "GeoPoint", "latitude": None, "longitude": None},
    "a polygon of nothing": {"__type": "Polygon", "coordinates": []},
    "a polygon of texts": {"__type": "Polygon", "coordinates": [["a", "b"]] * 3},
    "a polygon of objects": {"__type": "Polygon", "coordinates": [{}, {}, {}]},
    "a polygon of lists of lists": {"__type": "Polygon", "coordinates": [[[1, 2], [3, 4]]] * 4},
    "bytes that are none": {"__type": "Bytes", "base64": "!!!"},
    "bytes of a list": {"__type": "Bytes", "base64": ["YQ=="]},
    "a file without a name": {"__type": "File", "url": "http://169.254.169.254/x"},
    "a file of a list": {"__type": "File", "name": ["x"]},
    "a file elsewhere": {"__type": "File", "name": "x", "url": "http://169.254.169.254/latest"},
    "a file of another scheme": {"__type": "File", "name": "x", "url": "file:///etc/passwd"},
    "a file of a crooked address": {"__type": "File", "name": "x", "url": "http://[::1"},
    "a relation of a list": {"__type": "Relation", "className": ["X"]},
}


@pytest.mark.parametrize("value", TYPED.values(), ids=TYPED)
def test_a_typed_value_that_is_none_is_refused_and_stores_nothing(api: ApiClient, value: Any) -> None:
    made = api.post("/classes/Typed2", {"x": 1}).json["objectId"]
    fields = api.get("/schemas/Typed2", master=True).json["fields"]
    for request in (
        post("/classes/Typed2", {"v": value}),
        put(f"/classes/Typed2/{made}", {"v": value}),
        post("/classes/Typed3", {"v": value}),
    ):
        assert sent(api, request).error[0] in (1, 103, 107, 111, 121, 130), request
    for request in (
        post("/classes/Typed2", {"x": 1, "o": {"v": value}}),
        post("/classes/Typed2", {"x": 1, "a": [value]}),
        put(f"/classes/Typed2/{made}", {"a": {"__op": "Add", "objects": [value]}}),
        post("/classes/Typed2", {"_method": "GET", "where": {"x": value}}),
        post("/classes/Typed2", {"_method": "GET", "where": {"a": {"$in": [value]}, "createdAt": {"$gt": value}}}),
    ):
        sent(api, request)
    sent(api, get("/classes/Typed2", query={"include": "o.v,a", "order": "o.v"}))
    assert api.get("/schemas/Typed3", master=True).error[0] == 103
    assert "v" not in api.get("/schemas/Typed2", master=True).json["fields"]
    assert fields.keys() <= api.get("/schemas/Typed2", master=True).json["fields"].keys()


def test_nothing_hostile_is_logged_as_a_defect(api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    """What a client did wrong is not an error of the server."""
    with caplog.at_level(logging.ERROR):
        sent(api, post("/classes/X", {"a": {"__op": "Increment", "amount": "x"}}))
        sent(api, get("/classes/X", query={"where": {"s": {"$regex": "("}}}))
        sent(api, post("/classes/X", raw=b"{"))
    assert not caplog.records


@pytest.mark.parametrize("number", [b"1e20", b"18446744073709551616", b"-1e19", b"1e300", b"0.1e-300"])
def test_numbers_in_definitions_can_be_read_and_written_again(api: ApiClient, number: bytes) -> None:
    raw = b'{"fields":{"n":{"type":"Number","defaultValue":%b,"note":{"x":[%b]}}},"indexes":{"i":{"n":%b}}}' % (
        (number,) * 3
    )
    assert api.delete("/schemas/Defined", master=True).status == 200
    sent(api, post("/schemas/Defined", raw=raw, master=True))
    api.application.schemas.forget()
    assert sent(api, get("/schemas", master=True)).status == 200
    assert sent(api, get("/schemas/Defined", master=True)).status in (200, 400)
    assert sent(api, put("/schemas/Defined", {"fields": {"more": {"type": "String"}}}, master=True)).status in (
        200,
        400,
    )
    assert sent(api, post("/classes/Defined", {"other": 1})).status == 201
    assert api.delete("/purge/Defined", master=True).status == 200
