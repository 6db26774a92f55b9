"""`/login`, `/verifyPassword`, `/loginAs` (`contract/users.md` §9)."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import bcrypt
import pytest

from parse_auth import passwords
from parse_auth.signals import after_login, before_login
from parse_core.errors import ValidationError
from parse_core.store.sql import Sql
from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person, anonymous, listening, log_in, make_role, sign_up, tokens
from tests.support.client import ApiClient

WRONG = (101, "Invalid username/password.")
CLOSED = {name: {"*": True} for name in ("find", "count", "create", "update", "delete", "addField")} | {"get": {}}

CREDENTIALS: list[tuple[str, dict[str, Any], int]] = [
    ("name", {"username": "ann", "password": PASSWORD}, 200),
    ("address", {"email": "ann@x.org", "password": PASSWORD}, 200),
    ("address as name", {"username": "ann@x.org", "password": PASSWORD}, 200),
    ("both", {"username": "ann", "email": "ann@x.org", "password": PASSWORD}, 200),
    ("both, of two users", {"username": "ann", "email": "bob@x.org", "password": PASSWORD}, 404),
    ("name as address", {"email": "ann", "password": PASSWORD}, 404),
    ("name in another case", {"username": "ANN", "password": PASSWORD}, 404),
    ("wrong password", {"username": "ann", "password": "x"}, 404),
    ("unknown name", {"username": "who", "password": PASSWORD}, 404),
    ("number as name", {"username": 5, "password": PASSWORD}, 404),
    ("object as name", {"username": {"$ne": ""}, "password": PASSWORD}, 404),
    ("object as password", {"username": "ann", "password": {"$ne": ""}}, 404),
    ("list as address", {"email": ["ann@x.org"], "password": PASSWORD}, 404),
]


@pytest.mark.parametrize("route", ["/login", "/verifyPassword"])
@pytest.mark.parametrize(("what", "body", "status"), CREDENTIALS, ids=[case[0] for case in CREDENTIALS])
def test_credentials(api: ApiClient, route: str, what: str, body: dict[str, Any], status: int) -> None:
    ann = sign_up(api, "ann", email="ann@x.org")
    sign_up(api, "bob", email="bob@x.org")
    reply = api.post(route, body)
    assert reply.status == status
    if status == 200:
        assert reply.json["objectId"] == ann.id
    else:
        assert reply.error == WRONG


@pytest.mark.parametrize("route", ["/login", "/verifyPassword"])
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, (200, "username/email is required.")),
        ({"username": "", "password": PASSWORD}, (200, "username/email is required.")),
        ({"username": "ann"}, (201, "password is required.")),
        ({"username": {}, "password": ""}, (201, "password is required.")),
    ],
)
def test_what_must_be_there(api: ApiClient, route: str, body: dict[str, Any], error: tuple[int, str]) -> None:
    reply = api.post(route, body)
    assert (reply.status, reply.error) == (400, error)


@pytest.mark.parametrize("route", ["/login", "/verifyPassword"])
def test_by_query_string(api: ApiClient, route: str) -> None:
    ann = sign_up(api, "123", password="456")
    query = {"username": "123", "password": "456"}
    assert api.get(route, query=query).json["objectId"] == ann.id
    assert api.post(route, query=query).json["objectId"] == ann.id
    assert api.post(route, {"password": "x"}, query=query).json["objectId"] == ann.id
    assert api.post(route, {**query, "_method": "GET"}).json["objectId"] == ann.id


def test_answers_the_whole_user_and_a_token(api: ApiClient) -> None:
    ann = sign_up(api, "ann", email="ann@x.org", age=3)
    reply = log_in(api, "ann")
    assert reply.json == {
        "objectId": ann.id,
        "username": "ann",
        "email": "ann@x.org",
        "age": 3,
        "ACL": {ann.id: {"read": True, "write": True}},
        "createdAt": reply.json["createdAt"],
        "updatedAt": reply.json["updatedAt"],
        "sessionToken": reply.json["sessionToken"],
    }
    assert api.get("/users/me", as_user=reply.json["sessionToken"]).status == 200


def test_costs_three_statements(api: ApiClient, ann: Person) -> None:
    make_role(api, "Admin", users=(ann,))
    assert log_in(api, "ann").statements == 3
    assert log_in(api, "ann", headers={"X-Parse-Installation-Id": "phone"}).statements == 3


def test_unknown_passwordless_and_wrong_are_one_answer_after_one_comparison(
    api: ApiClient, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = api.post("/users", anonymous("device")).json["username"]
    compared: list[object] = []
    compare = passwords.is_correct

    def counted(password: str, stored: object, kind: str = "bcrypt") -> bool:
        compared.append(stored)
        return compare(password, stored, kind)

    monkeypatch.setattr(passwords, "is_correct", counted)
    replies = [log_in(api, name, "wrong") for name in ("ann", stranger, "nobody")]
    assert {(reply.status, reply.error) for reply in replies} == {(404, WRONG)}
    assert len(compared) == 3


@pytest.mark.parametrize("path", ["/login", "/LOGIN", "/Login/"])
def test_a_bad_token_does_not_matter(api: ApiClient, ann: Person, path: str) -> None:
    assert api.post(path, {"username": "ann", "password": PASSWORD}, as_user="r:none").status == 200


def test_a_bad_token_matters_for_verifying(api: ApiClient, ann: Person) -> None:
    body = {"username": "ann", "password": PASSWORD}
    assert api.post("/verifyPassword", body, as_user="r:none").error == (209, "Invalid session token")


def test_a_name_that_is_anothers_address_is_a_name(api: ApiClient) -> None:
    ann = sign_up(api, "bob@x.org", password="of ann")
    bob = sign_up(api, "bob", email="bob@x.org", password="of bob")
    assert log_in(api, "bob@x.org", "of ann").json["objectId"] == ann.id
    assert log_in(api, "bob@x.org", "of bob").error == WRONG
    assert api.post("/login", {"email": "bob@x.org", "password": "of bob"}).json["objectId"] == bob.id


def test_one_session_per_installation(api: ApiClient, ann: Person) -> None:
    phone, pad = ({"X-Parse-Installation-Id": name} for name in ("phone", "pad"))
    first = log_in(api, "ann", headers=phone).json["sessionToken"]
    assert api.get("/users/me", as_user=first).status == 200
    other = log_in(api, "ann", headers=pad).json["sessionToken"]
    second = log_in(api, "ann", headers=phone).json["sessionToken"]
    assert api.get("/users/me", as_user=first).error[0] == 209
    assert api.get("/users/me", as_user=second).status == api.get("/users/me", as_user=other).status == 200
    assert api.get("/users/me", as_user=ann.token).status == 200


def test_what_is_hidden_from_users_is_hidden_from_logins(configure: Configure, api: ApiClient) -> None:
    configure(protectedFieldsOwnerExempt=False, protectedFields={"_User": {"*": ["email", "zip"]}})
    sign_up(api, "ann", email="ann@x.org", zip="1")
    for reply in (log_in(api, "ann"), api.post("/verifyPassword", {"username": "ann", "password": PASSWORD})):
        assert reply.json.keys().isdisjoint({"email", "zip"})
    assert log_in(api, "ann", master=True).json["email"] == "ann@x.org"


def test_a_role_reveals_to_its_member(configure: Configure, api: ApiClient) -> None:
    configure(protectedFieldsOwnerExempt=False, protectedFields={"_User": {"*": ["email"], "role:Admin": []}})
    ann = sign_up(api, "ann", email="ann@x.org")
    assert "email" not in log_in(api, "ann").json
    make_role(api, "Admin", users=(ann,))
    assert log_in(api, "ann").json["email"] == "ann@x.org"


def test_a_closed_class_gives_id_and_token_alone(api: ApiClient, ann: Person) -> None:
    api.put("/schemas/_User", {"classLevelPermissions": CLOSED}, master=True)
    reply = log_in(api, "ann")
    assert reply.json == {"objectId": ann.id, "sessionToken": reply.json["sessionToken"]}
    assert api.post("/verifyPassword", {"username": "ann", "password": PASSWORD}).json == {"objectId": ann.id}
    assert api.get("/users/me", as_user=reply.json["sessionToken"]).error == (119, "Permission denied")


def test_master_locks_a_user_out_and_the_user_cannot(api: ApiClient, ann: Person) -> None:
    api.put(ann.path, {"ACL": {}}, as_user=ann.token)
    assert log_in(api, "ann").status == 200
    api.put(ann.path, {"ACL": {}}, master=True)
    assert log_in(api, "ann").error == WRONG
    assert api.post("/verifyPassword", {"username": "ann", "password": PASSWORD}).error == WRONG
    assert log_in(api, "ann", master=True).status == 200
    assert log_in(api, "ann", read_only=True).error == WRONG
    assert api.get("/users/me", as_user=ann.token).error == (209, "Permission denied")


def test_the_read_only_key_counts_as_none(api: ApiClient) -> None:
    sign_up(api, "ann", email="ann@x.org")
    assert log_in(api, "ann", read_only=True).status == 200


def test_verifying_leaves_no_trace(api: ApiClient, ann: Person) -> None:
    reply = api.get("/verifyPassword", query={"username": "ann", "password": PASSWORD})
    assert "sessionToken" not in reply.json
    assert tokens(api) == [ann.token]


def test_imported_hashes(api: ApiClient, ann: Person) -> None:
    for prefix in ("$2a$", "$2b$", "$2y$"):
        stored = prefix + passwords.hashed("imported")[4:]
        assert api.put(ann.path, {"_hashed_password": stored}, maintenance=True).status == 200
        assert log_in(api, "ann", "imported").status == 200
    api.put(ann.path, {"_hashed_password": "garbage"}, maintenance=True)
    assert log_in(api, "ann", "imported").error == WRONG


def test_what_a_listener_raises_refuses_the_login(api: ApiClient, ann: Person) -> None:
    heard: list[str] = []

    def refuse(event: Any, **_rest: Any) -> None:
        heard.append(event.user["username"])
        message = "not today"
        raise ValidationError(message)

    with listening(before_login, refuse):
        assert log_in(api, "ann").error == (142, "not today")
        assert api.post("/loginAs", {"userId": ann.id}, master=True).status == 200
    assert heard == ["ann"]
    assert len(tokens(api)) == 2


def test_after_a_login_listeners_know_the_token(api: ApiClient, ann: Person) -> None:
    heard: list[Any] = []

    def listen(event: Any, context: Any, **_rest: Any) -> None:
        heard.append((event.user["sessionToken"], context.principal.user_id))

    with listening(after_login, listen):
        token = log_in(api, "ann").json["sessionToken"]
    assert heard == [(token, ann.id)]


def test_login_as(api: ApiClient, ann: Person) -> None:
    reply = api.post("/loginAs", {"userId": ann.id}, master=True)
    assert reply.json["objectId"] == ann.id
    assert api.get("/users/me", as_user=reply.json["sessionToken"]).json["objectId"] == ann.id
    session = api.get("/sessions/me", as_user=reply.json["sessionToken"]).json
    assert session["createdWith"] == {"action": "login", "authProvider": "masterkey"}


@pytest.mark.parametrize(
    ("how", "body", "status", "error"),
    [
        ({}, {"userId": "x"}, 400, (119, "Permission denied")),
        ({"read_only": True}, {"userId": "x"}, 400, (119, "Permission denied")),
        ({"master": True}, {}, 400, (162, "userId must not be empty, null, or undefined")),
        ({"master": True}, {"userId": ""}, 400, (162, "userId must not be empty, null, or undefined")),
        ({"master": True}, {"userId": {"$ne": 1}}, 400, (162, "userId must not be empty, null, or undefined")),
        ({"master": True}, {"userId": "nobody"}, 404, (101, "user not found")),
    ],
)
def test_login_as_refused(api: ApiClient, how: Any, body: Any, status: int, error: tuple[int, str]) -> None:
    reply = api.post("/loginAs", body, **how)
    assert (reply.status, reply.error) == (status, error)


def test_no_answer_carries_a_hash(api: ApiClient, ann: Person) -> None:
    stored = api.application.database.fetch(
        Sql("SELECT internal->>'_hashed_password' FROM ") + api.application.schemas["_User"].relation
    )[0][0]
    replies = [
        log_in(api, "ann"),
        log_in(api, "ann", master=True),
        api.post("/loginAs", {"userId": ann.id}, master=True),
        api.post("/verifyPassword", {"username": "ann", "password": PASSWORD}),
        api.get("/users/me", as_user=ann.token),
        api.get("/users", master=True),
        api.get(ann.path, maintenance=True),
        api.get("/users", maintenance=True, query={"keys": "_hashed_password,password"}),
        api.put(ann.path, {"password": "other"}, as_user=ann.token),
        api.get("/schemas/_User", master=True),
    ]
    for reply in replies:
        assert reply.status == 200, reply.body
        assert stored.encode() not in reply.body
        assert b"_hashed" not in reply.body
        assert b"$2b$" not in reply.body


def test_who_is_not_there_costs_as_much_as_a_wrong_password(
    api: ApiClient, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One statement and one comparison of hashes for each: what takes time is the same."""
    api.post("/users", {"authData": {"anonymous": {"id": "device"}}, "username": "passwordless"})
    compared: list[bytes] = []
    real = bcrypt.checkpw

    def comparing(password: bytes, stored: bytes) -> bool:
        compared.append(stored)
        return real(password, stored)

    monkeypatch.setattr(bcrypt, "checkpw", comparing)
    costs = set()
    for name in ("ann", "nobody", "passwordless"):
        compared.clear()
        reply = log_in(api, name, "wrong")
        costs.add((reply.status, reply.body, reply.statements, len(compared)))
    assert len(costs) == 1
    assert costs.pop()[2:] == (1, 1)


def test_who_is_not_there_takes_as_long_as_a_wrong_password(
    api: ApiClient, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processor time of the whole request, with hashes of the real cost."""
    monkeypatch.setattr(passwords, "_COST", 10)
    api.put(ann.path, {"password": PASSWORD}, master=True)
    api.post("/users", {"authData": {"anonymous": {"id": "device"}}, "username": "passwordless"})
    taken: dict[str, list[float]] = {"ann": [], "nobody": [], "passwordless": []}
    for _ in range(9):
        for name, times in taken.items():
            began = time.thread_time()
            assert log_in(api, name, "wrong").status == 404
            times.append(time.thread_time() - began)
    medians = [median(times) for times in taken.values()]
    assert max(medians) < min(medians) * 1.25, medians
