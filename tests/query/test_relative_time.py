"""`$relativeTime`: moments named from now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from parse_core.errors import InvalidJson
from parse_core.query.parse import parse_where
from parse_core.query.relative_time import relative_time
from parse_core.query.scope import ParseScope
from parse_core.values.scalars import Json, date_value
from tests.query.rows import CLIENT, Rows, document

NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)

MOMENTS = [
    ("now", timedelta()),
    ("NOW", timedelta()),
    ("in 1 day", timedelta(days=1)),
    ("2 days ago", timedelta(days=-2)),
    ("2 Days 3 HRS ago", timedelta(days=-2, hours=-3)),
    ("in 1 year 2 weeks 4 days 10 hours 24 minutes 30 seconds", timedelta(days=383, hours=10, minutes=24, seconds=30)),
    ("  in   1  wk ", timedelta(weeks=1)),
    ("in -1 sec", timedelta(seconds=-1)),
    ("ago", timedelta()),
]
REFUSED = [
    ("12 hrs", "Time should either start with 'in' or end with 'ago'"),
    ("", "Time should either start with 'in' or end with 'ago'"),
    ("in 1 day ago", "Time cannot have both 'in' and 'ago'"),
    ("in 1 day 2", "Invalid time string. Dangling unit or number."),
    ("in x days", "'x' is not an integer."),
    ("1.5 days ago", "'1.5' is not an integer."),
    ("in 1 month", "Invalid interval: 'month'"),
]


@pytest.mark.parametrize(("text", "delta"), MOMENTS)
def test_a_moment(text: str, delta: timedelta) -> None:
    assert relative_time(text, NOW) == NOW + delta


@pytest.mark.parametrize(("text", "info"), REFUSED)
def test_what_is_no_moment(text: str, info: str) -> None:
    with pytest.raises(InvalidJson) as caught:
        relative_time(text, NOW)
    assert caught.value.message == f"bad $relativeTime ({text}) value. {info}"


@pytest.mark.parametrize("raw", [5, None, {}, [], True])
def test_what_is_no_text(raw: Json) -> None:
    with pytest.raises(InvalidJson):
        relative_time(raw, NOW)


def test_moments_far_away_are_the_ends_of_time() -> None:
    assert relative_time("in 99999999 years", NOW).year == 9999
    assert relative_time("99999999 years ago", NOW).year == 1
    assert relative_time("in -99999999 years", NOW).year == 1


def test_both_faces_compare_with_it(connection: psycopg.Connection[Any]) -> None:
    moments = [NOW + timedelta(days=days) for days in (-3, -1, 0, 1, 3)]
    rows = Rows.of(connection, [document(str(place), d=date_value(moment)) for place, moment in enumerate(moments)])
    scope = ParseScope(now=NOW)
    where = {"d": {"$gt": {"$relativeTime": "2 days ago"}, "$lte": {"$relativeTime": "in 1 day"}}}
    assert rows.in_sql(where, scope) == rows.in_memory(where, scope) == ["1", "2", "3"]
    where = {"createdAt": {"$lt": {"$relativeTime": "now"}}}
    assert rows.in_sql(where, scope) == rows.in_memory(where, scope) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("name", ["s", "n", "a", "o.d", "nosuch"])
def test_only_dates_compare_with_it(matrix: Rows, name: str) -> None:
    with pytest.raises(InvalidJson, match=r"^\$relativeTime can only be used with Date field$"):
        parse_where({name: {"$gt": {"$relativeTime": "now"}}}, matrix.schema, CLIENT)
