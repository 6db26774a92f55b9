"""Every operator with every kind of operand, on every kind of value wherever it can be: missing, null, in a column, in
arrays, in objects, in arrays in objects, in arrays in arrays. Both faces find what the model says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import psycopg
import pytest

from parse_core.errors import InvalidJson, InvalidQuery
from parse_core.query.operators.base import operators
from parse_core.query.parse import parse_where
from parse_core.query.scope import ParseScope, SubSelect
from parse_core.store.database import Database
from parse_core.values.scalars import Document, Json, pointer
from tests.query.model import MISSING, canonical, holds, leaves
from tests.query.places import point, polygon
from tests.query.rows import CLIENT, FIELDS, MASTER, Rows, date, document

EARLY, LATE = date("2020-01-01T00:00:00.000Z"), date("2021-01-01T00:00:00.000Z")
HERE, THERE = point(1, 2.5), point(40, 50)
AREA, OTHER_AREA = polygon((0, 0), (0, 5), (5, 5), (5, 0)), polygon((30, 30), (30, 35), (35, 35))
FILE: Final = {"__type": "File", "name": "f.txt", "url": "http://x/f.txt"}
BYTES: Final = {"__type": "Bytes", "base64": "aGk="}
KINDS: Final[dict[str, tuple[str, list[Json]]]] = {  # the column of a kind, and values of it
    "number": ("n", [0, 1, 2.5]),
    "text": ("s", ["", "a", "B"]),
    "flag": ("b", [False, True]),
    "date": ("d", [EARLY, LATE]),
    "pointer": ("p", [pointer("P", "p1"), pointer("P", "p2")]),
    "place": ("g", [HERE, THERE]),
    "bytes": ("y", [BYTES]),
    "file": ("f", [FILE]),
    "polygon": ("poly", [AREA, OTHER_AREA]),
    "object": ("o", [{}, {"q": 1}, {"q": [1, {"q": "a"}], "r": None}]),
    "array": ("a", [[], [1], ["a", None], [1, "a"], [[1]]]),
}
VALUES: Final[list[Json]] = [None, *(value for _, values in KINDS.values() for value in values)]
PLACES: Final[dict[str, Callable[[Json], dict[str, Json]]]] = {  # where else a value can be
    "in an array": lambda value: {"a": [value]},
    "in an array with others": lambda value: {"a": [7, value, "z"]},
    "in an array in an array": lambda value: {"a": [[value]]},
    "in an object in an array": lambda value: {"a": [{"k": value}, 7]},
    "in an object": lambda value: {"o": {"k": value}},
    "in an array in an object": lambda value: {"o": {"k": [value, 7]}},
    "in an object in an object": lambda value: {"o": {"k": {"k": value}}},
    "in an object in an array in an object": lambda value: {"o": {"k": [{"k": value}, {"j": 7}]}},
}
NAMES: Final = [
    *(column for column, _ in KINDS.values()), "a.0", "a.1", "a.k", "a.0.k", "o.k", "o.j", "o.k.0", "o.k.k", "o.k.0.k",
    "n.k", "p.objectId", "nosuch", "nosuch.k",
]  # fmt: skip
LISTS: Final = ("$in", "$nin", "$all", "$containedBy")
RANGES: Final = ("$lt", "$lte", "$gt", "$gte")
COMPARED: Final = ("$eq", "$ne", "$exists", "$regex", *LISTS, *RANGES)


def documents() -> list[Document]:
    found: list[dict[str, Any]] = [{}, dict.fromkeys(("n", "s", "b", "d", "a", "o", "g", "poly"))]
    found += [{column: value} for column, values in KINDS.values() for value in values]
    found += [place(value) for place in PLACES.values() for value in VALUES]
    return [document(f"x{number:03}", **fields) for number, fields in enumerate(found)]


def operands(operator: str, name: str) -> list[Any]:
    """What an operator is tried with on a field, other than what is refused there."""
    if operator == "$exists":
        return [True, False]
    if operator == "$regex":
        return ["", "a", "^[A-Z]", "^$"]
    values = [value for value in VALUES if not (name == "d" and isinstance(value, str | list))]
    if operator in LISTS:
        pairs = [[one, other] for one, other in zip(values, values[3:], strict=False)]
        return [[], *([value] for value in values), *pairs, values[1:]]
    if operator in RANGES:
        return [value for value in values if not _is_container(value)]
    return values


def _is_container(value: Json) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and value.get("__type") != "Date")


@pytest.fixture(scope="module")
def everything(connection: psycopg.Connection[Any]) -> Rows:
    return Rows.of(connection, documents())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("operator", COMPARED)
def test_both_faces_find_what_the_contract_says(everything: Rows, operator: str, name: str) -> None:
    column = FIELDS.get(name.partition(".")[0])
    kind = None if column is None else column.type
    for operand in operands(operator, name):
        where = {name: {operator: operand}}
        expected = [each["objectId"] for each in everything.documents if holds(each, name, kind, operator, operand)]
        for found in (everything.in_sql(where, CLIENT), everything.in_memory(where, CLIENT)):
            differing = set(found) ^ set(expected)
            assert not differing, (where, [each for each in everything.documents if each["objectId"] in differing])


# What is looked for, and the one value in `VALUES` that it finds: alone, in an array, wherever a path leads to it
SOUGHT: Final[dict[str, tuple[Json, Json]]] = {
    "$nearSphere": ({"$nearSphere": HERE, "$maxDistance": 0.1}, HERE),
    "$within": ({"$within": {"$box": [point(0, 0), point(2, 3)]}}, HERE),
    "$centerSphere": ({"$geoWithin": {"$centerSphere": [[2.5, 1], 0.1]}}, HERE),
    "$polygon": ({"$geoWithin": {"$polygon": [[0, 0], [0, 5], [5, 5], [5, 0]]}}, HERE),
    "$geoIntersects": ({"$geoIntersects": {"$point": point(1, 1)}}, AREA),
    "$regex": ({"$regex": "^a$"}, "a"),
    "$all of patterns": ({"$all": [{"$regex": "^\\Qa\\E"}]}, "a"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sought", SOUGHT)
def test_what_looks_for_one_kind_finds_no_other(everything: Rows, sought: str, name: str) -> None:
    column = FIELDS.get(name.partition(".")[0])
    constraint, value = SOUGHT[sought]
    kind = None if column is None else column.type
    if name == "a" and not isinstance(value, str):
        kind = None  # a column of arrays is none of places
    in_sql = everything.in_sql({name: constraint}, CLIENT)
    assert set(in_sql) == {each["objectId"] for each in everything.documents if holds(each, name, kind, "$eq", value)}
    assert everything.in_memory({name: constraint}, CLIENT) == in_sql


@pytest.mark.parametrize("name", NAMES)
def test_full_text_finds_texts_only(everything: Rows, name: str) -> None:
    column = FIELDS.get(name.partition(".")[0])
    kind = None if column is None or name == "a" else column.type
    where = {name: {"$text": {"$search": {"$term": "B", "$language": "none"}}}}
    expected = [each["objectId"] for each in everything.documents if holds(each, name, kind, "$eq", "B")]
    assert everything.in_sql(where, CLIENT) == expected
    assert everything.in_memory(where, CLIENT) == []  # only PostgreSQL reads texts word by word


@pytest.mark.parametrize("name", NAMES)
def test_operands_of_wrong_kinds_are_refused_whatever_the_field_is(everything: Rows, name: str) -> None:
    plain = [value for value in VALUES if _is_container(value) and not (isinstance(value, dict) and "__type" in value)]
    refused = [*({each: value} for each in RANGES for value in plain),
               *({each: value} for each in LISTS for value in VALUES if not isinstance(value, list)),
               *({"$regex": value} for value in VALUES if not isinstance(value, str)),
               *({each: value} for each in ("$within", "$geoWithin", "$geoIntersects", "$text") for value in VALUES),
               *({"$nearSphere": value} for value in VALUES if value not in (HERE, THERE))]  # fmt: skip
    for constraint in refused:
        with pytest.raises((InvalidJson, InvalidQuery)):
            parse_where({name: constraint}, everything.schema, CLIENT)


@pytest.mark.parametrize("name", NAMES)
def test_both_faces_order_other_values_alike(everything: Rows, name: str) -> None:
    for value in VALUES:
        if isinstance(value, dict) and "__type" in value:
            for operator in RANGES:
                where = {name: {operator: value}}
                assert everything.in_sql(where, CLIENT) == everything.in_memory(where, CLIENT), where


@dataclass(frozen=True)
class Itself:
    """The class, as its own sub-queries see it."""

    rows: Rows
    database: Database

    def subquery(
        self,
        class_name: str,
        where: Json,
        scope: ParseScope,
        redirect_key: str | None = None,
        key: str | None = None,
    ) -> SubSelect:
        return SubSelect(self.rows.schema, parse_where(where, self.rows.schema, scope), executor=self.database)

    def owner(self, class_name: str, object_id: str, key: str) -> SubSelect:
        raise NotImplementedError


@pytest.fixture(scope="module")
def own_class(everything: Rows, database_url: str) -> Iterator[ParseScope]:
    database = Database(lambda: database_url, max_connections=1)
    yield replace(MASTER, subqueries=Itself(everything, database))
    database.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["n", "d", "p", "a", "o.k"])
def test_selected_values_are_a_list_of_them(everything: Rows, own_class: ParseScope, key: str, name: str) -> None:
    column, selected = (FIELDS.get(each.partition(".")[0]) for each in (name, key))
    assert selected is not None
    kind = None if column is None else column.type
    found = [value for each in everything.documents for value in leaves(each, key, selected.type)]
    listed = [each for value in found for each in (value if isinstance(value, list) else [value])]
    values = [value for value in listed if value is not MISSING and value is not None]
    if name == "d":
        values = [value for value in values if isinstance(value, dict)]
    distinct = {canonical(value): value for value in values}.values()
    expected = [
        each["objectId"]
        for each in everything.documents
        if any(holds(each, name, kind, "$eq", value) for value in distinct)
    ]
    where = {"query": {"className": "T", "where": {}}, "key": key}
    for face in (everything.in_sql, everything.in_memory):
        assert face({name: {"$select": where}}, own_class) == expected
        others = [each["objectId"] for each in everything.documents if each["objectId"] not in expected]
        assert face({name: {"$dontSelect": where}}, own_class) == others


def test_no_operator_is_left_out() -> None:
    here = {*COMPARED, "$nearSphere", "$within", "$geoWithin", "$geoIntersects", "$text", "$select", "$dontSelect"}
    beside = {"$options", "$maxDistance", "$maxDistanceInRadians", "$maxDistanceInMiles", "$maxDistanceInKilometers"}
    assert set(operators) == here | beside | {"$inQuery", "$notInQuery"}  # which test_other_classes.py tries
