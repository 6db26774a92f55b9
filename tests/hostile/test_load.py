"""Requests that cost far more than they weigh (`contract/hostile.md` §5)."""

from __future__ import annotations

import random
import string
import time
from functools import partial
from typing import Any

import orjson
import pytest

from tests.hostile.attacks import Attack, attacks, busy, nested, rows, sent
from tests.hostile.conftest import Configure
from tests.support.client import ApiClient
from tests.support.scenario import Request, get, post, put

NEST = 0.1  # seconds in which a nest is refused
NOISE = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=100_000))  # noqa: S311

LONG_PATH = "o" + ".a" * 100_000

LAYERS: dict[str, Any] = {
    "$or": [lambda inner: {"$or": [inner]}],
    "$or of two": [lambda inner: {"$or": [inner, {"x": 1}]}],
    "$and": [lambda inner: {"$and": [inner]}],
    "$nor": [lambda inner: {"$nor": [inner]}],
    "$or, $and and $nor in turn": [
        lambda inner: {"$or": [inner]},
        lambda inner: {"$and": [inner]},
        lambda inner: {"$nor": [inner]},
    ],
    "$not": [lambda inner: {"x": {"$not": inner}}],
    "$elemMatch": [lambda inner: {"x": {"$elemMatch": inner}}],
    "$or inside $not": [lambda inner: {"$or": [{"x": {"$not": inner}}]}],
    "$or inside $elemMatch": [lambda inner: {"x": {"$elemMatch": {"$or": [inner, inner]}}}],
    "$all": [lambda inner: {"x": {"$all": [inner]}}],
    "objects": [lambda inner: {"x": inner}],
    "lists": [lambda inner: {"x": {"$in": [[inner]]}}],
    "$inQuery": [lambda inner: {"p": {"$inQuery": {"className": "Nest", "where": inner}}}],
    "$select": [lambda inner: {"p": {"$select": {"query": {"className": "Nest", "where": inner}, "key": "p"}}}],
    "$notInQuery": [lambda inner: {"p": {"$notInQuery": {"className": "Nest", "where": inner}}}],
    "$dontSelect in $or": [
        lambda inner: {"$or": [{"p": {"$dontSelect": {"query": {"className": "Nest", "where": inner}, "key": "p"}}}]}
    ],
}


@pytest.mark.parametrize("levels", [20, 100, 1000, 20_000])
@pytest.mark.parametrize("layers", LAYERS.values(), ids=LAYERS)
def test_a_nest_is_refused_at_once(api: ApiClient, layers: Any, levels: int) -> None:
    if "$or inside" in str(layers) or layers is LAYERS["$or inside $elemMatch"]:
        levels = min(levels, 12)  # each level holds the next twice
    text = as_text(layers, levels)
    api.post("/classes/Nest", {"x": 1})
    for who in ({}, {"master": True}):
        raw = b'{"_method":"GET","where":' + text + b"}"
        reply = sent(api, Request("POST", "/classes/Nest", None, {"raw": raw, **who}), seconds=NEST if not who else 1)
        assert reply.status == 400 or reply.json["results"] == [] or who or levels <= 20
        sent(api, Request("POST", "/classes/Nest", None, {"raw": raw.replace(b"GET", b"POST"), **who}))


def as_text(layers: Any, levels: int) -> bytes:
    """The nest as JSON: written without recursion, as an attacker would."""
    if levels <= 20:
        return orjson.dumps(nested(levels, {"x": 1}, *layers))
    hole = "\x00"
    parts = []
    for number in range(levels):
        before, _, after = orjson.dumps(layers[number % len(layers)](hole)).partition(b'"\\u0000"')
        parts.append((before, after.replace(b'"\\u0000"', b"{}")))
    return b"".join(before for before, _ in reversed(parts)) + b'{"x":1}' + b"".join(after for _, after in parts)


@attacks(
    Attack("an include of depth 50", get("/classes/Nest", query={"include": "p" + ".p" * 49}), 102),
    Attack(
        "an include of depth 50,000", post("/classes/Nest", {"_method": "GET", "include": "p" + ".p" * 49_999}), 102
    ),
    Attack("500 includes", get("/classes/Nest", query={"include": ",".join(f"p{n}" for n in range(500))}), 102),
    Attack(
        "50,000 includes",
        post("/classes/Nest", {"_method": "GET", "include": ",".join(f"p{n}" for n in range(50_000))}),
        102,
    ),
    Attack("includes by keys", get("/classes/Nest", query={"keys": "p" + ".p" * 49}), 102),
    Attack("500 includes by keys", get("/classes/Nest", query={"keys": ",".join(f"p{n}.x" for n in range(500))}), 102),
    Attack("includes by excluded keys", get("/classes/Nest", query={"excludeKeys": "p" + ".p" * 49}), 102),
    Attack("100,000 keys", post("/classes/Nest", {"_method": "GET", "keys": [f"k{n}" for n in range(100_000)]})),
    Attack(
        "10,000 fields to sort by", post("/classes/Nest", {"_method": "GET", "order": [f"k{n}" for n in range(10_000)]})
    ),
    Attack(
        "a long path to sort by",
        post("/classes/Nest", {"_method": "GET", "order": "o." + "x." * 50_000 + "x"}),
        (102, 105),
    ),
    Attack(
        "10,000 requests in a batch",
        post("/batch", {"requests": [{"method": "GET", "path": "/parse/health"}] * 10_000}),
        107,
    ),
    Attack("a million nulls in a batch", post("/batch", {"requests": [None] * 1_000_000}), 107),
    Attack(
        "100,000 ids", post("/classes/Nest", {"_method": "GET", "where": {"objectId": {"$in": [NOISE[:9]] * 99_000}}})
    ),
    Attack(
        "a million values", post("/classes/Nest", {"_method": "GET", "where": {"x": {"$in": [0] * 1_000_000}}}), 102
    ),
    Attack(
        "100,000 conditions",
        post("/classes/Nest", {"_method": "GET", "where": {f"k{n}": 1 for n in range(100_000)}}),
        102,
    ),
    Attack(
        "100,000 branches",
        post("/classes/Nest", {"_method": "GET", "where": {"$or": [{"x": n} for n in range(100_000)]}}),
        102,
    ),
    *[
        Attack(
            f"{name} a path of 100,000 steps",
            post(
                "/classes/Nest",
                {"_method": "GET", "where": {"x": {name: {"query": {"className": "Nest"}, "key": LONG_PATH}}}},
            ),
            102,
        )
        for name in ("$select", "$dontSelect")
    ],
    Attack(
        "a condition on a path of 100,000 steps",
        post("/classes/Nest", {"_method": "GET", "where": {LONG_PATH: 1}}),
        105,
    ),
    Attack("a write to a path of 1 MB", post("/classes/Nest", {"o." + "a" * 1_000_000: 1}), 105),
    Attack("an update of a path of 1 MB", put("/classes/Nest/x", {"o." + "a" * 1_000_000: 1}), 105),
    Attack("a parameter with a name of 1 MB", put("/config", {"params": {"a" * 1_000_000: 1}}, master=True), 105),
    Attack(
        "an index with a name of 1 MB",
        put("/schemas/Nest", {"indexes": {"a" * 1_000_000: {"x": 1}}}, master=True),
        102,
    ),
    Attack(
        "an index on a path of 1 MB",
        put("/schemas/Nest", {"indexes": {"long": {"o." + "a" * 1_000_000: 1}}}, master=True),
        102,
    ),
    Attack("a value whose key has 1 MB", post("/classes/Nest", {"o": {"a" * 1_000_000: 1}}, master=True)),
    Attack("a user's name of 1 MB", post("/users", {"username": "a" * 1_000_000, "password": "x"}), 116),
    Attack(
        "99 computed fields to sort by",
        post("/classes/Nest", {"_method": "GET", "order": [f"o.k{n}" for n in range(99)]}),
    ),
    Attack(
        "2000 computed fields to sort by",
        post("/classes/Nest", {"_method": "GET", "order": [f"o.k{n}" for n in range(2000)]}),
        102,
    ),
    Attack("skipping far", get("/classes/Nest", query={"skip": 2**53, "limit": 2**53})),
)
def test_a_request_for_too_much_is_bounded(attack: Attack, api: ApiClient) -> None:
    api.post("/classes/Nest", {"x": 1, "o": {"x": 1}})
    attack.play(api)


MEGABYTE = {
    "digits": "1" * 1_000_000,
    "dots": "1." * 500_000,
    "letters": "a" * 1_000_000,
    "a version, almost": "js1." + "1.1" * 300_000 + "!",
    "blanks": " " * 1_000_000,
}


@pytest.mark.parametrize("version", MEGABYTE.values(), ids=MEGABYTE)
def test_a_version_of_a_megabyte_costs_nothing(api: ApiClient, version: str) -> None:
    sent(api, get("/classes/Nest", headers={"X-Parse-Client-Version": version}), seconds=NEST)
    body = {"_ApplicationId": "hostile", "_ClientVersion": version, "_method": "GET"}
    sent(api, post("/classes/Nest", body, headers={"X-Parse-Application-Id": None}), seconds=NEST)
    for name in ("Authorization", "X-Parse-Session-Token", "X-Parse-Master-Key", "X-Parse-Installation-Id", "Origin"):
        sent(api, get("/classes/Nest", headers={name: version}))


WORST = {
    "nested repetitions": r"(a+)+$",
    "nested alternatives": r"(a|a)*$",
    "overlapping alternatives": r"(a|aa)+$",
    "repetitions in a row": r"a*a*a*a*a*a*b",
    "everything thrice": r"(.*)(.*)(.*)z",
    "a reference": r"(a*)*\1b",
    "references": r"^(.*)(.*)\2\1$",
    "looking ahead": r"(?=(a+)+$)b",
    "optional letters": "a?" * 30 + "a" * 30,
    "words": r"(\w+\s?)+!",
    "line starts in groups": r"a{2,}((?:ab|a))(^|é(a|b|c)[a-z]\s+?|[a-z]*(?=a)[a-z]*?){0,20}",
    "groups of repetitions": r"[a-z]+?(\s(?!b)(?=a)a?(?:ab|a)|^\d+?|[^a]{255}a*?\w*\s^)(.*|\b){0,255}",
}


@pytest.mark.parametrize("pattern", WORST.values(), ids=WORST)
def test_a_pattern_that_backtracks_is_bounded(api: ApiClient, pattern: str) -> None:
    if not rows(api, "Patterns"):
        api.post(
            "/classes/Patterns", {"s": "a" * 10_000 + "!", "o": {"s": "a" * 10_000 + "!"}, "l": ["a" * 10_000 + "!"]}
        )
    for where in ({"s": {"$regex": pattern}}, {"o.s": {"$regex": pattern}}, {"l": {"$regex": pattern}}):
        sent(api, get("/classes/Patterns", query={"where": where}))


LARGE = {
    "repetitions of repetitions": r"(((a{0,255}){0,255}){0,255}){0,255}",
    "repetitions that would be written out without end": r"(?=a)(((a|b){255}){255}){255}",
    "repetitions of what refers back": r"(a)((\1{255}){255}){255}",
    "repetitions of looking ahead": r"(?:(?:(?=a)b{9}){200}){200}",
    "repetitions of nothing": "(" * 50 + ")" + "{255})" * 49,
    "repetitions in a row": r"[[:alpha:]]{0,255}" * 500,
    "words in a row": r"(\w{0,255}\s{0,255})" * 400,
    "10,000 letters": "a" * 10_000,
    "100,000 letters": "a" * 100_000,
    "alternatives": "|".join(f"a{n}" for n in range(2000)),
    "groups in groups": "(" * 5000 + ")" * 5000,
    "groups without end": "(" * 10_000,
    "brackets without end": "[" * 10_000,
    "backslashes": "\\" * 9999,
    "classes": "[^a-z]" * 1600,
    "looking ahead": "(?=a)" * 1900,
    "quoted": r"\Q" * 5000,
}


@pytest.mark.parametrize("pattern", LARGE.values(), ids=LARGE)
def test_a_large_pattern_is_bounded(api: ApiClient, pattern: str) -> None:
    if not rows(api, "Patterns"):
        api.post("/classes/Patterns", {"s": "a" * 10_000 + "!"})
    for options in ("", "i"):
        sent(
            api, post("/classes/Patterns", {"_method": "GET", "where": {"s": {"$regex": pattern, "$options": options}}})
        )


def test_10_000_fields_in_one_write_are_refused(api: ApiClient) -> None:
    for count in (10_000, 1001):
        body = {f"f{number}": number for number in range(count)}
        assert sent(api, post("/classes/Wide", body)).error[0] in (119, 142)
    assert sent(api, get("/schemas/Wide", master=True)).error[0] == 103, "the class was not made"
    made = sent(api, post("/classes/Wide", {f"f{number}": number for number in range(800)})).json["objectId"]
    assert sent(api, put(f"/classes/Wide/{made}", {f"g{number}": 1 for number in range(800)})).error[0] == 119
    assert (
        sent(api, put(f"/classes/Wide/{made}", {f"g{number}": 1 for number in range(800)}, master=True)).status == 200
    )


def test_clients_add_fields_up_to_a_limit(api: ApiClient, configure: Configure) -> None:
    configure(clientFieldLimit=10)
    made = sent(api, post("/classes/Limited", {f"f{number}": 1 for number in range(5)})).json["objectId"]
    for number in range(10):
        sent(api, put(f"/classes/Limited/{made}", {f"g{number}": 1}))
    assert sent(api, put(f"/classes/Limited/{made}", {"more.x": 1})).error == (119, "Permission denied")
    assert len(api.get("/schemas/Limited", master=True).json["fields"]) == 10
    assert sent(api, put(f"/classes/Limited/{made}", {"f0": 2, "unset": {"__op": "Delete"}})).status == 200
    configure(clientFieldLimit=-1)
    assert sent(api, put(f"/classes/Limited/{made}", {"g10": 1})).status == 200


def test_clients_make_classes_up_to_a_limit(api: ApiClient, configure: Configure) -> None:
    present = len(api.get("/schemas", master=True).json["results"])
    configure(clientClassLimit=present + 20)
    made = 0
    for number in range(300):
        reply = sent(api, post(f"/classes/Many{number}", {"x": 1}), seconds=1)
        made += reply.status == 201
        assert reply.status == 201 or reply.error == (119, "Permission denied")
    assert 18 <= made <= 20  # classes that are not listed count, too
    names = [f"/parse/classes/Batched{number}" for number in range(100)]
    batch = {"requests": [{"method": "POST", "path": name, "body": {}} for name in names]}
    assert all("error" in result for result in sent(api, post("/batch", batch)).json)
    assert sent(api, post("/classes/Many0", {"x": 2})).status == 201, "what is there can be used"
    assert sent(api, post("/classes/ManyMore", {}, master=True)).status == 201


def test_no_write_makes_a_statement_that_grows_by_itself(api: ApiClient) -> None:
    made = api.post("/classes/Ops", {"o": {"x": 1}, "a": [1]}).json["objectId"]
    for operation in (
        {"__op": "Increment", "amount": 1},
        {"__op": "Add", "objects": [NOISE[:1000]]},
        {"__op": "Delete"},
        1,
    ):
        for paths in (
            {f"o.k{number}": operation for number in range(200)},
            {f"o.k{number}.x{number}": operation for number in range(200)},
            {f"a.{number}": operation for number in range(200)},
        ):
            assert sent(api, put(f"/classes/Ops/{made}", paths)).status == 200
            assert sent(api, post("/classes/Ops", paths)).status == 201
    many = {f"o.k{number}": {"__op": "Increment", "amount": 1} for number in range(9_000)}
    overlapping = {"o" + ".x" * number: {"__op": "Increment", "amount": 1} for number in range(1, 30)}
    doubled = {"a": {"__op": "Add", "objects": [NOISE] * 100}, **{f"a.{number}": 1 for number in range(200)}}
    for body in (many, overlapping, doubled):
        for request in (put(f"/classes/Ops/{made}", body), post("/classes/Ops", body)):
            assert sent(api, request).error[0] == 105


@attacks(
    *[
        Attack(f"{name}: {verb}", request(body), code)
        for name, body, code in [
            ("an array of 10,000 places by index", {"a.9999": 1}, None),
            ("1000 of them", {f"a{number}.9999": 1 for number in range(1000)}, 105),
            ("of 100,000 places", {"a.99999": 1}, 105),
            ("one inside the other", {"a" + ".9999" * 30: 1}, None),
            ("a path of 1000 steps", {"o" + ".x" * 1000: 1}, 105),
            ("a path of 100,000 steps", {"o" + ".x" * 100_000: 1}, 105),
            ("an index of 100,000 digits", {"a." + "9" * 100_000: 1}, 105),
            ("a field name of 100 kB", {"f" * 100_000: 1}, 105),
        ]
        for verb, request in [
            ("create", partial(post, "/classes/Padded")),
            ("update", partial(put, "/classes/Padded/{id}")),
        ]
    ]
)
def test_an_array_is_not_padded_without_end(attack: Attack, api: ApiClient) -> None:
    made = api.post("/classes/Padded", {"x": 1}).json["objectId"]
    request = Request(attack.request.method, attack.request.path.replace("{id}", made), attack.request.body)
    Attack(attack.name, request, attack.code).play(api)


def test_lists_are_compared_in_time(api: ApiClient) -> None:
    ours, theirs = [{"k": number} for number in range(5000)], [{"k": number + 0.5} for number in range(5000)]
    made = sent(api, post("/classes/Lists", {"a": ours})).json["objectId"]
    for name in ("AddUnique", "Remove", "Add"):
        sent(api, put(f"/classes/Lists/{made}", {"a": {"__op": name, "objects": theirs}}))
        sent(api, post("/classes/Lists", {"o": {"a": ours}, "o.a": {"__op": name, "objects": theirs}}))
        sent(api, put(f"/classes/Lists/{made}", {"o": {"a": ours}, "o.a": {"__op": name, "objects": theirs}}))


def test_nothing_long_that_a_client_sends_is_kept(api: ApiClient) -> None:
    """What is remembered by text is remembered for short ones only."""
    from parse_core.store import sql

    before = sql._known_array.cache_info().currsize
    for number in range(5):
        api.post("/classes/Kept", {"ACL": {f"{number}{NOISE}": {"read": True}}})
    assert sql._known_array.cache_info().currsize <= before + 1


@pytest.mark.parametrize("size", [1_000, 100_000, 5_000_000])
def test_a_body_that_is_all_brackets_or_keys_is_read_in_time(api: ApiClient, size: int) -> None:
    for raw in (
        b"[" * size,
        b'{"a":' * size,
        b"[" * size + b"]" * size,
        b'{"a":[' + b"[]," * size + b"[]]}",
        b'{"a":"' + b"\\u0041" * (size // 6) + b'"}',
        b'{"a":"' + b"\\ud800" * (size // 6) + b'"}',
        b'{"a":' + b"9" * size + b"}",
        b'{"a":-1e' + b"9" * size + b"}",
        b'{"a":0.' + b"0" * size + b"1}",
        b" " * size,
        b'{"a":1}' + b" " * size,
    ):
        began = time.perf_counter()
        reply = api.post("/login", raw=raw)
        assert reply.status < 500, reply.body
        assert time.perf_counter() - began < 2 * busy(), raw[:20]
