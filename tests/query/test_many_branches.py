"""`$or` of many equalities is one look at each field."""

from __future__ import annotations

import time

import orjson
import pytest

from parse_core.query.parse import parse_where
from parse_core.store.sql import Row
from parse_core.values.scalars import Json, pointer
from tests.query.rows import ALL, CLIENT, Rows, p1

MERGED: list[tuple[Json, str]] = [
    ([{"n": 1}, {"n": 2}], "A B"),
    ([{"n": 1}, {"n": None}], "m z A E"),
    ([{"n": 1}, {"n": {"$in": [2, 0]}}, {"n": "1"}], "A B C"),
    ([{"a": 1}, {"a": {"q": 1}}, {"a": {"$eq": [1, 2]}}], "A B E"),
    ([{"p": "p1"}, {"p": pointer("P", "p2")}, {"p": pointer("Other", "p3")}], "A B"),
    ([{"objectId": "A"}, {"objectId": {"$in": [pointer("T", "B")]}}], "A B"),
    ([{"d": "2020-01-01"}, {"d": "2021-01-01"}], "A B"),
    ([{"o.x": 1}, {"o.x": "1"}], "A E"),
    ([{"a.0": 1}, {"a.0": "a"}], "A B E"),
    ([{"n": 1}], "A"),
    ([{"nosuch": 1}, {"nosuch": None}], ALL),
]
KEPT_APART: list[tuple[Json, str]] = [
    ([{"n": 1}, {"s": "B"}], "A B"),
    ([{"n": 1}, {"n": {"$ne": 1}}], ALL),
    ([{"n": 1}, {"n": 2, "s": "a"}], "A"),
    ([{"n": 1}, {"n": {"$gt": 1}}], "A B"),
    ([{"n": 1}, {"$and": [{"n": 2}, {"a": p1}]}], "A"),
]


def _name(value: object) -> str | None:
    return orjson.dumps(value).decode()[:80] if isinstance(value, list) else None


@pytest.mark.parametrize(("branches", "expected"), MERGED + KEPT_APART, ids=_name)
def test_it_finds_what_the_branches_find(matrix: Rows, branches: Json, expected: str) -> None:
    found = set(expected.split())
    assert " ".join(matrix.in_sql({"$or": branches}, CLIENT)) == expected
    assert " ".join(matrix.in_memory({"$or": branches}, CLIENT)) == expected
    assert set(matrix.in_sql({"$nor": branches}, CLIENT)) == set(ALL.split()) - found
    assert set(matrix.in_memory({"$nor": branches}, CLIENT)) == set(ALL.split()) - found


@pytest.mark.parametrize("branches", [branches for branches, _ in MERGED], ids=_name)
def test_equalities_of_a_field_are_one_condition(matrix: Rows, branches: Json) -> None:
    conditions = list(parse_where({"$or": branches}, matrix.schema, CLIENT).leaves())
    assert len(conditions) == 1


def test_a_thousand_branches_are_parsed_and_found_in_no_time(matrix: Rows) -> None:
    where = {"$or": [{"n": number} if number % 2 else {"s": f"s{number}"} for number in range(999)]}
    matrix.in_sql(where, CLIENT)
    start = time.perf_counter()
    assert matrix.in_sql(where, CLIENT) == ["A"]
    assert time.perf_counter() - start < 0.25  # each branch on its own: 1.1 seconds
    assert parse_where(where, matrix.schema, CLIENT).sql(Row("t")).text.count(" OR ") < 5
