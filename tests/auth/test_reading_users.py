"""What callers see of users (`contract/users.md` §6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.conftest import Configure
from tests.auth.people import Person, anonymous, log_in, make_role, sign_up
from tests.support.client import ApiClient

DENIED = (119, "Permission denied")
PUBLIC = {"*": {"read": True}}


def test_me_is_the_caller_with_the_token(api: ApiClient) -> None:
    ann = sign_up(api, "ann", email="ann@x.org")
    reply = api.get("/users/me", as_user=ann.token, query={"keys": "nothing", "junk": 1})
    assert (reply.json["objectId"], reply.json["email"], reply.json["sessionToken"]) == (ann.id, "ann@x.org", ann.token)


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({}, (209, "Permission denied")),
        ({"as_user": "r:none"}, (209, "Invalid session token")),
        ({"as_user": "none"}, (209, "Invalid session token")),
        ({"master": True}, (209, "Permission denied")),
        ({"master": True, "as_user": "r:none"}, (209, "Invalid session token")),
    ],
)
def test_nobody_is_not_me(api: ApiClient, how: Any, error: tuple[int, str]) -> None:
    reply = api.get("/users/me", **how)
    assert (reply.status, reply.error) == (400, error)


def test_me_with_the_master_key_is_read_with_its_rights(api: ApiClient, ann: Person) -> None:
    api.put(ann.path, {"ACL": {}}, master=True)
    assert api.get("/users/me", as_user=ann.token).error == (209, "Permission denied")
    reply = api.get("/users/me", as_user=ann.token, master=True)
    assert (reply.json["objectId"], reply.json["sessionToken"]) == (ann.id, ann.token)


def test_me_in_a_batch(api: ApiClient, ann: Person) -> None:
    reply = api.post("/batch", {"requests": [{"method": "GET", "path": "/parse/users/me"}]}, as_user=ann.token)
    assert reply.json[0]["success"]["sessionToken"] == ann.token


def test_the_own_object_carries_the_token_and_no_other_answer_does(api: ApiClient, ann: Person) -> None:
    bob = sign_up(api, "bob", ACL=PUBLIC)
    assert api.get(ann.path, as_user=ann.token).json["sessionToken"] == ann.token
    assert api.get(f"/classes/_User/{ann.id}", as_user=ann.token).json["sessionToken"] == ann.token
    for reply in (
        api.get(bob.path, as_user=ann.token),
        api.get(ann.path, master=True),
        api.get(ann.path, maintenance=True),
        api.get("/users", as_user=ann.token),
        api.get("/users", master=True),
    ):
        assert reply.status == 200
        assert b"sessionToken" not in reply.body


def test_private_users_are_not_there(api: ApiClient, ann: Person, bob: Person) -> None:
    assert api.get(ann.path).error == (101, "Object not found.")
    assert api.get(ann.path, as_user=bob.token).status == 404
    assert api.get("/users").json["results"] == []
    assert [user["objectId"] for user in api.get("/users", as_user=bob.token).json["results"]] == [bob.id]


def test_addresses_are_for_owner_and_master(api: ApiClient) -> None:
    ann = sign_up(api, "ann", email="ann@x.org", ACL=PUBLIC)
    bob = sign_up(api, "bob", email="bob@x.org", ACL=PUBLIC)
    make_role(api, "Any", users=(bob,))
    sees: dict[str, dict[str, Any]] = {
        "owner": {"as_user": ann.token},
        "master": {"master": True},
        "maintenance": {"maintenance": True},
    }
    for who, how in sees.items():
        assert api.get(ann.path, **how).json["email"] == "ann@x.org", who
    for how in ({}, {"as_user": bob.token}):
        assert "email" not in api.get(ann.path, **how).json
    found = api.get("/users", as_user=ann.token, query={"order": "username"}).json["results"]
    assert [user.get("email") for user in found] == ["ann@x.org", None]
    api.post("/classes/Post", {"author": ann.pointer})
    assert "email" not in api.get("/classes/Post", query={"include": "author"}).json["results"][0]["author"]


@pytest.mark.parametrize(
    ("query", "verb"),
    [({"where": {"email": "ann@x.org"}}, "query"), ({"order": "email"}, "sort by"), ({"order": "-email"}, "sort by")],
)
def test_nobody_asks_about_addresses(configure: Configure, api: ApiClient, query: dict[str, Any], verb: str) -> None:
    bob = sign_up(api, "bob", ACL=PUBLIC)
    for how in ({}, {"as_user": bob.token}):
        assert api.get("/users", query=query, **how).error == DENIED
        assert api.get("/users", query={**query, "count": 1, "limit": 0}, **how).error == DENIED
    assert api.get("/users", query=query, master=True).status == 200
    configure(enableSanitizedErrorResponse=False)
    assert api.get("/users", query=query).error == (119, f"This user is not allowed to {verb} email on class _User")


def test_more_fields_can_be_protected(configure: Configure, api: ApiClient) -> None:
    configure(userSensitiveFields=["zip"])
    ann = sign_up(api, "ann", email="ann@x.org", zip="1", ACL=PUBLIC)
    assert api.get(ann.path).json.keys().isdisjoint({"email", "zip"})
    assert api.get(ann.path, as_user=ann.token).json["zip"] == "1"


def test_auth_data_is_for_owner_and_master(api: ApiClient, bob: Person) -> None:
    reply = api.post("/users", {**anonymous("device"), "ACL": PUBLIC})
    path, token = f"/users/{reply.json['objectId']}", reply.json["sessionToken"]
    for how in ({"as_user": token}, {"master": True}):
        assert api.get(path, **how).json["authData"] == {"anonymous": {"id": "device"}}
    for how in ({}, {"as_user": bob.token}):
        assert "authData" not in api.get(path, **how).json
        assert "authData" not in api.get("/users", **how).body.decode()


def test_auth_data_as_a_key(api: ApiClient) -> None:
    path = f"/users/{api.post('/users', anonymous('device')).json['objectId']}"
    assert "authData" in api.get(path, query={"keys": "authData"}, master=True).json
    assert "authData" not in api.get(path, query={"excludeKeys": "authData"}, master=True).json


def test_passwords_are_found_nowhere(api: ApiClient, ann: Person) -> None:
    assert api.get("/users", query={"where": {"password": "s3cret"}}, master=True).json["results"] == []
    assert api.get("/users", query={"order": "password"}, master=True).status == 200
    for how in ({}, {"master": True}, {"maintenance": True}):
        error = api.get("/users", query={"where": {"_hashed_password": "x"}}, **how).error
        assert error == (105, "Invalid key name: _hashed_password")


def test_hidden_columns_are_asked_about_with_a_key_only(api: ApiClient, ann: Person) -> None:
    query = {"where": {"_perishable_token": "x"}}
    assert api.get("/users", query=query, master=True).json["results"] == []
    assert api.get("/users", query=query).error[0] == 105


def test_included_users_show_no_auth_data(api: ApiClient) -> None:
    reply = api.post("/users", anonymous("device"))
    pointer = {"__type": "Pointer", "className": "_User", "objectId": reply.json["objectId"]}
    api.post("/classes/Post", {"author": pointer, "authors": [pointer]})
    how = {"query": {"include": "author,authors"}}
    own = api.get("/classes/Post", as_user=reply.json["sessionToken"], **how).json["results"][0]
    assert own["author"]["username"]
    assert own["author"].keys().isdisjoint({"authData", "sessionToken"})
    assert "authData" not in own["authors"][0]
    assert "authData" in api.get("/classes/Post", master=True, **how).json["results"][0]["author"]


def test_columns_as_the_schema_shows_them(api: ApiClient) -> None:
    fields = api.get("/schemas/_User", master=True).json["fields"]
    assert fields.keys() == {
        *("objectId", "createdAt", "updatedAt", "ACL"),
        *("username", "password", "email", "emailVerified", "authData"),
    }


def test_a_login_sees_the_same_as_a_get(api: ApiClient) -> None:
    ann = sign_up(api, "ann", email="ann@x.org", friends={"__op": "AddRelation", "objects": []})
    token = log_in(api, "ann").json["sessionToken"]
    assert (
        log_in(api, "ann", headers={"X-Parse-Installation-Id": "a"}).json.keys()
        == api.get(ann.path, as_user=token).json.keys()
    )
