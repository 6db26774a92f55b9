"""Updates and deletes of users (`contract/users.md` §7, §8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person, log_in, make_role, sign_up, tokens
from tests.support.client import ApiClient

DENIED = (119, "Permission denied")
NOT_YOURS = (206, "Permission denied")


def test_answers_the_time_and_what_operations_came_to(api: ApiClient, ann: Person) -> None:
    assert api.put(ann.path, {"age": 3}, as_user=ann.token).json.keys() == {"updatedAt"}
    assert api.put(ann.path, {"age": {"__op": "Increment", "amount": 2}}, as_user=ann.token).json["age"] == 5


def test_takes_one_statement(api: ApiClient, ann: Person) -> None:
    api.put(ann.path, {"age": 3}, as_user=ann.token)
    assert api.put(ann.path, {"age": 4}, as_user=ann.token).statements == 1
    assert api.put(ann.path, {"password": "x"}, as_user=ann.token).statements == 3


WHO: list[tuple[str, str, dict[str, Any], int, tuple[int, str]]] = [
    ("nobody", "ann", {}, 400, NOT_YOURS),
    ("nobody", "unknown", {}, 400, NOT_YOURS),
    ("another user", "ann", {"as_user": "bob"}, 400, NOT_YOURS),
    ("a user", "unknown", {"as_user": "bob"}, 400, NOT_YOURS),
    ("master", "unknown", {"master": True}, 404, (101, "Object not found.")),
    ("the read-only key", "ann", {"read_only": True}, 400, DENIED),
]


@pytest.mark.parametrize("body", [{"nick": "x"}, {"username": "bob"}, {"email": "bob@x.org"}, {"password": "x"}])
@pytest.mark.parametrize("case", WHO, ids=[f"{case[0]}-{case[1]}" for case in WHO])
def test_who_may_not(api: ApiClient, case: tuple[Any, ...], body: dict[str, Any]) -> None:
    _who, whom, how, status, error = case
    ann, bob = sign_up(api, "ann"), sign_up(api, "bob", email="bob@x.org")
    if "as_user" in how:
        how = {"as_user": bob.token}
    reply = api.put(ann.path if whom == "ann" else "/users/nobody", body, **how)
    assert (reply.status, reply.error) == (status, error)
    assert "nick" not in api.get(ann.path, master=True).json


def test_who_is_refused_is_said_in_full_when_texts_are_not_sanitised(configure: Configure, api: ApiClient) -> None:
    ann, bob = sign_up(api, "ann"), sign_up(api, "bob")
    configure(enableSanitizedErrorResponse=False)
    assert api.put(ann.path, {}).error == (206, f"Cannot modify user {ann.id}.")
    assert api.put(ann.path, {}, as_user=bob.token).error == (206, "Insufficient auth.")


def test_nobody_is_refused_before_anything_else_is_said(api: ApiClient, ann: Person) -> None:
    bodies: list[dict[str, Any]] = [{"emailVerified": True}, {"username": "ANN"}, {"_x": 1}, {"authData": None}]
    for body in bodies:
        assert api.put("/users/nobody", body).error == NOT_YOURS


REFUSED: list[tuple[str, dict[str, Any], int]] = [
    ("emailVerified", {"emailVerified": True}, 119),
    ("emailVerified deleted", {"emailVerified": {"__op": "Delete"}}, 119),
    ("a taken address", {"email": "BOB@x.org"}, 203),
    ("a taken name", {"username": "Bob"}, 202),
    ("a malformed address", {"email": "x"}, 125),
    ("a numeric address", {"email": 5}, 111),
    ("an empty name", {"username": ""}, 200),
    ("no password", {"password": None}, 201),
    ("a deleted password", {"password": {"__op": "Delete"}}, 201),
    ("an empty password", {"password": ""}, 201),
    ("a numeric password", {"password": 5}, 111),
    ("a path into authData", {"authData.anonymous.id": "x"}, 105),
    ("an internal column", {"_failed_login_count": 0}, 105),
    ("an unknown internal column", {"_x": 0}, 105),
    ("another id", {"objectId": "other"}, 105),
    ("authData null", {"authData": None}, 252),
    ("authData deleted", {"authData": {"__op": "Delete"}}, 252),
    ("an unknown provider", {"authData": {"unknown": {"id": "x"}}}, 252),
    ("createdAt as text", {"createdAt": "x"}, 111),
    ("a broken ACL", {"ACL": 5}, 123),
]


@pytest.mark.parametrize(("what", "body", "code"), REFUSED, ids=[case[0] for case in REFUSED])
def test_is_refused_for(api: ApiClient, what: str, body: dict[str, Any], code: int) -> None:
    ann, _bob = sign_up(api, "ann"), sign_up(api, "bob", email="bob@x.org")
    before = api.get(ann.path, master=True).json
    assert api.put(ann.path, body, as_user=ann.token).error[0] == code
    assert api.get(ann.path, master=True).json == before
    assert log_in(api, "ann").status == 200


def test_master_writes_no_internal_columns_either(api: ApiClient, ann: Person) -> None:
    assert api.put(ann.path, {"_failed_login_count": 0}, master=True).error == (
        105,
        "Invalid field name: _failed_login_count.",
    )


def test_the_own_name_in_another_case(api: ApiClient, ann: Person) -> None:
    assert api.put(ann.path, {"username": "ANN"}, as_user=ann.token).status == 200
    assert log_in(api, "ANN").status == 200


@pytest.mark.parametrize("value", [None, {"__op": "Delete"}, ""])
def test_an_address_can_go(api: ApiClient, value: Any) -> None:
    ann = sign_up(api, "ann", email="ann@x.org")
    assert api.put(ann.path, {"email": value}, as_user=ann.token).status == 200
    assert "email" not in api.get(ann.path, master=True).json
    assert api.get("/users", query={"where": {"email": {"$exists": False}}}, master=True).json["results"]


def test_what_is_ignored(api: ApiClient, ann: Person) -> None:
    before = api.get(ann.path, master=True).json
    body: dict[str, Any] = {"objectId": ann.id, "sessionToken": "r:x", "ACL": None, "authData": {}}
    assert api.put(ann.path, body, as_user=ann.token).json.keys() == {"updatedAt"}
    assert api.put(ann.path, {"ACL": {"__op": "Delete"}}, as_user=ann.token).status == 200
    after = api.get(ann.path, master=True).json
    assert {**before, "updatedAt": after["updatedAt"]} == after


def test_master_confirms_addresses(api: ApiClient, ann: Person) -> None:
    api.put(ann.path, {"emailVerified": True}, master=True)
    assert api.get(ann.path, as_user=ann.token).json["emailVerified"] is True


def test_owners_cannot_lock_themselves_out(api: ApiClient, ann: Person) -> None:
    own = {"read": True, "write": True}
    for given, stored in (
        ({}, {ann.id: own}),
        ({"*": {"read": True}}, {"*": {"read": True}, ann.id: own}),
        ({ann.id: {"read": True}}, {ann.id: own}),
    ):
        assert api.put(ann.path, {"ACL": given}, as_user=ann.token).json.keys() == {"updatedAt"}
        assert api.get(ann.path, master=True).json["ACL"] == stored


def test_whom_the_acl_lets_write_may_write(api: ApiClient, ann: Person, bob: Person) -> None:
    make_role(api, "Staff", users=(bob,))
    api.put(ann.path, {"ACL": {"role:Staff": {"write": True}}}, as_user=ann.token)
    assert api.put(ann.path, {"nick": "x"}, as_user=bob.token).status == 200
    assert api.put(ann.path, {"authData": {"anonymous": {"id": "x"}}}, as_user=bob.token).error == NOT_YOURS
    changed = api.put(ann.path, {"password": "other"}, as_user=bob.token)
    assert (changed.status, changed.json.keys()) == (200, {"updatedAt"}), "and is not given a session of hers"
    assert tokens(api) == [bob.token]


def test_a_new_password_ends_all_sessions_but_a_new_one(api: ApiClient, ann: Person) -> None:
    other = log_in(api, "ann").json["sessionToken"]
    for token in (ann.token, other):
        assert api.get("/users/me", as_user=token).status == 200
    reply = api.put(ann.path, {"password": "new"}, as_user=ann.token)
    for token in (ann.token, other):
        assert api.get("/users/me", as_user=token).error[0] == 209
    assert tokens(api) == [reply.json["sessionToken"]]
    assert log_in(api, "ann").status == 404
    assert log_in(api, "ann", "new").status == 200
    assert "createdWith" not in api.get("/sessions/me", as_user=reply.json["sessionToken"]).json


def test_a_new_password_by_master_ends_all_sessions(api: ApiClient, ann: Person) -> None:
    assert api.put(ann.path, {"password": "new"}, master=True).json.keys() == {"updatedAt"}
    assert api.get("/users/me", as_user=ann.token).error[0] == 209
    assert tokens(api) == []


def test_sessions_can_outlive_passwords(configure: Configure, api: ApiClient, ann: Person) -> None:
    configure(revokeSessionOnPasswordReset=False)
    reply = api.put(ann.path, {"password": "new"}, as_user=ann.token)
    assert api.get("/users/me", as_user=ann.token).status == 200
    assert api.get("/users/me", as_user=reply.json["sessionToken"]).status == 200


def test_a_refused_password_leaves_the_sessions(api: ApiClient, ann: Person, bob: Person) -> None:
    assert api.put(ann.path, {"password": "new", "username": "bob"}, as_user=ann.token).error[0] == 202
    assert api.get("/users/me", as_user=ann.token).status == 200
    assert log_in(api, "ann").status == 200


def test_a_password_or_an_address_voids_the_reset_link(api: ApiClient, ann: Person) -> None:
    bodies: list[dict[str, Any]] = [{"password": "new"}, {"email": "ann@x.org"}]
    for body in bodies:
        api.put(ann.path, {"_perishable_token": "token"}, maintenance=True)
        assert api.get(ann.path, maintenance=True).json["_perishable_token"] == "token"
        api.put(ann.path, body, master=True)
        assert "_perishable_token" not in api.get(ann.path, maintenance=True).json


def test_a_change_shows_at_once_through_a_warm_session(api: ApiClient, ann: Person) -> None:
    api.get("/users/me", as_user=ann.token)
    api.put(ann.path, {"nick": "x"}, master=True)
    assert api.get("/users/me", as_user=ann.token).json["nick"] == "x"


def test_a_password_change_in_a_transaction_that_fails_ends_nothing(api: ApiClient, ann: Person) -> None:
    requests = [
        {"method": "PUT", "path": f"/parse{ann.path}", "body": {"password": "new"}},
        {"method": "PUT", "path": "/parse/classes/Nothing/x", "body": {}},
    ]
    api.post("/classes/Nothing", {})
    reply = api.post("/batch", {"requests": requests, "transaction": True}, as_user=ann.token)
    assert reply.status >= 400
    assert api.get("/users/me", as_user=ann.token).status == 200
    assert log_in(api, "ann").status == 200


DELETES: list[tuple[str, dict[str, Any], int, tuple[int, str]]] = [
    ("nobody", {}, 400, (206, "Insufficient auth to delete user")),
    ("another user", {"as_user": "bob"}, 400, NOT_YOURS),
    ("the read-only key", {"read_only": True}, 400, DENIED),
]


@pytest.mark.parametrize(("who", "how", "status", "error"), DELETES, ids=[case[0] for case in DELETES])
def test_who_may_not_delete(api: ApiClient, who: str, how: Any, status: int, error: tuple[int, str]) -> None:
    ann, bob = sign_up(api, "ann"), sign_up(api, "bob")
    if "as_user" in how:
        how = {"as_user": bob.token}
    reply = api.delete(ann.path, **how)
    assert (reply.status, reply.error) == (status, error)
    assert api.get("/users/me", as_user=ann.token).status == 200
    assert api.delete("/users/nobody", as_user=bob.token).error == NOT_YOURS
    assert api.delete("/users/nobody", master=True).status == 404


def test_a_deleted_user_takes_the_sessions_along(api: ApiClient, ann: Person, bob: Person) -> None:
    assert api.get("/users/me", as_user=ann.token).status == 200
    assert api.delete(ann.path, as_user=ann.token).json == {}
    assert api.get("/users/me", as_user=ann.token).error == (209, "Invalid session token")
    assert tokens(api) == [bob.token]
    assert sign_up(api, "ann").id != ann.id


def test_maintenance_reads_and_writes_hidden_columns(api: ApiClient, ann: Person) -> None:
    moment = "2030-01-01T00:00:00.000Z"
    date = {"__type": "Date", "iso": moment}
    body = {
        "_email_verify_token": "a",
        "_email_verify_token_expires_at": date,
        "_perishable_token": "b",
        "_perishable_token_expires_at": moment,
        "_failed_login_count": 3,
        "_account_lockout_expires_at": moment,
        "_password_changed_at": date,
        "_password_history": ["x"],
        "emailVerified": True,
    }
    assert api.put(ann.path, body, maintenance=True).status == 200
    seen = api.get(ann.path, maintenance=True).json
    for name, value in body.items():
        assert seen[name] == (date if value == moment else value), name
    assert not [name for name in api.get(ann.path, master=True).json if name.startswith("_")]
    fields = api.get("/schemas/_User", master=True).json["fields"]
    assert not [name for name in fields if name.startswith("_")]
    assert api.put(ann.path, {"_foo": 1}, maintenance=True).error == (105, "Invalid field name for update: _foo")


def test_maintenance_imports_users(api: ApiClient) -> None:
    sign_up(api, "ann", password="theirs")
    body = {
        "username": "bob",
        "_hashed_password": "$2b$04$wL4vKtPb0LzIFx3mJgBsC.Ln51V3xV1sL2ZbWq1K1uw0S8nBYvhhW",
        "createdAt": {"__type": "Date", "iso": "2020-01-01T00:00:00.000Z"},
    }
    reply = api.post("/users", body, maintenance=True)
    assert reply.status == 201, reply.body
    assert reply.json["createdAt"] == "2020-01-01T00:00:00.000Z"
    assert api.post("/users", {**body, "username": "cid"}, master=True).error[0] == 201
    assert log_in(api, "bob", PASSWORD).status == 404


def test_maintenance_needs_its_address(api: ApiClient, ann: Person) -> None:
    reply = api.put(ann.path, {"_failed_login_count": 1}, maintenance=True, address="10.0.0.1")
    assert (reply.status, reply.json) == (403, {"error": "unauthorized"})
