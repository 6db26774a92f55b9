"""Each condition finds what the contract says, in SQL and in memory."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from parse_core.values.scalars import Json
from tests.query.cases import MATRIX_CASES
from tests.query.rows import CLIENT, Rows


def _name(where: object) -> str | None:
    return orjson.dumps(where).decode()[:80] if isinstance(where, dict) else None


@pytest.mark.parametrize(("where", "expected"), MATRIX_CASES, ids=_name)
def test_in_sql(matrix: Rows, where: Json, expected: str) -> None:
    assert " ".join(matrix.in_sql(where, CLIENT)) == expected


@pytest.mark.parametrize(("where", "expected"), MATRIX_CASES, ids=_name)
def test_in_sql_with_declared_indexes(matrix: Rows, where: Json, expected: str) -> None:
    paths = ["a.0", "a.q", "o.x", "o.y", "o.z", "o.z.w", "o.l", "o.l.m", "o.l.0", "o.nn"]
    schema = replace(matrix.schema, indexes={path: {path: 1} for path in paths})
    assert " ".join(replace(matrix, schema=schema).in_sql(where, CLIENT)) == expected


@pytest.mark.parametrize(("where", "expected"), MATRIX_CASES, ids=_name)
def test_in_memory(matrix: Rows, where: Json, expected: str) -> None:
    assert " ".join(matrix.in_memory(where, CLIENT)) == expected
