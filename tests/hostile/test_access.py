"""Ways around permissions (`contract/hostile.md` §3)."""

from __future__ import annotations

from typing import Any

import pytest

from parse_core.application import Application
from tests.auth.people import Person
from tests.hostile.attacks import Attack, attacks, rows, sent
from tests.hostile.conftest import Configure
from tests.support.client import ApiClient, Reply
from tests.support.scenario import Request, delete, get, post, put

JOINS = [
    "_Join:users:_Role",
    "_Join%3Ausers%3A_Role",
    "_join:users:_Role",
    "_Join:roles:_Role",
    "_Join:nosuch:Nosuch",
    "_Join:users:_Role ",
    "_Join:",
]
INTERNAL = [
    "_Hooks",
    "_GlobalConfig",
    "_GraphQLConfig",
    "_JobStatus",
    "_JobSchedule",
    "_PushStatus",
    "_Audience",
    "_Idempotency",
    "_SCHEMA",
    "_Nosuch",
    "_Join:users:_Role",
]


def every_method(class_name: str) -> list[Request]:
    body = {"relatedId": "x", "owningId": "y"}
    path = f"/classes/{class_name}"
    return [
        get(path),
        get(path, query={"where": {"owningId": "x"}, "count": 1, "limit": 0}),
        get(f"{path}/x"),
        post(path, body),
        post(path, {"_method": "GET"}),
        put(f"{path}/x", body),
        delete(f"{path}/x"),
    ]


@pytest.mark.parametrize("name", JOINS)
def test_the_links_of_a_relation_are_no_class(api: ApiClient, ann: Person, name: str) -> None:
    role = api.post("/roles", {"name": f"role of {name}", "ACL": {}}, master=True).json["objectId"]
    for request in every_method(name):
        for how in ({}, {"as_user": ann.token}):
            reply = sent(api, Request(request.method, request.path, request.body, {**request.how, **how}))
            refused = reply.status >= 400 and reply.error[0] in (101, 103, 107, 119)
            assert refused or reply.json == {"results": []}, reply.body
    for method, path in (("POST", "/classes/" + name), ("PUT", f"/classes/{name}/x"), ("DELETE", f"/classes/{name}/x")):
        # With the master key they may be read, never written by themselves.
        assert sent(api, Request(method, path, {}, {"master": True})).status >= 400
    owner = {"__type": "Pointer", "className": "_Role", "objectId": role}
    query = {"where": {"$relatedTo": {"object": owner, "key": "users"}}}
    assert api.get("/users", query=query, master=True).json["results"] == []


@pytest.mark.parametrize("name", JOINS[:2])
def test_the_links_of_a_relation_refuse_every_client_with_119(api: ApiClient, name: str) -> None:
    for request in every_method(name):
        assert sent(api, request).error[0] == 119


@pytest.mark.parametrize("name", INTERNAL)
def test_internal_classes_are_closed_by_every_way(api: ApiClient, ann: Person, name: str) -> None:
    pointer = {"__type": "Pointer", "className": name, "objectId": "x"}
    ways = [
        *every_method(name),
        post("/batch", {"requests": [{"method": "GET", "path": f"/parse/classes/{name}"}]}),
        get("/classes/Any", query={"where": {"p": {"$inQuery": {"className": name, "where": {}}}}}),
        get("/classes/Any", query={"where": {"p": {"$notInQuery": {"className": name, "where": {"a": 1}}}}}),
        get("/classes/Any", query={"where": {"p": {"$select": {"query": {"className": name}, "key": "a"}}}}),
        get("/classes/Any", query={"where": {"p": {"$dontSelect": {"query": {"className": name}, "key": "a"}}}}),
        get("/classes/Any", query={"where": {"$or": [{"p": {"$inQuery": {"className": name, "where": {}}}}]}}),
        get("/classes/Any", query={"where": {"$relatedTo": {"object": pointer, "key": "params"}}}),
        get("/classes/Leading", query={"redirectClassNameForKey": "away"}),
    ]
    assert api.post("/classes/Any", {"x": 1}).status == 201
    for request in ways:
        for how in ({}, {"as_user": ann.token}):
            reply = sent(api, Request(request.method, request.path, request.body, {**request.how, **how}))
            if request.path == "/batch":
                assert reply.json[0].get("error", {}).get("code") == 119
            elif reply.status < 400:
                assert reply.json["results"] == []
            else:
                assert reply.error[0] in (101, 103, 107, 119), reply.body


@pytest.fixture(scope="module")
def relations(application: Application) -> ApiClient:
    """A class with relations that lead to classes clients may not read."""
    api = ApiClient(application)
    targets = {"session": "_Session", "push": "_PushStatus", "closed": "Closed", "open": "Opened"}
    fields = {name: {"type": "Relation", "targetClass": target} for name, target in targets.items()}
    assert api.post("/schemas/Leads", {"fields": fields}, master=True).status == 200
    closed = {"classLevelPermissions": {"find": {}, "get": {}, "create": {"*": True}}}
    assert api.post("/schemas/Closed", closed, master=True).status == 200
    api.post("/classes/Closed", {"secret": 1})
    api.post("/classes/Opened", {"x": 1})
    return api


def test_a_redirection_does_not_go_around_the_rights_of_where_it_leads(relations: ApiClient, ann: Person) -> None:
    api = relations
    assert [row["x"] for row in redirected(api, "open").json["results"]] == [1]
    assert redirected(api, "session").error[0] == 209
    found = redirected(api, "session", as_user=ann.token).json["results"]
    assert {row["user"]["objectId"] for row in found} == {ann.id}
    assert redirected(api, "push").error[0] == 119
    assert redirected(api, "closed").error[0] == 119
    inside = {"className": "Leads", "where": {}, "redirectClassNameForKey": "closed"}
    for operator in ("$inQuery", "$notInQuery"):
        reply = sent(api, get("/classes/Opened", query={"where": {"p": {operator: inside}}}))
        assert reply.error[0] == 119
    for operator in ("$select", "$dontSelect"):
        value = {operator: {"query": inside, "key": "secret"}}
        assert sent(api, get("/classes/Opened", query={"where": {"x": value}})).error[0] == 119


def redirected(api: ApiClient, key: str, **how: Any) -> Reply:
    return sent(api, get("/classes/Leads", query={"redirectClassNameForKey": key}, **how))


@pytest.fixture(scope="module")
def secret(application: Application) -> ApiClient:
    """A class whose `secret`, `bag` and `links` are hidden from everybody."""
    api = ApiClient(application)
    hidden = ["secret", "bag", "links", "to"]
    types: dict[str, Any] = {"secret": {"type": "String"}, "bag": {"type": "Object"}, "open": {"type": "Number"}}
    types["links"] = {"type": "Relation", "targetClass": "Shown"}
    types["to"] = {"type": "Pointer", "targetClass": "Shown"}
    actions = {action: {"*": True} for action in ("find", "get", "count", "create", "update", "delete", "addField")}
    permissions = {**actions, "protectedFields": {"*": hidden}}
    definition = {"fields": types, "classLevelPermissions": permissions}
    assert api.post("/schemas/Secret", definition, master=True).status == 200
    shown = api.post("/classes/Shown", {"n": 1, "word": "swordfish"}).json["objectId"]
    pointer = {"__type": "Pointer", "className": "Shown", "objectId": shown}
    links = {"__op": "AddRelation", "objects": [pointer]}
    body = {"secret": "swordfish", "bag": {"word": "swordfish"}, "open": 1, "links": links, "to": pointer}
    assert api.post("/classes/Secret", body, master=True).status == 201
    api.post("/classes/Around", {"s": {"__type": "Pointer", "className": "Secret", "objectId": row_id(api)}})
    return api


def row_id(api: ApiClient) -> str:
    object_id: str = rows(api, "Secret")[0]["objectId"]
    return object_id


HIDDEN = {"secret": "swordfish"}
IN_QUERY = {"className": "Secret", "where": HIDDEN}
QUESTIONS: dict[str, Any] = {
    "equality": HIDDEN,
    "inequality": {"secret": {"$ne": "x"}},
    "a beginning": {"secret": {"$regex": "^s"}},
    "existence": {"secret": {"$exists": True}},
    "order of values": {"secret": {"$gt": "s"}},
    "membership": {"secret": {"$in": ["swordfish"]}},
    "negation": {"secret": {"$not": {"$eq": "x"}}},
    "in $or": {"$or": [{"open": 0}, HIDDEN]},
    "in $and": {"$and": [HIDDEN]},
    "in $nor": {"$nor": [HIDDEN]},
    "deep in logic": {"$or": [{"$and": [{"$nor": [{"$or": [HIDDEN]}]}]}]},
    "a path": {"bag.word": "swordfish"},
    "a path in logic": {"$or": [{"bag.word": {"$regex": "^s"}}]},
    "a pointer": {"to": {"$exists": True}},
    "a pointer in a sub-query": {"to": {"$inQuery": {"className": "Shown", "where": {}}}},
    "a relation": {"links": {"$exists": True}},
    "selected elsewhere": {"secret": {"$select": {"query": {"className": "Shown"}, "key": "word"}}},
    "beside the own id": {"objectId": "x", "secret": "swordfish"},
}


@pytest.mark.parametrize("where", QUESTIONS.values(), ids=QUESTIONS)
def test_a_hidden_field_cannot_be_asked_about(secret: ApiClient, ann: Person, where: Any) -> None:
    for how in ({}, {"as_user": ann.token}):
        for query in ({"where": where}, {"where": where, "count": 1, "limit": 0}, {"where": where, "keys": "open"}):
            assert sent(secret, get("/classes/Secret", query=query, **how)).error[0] == 119
    for way in (
        {"s": {"$inQuery": {"className": "Secret", "where": where}}},
        {"s": {"$notInQuery": {"className": "Secret", "where": where}}},
        {"word": {"$select": {"query": {"className": "Secret", "where": where}, "key": "open"}}},
        {"$or": [{"s": {"$inQuery": {"className": "Secret", "where": where}}}]},
    ):
        assert sent(secret, get("/classes/Around", query={"where": way})).error[0] == 119


@attacks(
    Attack("sorting", get("/classes/Secret", query={"order": "secret"}), 119),
    Attack("sorting down", get("/classes/Secret", query={"order": "-secret"}), 119),
    Attack("sorting among others", get("/classes/Secret", query={"order": "open, -secret"}), 119),
    Attack("sorting by a path", get("/classes/Secret", query={"order": "bag.word"}), 119),
    Attack("sorting a count", get("/classes/Secret", query={"order": "secret", "count": 1, "limit": 0}), 119),
    Attack(
        "values elsewhere equal to it",
        get(
            "/classes/Shown",
            query={"where": {"word": {"$select": {"query": {"className": "Secret"}, "key": "secret"}}}},
        ),
        119,
    ),
    Attack(
        "values elsewhere equal to a path of it",
        get(
            "/classes/Shown",
            query={"where": {"word": {"$dontSelect": {"query": {"className": "Secret"}, "key": "bag.word"}}}},
        ),
        119,
    ),
)
def test_a_hidden_field_cannot_be_sorted_by_or_selected(attack: Attack, secret: ApiClient) -> None:
    attack.play(secret)


@pytest.mark.parametrize(
    "query",
    [
        {"keys": "secret"},
        {"keys": "secret,bag.word,to.word"},
        {"keys": "bag"},
        {"include": "to"},
        {"include": "to", "keys": "to.word"},
        {"includeAll": "true"},
        {"include": "*"},
        {"excludeKeys": "open"},
        {"redirectClassNameForKey": "secret"},
        {"where": {"open": 1}, "order": "open"},
    ],
    ids=str,
)
def test_a_hidden_field_is_in_no_answer(secret: ApiClient, query: Any) -> None:
    for request in (
        get("/classes/Secret", query=query),
        post("/classes/Secret", {"_method": "GET", **query}),
        get("/classes/Around", query={"include": "s,s.to"}),
        get("/classes/Around", query={"include": "s", "keys": "s.secret"}),
        post("/batch", {"requests": [{"method": "GET", "path": "/parse/classes/Secret", "body": query}]}),
    ):
        reply = sent(secret, request)
        assert reply.status == 200
        assert b"swordfish" not in reply.body


def test_a_hidden_relation_tells_nobody_what_it_links(secret: ApiClient) -> None:
    owner = {"__type": "Pointer", "className": "Secret", "objectId": row_id(secret)}
    for page in ({}, {"limit": 1}, {"skip": 1}, {"count": 1, "limit": 0}):
        query = {"where": {"$relatedTo": {"object": owner, "key": "links"}}, **page}
        assert sent(secret, get("/classes/Shown", query=query)).error[0] == 119


def test_the_relation_of_an_owner_that_cannot_be_read_links_nothing(api: ApiClient, ann: Person, bob: Person) -> None:
    linked = api.post("/classes/Linked", {"n": 1}).json["objectId"]
    pointer = {"__type": "Pointer", "className": "Linked", "objectId": linked}
    body = {"many": {"__op": "AddRelation", "objects": [pointer]}, "ACL": {ann.id: {"read": True, "write": True}}}
    owner = api.post("/classes/Owner", body, as_user=ann.token).json["objectId"]
    asked = {"$relatedTo": {"object": {"__type": "Pointer", "className": "Owner", "objectId": owner}, "key": "many"}}
    nobody = {"$relatedTo": {"object": {"__type": "Pointer", "className": "Owner", "objectId": "none"}, "key": "many"}}

    def found(where: Any, **how: Any) -> bytes:
        return sent(api, get("/classes/Linked", query={"where": where, "count": 1}, **how)).body

    assert b'"count":1' in found(asked, as_user=ann.token)
    for how in ({}, {"as_user": bob.token}):
        assert found(asked, **how) == found(nobody, **how)
        for where in ({"$and": [asked]}, {"$nor": [{"$nor": [asked]}]}, {"$or": [asked], "objectId": linked}):
            assert b'"count":0' in found(where, **how)


def test_the_list_of_routes_holds_inside_a_batch(api: ApiClient, configure: Configure) -> None:
    configure(routeAllowList=["batch", "classes/Public"])
    for path in (
        "/parse/classes/Secret",
        "/parse/classes/Public/../Secret",
        "/parse//classes/Secret",
        "/parse/classes/Secret?x=/classes/Public",
        "/parse/classes/%53ecret",
        "/parse/CLASSES/Secret",
        "/parse/classes/Public%2Fx",
        "/parse/users",
        "/parse/classes/Public\n",
    ):
        for method in ("GET", "POST", "PUT", "DELETE"):
            reply = sent(api, post("/batch", {"requests": [{"method": method, "path": path}]}))
            assert reply.error[0] in (107, 119), (path, reply.body)


def test_an_own_acl_stays_what_it_is(api: ApiClient, ann: Person) -> None:
    """The default of the class is for objects without one, and only when they are made."""
    actions = {action: {"*": True} for action in ("find", "get", "create", "update", "addField")}
    permissions = {**actions, "ACL": {"*": {"read": True}, "currentUser": {"read": True, "write": True}}}
    assert api.post("/schemas/WithDefault", {"classLevelPermissions": permissions}, master=True).status == 200
    own = {ann.id: {"read": True, "write": True}}
    made = api.post("/classes/WithDefault", {"ACL": own}, as_user=ann.token).json["objectId"]
    for body in ({"x": 1}, {"x": 2, "ACL": None}, {}):
        assert api.put(f"/classes/WithDefault/{made}", body, as_user=ann.token).status == 200
        assert api.get(f"/classes/WithDefault/{made}", as_user=ann.token).json["ACL"] == own
    assert api.put(f"/classes/WithDefault/{made}", {"ACL": {"__op": "Delete"}}, as_user=ann.token).status == 200
    assert sent(api, get(f"/classes/WithDefault/{made}", as_user=ann.token)).error[0] == 101, "locked, not opened"


@attacks(
    Attack("a bracket left open", get("/classes/Texts", query={"where": {"s": {"$regex": "[abc)"}}}), 102),
    Attack("a group left open", get("/classes/Texts", query={"where": {"s": {"$regex": "(abc"}}}), 102),
    Attack("nothing to repeat", get("/classes/Texts", query={"where": {"s": {"$regex": "*"}}}), 102),
    Attack("a class that is none", get("/classes/Texts", query={"where": {"s": {"$regex": "[[:nosuch:]]"}}}), 102),
    Attack("too many repetitions", get("/classes/Texts", query={"where": {"s": {"$regex": "a{9999}"}}}), 102),
    Attack("too complex", get("/classes/Texts", query={"where": {"s": {"$regex": "((a{1,99}){1,99}){1,99}"}}}), 102),
    Attack("an unknown field", get("/classes/Texts", query={"where": {"nosuch": 1}, "order": "nosuch"})),
    Attack("an unknown operator", get("/classes/Texts", query={"where": {"s": {"$nosuch": 1}}}), 107),
    Attack("a number beyond all", get('/classes/Texts?where={"n":1e999}')),
    Attack("a sum beyond all", put("/classes/Texts/{id}", {"n": {"__op": "Increment", "amount": 1.7e308}}), (102, 107)),
    Attack("a date beyond all", post("/classes/Texts", {"d": {"__type": "Date", "iso": "99999-01-01"}}), 111),
    Attack("a limit beyond all", get("/classes/Texts?limit=99999999999999999999999&skip=99999999999999999999")),
)
def test_what_the_database_says_is_not_told(attack: Attack, api: ApiClient) -> None:
    made = api.post("/classes/Texts", {"s": "x", "n": 1.7e308}).json["objectId"]
    request = attack.request
    request = Request(request.method, request.path.replace("{id}", made), request.body, request.how)
    Attack(attack.name, request, attack.code).play(api)


@pytest.mark.parametrize("name", ["_Role", "_Idempotency"])
def test_a_class_that_is_there_from_the_start_is_never_missing(api: ApiClient, ann: Person, name: str) -> None:
    assert api.put(f"/schemas/{name}", {"classLevelPermissions": {"find": {}}}, master=True).status == 200
    assert api.delete(f"/purge/{name}", master=True).status == 200
    assert api.delete(f"/schemas/{name}", master=True).status == 200
    assert sent(api, get(f"/classes/{name}", master=True)).json["results"] == []
    assert sent(api, get("/users/me", as_user=ann.token)).status == 200
    assert sent(api, post("/login", {"username": "ann", "password": "s3cret"})).status == 200
    assert sent(api, post("/roles", {"name": f"new {name}", "ACL": {}}, master=True)).status == 201
    assert api.get("/schemas/_Role", master=True).json["classLevelPermissions"]["find"] == {"*": True}
