"""Roles and who has them (`contract/users.md` §12)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.people import Person, make_role, sign_up
from tests.support.client import ApiClient

NOT_FOUND = (101, "Object not found.")


def guarded(api: ApiClient, role: str) -> str:
    """The path of an object that only a role reads."""
    reply = api.post("/classes/Secret", {"ACL": {f"role:{role}": {"read": True}}}, master=True)
    return f"/classes/Secret/{reply.json['objectId']}"


def reads(api: ApiClient, path: str, person: Person) -> bool:
    return api.get(path, as_user=person.token).status == 200


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"ACL": {}}, (111, "name is required.")),
        ({"name": "", "ACL": {}}, (111, "name is required.")),
        ({"name": None, "ACL": {}}, (111, "name is required.")),
        ({"name": "R"}, (111, "ACL is required.")),
        ({"name": "R", "ACL": None}, (111, "ACL is required.")),
        ({"name": 5, "ACL": {}}, (111, "schema mismatch for _Role.name; expected String but got Number")),
        ({"name": "Admin", "ACL": {}}, (137, "A duplicate value for a field with unique values was provided")),
    ],
)
def test_a_role_needs_a_name_of_its_own_and_an_acl(api: ApiClient, body: dict[str, Any], error: Any) -> None:
    make_role(api, "Admin")
    for path in ("/roles", "/classes/_Role"):
        assert api.post(path, body).error == error


def test_anybody_makes_a_role(api: ApiClient) -> None:
    reply = api.post("/roles", {"name": "any name: ünïcode", "ACL": {}})
    assert reply.status == 201
    assert reply.headers["location"].endswith(f"/classes/_Role/{reply.json['objectId']}")


def test_names_differ_by_case(api: ApiClient) -> None:
    make_role(api, "Admin")
    make_role(api, "admin")


def test_name_and_acl_stay(api: ApiClient) -> None:
    path = f"/roles/{make_role(api, 'Admin')}"
    delete = {"__op": "Delete"}
    assert api.put(path, {"name": delete}, master=True).error == (111, "name is required.")
    assert api.put(path, {"ACL": delete}, master=True).error == (111, "ACL is required.")
    assert api.put(path, {"ACL": None}, master=True).status == 200
    assert api.get(path, master=True).json["ACL"] == {"*": {"read": True}}


def test_who_may_not_write_a_role_does_not_find_it(api: ApiClient, ann: Person) -> None:
    path = f"/roles/{make_role(api, 'Admin')}"
    for how in ({}, {"as_user": ann.token}):
        assert api.put(path, {"name": "x"}, **how).error == NOT_FOUND
        assert api.delete(path, **how).status == 404


def test_members_have_the_role_at_once_and_lose_it_at_once(api: ApiClient, ann: Person) -> None:
    role, path = make_role(api, "Admin"), guarded(api, "Admin")
    assert not reads(api, path, ann)
    for operation, member in (("AddRelation", True), ("RemoveRelation", False)):
        change = {"users": {"__op": operation, "objects": [ann.pointer]}}
        assert api.put(f"/roles/{role}", change, master=True).status == 200
        assert reads(api, path, ann) is member


def test_a_deleted_role_is_lost_at_once(api: ApiClient, ann: Person) -> None:
    role, path = make_role(api, "Admin", users=(ann,)), guarded(api, "Admin")
    assert reads(api, path, ann)
    api.delete(f"/roles/{role}", master=True)
    assert not reads(api, path, ann)


def test_emptied_roles_are_lost_at_once(api: ApiClient, ann: Person) -> None:
    make_role(api, "Admin", users=(ann,))
    path = guarded(api, "Admin")
    assert reads(api, path, ann)
    assert api.delete("/purge/_Role", master=True).status == 200
    assert not reads(api, path, ann)


def test_a_renamed_role_goes_by_its_new_name(api: ApiClient, ann: Person) -> None:
    role = make_role(api, "Old", users=(ann,))
    old, new = guarded(api, "Old"), guarded(api, "New")
    assert reads(api, old, ann)
    assert api.put(f"/roles/{role}", {"name": "New"}, master=True).status == 200
    assert not reads(api, old, ann)
    assert reads(api, new, ann)


def test_roles_pass_on_to_their_child_roles_members(api: ApiClient) -> None:
    people = {name: sign_up(api, name) for name in ("top", "middle", "low", "none")}
    low = make_role(api, "Low", users=(people["low"],))
    middle = make_role(api, "Middle", users=(people["middle"],), roles=(low,))
    make_role(api, "Top", users=(people["top"],), roles=(middle,))
    secrets = {name: guarded(api, name) for name in ("Top", "Middle", "Low")}
    expected = {"top": ["Top"], "middle": ["Top", "Middle"], "low": ["Top", "Middle", "Low"], "none": []}
    for name, person in people.items():
        assert [role for role, path in secrets.items() if reads(api, path, person)] == expected[name], name


def test_a_role_that_is_gone_passes_nothing_on(api: ApiClient, ann: Person) -> None:
    child = make_role(api, "Child", users=(ann,))
    make_role(api, "Parent", roles=(child,))
    path = guarded(api, "Parent")
    assert reads(api, path, ann)
    api.delete(f"/roles/{child}", master=True)
    assert not reads(api, path, ann)


def test_cycles_end(api: ApiClient, ann: Person) -> None:
    one = make_role(api, "One", users=(ann,))
    two = make_role(api, "Two", roles=(one,))
    pointers = [{"__type": "Pointer", "className": "_Role", "objectId": role} for role in (one, two)]
    api.put(f"/roles/{one}", {"roles": {"__op": "AddRelation", "objects": pointers}}, master=True)
    assert reads(api, guarded(api, "One"), ann)
    assert reads(api, guarded(api, "Two"), ann)


def test_any_number_of_roles_is_resolved_in_one_statement(api: ApiClient, ann: Person) -> None:
    child = make_role(api, "Child", users=(ann,))
    for number in range(120):
        make_role(api, f"Parent {number}", roles=(child,))
    path = guarded(api, "Parent 119")
    reply = api.get(path, as_user=ann.token)
    assert (reply.status, reply.statements) == (200, 2)
    assert api.get(path, as_user=ann.token).statements == 1


def test_roles_are_found_by_their_members(api: ApiClient, ann: Person, bob: Person) -> None:
    make_role(api, "Admin", users=(ann,))

    def found(user: Any) -> list[str]:
        results = api.get("/roles", query={"where": {"users": user}}).json["results"]
        return [role["name"] for role in results]

    assert found(ann.pointer) == ["Admin"]
    assert found(bob.pointer) == []
    assert found(None) == []


def test_master_has_no_roles_and_needs_none(api: ApiClient) -> None:
    assert api.get(guarded(api, "Nobody"), master=True).statements == 1
