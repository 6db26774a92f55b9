"""No answer of any route carries what no client may read (`contract/hostile.md` §2: login, users/me, sessions/me)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from pyotp.totp import TOTP

from parse_core.application import Application, applications
from parse_core.rest import urls  # noqa: F401 (fills the table of routes)
from parse_core.rest.routes import routes
from tests.auth.people import PASSWORD, Person, sign_up
from tests.hostile.attacks import sent
from tests.hostile.conftest import OPTIONS, Configure
from tests.support.client import ApiClient, Reply
from tests.support.scenario import Request, get, post

HASH = re.compile(rb"\$2[aby]\$")
COLUMN = re.compile(rb'"_(hashed_password|perishable_token|email_verify_token|session_token|[a-z]+_[a-z_]+)"')
FACTOR = "JBSWY3DPEHPK3PXPJBSWY3DP"
MFA = {"mfa": {"options": ["TOTP"]}}
RECOVERY = ("recovery-secret-1", "recovery-secret-2")
NEVER_TOLD = ("reset-secret", "verify-secret", "recovery-secret", FACTOR)
SECRETS = {"_perishable_token": "reset-secret", "_email_verify_token": "verify-secret", "_failed_login_count": 2}


@pytest.fixture(scope="module")
def victim(application: Application) -> Person:
    """Somebody with every secret a user can have."""
    api = ApiClient(application)
    person = sign_up(api, "victim", email="victim@example.com", secretField="protected-secret")
    assert api.put(person.path, SECRETS, maintenance=True).status == 200
    linked = {"authData": {"anonymous": {"id": "provider-secret"}}}
    assert api.put(person.path, {**linked, "ACL": {"*": {"read": True}}}, as_user=person.token).status == 200
    applications.configure({**OPTIONS, "auth": MFA})
    factor: dict[str, Any] = {"authData": {"mfa": {"secret": FACTOR, "token": TOTP(FACTOR).now()}}}
    assert api.put(person.path, factor, as_user=person.token).status == 200
    factor = {"authData": {"mfa": {"secret": FACTOR, "recovery": list(RECOVERY)}}}
    assert api.put(person.path, factor, master=True).status == 200
    applications.configure(OPTIONS)
    return person


@pytest.fixture(autouse=True)
def factors(configure: Configure) -> None:
    """Each test may configure something else, but not without the second factors: they hide their own secrets."""
    configure(auth=MFA)


def become(api: ApiClient, person: Person) -> str:
    """The token of another session."""
    token: str = api.post("/loginAs", {"userId": person.id}, master=True).json["sessionToken"]
    return token


def arguments(pattern: str, person: Person) -> Iterator[str]:
    """Paths of a route: for each class and object worth asking for."""
    if "<" not in pattern:
        yield pattern
        return
    for class_name, object_id in (("_User", person.id), ("_Session", "x"), ("_Role", "x"), ("_SCHEMA", "x")):
        path = re.sub(r"<class_name>", class_name, pattern)
        yield re.sub(r"<[a-z_.]+>", object_id, path)


def harmless(reply: Reply, *, allowed: tuple[str, ...] = ()) -> None:
    body = reply.body
    assert not HASH.search(body), body
    assert not COLUMN.search(body), body
    for secret in (*NEVER_TOLD, "provider-secret", "protected-secret", "victim@example.com"):
        assert secret in allowed or secret.encode() not in body, body
    assert PASSWORD.encode() not in body


def every_request(person: Person, methods: Sequence[str] = ("GET", "POST", "PUT", "DELETE")) -> Iterator[Request]:
    for route in routes:
        if route.pattern == "logout":  # or the rest would be asked by nobody
            continue
        for path in arguments(route.pattern, person):
            for method in methods:
                if route.view.handles(method) and (method, path) != ("DELETE", f"users/{person.id}"):
                    body = {"where": {"objectId": person.id}} if method == "GET" else {}
                    yield Request("POST", f"/{path}", {**body, "_method": method} if body else body)
                    yield Request(method, f"/{path}", None if method in ("GET", "DELETE") else {"x": 1})
            yield get(f"/{path}", query={"keys": "_hashed_password,authData,sessionToken,password", "include": "*"})


@pytest.mark.parametrize("who", ["nobody", "another user", "the read-only key", "the user himself"])
def test_no_route_tells_secrets(api: ApiClient, victim: Person, configure: Configure, who: str) -> None:
    """What the user himself and the keys of the server may read is told; what proves who somebody is never."""
    configure(auth=MFA, protectedFields={"_User": {"*": ["secretField"]}})
    hows: dict[str, dict[str, Any]] = {
        "nobody": {},
        "another user": {"as_user": sign_up(api, f"walker {who}").token},
        "the read-only key": {"read_only": True},
        "the user himself": {"as_user": become(api, victim)},
    }
    is_stranger = who in ("nobody", "another user")
    allowed: tuple[str, ...] = () if is_stranger else ("provider-secret", "protected-secret", "victim@example.com")
    if who == "the read-only key":
        allowed += (FACTOR, "recovery-secret")  # which reads as the master key does
    methods = ("GET", "POST", "PUT", *(["DELETE"] if is_stranger else []))  # nor does he delete himself
    for request in every_request(victim, methods):
        reply = sent(api, Request(request.method, request.path, request.body, {**request.how, **hows[who]}))
        harmless(reply, allowed=allowed)
        assert not is_stranger or victim.token.encode() not in reply.body
    assert become(api, victim), "and it is still there"


WAYS_TO_ASK = {
    "find": get("/users", query={"where": {"username": "victim"}}),
    "find by class": get("/classes/_User", query={"where": {"username": "victim"}}),
    "find with keys": get("/users", query={"keys": "email,authData,_hashed_password,secretField,sessionToken"}),
    "find with all included": get("/classes/Owned", query={"includeAll": "true"}),
    "include": get("/classes/Owned", query={"include": "owner"}),
    "include in an array": get("/classes/Owned", query={"include": "owners"}),
    "include with keys": get("/classes/Owned", query={"include": "owner", "keys": "owner.email,owner.authData"}),
    "include through an object": get("/classes/Owned", query={"include": "o.owner"}),
    "relation": get("/users", query={"where": {"$relatedTo": {"object": "?", "key": "people"}}}),
    "batch": post("/batch", {"requests": [{"method": "GET", "path": "/parse/users"}]}),
}


@pytest.mark.parametrize("request_", WAYS_TO_ASK.values(), ids=WAYS_TO_ASK)
def test_no_way_of_asking_shows_the_secrets_of_another(
    api: ApiClient, victim: Person, bob: Person, configure: Configure, request_: Request
) -> None:
    configure(auth=MFA, protectedFields={"_User": {"*": ["secretField"]}})
    pointer = victim.pointer
    people = {"__op": "AddRelation", "objects": [pointer]}
    made = api.post(
        "/classes/Owned", {"owner": pointer, "owners": [pointer], "o": {"owner": pointer}, "people": people}
    )
    query = dict(request_.how.get("query", {}))
    if "$relatedTo" in query.get("where", {}):
        owner = {"__type": "Pointer", "className": "Owned", "objectId": made.json["objectId"]}
        query["where"] = {"$relatedTo": {"object": owner, "key": "people"}}
    for how in ({}, {"as_user": bob.token}):
        reply = sent(api, Request(request_.method, request_.path, request_.body, {"query": query, **how}))
        assert reply.status == 200
        harmless(reply)
        assert victim.token.encode() not in reply.body


@pytest.mark.parametrize("closed", [False, True], ids=["as ever", "where nobody may get users"])
def test_the_user_himself_is_told_no_secrets_of_the_server(
    api: ApiClient, victim: Person, configure: Configure, closed: bool
) -> None:
    configure(auth=MFA, protectedFields={"_User": {"*": ["secretField"]}}, protectedFieldsOwnerExempt=False)
    permissions = {"create": {"*": True}, "update": {"*": True}, "find": {}, "get": {}} if closed else None
    assert api.put("/schemas/_User", {"classLevelPermissions": permissions}, master=True).status == 200
    try:
        token = become(api, victim)
        credentials = {"username": "victim", "password": PASSWORD}
        factor = {"authData": {"mfa": {"token": RECOVERY[closed]}}}
        assert api.post("/login", {**credentials, "authData": {"mfa": {"token": "x"}}}).status == 400
        for request in (
            post("/login", {**credentials, **factor}),
            post("/login", credentials),
            get("/login", query=credentials),
            post("/verifyPassword", credentials),
            get("/verifyPassword", query=credentials),
            get("/users/me", as_user=token),
            get("/users/" + victim.id, as_user=token),
            get("/users", as_user=token),
            get("/sessions/me", as_user=token),
            get("/sessions", query={"include": "user"}, as_user=token),
            post("/users", {"authData": {"anonymous": {"id": "provider-secret"}}}),
        ):
            reply = sent(api, request)
            # The options say what even the owner may not see, and here his address is not among it.
            allowed = ("provider-secret", "victim@example.com") if not closed else ()
            harmless(reply, allowed=allowed)
    finally:
        assert api.put("/schemas/_User", {"classLevelPermissions": None}, master=True).status == 200


def test_a_protected_field_of_the_own_session_is_hidden(api: ApiClient, ann: Person, configure: Configure) -> None:
    configure(protectedFields={"_Session": {"*": ["createdWith", "expiresAt"]}})
    for path in ("/sessions/me", "/sessions", "/classes/_Session"):
        reply = sent(api, get(path, as_user=ann.token))
        assert reply.status == 200
        assert b"createdWith" not in reply.body
        assert b"expiresAt" not in reply.body
    for query in ({"where": {"createdWith.action": "signup"}}, {"order": "createdWith"}):
        assert sent(api, get("/sessions", query=query, as_user=ann.token)).error[0] == 119


@pytest.mark.parametrize(
    "name", ["_hashed_password", "_perishable_token", "_session_token", "_email_verify_token", "_rperm", "_wperm"]
)
def test_internal_columns_cannot_be_asked_about(api: ApiClient, victim: Person, name: str) -> None:
    for where in ({name: {"$regex": "^r"}}, {"$or": [{name: {"$exists": True}}]}, {f"{name}.x": 1}):
        assert sent(api, get("/users", query={"where": where})).error[0] == 105
    assert sent(api, get("/users", query={"order": name})).status in (200, 400)
    found = sent(api, get("/users", query={"order": f"-{name}", "keys": name}))
    assert found.status == 400 or b"secret" not in found.body


def test_a_password_cannot_be_asked_about(api: ApiClient, victim: Person) -> None:
    for where in ({"password": PASSWORD}, {"password": {"$regex": ""}}, {"password": {"$exists": True}}):
        assert sent(api, get("/users", query={"where": where})).json["results"] == []
