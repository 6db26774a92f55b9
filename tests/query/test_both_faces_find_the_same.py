"""Each condition finds what the contract says, in SQL and in memory."""

from __future__ import annotations

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
def test_in_memory(matrix: Rows, where: Json, expected: str) -> None:
    assert " ".join(matrix.in_memory(where, CLIENT)) == expected
