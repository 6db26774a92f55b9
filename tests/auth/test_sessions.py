"""Sessions as objects (`contract/users.md` §10), logging out (§9.5) and trading tokens (§9.6)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parse_auth.signals import after_logout
from parse_core.store.sql import Sql
from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person, anonymous, listening, log_in, sign_up, tokens
from tests.support.client import ApiClient

PAST = {"__type": "Date", "iso": "2020-01-01T00:00:00.000Z"}
DENIED = (209, "Permission denied")


def session_of(api: ApiClient, person: Person) -> dict[str, Any]:
    session: dict[str, Any] = api.get("/sessions/me", as_user=person.token).json
    return session


def path_of(api: ApiClient, person: Person) -> str:
    return f"/sessions/{session_of(api, person)['objectId']}"


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_a_session_as_its_user_reads_it(api: ApiClient) -> None:
    reply = api.post("/users", {"username": "ann", "password": PASSWORD}, headers={"X-Parse-Installation-Id": "phone"})
    session = api.get("/sessions/me", as_user=reply.json["sessionToken"]).json
    assert session.keys() == {
        *("objectId", "createdAt", "updatedAt"),
        *("user", "sessionToken", "expiresAt", "createdWith", "installationId"),
    }
    assert session["user"] == {"__type": "Pointer", "className": "_User", "objectId": reply.json["objectId"]}
    assert session["installationId"] == "phone"
    expires = datetime.fromisoformat(session["expiresAt"]["iso"])
    assert abs(expires - datetime.now(UTC) - timedelta(seconds=31_536_000)) < timedelta(seconds=60)


def test_only_own_sessions_are_there(api: ApiClient, ann: Person, bob: Person) -> None:
    mine = api.get("/sessions", as_user=ann.token).json["results"]
    assert [session["sessionToken"] for session in mine] == [ann.token]
    theirs = {"where": {"user": bob.pointer}, "count": 1}
    assert api.get("/sessions", query=theirs, as_user=ann.token).json == {"results": [], "count": 0}
    assert api.get("/classes/_Session", query={"count": 1, "limit": 0}, as_user=ann.token).json["count"] == 1
    assert api.get(path_of(api, bob), as_user=ann.token).error == (101, "Object not found.")
    assert len(tokens(api)) == 2


@pytest.mark.parametrize("how", [{}, {"maintenance": True}])
def test_nobody_reads_sessions(api: ApiClient, ann: Person, how: dict[str, Any]) -> None:
    for path in ("/sessions", path_of(api, ann), "/classes/_Session"):
        assert api.get(path, **how).error == DENIED


def test_sessions_are_not_included_for_others(api: ApiClient, ann: Person, bob: Person) -> None:
    pointer = {"__type": "Pointer", "className": "_Session", "objectId": session_of(api, ann)["objectId"]}
    api.post("/classes/Post", {"session": pointer})
    for how in ({}, {"as_user": bob.token}):
        reply = api.get("/classes/Post", query={"include": "session"}, **how)
        assert ann.token.encode() not in reply.body


def test_me_is_the_session_of_the_token(api: ApiClient, ann: Person) -> None:
    assert session_of(api, ann)["sessionToken"] == ann.token
    assert api.get("/sessions/me").error == (209, "Session token required.")
    assert api.get("/sessions/me", master=True).error == (209, "Session token required.")
    assert api.get("/sessions/me", as_user="r:none").error == (209, "Session token not found.")
    assert api.get("/sessions/me", as_user=ann.token, master=True).json["sessionToken"] == ann.token


def test_protected_fields_of_sessions_hold_for_me(configure: Configure, api: ApiClient, ann: Person) -> None:
    configure(protectedFields={"_Session": {"*": ["createdWith"]}})
    assert "createdWith" not in session_of(api, ann)


# --- Making -----------------------------------------------------------------------------------------------------------


def test_a_client_makes_a_session(api: ApiClient, ann: Person, bob: Person) -> None:
    sent = {
        "user": bob.pointer,
        "sessionToken": "r:mine",
        "expiresAt": PAST,
        "createdWith": {"action": "login"},
        "createdWith.x": 1,
        "note": "x",
    }
    reply = api.post("/sessions", sent, as_user=ann.token)
    assert reply.status == 201
    assert reply.headers["location"].endswith(f"/classes/_Session/{reply.json['objectId']}")
    assert reply.json.keys() == {"objectId", "user", "sessionToken", "expiresAt", "createdWith", "note"}
    assert reply.json["user"] == ann.pointer
    assert reply.json["createdWith"] == {"action": "create"}
    assert reply.json["note"] == "x"
    stored = api.get("/sessions/me", as_user=reply.json["sessionToken"]).json
    assert {name: stored[name] for name in reply.json} == reply.json


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ACL": {}}, 105),
        ({"ACL": None}, 105),
        ({"objectId": "x"}, 105),
        ({"user": 5}, 111),
        ({"sessionToken": 5}, 111),
        ({"expiresAt": "x"}, 111),
        ({"createdWith": "x"}, 111),
    ],
)
def test_making_is_refused_for(api: ApiClient, ann: Person, body: dict[str, Any], code: int) -> None:
    assert api.post("/sessions", body, as_user=ann.token).error[0] == code
    assert tokens(api) == [ann.token]


def test_making_needs_a_session(api: ApiClient) -> None:
    assert api.post("/sessions", {}).error == (209, "Session token required.")
    assert api.post("/sessions", {}, as_user="r:none").error == (209, "Invalid session token")
    assert api.post("/sessions", {}, read_only=True).error == (119, "Permission denied")


def test_master_makes_sessions_as_it_likes(api: ApiClient, ann: Person) -> None:
    body = {"user": ann.pointer, "sessionToken": "r:imported", "createdWith": {"action": "import"}}
    assert api.post("/sessions", body, master=True).json.keys() == {"objectId", "createdAt"}
    assert api.get("/users/me", as_user="r:imported").json["objectId"] == ann.id
    assert api.post("/sessions", body, master=True).error[0] == 137


@pytest.mark.parametrize("how", ["master", "client"])
def test_a_made_session_replaces_that_of_its_installation(api: ApiClient, ann: Person, how: str) -> None:
    phone = {"X-Parse-Installation-Id": "phone"}
    old = log_in(api, "ann", headers=phone).json["sessionToken"]
    assert api.get("/users/me", as_user=old).status == 200
    body = {"installationId": "phone"}
    if how == "master":
        api.post("/sessions", {**body, "user": ann.pointer, "sessionToken": "r:new"}, master=True)
    else:
        api.post("/sessions", body, as_user=ann.token)
    assert api.get("/users/me", as_user=old).error[0] == 209
    assert len(tokens(api)) == 2


# --- Changing and deleting --------------------------------------------------------------------------------------------

VALUES = [None, {"__op": "Delete"}, "x", PAST, {}]
SERVER_MADE = ["sessionToken", "installationId", "expiresAt", "createdWith", "createdWith.action", "expiresAt.iso"]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", SERVER_MADE)
def test_clients_change_nothing_server_made(api: ApiClient, ann: Person, name: str, value: Any) -> None:
    before = session_of(api, ann)
    reply = api.put(f"/sessions/{before['objectId']}", {name: value}, as_user=ann.token)
    assert reply.error == (105, f"Invalid key name: {name.partition('.')[0]}")
    assert session_of(api, ann) == before


@pytest.mark.parametrize(
    ("body", "how", "code"),
    [
        ({"user": "bob"}, "client", 105),
        ({"user": None}, "client", 105),
        ({"user": "ann"}, "client", None),
        ({"note": "x"}, "client", None),
        ({"ACL": {}}, "client", 105),
        ({"ACL": {}}, "master", 105),
        ({"sessionToken": "r:x"}, "master", 105),
        ({"installationId": "x"}, "master", 105),
        ({"expiresAt": PAST}, "master", None),
        ({"createdWith": {}}, "master", None),
        ({"expiresAt": PAST}, "maintenance", None),
        ({"note": "x"}, "nobody", 209),
        ({"note": "x"}, "bob", 101),
    ],
)
def test_changing(api: ApiClient, ann: Person, bob: Person, body: dict[str, Any], how: str, code: int | None) -> None:
    who: dict[str, dict[str, Any]] = {
        "client": {"as_user": ann.token},
        "bob": {"as_user": bob.token},
        "master": {"master": True},
        "maintenance": {"maintenance": True},
        "nobody": {},
    }
    body = {name: {"ann": ann.pointer, "bob": bob.pointer}.get(str(value), value) for name, value in body.items()}
    reply = api.put(path_of(api, ann), body, **who[how])
    assert reply.json.get("code") == code, reply.body


def test_deleting(api: ApiClient, ann: Person, bob: Person) -> None:
    path = path_of(api, ann)
    assert api.get("/users/me", as_user=ann.token).status == 200
    assert api.delete(path).error == DENIED
    assert api.delete(path, as_user=bob.token).error == (101, "Object not found for delete.")
    assert api.delete(path, as_user=ann.token).json == {}
    assert api.get("/users/me", as_user=ann.token).error == (209, "Invalid session token")


# --- Life and death ---------------------------------------------------------------------------------------------------


def test_an_expired_session_is_refused_even_when_warm(api: ApiClient, ann: Person) -> None:
    path = path_of(api, ann)
    assert api.get("/users/me", as_user=ann.token).status == 200
    api.put(path, {"expiresAt": PAST}, master=True)
    for _ in range(2):
        assert api.get("/users/me", as_user=ann.token).error == (209, "Session token is expired.")
    assert api.get("/sessions/me", as_user=ann.token).json["expiresAt"] == PAST
    assert log_in(api, "ann", as_user=ann.token).status == 200


def test_a_session_expires_while_it_is_warm(configure: Configure, api: ApiClient) -> None:
    configure(sessionLength=1)
    ann = sign_up(api, "ann")
    assert api.get("/users/me", as_user=ann.token).statements == 2
    assert api.get("/users/me", as_user=ann.token).statements == 1
    time.sleep(1.1)
    assert api.get("/users/me", as_user=ann.token).error == (209, "Session token is expired.")


def test_sessions_need_not_end(configure: Configure, api: ApiClient) -> None:
    configure(expireInactiveSessions=False)
    ann = sign_up(api, "ann")
    assert "expiresAt" not in session_of(api, ann)
    assert api.get("/users/me", as_user=ann.token).status == 200


@pytest.mark.parametrize(("age", "extended"), [(timedelta(seconds=700), True), (timedelta(seconds=300), False)])
def test_a_session_in_use_is_extended_when_half_of_it_is_over(
    configure: Configure, api: ApiClient, age: timedelta, extended: bool
) -> None:
    configure(sessionLength=1000, extendSessionOnUse=True)
    ann = sign_up(api, "ann")
    then = (datetime.now(UTC) - age).isoformat(timespec="milliseconds")[:23] + "Z"
    relation = api.application.schemas["_Session"].relation
    made_older = Sql(" SET data = jsonb_set(data, '{updatedAt}', to_jsonb(%s::text))", (then,))
    api.application.database.fetch(Sql("UPDATE ") + relation + made_older)
    before = session_of(api, ann)
    assert api.get("/users/me", as_user=ann.token).status == 200
    deadline = time.monotonic() + (3 if extended else 0.3)
    while session_of(api, ann) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (session_of(api, ann)["expiresAt"]["iso"] > before["expiresAt"]["iso"]) is extended
    assert api.get("/users/me", as_user=ann.token).status == 200


def created_with(api: ApiClient, token: str) -> Any:
    return api.get("/sessions/me", as_user=token).json.get("createdWith")


def test_how_a_session_came_about(api: ApiClient, ann: Person) -> None:
    assert created_with(api, ann.token) == {"action": "signup", "authProvider": "password"}
    assert created_with(api, log_in(api, "ann").json["sessionToken"]) == {"action": "login", "authProvider": "password"}
    for status in (201, 200):
        reply = api.post("/users", anonymous("device"))
        assert reply.status == status
        assert created_with(api, reply.json["sessionToken"]) == {"action": "login", "authProvider": "anonymous"}
    token = api.post("/upgradeToRevocableSession", as_user=ann.token).json["sessionToken"]
    assert created_with(api, token) == {"action": "upgrade"}
    assert created_with(api, api.put(ann.path, {"password": "x"}, as_user=ann.token).json["sessionToken"]) is None


# --- Logging out ------------------------------------------------------------------------------------------------------


def test_logging_out(api: ApiClient, ann: Person) -> None:
    other = log_in(api, "ann").json["sessionToken"]
    assert api.get("/users/me", as_user=ann.token).status == 200
    reply = api.post("/logout", as_user=ann.token)
    assert (reply.status, reply.json, reply.statements) == (200, {}, 1)
    assert api.get("/users/me", as_user=ann.token).error == (209, "Invalid session token")
    assert api.post("/logout", as_user=ann.token).error == (209, "Invalid session token")
    assert api.get("/users/me", as_user=other).status == 200


def test_logging_nobody_out(api: ApiClient) -> None:
    assert api.post("/logout").json == {}
    assert api.post("/logout", master=True).json == {}


def test_master_logs_out_with_a_token(api: ApiClient, ann: Person) -> None:
    assert api.post("/logout", as_user=ann.token, master=True).json == {}
    assert tokens(api) == []


def test_listeners_hear_of_a_logout_once(api: ApiClient, ann: Person) -> None:
    heard: list[Any] = []
    with listening(after_logout, lambda event, **_rest: heard.append((event.session["sessionToken"], event.user_id))):
        api.post("/logout", as_user=ann.token)
        api.post("/logout", as_user=ann.token)
        api.post("/logout")
    assert heard == [(ann.token, ann.id)]


# --- Legacy tokens ----------------------------------------------------------------------------------------------------


def test_a_legacy_token_is_good_for_an_upgrade_only(api: ApiClient, ann: Person) -> None:
    relation = api.application.schemas["_User"].relation
    legacy = Sql(' SET internal = internal || \'{"_session_token": "legacy"}\'')
    api.application.database.fetch(Sql("UPDATE ") + relation + legacy)
    assert api.get("/users/me", as_user="legacy").error == (209, "Invalid session token")
    reply = api.post("/upgradeToRevocableSession", as_user="legacy")
    assert reply.json["user"] == ann.pointer
    assert api.get("/users/me", as_user=reply.json["sessionToken"]).json["objectId"] == ann.id
    assert api.post("/upgradeToRevocableSession", as_user="legacy").error == (209, "invalid legacy session token")


def test_an_upgrade_needs_a_token(api: ApiClient) -> None:
    reply = api.post("/upgradeToRevocableSession")
    assert (reply.status, reply.error) == (404, (101, "invalid session"))
    assert api.post("/upgradeToRevocableSession", as_user="r:none").error == (209, "Invalid session token")


def test_an_upgrade_replaces_the_session_of_the_installation(api: ApiClient, ann: Person) -> None:
    phone = {"X-Parse-Installation-Id": "phone"}
    old = log_in(api, "ann", headers=phone).json["sessionToken"]
    new = api.post("/upgradeToRevocableSession", as_user=old, headers=phone).json["sessionToken"]
    assert api.get("/users/me", as_user=old).error[0] == 209
    assert api.get("/users/me", as_user=new).status == 200
