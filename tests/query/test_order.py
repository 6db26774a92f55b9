"""Rows come in the contract's order of values, in SQL and in memory."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from parse_core.errors import InvalidKeyName
from parse_core.query.order import parse_order
from parse_core.values.scalars import Json, pointer
from tests.query.rows import CLIENT, FIELDS, Rows, date, document

# Ascending; rows inside a group are equal and keep the order of insertion.
KINDS: list[Json] = [
    1, 2, 10, "", "10", "A", "B", "a", "ä", {"q": 1}, [[1]], {"__type": "Bytes", "base64": "aGk="}, False, True,
    date("2020-01-01T00:00:00.000Z"), date("2021-01-01T00:00:00.000Z"),
]  # fmt: skip


@pytest.fixture(scope="module")
def kinds(connection: psycopg.Connection[Any]) -> Rows:
    """`o.x` of each kind in turn, from the last to the first, then two rows without any."""
    documents = [document(f"{place:02}", o={"x": value}) for place, value in reversed(list(enumerate(KINDS)))]
    return Rows.of(connection, [*documents, document("null", o={"x": None}), document("missing")])


def test_values_of_all_kinds_have_one_order(kinds: Rows) -> None:
    ascending = ["null", "missing", *(f"{place:02}" for place in range(len(KINDS)))]
    for face in (kinds.in_sql, kinds.in_memory):
        assert face({}, CLIENT, ["o.x"]) == ascending
        assert face({}, CLIENT, ["-o.x"]) == [*reversed(ascending[2:]), "null", "missing"]


COLUMNS: list[tuple[str, list[Json]]] = [
    ("n", [-1, 0, 0.5, 2, 10]),
    ("s", ["", "10", "2", "B", "a", "ä"]),
    ("b", [False, True]),
    ("d", [date("2020-01-01T00:00:00.000Z"), date("2021-01-01T00:00:00.000Z")]),
    ("p", [pointer("P", "A"), pointer("P", "a")]),
    ("a", [[1, 9], [2], ["x"], [[0]]]),
]


@pytest.mark.parametrize(("name", "values"), COLUMNS)
def test_missing_and_null_come_first_ascending_and_last_descending(
    connection: psycopg.Connection[Any], name: str, values: list[Json]
) -> None:
    documents = [document(f"v{place}", **{name: value}) for place, value in enumerate(values)]
    rows = Rows.of(connection, [*reversed(documents), document("missing"), document("null", **{name: None})])
    ascending = [f"v{place}" for place in range(len(values))]
    for face in (rows.in_sql, rows.in_memory):
        assert face({}, CLIENT, [name]) == ["missing", "null", *ascending]
        if name != "a":
            assert face({}, CLIENT, [f"-{name}"]) == [*reversed(ascending), "missing", "null"]


def test_arrays_sort_by_their_smallest_or_largest_element(connection: psycopg.Connection[Any]) -> None:
    arrays = {"x": [5, 1], "y": [3], "z": [], "w": [9, 2], "v": None}
    rows = Rows.of(connection, [document(name, a=value) for name, value in arrays.items()])
    for face in (rows.in_sql, rows.in_memory):
        assert face({}, CLIENT, ["a"]) == ["z", "v", "x", "w", "y"]
        assert face({}, CLIENT, ["-a"]) == ["w", "x", "y", "v", "z"]


def test_later_keys_break_ties_and_insertion_the_rest(connection: psycopg.Connection[Any]) -> None:
    rows = Rows.of(
        connection,
        [document("4", n=1, s="b"), document("3", n=0, s="b"), document("2", n=1, s="a"), document("1", n=1, s="b")],
    )
    for face in (rows.in_sql, rows.in_memory):
        assert face({}, CLIENT, ["n", " -s "]) == ["3", "4", "1", "2"]
        assert face({}, CLIENT, ["-n", "s", "n"]) == ["3", "2", "4", "1"]
        assert face({}, CLIENT, ["nosuch", "-objectId"]) == ["4", "3", "2", "1"]
        assert face({}, CLIENT, ["_created_at", "s"]) == ["2", "4", "3", "1"]


@pytest.mark.parametrize("names", [[], ["nosuch"], ["-ACL"], ["$score"], ["rel"], [""], ["n.x"], ["p.objectId"]])
def test_what_cannot_be_sorted_by_is_ignored(kinds: Rows, names: list[str]) -> None:
    assert parse_order(names, kinds.schema) is None


@pytest.mark.parametrize(
    "name",
    ["+n", "1bad", "a-b", "-n", "_hashed_password", "_password", "a'b", "x y", 'a"b.c', "n; select 1", "é"],
)
def test_an_illegal_name_is_refused(kinds: Rows, name: str) -> None:
    with pytest.raises(InvalidKeyName) as caught:
        parse_order(["-" + name], kinds.schema)
    assert caught.value.message == f"Invalid field name: {name}."


def test_a_provider_id_cannot_be_sorted_by(kinds: Rows) -> None:
    with pytest.raises(InvalidKeyName, match=r"^Cannot sort by authData.google.id$"):
        parse_order(["authData.google.id"], kinds.schema)


def test_a_path_is_data(kinds: Rows) -> None:
    order = ["o.b'); select pg_sleep(3);--", 'o."x"', "o.%s", "o.{x}"]
    assert len(kinds.in_sql({}, CLIENT, order)) == len(KINDS) + 2


def test_every_field_type_can_be_sorted_by(kinds: Rows) -> None:
    for name in FIELDS:
        assert len(kinds.in_sql({}, CLIENT, [name])) == len(kinds.in_memory({}, CLIENT, [name])) == len(KINDS) + 2
