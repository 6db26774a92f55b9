"""The nearest rows without a distance: found through the index, the same ones that reading all rows finds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from parse_core.query.order import parse_order
from parse_core.query.parse import parse_where
from parse_core.query.select import BREAK, Select
from parse_core.store import geography
from parse_core.store.sql import Sql
from parse_core.values.scalars import Document, Json
from tests.query.places import Places, places, point
from tests.query.rows import document

pytestmark = pytest.mark.xdist_group("postgis")
MANY = 20_000


def scattered(chance: random.Random) -> tuple[float, float]:
    return chance.uniform(-90, 90), chance.uniform(-180, 180)


def in_one_town(chance: random.Random) -> tuple[float, float]:
    return chance.gauss(48.1, 0.1), chance.gauss(11.5, 0.1)


def around_the_pole(chance: random.Random) -> tuple[float, float]:
    return chance.uniform(89, 90), chance.uniform(-180, 180)


def on_a_grid(chance: random.Random) -> tuple[float, float]:
    return chance.randrange(-9, 10) * 10.0, chance.randrange(-18, 19) * 10.0


def at_the_edge(chance: random.Random) -> tuple[float, float]:
    return chance.uniform(-80, 80), chance.choice([1, -1]) * chance.uniform(178, 180)


LAYOUTS = {each.__name__: each for each in (scattered, in_one_town, around_the_pole, on_a_grid, at_the_edge)}


@pytest.fixture(scope="module", params=["without PostGIS", "with PostGIS"])
def world(request: pytest.FixtureRequest) -> Iterator[Places]:
    fixture = "postgis_url" if request.param == "with PostGIS" else "database_url"
    with places(request.getfixturevalue(fixture)) as found:
        yield found


def indexed(world: Places, documents: list[Document]) -> Places:
    """The documents, with an index on their places."""
    found = world.of(documents)
    relation = found.rows.schema.relation.text
    index: Any = f"CREATE INDEX ON {relation} {geography.point_index('g', world.scope.postgis).text}"
    found.rows.connection.execute(index)
    found.rows.connection.execute(f"ANALYZE {relation}")
    schema = replace(found.rows.schema, indexes={"place": {"g": "2dsphere"}})
    return replace(found, rows=replace(found.rows, schema=schema))


def statement(world: Places, where: Json, limit: int, skip: int) -> Sql:
    schema = world.rows.schema
    condition = parse_where(where, schema, world.scope)
    order = parse_order((), schema, condition)
    return Select(schema, condition, order, limit, skip).sql()


def found(world: Places, where: Json, limit: int, skip: int = 0) -> list[str]:
    """The ids that the statement of a find gives."""
    sql = statement(world, where, limit, skip)
    row = world.rows.connection.execute(sql.text, sql.params).fetchone()
    assert row is not None
    return [orjson.loads(text)["objectId"] for text in (row[0] or "").split(BREAK) if text]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_they_are_those_that_reading_everything_finds(world: Places, layout: str) -> None:
    chance = random.Random(layout)  # noqa: S311 (the same cases in each run)
    spots = [LAYOUTS[layout](chance) for _ in range(400)]
    rows = [document(f"p{n:03}", g=point(*spot), n=n % 3) for n, spot in enumerate(spots)]
    many = indexed(world, [*rows, document("none"), document("null", g=None)])
    centers = [LAYOUTS[layout](chance) for _ in range(8)] + [scattered(chance) for _ in range(8)]
    centers += [(90, 0), (-90, 7), (0, 180), (0, -180), (5, 179.9), (-5, -179.9), (0, 0)]
    for latitude, longitude in centers:
        near: Json = {"g": {"$nearSphere": point(latitude, longitude)}}
        far: Json = {"g": {**near["g"], "$maxDistance": chance.uniform(0, 3)}}
        for where in (near, far, {**near, "n": 1}, {**near, "n": 4}, {**near, "objectId": {"$lt": "p010"}}):
            everything = many.in_sql(where).split()
            for limit, skip in ((1, 0), (7, 5), (100, 350), (1000, 0)):
                assert found(many, where, limit, skip) == everything[skip : skip + limit], where


def test_few_rows_are_read(world: Places) -> None:
    chance = random.Random(8)  # noqa: S311 (the same cases in each run)
    many = indexed(world, [document(f"p{n}", g=point(*scattered(chance))) for n in range(MANY)])
    for center in [scattered(chance) for _ in range(10)] + [(0, 180), (-17.5, 179)]:
        sql = statement(many, {"g": {"$nearSphere": point(*center)}}, 100, 0)
        explained: Any = f"EXPLAIN (ANALYZE, FORMAT JSON) {sql.text}"
        ((plan,),) = many.rows.connection.execute(explained, sql.params)
        assert "Seq Scan" not in str(plan)
        assert rows_read(plan[0]["Plan"]) < MANY / 10, plan


def rows_read(plan: Any) -> int:
    """How many rows the scans of a plan looked at."""
    below = sum(map(rows_read, plan.get("Plans", ())))
    if "Relation Name" not in plan:
        return below
    return int(below + plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))
