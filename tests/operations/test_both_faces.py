"""Each operation means the same in memory and in SQL."""

from __future__ import annotations

import copy

import orjson
import psycopg
import pytest

from parse_core.operations.base import MISSING
from parse_core.store.sql import Sql
from tests.operations.cases import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=str)
def test_in_memory(case: Case) -> None:
    before = copy.deepcopy(case.before)
    after = case.operation.apply(case.before)
    assert after == case.after
    assert type(after) is type(case.after)
    assert case.before == before, "the operand's value must not be changed in place"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_in_sql(case: Case, database_url: str) -> None:
    text = None if case.before is MISSING else orjson.dumps(case.before).decode()
    expression = case.operation.sql(Sql("%s::jsonb", (text,)))
    if expression is None:
        assert case.after is MISSING
        return
    with psycopg.connect(database_url) as connection:
        row = connection.execute(f"SELECT ({expression.text})::text".encode(), expression.params).fetchone()
    assert row is not None
    after = orjson.loads(row[0])
    assert after == case.after
    assert type(after) is type(case.after)
