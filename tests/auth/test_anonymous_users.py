"""Users without a name, and how they get one (`contract/users.md` §11, `contract/auth_providers.md` §4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person, anonymous, log_in, sign_up, tokens
from tests.support.client import ApiClient

UNSUPPORTED = (252, "This authentication method is unsupported.")
TAKEN = (208, "this auth is already used")


def begin(api: ApiClient, device: str = "device") -> Person:
    reply = api.post("/users", anonymous(device))
    return Person(reply.json["objectId"], reply.json["username"], reply.json["sessionToken"])


def test_the_first_time_is_a_sign_up(api: ApiClient) -> None:
    reply = api.post("/users", anonymous("device"))
    assert reply.status == 201
    assert reply.json.keys() == {"objectId", "createdAt", "username", "sessionToken", "authDataResponse"}
    assert len(reply.json["username"]) == 25
    assert reply.json["username"].isalnum()


def test_the_second_time_is_a_login(api: ApiClient) -> None:
    user = begin(api)
    reply = api.post("/users", {**anonymous("device"), "username": "ignored", "nick": "ignored"})
    assert reply.status == 200
    assert reply.headers["location"].endswith(user.path)
    assert reply.json["objectId"] == user.id
    assert reply.json["username"] == user.name
    assert reply.json["authData"] == {"anonymous": {"id": "device"}}
    assert reply.json["sessionToken"] != user.token
    assert "nick" not in reply.json


def test_with_the_own_session_it_is_neither(api: ApiClient) -> None:
    user = begin(api)
    reply = api.post("/users", anonymous("device"), as_user=user.token)
    assert (reply.status, reply.json["objectId"]) == (200, user.id)
    assert tokens(api) == [user.token]


def test_with_another_session_it_is_refused_or_a_sign_up_without_a_session(api: ApiClient, ann: Person) -> None:
    begin(api)
    assert api.post("/users", anonymous("device"), as_user=ann.token).error == TAKEN
    reply = api.post("/users", anonymous("new"), as_user=ann.token)
    assert reply.status == 201
    assert "sessionToken" not in reply.json


def test_logging_in_works_although_signing_up_is_closed(api: ApiClient) -> None:
    user = begin(api)
    closed = {"get": {"*": True}, "find": {"*": True}}
    api.put("/schemas/_User", {"classLevelPermissions": closed}, master=True)
    assert api.post("/users", anonymous("device")).json["objectId"] == user.id
    assert api.post("/users", anonymous("new")).error == (119, "Permission denied")


def test_a_locked_out_user_is_not_found_and_the_id_stays_taken(api: ApiClient) -> None:
    user = begin(api)
    api.put(user.path, {"ACL": {}}, master=True)
    assert api.post("/users", anonymous("device")).error == TAKEN
    assert api.post("/users", anonymous("device"), master=True).json["objectId"] == user.id


IDS: list[Any] = [5, True, ["device"], {"$regex": "^d"}, {"$ne": None}, ""]


@pytest.mark.parametrize("identity", IDS)
def test_an_id_is_a_text(api: ApiClient, identity: Any) -> None:
    begin(api)
    reply = api.post("/users", {"authData": {"anonymous": {"id": identity}}})
    assert (reply.status, reply.error) == (400, (162, "Invalid authData id for provider 'anonymous'."))


DATA: list[Any] = [
    {"anonymous": "device"},
    {"anonymous": ["device"]},
    {"anonymous": 5},
    {"unknown": {"id": "x"}},
    {"constructor": {"id": "x"}},
    {"__proto__": {"id": "x"}},
    {"toString": {"id": "x"}},
    {"anonymous.id": {"id": "x"}},
    {f"unknown{number}": {"id": "x"} for number in range(20)},
]


@pytest.mark.parametrize("data", DATA)
def test_what_no_provider_knows_is_refused_before_any_statement(api: ApiClient, data: Any) -> None:
    reply = api.post("/users", {"username": "ann", "password": PASSWORD, "authData": data})
    assert reply.status == 400
    assert reply.error[0] in (252, 105)
    assert reply.statements == 0


def test_anonymous_users_can_be_off(configure: Configure, api: ApiClient) -> None:
    configure(enableAnonymousUsers=False)
    assert api.post("/users", anonymous("device")).error == UNSUPPORTED


def test_becoming_somebody(api: ApiClient) -> None:
    user = begin(api)
    body = {"username": "ann", "password": PASSWORD, "authData": {"anonymous": None}}
    reply = api.put(user.path, body, as_user=user.token)
    assert reply.json.keys() == {"updatedAt", "sessionToken"}
    assert api.get("/users/me", as_user=user.token).error[0] == 209
    assert tokens(api) == [reply.json["sessionToken"]]
    assert "authData" not in api.get(user.path, master=True).json
    assert log_in(api, "ann").json["objectId"] == user.id
    assert begin(api).id != user.id
    session = api.get("/sessions/me", as_user=reply.json["sessionToken"]).json
    assert session["createdWith"] == {"action": "login", "authProvider": "anonymous"}


def test_becoming_somebody_and_keeping_the_device(api: ApiClient) -> None:
    user = begin(api)
    assert api.put(user.path, {"username": "ann", "password": PASSWORD}, as_user=user.token).status == 200
    assert log_in(api, "ann").json["objectId"] == user.id
    assert api.post("/users", anonymous("device")).json["objectId"] == user.id


def test_becoming_somebody_else_is_refused(api: ApiClient, ann: Person) -> None:
    user = begin(api)
    body = {"username": "ann", "password": PASSWORD, "authData": {"anonymous": None}}
    assert api.put(user.path, body, as_user=user.token).error[0] == 202
    assert api.get("/users/me", as_user=user.token).json["authData"] == {"anonymous": {"id": "device"}}


def test_linking_and_unlinking(api: ApiClient, ann: Person) -> None:
    linked = api.put(ann.path, anonymous("device"), as_user=ann.token)
    assert (linked.status, linked.json.keys()) == (200, {"updatedAt", "authDataResponse"})
    assert api.post("/users", anonymous("device")).json["objectId"] == ann.id
    assert api.put(ann.path, {"authData": {"anonymous": None}}, as_user=ann.token).json.keys() == {"updatedAt"}
    assert api.put(ann.path, {"authData": {"anonymous": None}}, as_user=ann.token).status == 200
    assert "authData" not in api.get("/users/me", as_user=ann.token).json
    assert api.get("/users/me", as_user=ann.token).status == 200


def test_linking_what_is_anothers(api: ApiClient, ann: Person) -> None:
    begin(api)
    assert api.put(ann.path, anonymous("device"), as_user=ann.token).error == TAKEN


def test_linking_what_is_linked_already_verifies_nothing(api: ApiClient) -> None:
    user = begin(api)
    assert api.put(user.path, anonymous("device"), as_user=user.token).json.keys() == {"updatedAt"}


def test_a_name_and_a_device_at_once(api: ApiClient) -> None:
    ann = sign_up(api, "ann", **anonymous("device"))
    assert api.post("/users", anonymous("device")).json["objectId"] == ann.id
    assert log_in(api, "ann").json["objectId"] == ann.id


def test_an_empty_list_of_providers_is_none(api: ApiClient) -> None:
    ann = sign_up(api, "ann", authData={})
    assert "authData" not in api.get(ann.path, master=True).json
