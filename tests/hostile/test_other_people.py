"""What one client can do to another by writing what it may write: nothing. Found by reading as an attacker."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.people import PASSWORD, Person, log_in, sign_up
from tests.hostile.attacks import rows, sent
from tests.support.client import ApiClient
from tests.support.scenario import get, post, put

EMPTY: dict[str, Any] = {
    "null": None,
    "nothing": "",
    "a Delete": {"__op": "Delete"},
    "a number": 5,
    "a list": [],
    "a Remove": {"__op": "Remove", "objects": []},
    "an Increment": {"__op": "Increment", "amount": 1},
}


@pytest.mark.parametrize("name", EMPTY.values(), ids=EMPTY)
def test_a_role_cannot_lose_its_name_and_lock_its_members_out(
    api: ApiClient, ann: Person, bob: Person, name: Any
) -> None:
    """Anybody can put anybody into a role of his own."""
    members = {"__op": "AddRelation", "objects": [bob.pointer]}
    body = {"name": f"evil {name}", "ACL": {"*": {"read": True, "write": True}}, "users": members}
    role = api.post("/roles", body, as_user=ann.token).json["objectId"]
    assert sent(api, put(f"/roles/{role}", {"name": name}, as_user=ann.token)).error[0] == 111
    assert sent(api, get("/users/me", as_user=bob.token)).status == 200
    assert sent(api, post("/login", {"username": "bob", "password": PASSWORD})).status == 200


@pytest.mark.parametrize("object_id", ['a"b', "a\\b", "a\nb", 'a\\"b', "}", '", "className": "X"}', "\u2028", "é"])
def test_a_crooked_pointer_does_not_break_the_answers_of_others(api: ApiClient, object_id: str) -> None:
    """Included objects are put into text; what is nested beside a pointer must not be taken for it."""
    known = api.post("/classes/Pointed", {"x": 1}).json["objectId"]
    pointer = {"__type": "Pointer", "className": "Pointed", "objectId": known}
    crooked = {**pointer, "objectId": object_id}
    api.post("/classes/Pointing", {"p": pointer, "q": pointer})
    for body in (
        {"p": crooked, "o": {"p": pointer}},
        {"p": crooked, "o": {"p": crooked}},
        {"p": pointer, "o": {'x"p': pointer}},
        {"p": crooked, "q": crooked, "o": {"p": pointer, 'y"q': pointer}},
        {"q": pointer, "o": {"p": {**pointer, "className": 'A"B'}, "q": {**pointer, "objectId": ""}}},
        {"p": crooked, "a": [{"p": pointer}], "s": '"p": {"__type": "Pointer"}'},
    ):
        made = sent(api, post("/classes/Pointing", body)).json["objectId"]
        for include in ("p", "q", "p,q", "p,q,o.p", "a.p,p"):
            found = sent(api, get("/classes/Pointing", query={"include": include, "limit": 1000})).json["results"]
            (row,) = [row for row in found if row["objectId"] == made]
            for name in ("o", "s"):
                if name in body and include != "p,q,o.p":
                    assert row[name] == body[name]
            for name in {"p", "q"} & set(include.split(",")) & set(body):
                if body[name] == pointer:
                    assert (row[name]["__type"], row[name]["x"]) == ("Object", 1)
                else:
                    assert name not in row


@pytest.mark.parametrize(
    "where",
    [
        {"authData.anonymous.id": "x"},
        {"authData.anonymous.id": {"$regex": "^a"}},
        {"authData": {"$exists": True}},
        {"$or": [{"authData.mfa.secret": {"$regex": "^A"}}]},
        {"authData.anonymous": {"$ne": None}},
    ],
    ids=str,
)
def test_what_others_sign_in_with_cannot_be_guessed_by_asking(api: ApiClient, ann: Person, where: Any) -> None:
    """The id of an anonymous user is all it takes to be him."""
    for how in ({}, {"as_user": ann.token}):
        assert sent(api, get("/users", query={"where": where}, **how)).error[0] in (105, 119)
        inside = {"user": {"$inQuery": {"className": "_User", "where": where}}}
        assert sent(api, get("/classes/Pointing", query={"where": inside}, **how)).error[0] in (105, 119)
    for order in ("authData", "-authData", "authData.anonymous.id"):
        assert sent(api, get("/users", query={"order": order})).error[0] in (105, 119)


def test_a_password_that_is_only_for_new_users_changes_none(api: ApiClient) -> None:
    person = sign_up(api, "settled")
    body = {
        "password": {"__op": "SetOnInsert", "amount": "other"},
        "username": {"__op": "SetOnInsert", "amount": "ann"},
    }
    assert sent(api, put(person.path, body, as_user=person.token)).status == 200
    assert log_in(api, "settled").status == 200
    assert log_in(api, "settled", "other").status == 404


@pytest.mark.parametrize("value", [5, "x", [1], {"a": 1}, [None], [["*"]], True], ids=str)
def test_rights_that_are_no_list_of_identities_are_refused_even_from_maintenance(api: ApiClient, value: Any) -> None:
    made = api.post("/classes/Maintained", {"x": 1}).json["objectId"]
    for name in ("_rperm", "_wperm"):
        assert sent(api, put(f"/classes/Maintained/{made}", {name: value}, maintenance=True)).error[0] == 111
    assert [row["x"] for row in rows(api, "Maintained") if row["objectId"] == made] == [1]
