"""Text of clients that wants to be SQL, an operator or an attribute (`contract/hostile.md` §1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hostile.attacks import Attack, attacks, rows, sent
from tests.support.client import ApiClient
from tests.support.scenario import Request, get, post, put

SLEEP = "a.b'); select pg_sleep(3);--"
PATHS = {
    "a statement after a dot": SLEEP,
    "a statement": "x'; select pg_sleep(3); --",
    "a double quote": 'a"b',
    "a single quote": "a'b",
    "a backslash": "a\\b",
    "a percent sign": "a%sb",
    "a placeholder": "%(x)s",
    "brackets": "a[0]",
    "a brace": "a}b",
    "a jsonpath filter": 'a ? (@ == "x")',
    "a cast": "a::int",
    "a dot alone": ".",
    "dots": "a..b",
    "a comment": "a/*",
    "a line break": "a\nb",
    "an internal column": "_hashed_password",
    "the row": "data",
    "a JavaScript prototype": "__proto__",
    "a Python attribute": "__class__.__init__",
    "an operator": "$where",
}
KEYS = ("master", "client")


@pytest.fixture(scope="module", autouse=True)
def target(application: Any) -> None:
    api = ApiClient(application)
    for number in range(3):
        reply = api.post("/classes/Target", {"n": number, "s": "x", "stats": {"n": 1}, "a": [1]})
        assert reply.status == 201


def key(who: str) -> dict[str, Any]:
    return {"master": True} if who == "master" else {}


def harmless(api: ApiClient, request: Request) -> None:
    """Refused as a name or a query, or answered without finding anything more than was asked."""
    reply = sent(api, request)
    if reply.status >= 400:
        assert reply.error[0] in (102, 105, 107), reply.body
    else:
        assert len(reply.json["results"]) <= 3


@pytest.mark.parametrize("who", KEYS)
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_path_that_is_a_statement_is_only_a_name(api: ApiClient, path: str, who: str) -> None:
    for query in (
        {"where": {path: 1}},
        {"where": {path: {"$regex": "^a'; select pg_sleep(3);--"}}},
        {"where": {path: {"$in": ["x", 1]}}},
        {"where": {path: {"$exists": True}}},
        {"where": {path: {"$gt": 1}}},
        {"where": {"$or": [{path: 1}, {"n": 1}]}},
        {"where": {"stats." + path: 1}},
        {"where": {"stats." + path: {"$regex": "x"}}},
        {"where": {"a": {"$all": [{path: 1}]}}},
        {"where": {"s": {"$select": {"query": {"className": "Target"}, "key": path}}}},
        {"where": {"$relatedTo": {"object": {"__type": "Pointer", "className": path, "objectId": path}, "key": path}}},
        {"order": path},
        {"order": "-" + path},
        {"keys": path},
        {"excludeKeys": path},
        {"include": path},
        {"include": "stats." + path},
        {"redirectClassNameForKey": path},
    ):
        harmless(api, post("/classes/Target", {"_method": "GET", **query}, **key(who)))
    assert len(rows(api, "Target")) == 3


@attacks(
    *[
        Attack(
            f"{name} for a number",
            put("/classes/Target/{id}", {"stats.n": {"__op": "Increment", "amount": amount}}),
            107,
        )
        for name, amount in {
            "a statement": "(select 1)",
            "a number in a text": "1",
            "an array": [1],
            "an object": {"$gt": 0},
            "null": None,
            "true": True,
        }.items()
    ],
    Attack("no number", put("/classes/Target/{id}", {"stats.n": {"__op": "Increment"}}), 107),
    Attack(
        "NaN", put("/classes/Target/{id}", raw=b'{"stats.n":{"__op":"Increment","amount":NaN}}'), (None,), status=400
    ),
    Attack("beyond a double", put("/classes/Target/{id}", raw=b'{"stats.n":{"__op":"Increment","amount":1e999}}'), 107),
    Attack(
        "a statement for a field",
        put("/classes/Target/{id}", {"n": {"__op": "Increment", "amount": "(select 1)"}}),
        107,
    ),
)
def test_an_increment_by_what_is_no_number_is_refused(attack: Attack, api: ApiClient) -> None:
    row = rows(api, "Target")[0]
    addressed(attack, row["objectId"]).play(api)
    assert rows(api, "Target")[0] == row


def addressed(attack: Attack, object_id: str) -> Attack:
    request = attack.request
    path = request.path.replace("{id}", object_id)
    return Attack(attack.name, Request(request.method, path, request.body, request.how), attack.code, attack.status)


SUB_KEYS = {
    "a statement": "x' || (select version()) || '",
    "a double quote": 'a"b',
    "a backslash": "a\\b",
    "both": 'a"b\\c',
    "a bracket": "a]b",
    "a brace": "a}b",
    "a comma": "a,b",
    "a percent sign": "a%sb",
    "a Unicode escape": "\\u0041",
    "not ASCII": "é\U0001f600",
    "digits that are none": "²",
    "digits of another script": "٣",
}


@pytest.mark.parametrize("sub_key", SUB_KEYS.values(), ids=SUB_KEYS)
def test_a_key_of_a_nested_operation_is_taken_literally(api: ApiClient, sub_key: str) -> None:
    object_id = api.post("/classes/Nested", {"stats": {"kept": 1}}).json["objectId"]
    path = f"/classes/Nested/{object_id}"
    sent(api, put(path, {f"stats.{sub_key}": {"__op": "Increment", "amount": 1}}))
    sent(api, put(path, {f"stats.{sub_key}": {"__op": "Increment", "amount": 1}}))
    sent(api, put(path, {f"stats.deep.{sub_key}": {"__op": "Add", "objects": [1]}}))
    assert api.get(path).json["stats"] == {"kept": 1, sub_key: 2, "deep": {sub_key: [1]}}
    sent(api, put(path, {f"stats.{sub_key}": {"__op": "Delete"}, f"stats.deep.{sub_key}": {"__op": "Delete"}}))
    assert api.get(path).json["stats"] == {"kept": 1, "deep": {}}
    created = sent(api, post("/classes/Nested", {f"stats.{sub_key}": {"__op": "Increment", "amount": 3}}))
    assert api.get(f"/classes/Nested/{created.json['objectId']}").json["stats"] == {sub_key: 3}


@attacks(
    Attack("NUL", put("/classes/Target/{id}", {"stats.\0": {"__op": "Increment", "amount": 1}}), 107),
    Attack("nothing", put("/classes/Target/{id}", {"stats.": {"__op": "Increment", "amount": 1}}), 121),
    Attack("an operator", put("/classes/Target/{id}", {"stats.$inc": {"__op": "Increment", "amount": 1}}), 121),
    Attack("a root that is internal", put("/classes/Target/{id}", {"_hashed_password.x": 1}), 105),
)
def test_a_key_of_a_nested_operation_that_cannot_be_is_refused(attack: Attack, api: ApiClient) -> None:
    row = rows(api, "Target")[0]
    addressed(attack, row["objectId"]).play(api)
    assert rows(api, "Target")[0] == row


PATTERNS = {
    "a quote": "x'",
    "a statement": "x'); select pg_sleep(3);--",
    "a backslash at the end": "x\\",
    "a dollar quote": "$$; select 1; $$",
    "quoted": "\\Qx'\"\\\\E",
    "a percent sign": "%s%s%s",
}


@pytest.mark.parametrize("who", KEYS)
@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_a_regular_expression_is_never_part_of_the_statement(api: ApiClient, pattern: str, who: str) -> None:
    for where in ({"s": {"$regex": pattern}}, {"stats.n": {"$regex": pattern}}, {"a": {"$regex": pattern}}):
        reply = sent(api, get("/classes/Target", query={"where": where}, **key(who)))
        assert reply.status == 400 or reply.json == {"results": []}


TOKENS: dict[str, Any] = {"an operator": {"$regex": "^a"}, "an array": ["r:x"], "a number": 1, "true": True}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_token_that_is_no_text_is_refused(api: ApiClient, token: Any) -> None:
    body = {"_ApplicationId": "hostile", "_SessionToken": token}
    reply = sent(api, post("/users/me", {**body, "_method": "GET"}, headers={"X-Parse-Application-Id": None}))
    assert (reply.status, reply.json) == (403, {"error": "unauthorized"})


@attacks(
    *[
        Attack(f"{name} as {member}", post("/login", {"username": "ann", "password": "x", member: value}), 101)
        for member in ("username", "password", "email")
        for name, value in {"an operator": {"$ne": None}, "an array": ["ann"], "a number": 7, "an object": {}}.items()
    ],
    Attack("an operator in a query string", get("/login?username=ann&password[$ne]=x"), 101),
    Attack(
        "an operator in a form",
        post("/login", raw=b"username=ann&password[$ne]=x", content_type="application/x-www-form-urlencoded"),
        201,
    ),
    Attack("a name given twice", get("/login?username=ann&password=x&password=y"), 101),
)
def test_credentials_that_are_no_texts_log_nobody_in(attack: Attack, api: ApiClient) -> None:
    attack.play(api)


IDS: dict[str, Any] = {
    "an operator": {"$regex": "^a"},
    "an object": {},
    "an array": ["known"],
    "a number": 1,
    "a boolean": True,
    "null": None,
    "an empty text": "",
}


@pytest.mark.parametrize("provider", ["anonymous", "google", "facebook", "mfa", "nosuch"])
@pytest.mark.parametrize("identity", IDS.values(), ids=IDS)
def test_an_id_of_a_provider_is_a_text(api: ApiClient, provider: str, identity: Any) -> None:
    body = {"authData": {provider: {"id": identity, "access_token": "x"}}}
    before = len(rows(api, "_User"))
    assert sent(api, post("/users", body)).error[0] in (162, 252)
    assert sent(api, post("/users", {"username": "n", "password": "p", **body})).error[0] in (162, 252)
    assert len(rows(api, "_User")) == before


@pytest.mark.parametrize("identity", ["*)(uid=*", "\\00", "a,dc=x", "a'--", "%", "_", "known%"])
def test_an_id_of_a_provider_is_taken_literally(api: ApiClient, identity: str) -> None:
    known = api.post("/users", {"authData": {"anonymous": {"id": "known'%"}}}).json["objectId"]
    reply = sent(api, post("/users", {"authData": {"anonymous": {"id": identity}}}))
    assert reply.json["objectId"] != known


PROHIBITED: dict[str, Any] = {
    "at the top": {"__proto__": {"x": 1}},
    "constructor at the top": {"constructor": 1},
    "after an object": {"a": {"b": 1}, "c": {"__proto__": {}}},
    "before an object": {"c": {"__proto__": {}}, "a": {"b": 1}},
    "in an array": {"a": [1, {"b": [{"constructor": 1}]}]},
    "in an array of arrays": {"a": [[[{"__proto__": 1}]]]},
    "among a thousand siblings": {"a": {f"k{n}": {"x": n} for n in range(1000)} | {"constructor": {}}},
    "first of a thousand siblings": {"a": {"constructor": {}} | {f"k{n}": {"x": n} for n in range(1000)}},
    "in a dotted key": {"a.constructor.b": 1},
    "in an operation": {"a": {"__op": "Add", "objects": [{"__proto__": 1}]}},
    "in an increment": {"a.__proto__.b": {"__op": "Increment", "amount": 1}},
    "in an ACL": {"ACL": {"__proto__": {"read": True}}},
    "as code": {"a": {"_bsontype": "Code"}},
    "as code in an array": {"a": [{"_bsontype": "Code", "code": "x"}]},
    "within another word": {"a": {"myconstructor2": 1}},
}


@pytest.mark.parametrize("body", PROHIBITED.values(), ids=PROHIBITED)
def test_prohibited_words_are_found_wherever_they_are(api: ApiClient, body: Any) -> None:
    object_id = api.post("/classes/Clean", {"x": 1}).json["objectId"]
    before = api.get("/schemas/Clean", master=True).json["fields"]
    for request in (
        post("/classes/Clean", body),
        put(f"/classes/Clean/{object_id}", body),
        post("/classes/Clean", body, master=True),
        post("/users", {"username": "u", "password": "p", **body}),
        post("/classes/NeverMade", body),
    ):
        assert sent(api, request).error[0] == 105
    reply = sent(api, post("/batch", {"requests": [{"method": "POST", "path": "/parse/classes/Clean", "body": body}]}))
    assert reply.json[0]["error"]["code"] == 105
    assert api.get("/schemas/Clean", master=True).json["fields"] == before
    assert api.get("/schemas/NeverMade", master=True).error[0] == 103


def test_a_schema_is_closed_to_keys_that_look_like_prototypes(api: ApiClient) -> None:
    closed = {
        "fields": {"x": {"type": "Number"}},
        "classLevelPermissions": {"create": {"*": True}, "find": {"*": True}},
    }
    assert api.post("/schemas/Closed", closed, master=True).status == 200
    for body in ({"__proto__": {"y": 1}}, {"x": 1, "prototype": {"z": 1}}, {"y": 1}, {"x.y": 1}):
        assert sent(api, post("/classes/Closed", body)).status == 400
    assert set(api.get("/schemas/Closed", master=True).json["fields"]) == {
        "objectId",
        "createdAt",
        "updatedAt",
        "ACL",
        "x",
    }


NAMES = (
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "fn.prototype.constructor",
    "fn.__class__",
    "__init__",
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_names_of_attributes_lead_nowhere(api: ApiClient, name: str, method: str) -> None:
    for path in (f"/functions/{name}", f"/jobs/{name}", f"/{name}", f"/classes/{name}", f"/classes/{name}/{name}"):
        reply = sent(api, Request(method, path, {} if method in ("POST", "PUT") else None))
        # A class may be called `constructor`; nothing else may.
        made = method == "POST" and path.startswith("/classes/")
        assert reply.status in (400, 403, 404) or reply.json == {"results": []} or made, reply.body
    reply = sent(api, post("/classes/Target", {"a": {"__op": name}}))
    assert reply.error[0] in (105, 108)


@pytest.mark.parametrize(
    "target", ['P"x', 'P"}, "admin": {"', "P\n{", "P\\", "a b", "", "_Nope", "x" * 121, "P'; --", "classname\u0000"]
)
def test_a_class_that_a_pointer_names_is_a_class(api: ApiClient, target: str) -> None:
    """Its name becomes part of the class, and of every answer with the relation."""
    pointer = {"__type": "Pointer", "className": target, "objectId": "a"}
    for value in (pointer, {"__op": "AddRelation", "objects": [pointer]}, {"__type": "Relation", "className": target}):
        assert sent(api, post("/classes/Pointing", {"p": value})).error[0] in (103, 107, 111)
    assert api.get("/schemas/Pointing", master=True).error[0] == 103, "the class was not made"
