"""What a client may not say about sessions, sign-ups and ids (`contract/hostile.md` §2)."""

from __future__ import annotations

from typing import Any

import pytest

from parse_core.application import Application, applications
from parse_core.rest import urls  # noqa: F401 (fills the table of routes)
from parse_core.rest.routes import Route, routes
from tests.auth.people import PASSWORD, Person, log_in, sign_up
from tests.hostile.attacks import Attack, attacks, rows, sent
from tests.hostile.conftest import OPTIONS, Configure
from tests.support.client import ApiClient
from tests.support.scenario import Request, get, post, put

FORGED: dict[str, Any] = {
    "sessionToken": "r:0123456789abcdef0123456789abcdef",
    "expiresAt": {"__type": "Date", "iso": "2999-01-01T00:00:00.000Z"},
    "createdWith": {"action": "login", "authProvider": "masterkey"},
    "installationId": "stolen",
}
SHAPES = {
    "a value": lambda value: value,
    "null": lambda _value: None,
    "a Delete": lambda _value: {"__op": "Delete"},
    "a SetOnInsert": lambda value: {"__op": "SetOnInsert", "amount": value},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("name", FORGED)
def test_what_the_server_says_of_a_session_cannot_be_changed(
    api: ApiClient, ann: Person, name: str, shape: Any
) -> None:
    (mine,) = [row for row in rows(api, "_Session") if row["sessionToken"] == ann.token]
    for path in (f"/sessions/{mine['objectId']}", f"/classes/_Session/{mine['objectId']}"):
        for key in (name, f"{name}.x"):
            reply = sent(api, put(path, {key: shape(FORGED[name])}, as_user=ann.token))
            assert reply.error == (105, f"Invalid key name: {name}")
    assert mine in rows(api, "_Session")


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("name", ["sessionToken", "expiresAt", "createdWith", "user"])
def test_what_the_server_says_of_a_session_cannot_be_chosen(
    api: ApiClient, ann: Person, bob: Person, name: str, shape: Any
) -> None:
    forged = {**FORGED, "user": bob.pointer}
    reply = sent(api, post("/sessions", {name: shape(forged[name])}, as_user=ann.token))
    assert reply.status == 201, reply.body
    (made,) = [row for row in rows(api, "_Session") if row["objectId"] == reply.json["objectId"]]
    assert made["user"] == ann.pointer
    assert made["sessionToken"].startswith("r:")
    assert made["sessionToken"] != FORGED["sessionToken"]
    assert made["createdWith"] == {"action": "create"}
    assert made["expiresAt"]["iso"] < "2999"


def test_a_session_cannot_be_given_to_somebody_else(api: ApiClient, ann: Person, bob: Person) -> None:
    (mine,) = [row for row in rows(api, "_Session") if row["sessionToken"] == ann.token]
    for user in (bob.pointer, None, {"__op": "Delete"}, {**ann.pointer, "className": "Other"}):
        reply = sent(api, put(f"/sessions/{mine['objectId']}", {"user": user}, as_user=ann.token))
        assert reply.error[0] in (105, 111), reply.body
    assert mine in rows(api, "_Session")


def test_an_expired_session_ends_although_it_was_remembered(api: ApiClient) -> None:
    person = sign_up(api, "late")
    assert api.get("/users/me", as_user=person.token).status == 200
    (mine,) = [row for row in rows(api, "_Session") if row["sessionToken"] == person.token]
    past = {"expiresAt": {"__type": "Date", "iso": "2020-01-01T00:00:00.000Z"}}
    assert api.put(f"/sessions/{mine['objectId']}", past, master=True).status == 200
    assert sent(api, get("/users/me", as_user=person.token)).error[0] == 209
    assert sent(api, get("/classes/Anything", as_user=person.token)).error[0] == 209


AUTH_DATA: dict[str, Any] = {
    "nothing": {},
    "a null provider": {"anonymous": None},
    "an empty provider": {"anonymous": {}},
    "no id": {"anonymous": {"x": 1}},
    "a list": [],
    "a list with a provider": [{"anonymous": {"id": "x"}}],
    "a text": "x",
    "a number": 1,
    "true": True,
    "null": None,
    "a provider that is a text": {"anonymous": "x"},
    "a provider that is a list": {"anonymous": ["x"]},
    "a provider nobody knows": {"nosuch": {"id": "x"}},
    "a provider and one nobody knows": {"anonymous": {"id": "x"}, "nosuch": {"id": "x"}},
    "an attribute": {"__class__": {"id": "x"}},
    "an operation": {"__op": "Add", "objects": [{"id": "x"}]},
    "a name with a dot": {"anonymous.id": "x"},
}


@pytest.mark.parametrize("auth_data", AUTH_DATA.values(), ids=AUTH_DATA)
def test_nobody_signs_up_without_credentials(api: ApiClient, auth_data: Any) -> None:
    before = len(rows(api, "_User"))
    reply = sent(api, post("/users", {"authData": auth_data}))
    assert reply.error[0] in (105, 162, 200, 252), reply.body
    assert sent(api, post("/classes/_User", {"authData": auth_data})).error == reply.error
    assert len(rows(api, "_User")) == before


@pytest.mark.parametrize("auth_data", AUTH_DATA.values(), ids=AUTH_DATA)
def test_crooked_auth_data_links_nothing(api: ApiClient, ann: Person, auth_data: Any) -> None:
    sent(api, put(ann.path, {"authData": auth_data}, as_user=ann.token))
    sent(api, put(ann.path, {"authData": auth_data}, master=True))
    (row,) = [row for row in rows(api, "_User") if row["objectId"] == ann.id]
    assert "authData" not in row


@attacks(
    Attack("an id", put("", {"authData.google.id": "x"}), 105),
    Attack("a provider", put("", {"authData.google": {"id": "x"}}), 105),
    Attack("an operation", put("", {"authData.anonymous.id": {"__op": "Delete"}}), 105),
)
def test_auth_data_cannot_be_written_by_path(attack: Attack, api: ApiClient, ann: Person) -> None:
    for how in ({"as_user": ann.token}, {"master": True}):
        Attack(attack.name, put(ann.path, attack.request.body, **how), attack.code).play(api)


def test_unknown_providers_cost_no_statement(api: ApiClient) -> None:
    unknown = {"authData": {f"p{number}": {"id": "x"} for number in range(20)}}
    reply = sent(api, post("/users", unknown))
    assert reply.error[0] == 252
    assert reply.statements == 0


def test_a_closed_sign_up_tells_nobody_which_names_are_taken(api: ApiClient, ann: Person) -> None:
    assert api.put("/schemas/_User", {"classLevelPermissions": {"create": {}}}, master=True).status == 200
    try:
        for name in ("ann", "nobody"):
            for mail in ("ann@example.com", "nobody@example.com", "no address"):
                reply = sent(api, post("/users", {"username": name, "password": "x", "email": mail}))
                assert reply.error == (119, "Permission denied")
    finally:
        assert api.put("/schemas/_User", {"classLevelPermissions": None}, master=True).status == 200


def test_an_answer_to_a_login_takes_as_long_whoever_is_asked_for(api: ApiClient, ann: Person) -> None:
    """The same number of statements, and one comparison of hashes, for every failure."""
    locked = api.post("/users", {"authData": {"anonymous": {"id": "no password"}}}).json["username"]
    statements = {log_in(api, name, "wrong").statements for name in ("ann", "nobody", locked)}
    assert len(statements) == 1
    texts = {log_in(api, name, "wrong").body for name in ("ann", "nobody", locked)}
    assert len(texts) == 1


LONG = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(10_000))
CUSTOM_IDS = {"a role": "role:admin", "everybody": "*", "10 kB": LONG, "nothing": "", "NUL": "a\0b"}
HARMLESS_IDS = {
    "a prototype": "__proto__",
    "a constructor": "constructor",
    "a word of permissions": "pointerFields",
    "requiresAuthentication": "requiresAuthentication",
    "authenticated": "authenticated",
    "the caller": "currentUser",
    "a field of a user": "userField:owner",
    "a path": "../../etc/passwd",
    "me": "me",
    "a line break": "a\r\nSet-Cookie: x=y",
    "control characters": "\x01\x1b[31m\x7f",
    "right to left": "\u202eevil",
    "a quote": "a\"b'c",
    "a brace": "{a,b}",
    "a backslash": "a\\b",
}


@pytest.mark.parametrize("object_id", CUSTOM_IDS.values(), ids=CUSTOM_IDS)
def test_ids_that_read_as_something_else_are_no_users(api: ApiClient, configure: Configure, object_id: str) -> None:
    configure(allowCustomObjectId=True)
    before = len(rows(api, "_User"))
    body = {"username": f"custom {object_id[:9]}", "password": PASSWORD, "objectId": object_id}
    reply = sent(api, post("/users", body))
    assert reply.error[0] in (104, 107, 111, 119)
    assert sent(api, post("/classes/_User", body)).error == reply.error
    assert len(rows(api, "_User")) == before


@pytest.mark.parametrize("object_id", HARMLESS_IDS.values(), ids=HARMLESS_IDS)
def test_an_id_gives_no_rights(api: ApiClient, configure: Configure, object_id: str) -> None:
    """Words that permissions and ACLs use for something else mean nothing as the id of a user."""
    configure(allowCustomObjectId=True)
    permissions = {
        "find": {"pointerFields": ["owner"]},
        "get": {"role:admin": True},
        "create": {"*": True},
        "update": {},
        "protectedFields": {"*": ["secret"], "userField:owner": [], "role:admin": []},
        "ACL": {"currentUser": {"read": True}},
    }
    pointer = {"type": "Pointer", "targetClass": "_User"}
    definition = {"fields": {"owner": pointer, "secret": {"type": "String"}}, "classLevelPermissions": permissions}
    api.post("/schemas/Guarded", definition, master=True)
    guarded = api.post("/classes/Guarded", {"secret": "hidden", "ACL": {"*": {"read": True}}}).json["objectId"]
    body = {"username": f"custom {object_id!r}", "password": PASSWORD, "objectId": object_id}
    reply = sent(api, post("/users", body))
    assert reply.status == 201, reply.body
    assert "\n" not in reply.headers["location"]
    token = reply.json["sessionToken"]
    assert sent(api, get("/users/me", as_user=token)).json["objectId"] == object_id
    assert sent(api, get("/classes/Guarded", as_user=token)).json["results"] == []
    assert sent(api, get(f"/classes/Guarded/{guarded}", as_user=token)).error[0] == 119
    assert sent(api, put(f"/classes/Guarded/{guarded}", {"x": 1}, as_user=token)).error[0] == 119
    private = api.post("/classes/Private", {"ACL": {"role:admin": {"read": True}}}).json["objectId"]
    assert sent(api, get(f"/classes/Private/{private}", as_user=token)).error[0] == 101


@pytest.mark.parametrize("object_id", [*CUSTOM_IDS.values(), *HARMLESS_IDS.values()], ids=[*CUSTOM_IDS, *HARMLESS_IDS])
def test_an_object_of_any_id_is_that_object_or_is_refused(api: ApiClient, configure: Configure, object_id: str) -> None:
    configure(allowCustomObjectId=True)
    reply = sent(api, post("/classes/Custom", {"objectId": object_id, "p": {"x": 1}}))
    if reply.status != 201:
        assert reply.error[0] in (104, 107, 111)
        return
    found = api.get("/classes/Custom", query={"where": {"objectId": object_id}}).json["results"]
    assert [row["objectId"] for row in found] == [object_id]
    pointer = {"__type": "Pointer", "className": "Custom", "objectId": object_id}
    relation = {"__op": "AddRelation", "objects": [pointer]}
    made = sent(api, post("/classes/Pointers", {"to": pointer, "many": [pointer], "linked": relation})).json["objectId"]
    shown = api.get(f"/classes/Pointers/{made}", query={"include": "to,many"}).json
    assert (shown["to"]["p"], shown["many"][0]["p"]) == ({"x": 1}, {"x": 1})
    owner = {"__type": "Pointer", "className": "Pointers", "objectId": made}
    related = api.get("/classes/Custom", query={"where": {"$relatedTo": {"object": owner, "key": "linked"}}})
    assert [row["objectId"] for row in related.json["results"]] == [object_id]


APPLICATION_IDS = {
    "a prototype": "__proto__",
    "everybody": "*",
    "a statement": "x'; drop schema public cascade; --",
    "a double quote": 'x"y',
    "a path": "../x",
    "not ASCII": "é\u202e",
    "a percent sign": "%s%%",
    "10 kB": "x" * 10_000,
    "upper case": "HOSTILE",
    "the name of a schema": "app_hostile",
}


@pytest.mark.parametrize("application_id", APPLICATION_IDS.values(), ids=APPLICATION_IDS)
def test_an_application_of_any_id_keeps_to_itself(
    api: ApiClient, application: Application, application_id: str
) -> None:
    other = applications.configure({**OPTIONS, "appId": application_id})
    try:
        other.reset()
        theirs = ApiClient(other)
        headers = {"X-Parse-Application-Id": None}
        body = {"_ApplicationId": application_id}
        made = theirs.post("/classes/Only", {**body, "x": 1}, headers=headers)
        assert made.status == 201, made.body
        assert sent(api, get(f"/classes/Only/{made.json['objectId']}")).error[0] == 101
        found = theirs.post("/classes/Only", {**body, "_method": "GET"}, headers=headers)
        assert [row["x"] for row in found.json["results"]] == [1]
    finally:
        other.reset()
        applications.remove(application_id)


@pytest.mark.parametrize("application_id", [*APPLICATION_IDS.values(), "", "\0", "constructor"])
def test_an_application_nobody_configured_is_unknown(api: ApiClient, application_id: str) -> None:
    for request in (
        get("/classes/X", headers={"X-Parse-Application-Id": application_id.encode().decode("latin-1")}),
        post("/classes/X", {"_ApplicationId": application_id}, headers={"X-Parse-Application-Id": None}),
        get("/classes/X", headers={"X-Parse-Application-Id": None, "Authorization": "Basic " + application_id}),
    ):
        reply = sent(api, request)
        assert reply.status == 403 or reply.error[0] == 107
        assert reply.error[1] != ""


# The parts of a batch are asked one by one; a function is told that the key only reads, and decides by itself.
DECIDE_THEMSELVES = {"batch", "functions/<name...>"}
WRITES = [
    (route, method)
    for route in routes
    for method in ("POST", "PUT", "DELETE")
    if route.view.handles(method) and route.pattern not in DECIDE_THEMSELVES and not route.view.ignores_read_only_key
]


@pytest.mark.parametrize(("route", "method"), WRITES, ids=[f"{method} {route.pattern}" for route, method in WRITES])
def test_the_read_only_key_changes_nothing(api: ApiClient, ann: Person, route: Route, method: str) -> None:
    """Every route there is, and those to come: they are read from the table."""
    made = api.post("/classes/Kept", {"x": 1}).json["objectId"]
    before = rows(api, "Kept"), rows(api, "_User"), len(rows(api, "_Session"))
    for class_name, object_id in (("Kept", made), ("_User", ann.id), ("_Session", "x")):
        path = "/" + route.pattern.replace("<class_name>", class_name).replace("<object_id...>", object_id)
        path = path.replace("<", "").replace(">", "").replace("...", "")
        for request in (
            Request(method, path, {"userId": ann.id}, {"read_only": True}),
            post(path, {"_method": method, "userId": ann.id}, read_only=True),
            Request(method, path, {}, {"read_only": True, "as_user": ann.token}),
        ):
            reply = sent(api, request)
            assert reply.status == 403 or reply.error[0] == 119, reply.body
        parts = {"requests": [{"method": method, "path": "/parse" + path, "body": {}}]}
        reply = sent(api, post("/batch", parts, read_only=True))
        assert reply.status == 400 or "error" in reply.json[0], reply.body
    assert (rows(api, "Kept"), rows(api, "_User"), len(rows(api, "_Session"))) == before
