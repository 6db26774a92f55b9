"""Places, areas and access lists by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from parse_cloud import ACL, GeoPoint, Polygon, Role, User

BERLIN, BONN = GeoPoint(52.52, 13.405), GeoPoint(50.7374, 7.0982)


def test_distances_between_places() -> None:
    assert BERLIN.kilometers_to(BONN) == pytest.approx(477.5, abs=1)
    assert BERLIN.miles_to(BONN) == pytest.approx(296.7, abs=1)
    assert BERLIN.radians_to(BONN) == pytest.approx(BONN.radians_to(BERLIN))
    assert GeoPoint(0, 0).radians_to(GeoPoint(0, 180)) == pytest.approx(3.14159265)
    assert BERLIN.radians_to(BERLIN) == 0


def test_places_are_values() -> None:
    assert GeoPoint() == GeoPoint(0, 0)
    assert {GeoPoint(1, 2), GeoPoint(1, 2)} == {GeoPoint(1, 2)}


NO_PLACES: list[tuple[str, Callable[[], Any], type[Exception]]] = [
    ("a text", lambda: GeoPoint("1", 2), TypeError),  # type: ignore[arg-type]
    ("a boolean", lambda: GeoPoint(True, 2), TypeError),
    ("no number", lambda: GeoPoint(float("nan"), 2), TypeError),
    ("beyond a pole", lambda: GeoPoint(90.1, 0), ValueError),
    ("around the Earth", lambda: GeoPoint(0, -180.1), ValueError),
    ("two corners", lambda: Polygon([(0, 0), (0, 1)]), TypeError),
    ("a corner that is none", lambda: Polygon([(0, 0), (0, 1), "xy"]), TypeError),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("make", "error"), [case[1:] for case in NO_PLACES], ids=[case[0] for case in NO_PLACES])
def test_what_is_no_place_is_refused(make: Callable[[], Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        make()


INSIDE = [((5, 5), True), ((0.1, 9.9), True), ((11, 5), False), ((5, 11), False), ((-1, -1), False)]


@pytest.mark.parametrize(("point", "inside"), INSIDE)
def test_whether_a_place_is_in_an_area(point: tuple[float, float], inside: bool) -> None:
    assert Polygon([(0, 0), (0, 10), (10, 10), (10, 0)]).contains_point(GeoPoint(*point)) is inside


def test_areas_are_values() -> None:
    assert Polygon([(0, 0), GeoPoint(0, 1), (1, 1)]) == Polygon([GeoPoint(0, 0), (0, 1), (1, 1)])


def user(name: str) -> User:
    made = User(username=name)
    made.id = name
    return made


def test_rights_of_users_roles_and_everybody() -> None:
    acl = ACL(user("ann"))
    acl.set_public_read_access(True)
    acl.set_role_write_access("Admin", True)
    acl.set_role_read_access(Role("Reader"), True)
    acl.set_read_access(Role("Other"), True)
    acl.set_write_access("u1", True)
    assert acl.to_json() == {
        "ann": {"read": True, "write": True},
        "*": {"read": True},
        "role:Admin": {"write": True},
        "role:Reader": {"read": True},
        "role:Other": {"read": True},
        "u1": {"write": True},
    }
    assert (acl.get_public_read_access(), acl.get_public_write_access()) == (True, False)
    assert (acl.get_read_access(user("ann")), acl.get_write_access("nobody")) == (True, False)
    assert (acl.get_role_read_access("Reader"), acl.get_role_write_access(Role("Reader"))) == (True, False)
    acl.set_role_read_access("Reader", False)
    acl.set_write_access(user("ann"), False)
    acl.set_public_write_access(False)
    assert acl.to_json() == {
        "ann": {"read": True},
        "*": {"read": True},
        "role:Admin": {"write": True},
        "role:Other": {"read": True},
        "u1": {"write": True},
    }
    assert ACL(acl.to_json()) == acl


NO_RIGHTS: list[tuple[str, Callable[[], Any], str]] = [
    ("another right", lambda: ACL({"u": {"dance": True}}), "Tried to create an ACL with an invalid permission type."),
    ("no truth", lambda: ACL({"u": {"read": "yes"}}), "Tried to create an ACL with an invalid permission value."),
    ("no rights", lambda: ACL({"u": 3}), "Tried to create an ACL with an invalid permission type."),
    ("not allowed, not refused", lambda: ACL().set_read_access("u", 1), "allowed must be either true or false."),  # type: ignore[arg-type]
    ("nobody", lambda: ACL().set_read_access(3, True), "Rights are given to a User, a Role, a user id or 'role:Name'"),  # type: ignore[arg-type]
    ("an unsaved user", lambda: ACL(User()), "Rights are given to users that are saved: this one has no id"),
    ("a role without a name", lambda: ACL().set_read_access(Role(), True), "Role must have a name"),
]


@pytest.mark.parametrize(("make", "text"), [case[1:] for case in NO_RIGHTS], ids=[case[0] for case in NO_RIGHTS])
def test_what_is_no_right_is_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(TypeError) as refused:
        make()
    assert str(refused.value) == text
