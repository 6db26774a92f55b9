"""The distinct values of a field (`contract/queries.md` §13.6)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from parse_core.errors import InvalidJson, InvalidKeyName, InvalidQuery
from parse_core.store.database import counting
from tests.aggregation.data import date, distinct
from tests.objects.worlds import World, pointer

TABLE: Final = [
    ("title", {}, ["Ash", "Birch", "Cedar", "Dogwood"]),
    ("pages", {}, [100, 200, 300]),
    ("good", {}, [True, False]),
    ("tags", {}, ["x", "y", "none"]),
    ("about.lang", {}, ["en", "fr"]),
    ("about.isbn.n", {}, [1]),
    ("about.isbn", {}, [{"n": 1}]),
    ("author", {}, [pointer("Author", "ann"), pointer("Author", "bob")]),
    ("others", {}, [pointer("Author", "ann"), pointer("Author", "bob")]),
    ("others.objectId", {}, ["ann", "bob"]),
    ("out", {"where": {"good": True}}, [date("2020-01-15"), date("2021-01-15")]),
    ("objectId", {}, ["b1", "b2", "b3", "b4"]),
    ("createdAt", {}, [date("2026-01-31T12:00:00.000Z")]),
    ("updatedAt", {}, [date("2026-01-31T12:00:00.000Z")]),
    ("nope", {}, []),
    ("nope.x", {}, []),
    ("title.x", {}, []),
    ("readers", {}, []),
    ("ACL", {}, []),
    ("title", {"where": {"author": {"$inQuery": {"className": "Author", "where": {"name": "Ann"}}}}}, ["Ash", "Birch"]),
    ("title", {"where": '{"pages": {"$gt": 100}}'}, ["Birch", "Cedar"]),
    ("title", {"where": {"$or": [{"pages": 100}, {"pages": None}]}}, ["Ash", "Dogwood"]),
    ("title", {"where": {}}, ["Ash", "Birch", "Cedar", "Dogwood"]),
    ("title", {"pipeline": [{"$nope": 1}], "where": {"pages": 100}}, ["Ash"]),
    ("out", {"where": {"pages": 100}, "rawValues": True}, [{"$date": "2020-01-15T00:00:00Z"}]),
]


@pytest.mark.parametrize(("field", "parameters", "expected"), TABLE, ids=[str(row[:2]) for row in TABLE])
def test_each_value_comes_once(world: World, field: str, parameters: dict[str, Any], expected: Any) -> None:
    with counting() as statements:
        assert distinct(world, "Book", field, **parameters) == expected
    assert len(statements) <= 1


@pytest.mark.parametrize(
    "name", ["_hashed_password", "a-b", "a.b'--", "a..b", ".a", "a.", "1a", "a.0", "a.b'); select 1;--", "$a", "a\0"]
)
def test_what_is_no_field_name_is_refused(world: World, name: str) -> None:
    with pytest.raises(InvalidKeyName) as refusal:
        distinct(world, "_User", name)
    assert refusal.value.message == f"Invalid field name: {name}"


def test_a_class_nobody_has_created_has_no_values(world: World) -> None:
    assert distinct(world, "Nope", "x") == []


@pytest.mark.parametrize("where", ["{", "5", 5, True, [1]])
def test_a_where_that_is_none_is_refused(world: World, where: Any) -> None:
    with pytest.raises(InvalidJson) as refusal:
        distinct(world, "Book", "title", where=where)
    assert refusal.value.message == "where parameter is not valid JSON"


def test_conditions_are_those_of_find(world: World) -> None:
    with pytest.raises(InvalidJson):
        distinct(world, "Book", "title", where={"tags": {"$size": 1}})
    with pytest.raises(InvalidQuery):
        distinct(world, "Book", "title", where={"$or": []})
