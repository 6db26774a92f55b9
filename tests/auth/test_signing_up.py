"""Sign-up (`contract/users.md` §5)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parse_core.objects.events import BeforeSave
from parse_core.operations.data import Set
from parse_core.signals import before_save
from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person, anonymous, listening, log_in, sign_up, tokens
from tests.support.client import ApiClient

TOKEN = re.compile(r"r:[0-9a-f]{32}")
DENIED = (119, "Permission denied")


def test_answers_id_time_token_and_nothing_else(api: ApiClient) -> None:
    reply = api.post("/users", {"username": "ann", "password": PASSWORD, "email": "ann@x.org", "age": 3})
    assert reply.status == 201
    assert reply.json.keys() == {"objectId", "createdAt", "sessionToken"}
    assert reply.headers["location"].endswith(f"/users/{reply.json['objectId']}")
    assert TOKEN.fullmatch(reply.json["sessionToken"])


def test_takes_two_statements_once_there_are_sessions(api: ApiClient, ann: Person) -> None:
    assert api.post("/users", {"username": "bob", "password": PASSWORD}).statements == 2


def test_classes_and_users_are_the_same_route(api: ApiClient) -> None:
    reply = api.post("/classes/_User", {"username": "ann", "password": PASSWORD})
    assert reply.json.keys() == {"objectId", "createdAt", "sessionToken"}
    assert "/users/" in reply.headers["location"]


def test_works_inside_a_batch(api: ApiClient) -> None:
    body = {"username": "ann", "password": PASSWORD}
    reply = api.post("/batch", {"requests": [{"method": "POST", "path": "/parse/users", "body": body}]})
    assert TOKEN.fullmatch(reply.json[0]["success"]["sessionToken"])
    assert log_in(api, "ann").status == 200


GOOD = {"username": "new", "password": PASSWORD}

REFUSED: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
    ("nothing", {}, (200, "bad or missing username")),
    ("no name", {"password": PASSWORD}, (200, "bad or missing username")),
    ("empty name", {"username": "", "password": PASSWORD}, (200, "bad or missing username")),
    ("numeric name", {"username": 5, "password": PASSWORD}, (200, "bad or missing username")),
    ("no password", {"username": "new"}, (201, "password is required")),
    ("empty password", {"username": "new", "password": ""}, (201, "password is required")),
    ("numeric password", {"username": "new", "password": 5}, (201, "password is required")),
    ("taken name", {**GOOD, "username": "ann"}, (202, "Account already exists for this username.")),
    ("taken name in another case", {**GOOD, "username": "ANN"}, (202, "Account already exists for this username.")),
    ("taken address", {**GOOD, "email": "ann@x.org"}, (203, "Account already exists for this email address.")),
    (
        "taken address in another case",
        {**GOOD, "email": "Ann@X.org"},
        (203, "Account already exists for this email address."),
    ),
    *[
        (f"address {address!r}", {**GOOD, "email": address}, (125, "Email address format is invalid."))
        for address in ("abc", "@x", "x@", "a@b\nc")
    ],
    ("numeric address", {**GOOD, "email": 5}, (111, "schema mismatch for _User.email; expected String but got Number")),
    ("emailVerified", {**GOOD, "emailVerified": True}, DENIED),
    ("emailVerified null", {**GOOD, "emailVerified": None}, DENIED),
    ("objectId", {**GOOD, "objectId": "mine"}, (105, "objectId is an invalid field name.")),
    ("id", {**GOOD, "id": "mine"}, (105, "id is an invalid field name.")),
    ("id of everybody", {**GOOD, "objectId": "*"}, DENIED),
    ("id of a role", {**GOOD, "objectId": "role:Admin"}, DENIED),
    ("hash", {**GOOD, "_hashed_password": "x"}, (105, "Invalid field name: _hashed_password.")),
    ("unresolved ACL", {**GOOD, "ACL": {"*unresolved": {"read": True}}}, (123, "Invalid ACL.")),
    ("authData null", {**GOOD, "authData": None}, (252, "This authentication method is unsupported.")),
    ("authData text", {**GOOD, "authData": "x"}, (252, "This authentication method is unsupported.")),
    ("authData list", {**GOOD, "authData": []}, (252, "This authentication method is unsupported.")),
    ("authData alone and empty", {"authData": {}}, (200, "bad or missing username")),
    ("empty provider alone", {"authData": {"anonymous": {}}}, (200, "bad or missing username")),
    ("null provider alone", {"authData": {"anonymous": None}}, (200, "bad or missing username")),
]


@pytest.mark.parametrize(("what", "body", "error"), REFUSED, ids=[case[0] for case in REFUSED])
def test_is_refused_for(api: ApiClient, what: str, body: dict[str, Any], error: tuple[int, str]) -> None:
    sign_up(api, "ann", email="ann@x.org")
    reply = api.post("/users", body)
    assert (reply.status, reply.error) == (400, error)
    assert len(api.get("/users", master=True).json["results"]) == 1


ORDER: list[tuple[str, dict[str, Any], int]] = [
    ("an id of a role before a chosen id", {"objectId": "role:x", "id": "y"}, 119),
    ("a chosen id before the name", {"objectId": "x"}, 105),
    ("the name before the password", {}, 200),
    ("the password before authData", {"username": "ann", "authData": None}, 201),
    ("authData before emailVerified", {**GOOD, "authData": None, "emailVerified": True}, 252),
    ("emailVerified before types", {**GOOD, "emailVerified": 5, "email": 5}, 119),
    ("types before uniqueness", {"username": "ann", "password": PASSWORD, "email": 5}, 111),
    ("a taken name before a malformed address", {"username": "ann", "password": PASSWORD, "email": "x"}, 202),
    ("a taken name before a taken address", {"username": "ann", "password": PASSWORD, "email": "ann@x.org"}, 202),
    ("a malformed address before a taken one", {**GOOD, "email": "x"}, 125),
]


@pytest.mark.parametrize(("what", "body", "code"), ORDER, ids=[case[0] for case in ORDER])
def test_is_checked_in_order(api: ApiClient, what: str, body: dict[str, Any], code: int) -> None:
    sign_up(api, "ann", email="ann@x.org")
    assert api.post("/users", body).error[0] == code


def test_names_are_compared_as_they_are(api: ApiClient) -> None:
    for name in ("a_b", "a%b", "axb", "a b", "é", "日本", "a.*b"):
        assert sign_up(api, name).name == name


def test_an_address_needs_something_on_both_sides_of_an_at(api: ApiClient) -> None:
    sign_up(api, "ann", email="a@@b")


def test_an_empty_address_is_none(api: ApiClient) -> None:
    sign_up(api, "ann", email="")
    sign_up(api, "bob", email="")
    sign_up(api, "cid", email=None)
    assert all("email" not in user for user in api.get("/users", master=True).json["results"])


def test_the_read_only_key_signs_nobody_up(api: ApiClient) -> None:
    assert api.post("/users", GOOD, read_only=True).error == DENIED


def test_master_confirms_addresses(api: ApiClient) -> None:
    assert api.post("/users", {**GOOD, "emailVerified": True}, master=True).status == 201


def test_a_server_with_the_key_in_a_header_gets_no_session(api: ApiClient) -> None:
    assert "sessionToken" not in api.post("/users", GOOD, master=True).json
    with_device = api.post("/users", {**GOOD, "username": "b"}, master=True, headers={"X-Parse-Installation-Id": "i"})
    assert TOKEN.fullmatch(with_device.json["sessionToken"])
    by_body = api.post(
        "/users",
        {"username": "c", "password": PASSWORD, "_ApplicationId": "auth", "_MasterKey": "master"},
        headers={"X-Parse-Application-Id": None},
    )
    assert TOKEN.fullmatch(by_body.json["sessionToken"])


def test_a_bad_token_is_refused_and_a_good_one_does_not_matter(api: ApiClient, ann: Person) -> None:
    assert api.post("/users", GOOD, as_user="r:none").error == (209, "Invalid session token")
    reply = api.post("/users", GOOD, as_user=ann.token)
    assert reply.status == 201
    assert reply.json["sessionToken"] != ann.token
    assert api.get("/users/me", as_user=reply.json["sessionToken"]).json["objectId"] == reply.json["objectId"]


def test_users_are_private_by_default(api: ApiClient, ann: Person) -> None:
    assert api.get(ann.path, master=True).json["ACL"] == {ann.id: {"read": True, "write": True}}


def test_users_can_be_public_by_default(configure: Configure, api: ApiClient) -> None:
    configure(enforcePrivateUsers=False)
    ann = sign_up(api, "ann")
    acl = {"*": {"read": True}, ann.id: {"read": True, "write": True}}
    assert api.get(ann.path, master=True).json["ACL"] == acl


@pytest.mark.parametrize(
    ("given", "others"), [({}, {}), ({"*": {"read": True}}, {"*": {"read": True}}), ({"role:A": {}}, {})]
)
def test_an_acl_of_ones_own_keeps_the_owner(api: ApiClient, given: dict[str, Any], others: dict[str, Any]) -> None:
    ann = sign_up(api, "ann", ACL=given)
    assert api.get(ann.path, master=True).json["ACL"] == {**others, ann.id: {"read": True, "write": True}}


def test_the_default_acl_of_the_class_comes_first_and_is_told(api: ApiClient) -> None:
    permissions = {name: {"*": True} for name in ("find", "get", "count", "create", "update", "delete", "addField")}
    acl = {"role:Staff": {"read": True}}
    changed = api.put("/schemas/_User", {"classLevelPermissions": {**permissions, "ACL": acl}}, master=True)
    assert changed.status == 200, changed.body
    reply = api.post("/users", GOOD)
    assert reply.json["ACL"] == {**acl, reply.json["objectId"]: {"read": True, "write": True}}


def test_closed_to_clients_it_tells_no_names(api: ApiClient, ann: Person) -> None:
    api.put("/schemas/_User", {"classLevelPermissions": {"get": {"*": True}, "find": {"*": True}}}, master=True)
    for name in ("ann", "free"):
        assert api.post("/users", {"username": name, "password": PASSWORD}).error == DENIED
        assert api.post("/users", {"username": name, "password": PASSWORD, "email": "x"}).error == DENIED


def test_custom_ids(configure: Configure, api: ApiClient) -> None:
    configure(allowCustomObjectId=True)
    assert api.post("/users", {**GOOD, "objectId": "mine"}).json["objectId"] == "mine"
    assert api.post("/users", {**GOOD, "objectId": ""}).error[0] == 104
    for name in ("role:x", "*"):
        assert api.post("/users", {**GOOD, "objectId": name}).error == DENIED
    assert api.post("/users", {**GOOD, "username": "other", "objectId": "mine"}).error[0] == 137


def test_lower_case_names_and_addresses(configure: Configure, api: ApiClient) -> None:
    configure(convertUsernameToLowercase=True, convertEmailToLowercase=True)
    ann = sign_up(api, "Ann", email="Ann@X.org")
    stored = api.get(ann.path, master=True).json
    assert (stored["username"], stored["email"]) == ("ann", "ann@x.org")
    assert log_in(api, "ANN").status == 200
    assert api.post("/login", {"email": "ANN@x.org", "password": PASSWORD}).status == 200


@pytest.mark.parametrize("password", ["x" * 100, "pässwörd", "日本語" * 8, "  "])
def test_any_text_is_a_password(api: ApiClient, password: str) -> None:
    sign_up(api, "ann", password=password)
    assert log_in(api, "ann", password).status == 200
    assert log_in(api, "ann", password[: len(password) // 2]).status == 404


@pytest.mark.parametrize("field", ["username", "password", "email"])
def test_nul_is_refused(api: ApiClient, field: str) -> None:
    assert api.post("/users", {**GOOD, "email": "a@b", field: "a\0@b"}).error[0] == 107


def test_fifty_at_once_with_one_name_are_one(api: ApiClient) -> None:
    names = [("Ann", "ann", "ANN")[number % 3] for number in range(50)]
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda name: api.post("/users", {"username": name, "password": PASSWORD}), names))
    assert sorted(reply.status for reply in replies) == [201] + [400] * 49
    assert {reply.error[0] for reply in replies if reply.status == 400} == {202}
    assert len(tokens(api)) == 1


@pytest.mark.parametrize("named", [{}, {"username": "ann", "password": PASSWORD, "email": "ann@example.com"}])
def test_fifty_at_once_from_one_device_are_one_user_who_is_logged_in(api: ApiClient, named: dict[str, str]) -> None:
    with ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(lambda _: api.post("/users", {**anonymous("device"), **named}), range(50)))
    assert sorted(reply.status for reply in replies) == [200] * 49 + [201], {reply.body for reply in replies}
    assert len({reply.json["objectId"] for reply in replies}) == 1
    assert len({reply.json["sessionToken"] for reply in replies}) == 50
    assert len(api.get("/users", master=True).json["results"]) == 1
    for reply in replies:
        assert api.get("/users/me", as_user=reply.json["sessionToken"]).status == 200


def test_a_listener_that_links_what_is_anothers_makes_no_login(api: ApiClient) -> None:
    api.post("/users", anonymous("device"))

    def link(event: BeforeSave, **_signal: object) -> None:
        event.write = event.write.with_changes(authData=Set({"anonymous": {"id": "device"}}))

    with listening(before_save, link):
        assert api.post("/users", GOOD).error == (208, "this auth is already used")
        assert api.post("/users", anonymous("another")).error == (208, "this auth is already used")
