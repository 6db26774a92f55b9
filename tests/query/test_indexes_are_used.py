"""Equality on any field is answered by the index that every class has, ranges and order by declared ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from parse_core.store.expressions import index_term
from parse_core.values.scalars import Json, pointer
from tests.query.rows import CLIENT, FIELDS, Rows, date, document


@pytest.fixture(scope="module")
def many(connection: psycopg.Connection[Any]) -> Rows:
    """20,000 rows, so that the planner has a choice."""
    return Rows.of(
        connection,
        [
            document(
                f"o{number:05}",
                createdAt=f"20{number % 100:02}-01-01T00:00:00.000Z",
                n=number % 5_000,
                s=f"s{number % 5_000}",
                d=date(f"20{number % 100:02}-01-01T00:00:00.000Z"),
                p=pointer("P", f"p{number % 5_000}"),
                a=[number % 5_000, f"t{number % 3_000}", pointer("P", f"q{number % 4_000}"), {"k": number % 2_000}],
                o={"k": number % 5_000, "l": [{"m": number % 3_000}]},
            )
            for number in range(20_000)
        ],
    )


INDEXED: list[tuple[Json, int]] = [
    ({"n": 7}, 4),
    ({"s": "s7"}, 4),
    ({"p": pointer("P", "p7")}, 4),
    ({"p": "p7"}, 4),
    ({"p": {"$in": ["p7", "p8", "p9"]}}, 12),
    ({"n": {"$in": list(range(50))}}, 200),
    ({"a": 7}, 4),
    ({"a": "t7"}, 7),
    ({"a": pointer("P", "q7")}, 5),
    ({"a": {"k": 7}}, 10),
    ({"a": {"$all": [7, "t7"]}}, 2),
    ({"a.k": 7}, 10),
    ({"o.k": 7}, 4),
    ({"o.k": {"$in": [7, 8]}}, 8),
    ({"o.l.m": 7}, 7),
    ({"$or": [{"n": 7}, {"o.k": 8}, {"a": 9}]}, 12),
    ({"n": 7, "s": {"$gt": "s"}}, 4),
]


@pytest.mark.parametrize(("where", "found"), INDEXED)
def test_equality_uses_the_index_on_data(many: Rows, where: Json, found: int) -> None:
    assert "Bitmap Index Scan" in many.plan(where, CLIENT)
    assert len(many.in_sql(where, CLIENT)) == found


def test_an_object_id_uses_the_primary_key(many: Rows) -> None:
    assert ":pkey" in many.plan({"objectId": "o00007"}, CLIENT)
    assert ":pkey" in many.plan({"objectId": {"$in": ["o00007", "o00008"]}}, CLIENT)


@contextmanager
def declared(rows: Rows, name: str) -> Iterator[str]:
    """An index on a field while the block runs."""
    term = index_term(name, FIELDS[name].type)
    assert term is not None
    rows.connection.execute(f"CREATE INDEX declared ON {rows.schema.relation.text} ({term.text})")
    rows.connection.execute(f"ANALYZE {rows.schema.relation.text}")
    try:
        yield "declared"
    finally:
        rows.connection.execute(f"DROP INDEX {rows.schema.namespace}.declared")


DECLARED: list[tuple[str, Json]] = [
    ("n", {"n": {"$gt": 4990, "$lte": 4995}}),
    ("s", {"s": {"$gte": "s999"}}),
    ("s", {"s": {"$regex": "^\\Qs499\\E"}}),
    ("d", {"d": {"$gt": "2098-06-01"}}),
    ("p", {"p": {"$gt": "p999"}}),
    ("createdAt", {"createdAt": {"$gt": "2098-06-01"}}),
]


@pytest.mark.parametrize(("name", "where"), DECLARED)
def test_ranges_use_declared_indexes(many: Rows, name: str, where: Json) -> None:
    with declared(many, name) as index:
        assert index in many.plan(where, CLIENT)


@pytest.mark.parametrize("name", ["n", "s", "b", "d", "p", "createdAt", "objectId"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_order_uses_declared_indexes_in_both_directions(many: Rows, name: str, sign: str) -> None:
    with declared(many, name) as index:
        statement = many.statement({}, CLIENT, [sign + name])
        lines = many.connection.execute(f"EXPLAIN {statement.text} LIMIT 10", statement.params)
        plan = "\n".join(line for (line,) in lines)
        assert index in plan or ":pkey" in plan, plan
