"""Thousands of random conditions find in SQL exactly what they find in memory, whatever is stored.

Each is asked of 40 documents: 160,000 pairs. What fails is told as the smallest condition and document that fail.
"""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from parse_core.errors import ParseError
from parse_core.query.operators.base import operators
from parse_core.query.parse import parse_where
from parse_core.values.scalars import Document, Json, pointer
from tests.query.rows import CLIENT, MASTER, Rows, date, document
from tests.query.shrinking import KEPT, smallest

SCALARS: list[Json] = [
    0, 1, 2, -1, 0.5, 1e21, 10**15, "", "a", "B", "ä", "1", "p1", True, False, None,
    date("2020-01-01T00:00:00.000Z"), date("2021-01-01T00:00:00.000Z"), pointer("P", "p1"), pointer("P", "p2"),
    {"__type": "GeoPoint", "latitude": 1, "longitude": 2.5}, {"__type": "Bytes", "base64": "aGk="},
    {"__type": "File", "name": "f.txt", "url": "http://x/f.txt"},
]  # fmt: skip
COLUMN_VALUES: dict[str, list[Json]] = {
    "n": [0, 1, 2, -1, 0.5, 1e21, None],
    "s": ["", "a", "B", "ä", "1", None],
    "b": [True, False, None],
    "d": [date("2020-01-01T00:00:00.000Z"), date("2021-01-01T00:00:00.000Z"), None],
    "p": [pointer("P", "p1"), pointer("P", "p2")],
    "g": [{"__type": "GeoPoint", "latitude": 1, "longitude": 2.5}],
    "f": [{"__type": "File", "name": "f.txt", "url": "http://x/f.txt"}],
    "y": [{"__type": "Bytes", "base64": "aGk="}],
    "poly": [{"__type": "Polygon", "coordinates": [[0, 0], [0, 1], [1, 1], [0, 0]]}],
}
PATHS = [
    "a.0",
    "a.1",
    "a.k",
    "a.k.k",
    "a.k.0",
    "a.0.k",
    "o.k",
    "o.j",
    "o.k.k",
    "o.k.0",
    "o.k.0.j",
    "o.k.j.k",
    "o.0",
    "a.k.j.0",
]


class Chance:
    """Random values, documents and conditions of one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (the same cases in each run)

    def value(self, depth: int = 2) -> Json:
        roll = self.random.random()
        if depth == 0 or roll < 0.5:
            return self.random.choice(SCALARS)
        if roll < 0.75:
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        return {self.random.choice(["k", "j", "0"]): self.value(depth - 1) for _ in range(self.random.randrange(3))}

    def object(self, depth: int = 3) -> Json:
        return {self.random.choice(["k", "j", "0"]): self.value(depth) for _ in range(self.random.randrange(4))}

    def document(self, number: int) -> Document:
        fields = {
            name: self.random.choice(values) for name, values in COLUMN_VALUES.items() if self.random.random() < 0.7
        }
        if self.random.random() < 0.8:
            fields["a"] = (
                None if self.random.random() < 0.1 else [self.value() for _ in range(self.random.randrange(4))]
            )
        if self.random.random() < 0.8:
            fields["o"] = None if self.random.random() < 0.1 else self.object()
        return document(f"o{number:03}", **fields)

    def operand(self, name: str) -> Json:
        of_column = COLUMN_VALUES.get(name)
        return self.random.choice(of_column) if of_column and self.random.random() < 0.7 else self.value(1)

    def constraint(self, name: str) -> Json:
        operator = self.random.choice(
            ["$eq", "$ne", "$in", "$nin", "$lt", "$lte", "$gt", "$gte", "$exists", "$all", "$containedBy", "$regex"]
        )
        if operator in ("$in", "$nin", "$all", "$containedBy"):
            return {operator: [self.operand(name) for _ in range(self.random.choice([0, 1, 2, 3, 220]))]}
        if operator == "$exists":
            return {operator: self.random.random() < 0.5}
        if operator == "$regex":
            return {operator: self.random.choice(["a", "^$", "[A-Z]", "^ä", "1|B"])}
        operand = self.operand(name)
        while operator not in ("$eq", "$ne") and isinstance(operand, (list, dict)) and "__type" not in operand:
            operand = self.operand(name)
        return {operator: operand}

    def where(self, depth: int = 1) -> Json:
        if depth and self.random.random() < 0.15:
            logic = self.random.choice(["$or", "$and", "$nor"])
            return {logic: [self.where(depth - 1) for _ in range(self.random.randrange(1, 4))]}
        names = [*COLUMN_VALUES, "a", "a", "o", *PATHS]
        chosen = self.random.sample(names, self.random.choice([1, 1, 1, 2]))
        return {name: self.constraint(name) for name in chosen}


# Declared on every path, conditions are said to indexes too; that these exist makes no difference.
DECLARED: dict[str, Json] = {path: {path: place % 2 * 2 - 1} for place, path in enumerate(PATHS)}


@pytest.mark.parametrize("indexes", [{}, DECLARED], ids=["plain", "declared indexes"])
@pytest.mark.parametrize("seed", range(20))
def test_both_faces_agree(connection: psycopg.Connection[Any], seed: int, indexes: dict[str, Json]) -> None:
    chance = Chance(seed)
    rows = Rows.of(connection, [chance.document(number) for number in range(40)], indexes=indexes)
    for _ in range(200 if not indexes else 100):
        where = _dated(chance.where())
        if rows.in_sql(where, CLIENT) != rows.in_memory(where, CLIENT):
            pytest.fail(str(smallest_difference(rows, where)))


def smallest_difference(rows: Rows, where: Json) -> tuple[Json, Document]:
    """A condition and a document that matches it in one face only."""

    def differs(where: Json, each: Document) -> bool:
        one = Rows.of(rows.connection, [each], indexes=rows.schema.indexes)
        with suppress(ParseError):
            return one.in_sql(where, CLIENT) != one.in_memory(where, CLIENT)
        return False

    found = set(rows.in_sql(where, CLIENT)) ^ set(rows.in_memory(where, CLIENT))
    each = next(each for each in rows.documents if each["objectId"] in found)
    where = smallest(where, lambda smaller: differs(smaller, each))
    return where, smallest(each, lambda smaller: differs(where, smaller))


def test_a_difference_is_told_as_small_as_it_can_be(connection: psycopg.Connection[Any]) -> None:
    class Wrong(Rows):
        def in_memory(self, where: Json, *rest: Any) -> list[str]:
            """Misses whatever has a 7 in `o` when it is asked for 7."""
            misses = "7" in str(where) and "7" in str(self.documents[0].get("o"))
            return [] if misses else super().in_memory(where, *rest)

    each = document("x", n=1, s="a", o={"k": [1, 7, {"j": 2}], "j": 5}, a=[1, 2])
    where: Json = {"$or": [{"o.k": {"$in": [7, 8]}}, {"s": "b"}]}

    def differs(where: Json, each: Document) -> bool:
        one = Wrong.of(connection, [each])
        with suppress(ParseError):
            return one.in_sql(where, CLIENT) != one.in_memory(where, CLIENT)
        return False

    where = smallest(where, lambda smaller: differs(smaller, each))
    assert where == {"$or": [{"o.k": {"$in": [7]}}]}
    small = smallest(each, lambda smaller: differs(where, smaller))
    assert {name: value for name, value in small.items() if name not in KEPT} == {"o": {"k": [7]}}


@pytest.mark.parametrize("seed", range(20, 26))
def test_both_faces_sort_alike(connection: psycopg.Connection[Any], seed: int) -> None:
    chance = Chance(seed)
    rows = Rows.of(connection, [chance.document(number) for number in range(60)])
    for _ in range(40):
        names = chance.random.sample([*COLUMN_VALUES, "a", "o", "objectId", "createdAt", *PATHS], 2)
        order = [chance.random.choice(["", "-"]) + name for name in names]
        assert rows.in_sql({}, CLIENT, order) == rows.in_memory({}, CLIENT, order), order


STORABLE: list[Json] = [
    None, True, 0, -1, 1.5, 1e300, "", "x", "%s", "'", "\\", [], {}, [[]], [None], [{}], {"x": 1}, {"": 1},
    {"__type": []}, {"__type": {}}, {"__type": "Date"}, {"__type": "Date", "iso": 5}, {"__type": "Date", "iso": "x"},
    {"__type": "Pointer"}, {"__type": "Pointer", "className": 5, "objectId": []}, {"__type": "GeoPoint"},
    {"__type": "GeoPoint", "latitude": "x", "longitude": {}}, {"__type": "Polygon", "coordinates": 5},
    {"__type": "Polygon", "coordinates": []}, {"__type": "File"}, {"__type": "Bytes"}, {"__type": "Object"},
    {"__type": "Relation"}, {"$x": 1}, {"$regex": "a"}, {"$relativeTime": 5}, {"__op": "Delete"}, pointer("P", "p1"),
    date("2020-01-01T00:00:00.000Z"), ["a", {"k": [1]}], "(", "2020-01-01",
]  # fmt: skip
ODD: list[Json] = [*STORABLE, 2**70, "\ud800", {"k": "\ud800"}, float("nan"), float("inf"), {"k": float("-inf")}]


@pytest.mark.parametrize("seed", range(30, 34))
def test_odd_conditions_on_odd_values_are_answered_or_refused(connection: psycopg.Connection[Any], seed: int) -> None:
    chance = Chance(seed)
    columns = [*COLUMN_VALUES, "a", "o"]
    documents = [
        document(f"o{number}", **{name: chance.random.choice(STORABLE) for name in columns}) for number in range(60)
    ]
    rows = Rows.of(connection, documents)
    names = [*columns, *PATHS, "objectId", "createdAt", "nosuch", "_rperm", "_session_token", "_tombstone.x"]
    for _ in range(1500):
        operator = chance.random.choice([*operators, "$foo", "", "$or"])
        operand = chance.random.choice(ODD)
        operand = [operand, chance.random.choice(ODD)] if chance.random.random() < 0.3 else operand
        name = chance.random.choice(names)
        where = {operator: operand} if operator == "$or" else {name: {operator: operand} if operator else operand}
        with suppress(ParseError):
            parse_where(where, rows.schema, MASTER)
            rows.in_memory(where, MASTER)
            rows.in_sql(where, MASTER)


@pytest.mark.parametrize("name", [*COLUMN_VALUES, "a", "o", *PATHS, "objectId", "createdAt"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_odd_values_can_be_sorted(connection: psycopg.Connection[Any], name: str, sign: str) -> None:
    documents = [
        document(f"o{number}", **dict.fromkeys([*COLUMN_VALUES, "a", "o"], value))
        for number, value in enumerate(STORABLE)
    ]
    rows = Rows.of(connection, documents)
    assert (
        len(rows.in_sql({}, CLIENT, [sign + name])) == len(rows.in_memory({}, CLIENT, [sign + name])) == len(documents)
    )


def _dated(where: Json) -> Json:
    """The condition without texts that a Date column refuses."""
    if isinstance(where, list):
        return [_dated(each) for each in where]
    if not isinstance(where, dict):
        return where
    return {
        name: _without_texts(each) if name == "d" else _dated(each) if name.startswith("$") else each
        for name, each in where.items()
    }


def _without_texts(value: Json) -> Json:
    if isinstance(value, dict) and "__type" not in value:
        return {name: each if name == "$regex" else _without_texts(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_texts(each) for each in value]
    return 5 if isinstance(value, str) else value
