"""The one statement of a pipeline: it reads a class through its indexes, and holds no text of clients."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson
import pytest

from parse_core.store.database import counting
from parse_core.store.sql import Sql
from tests.aggregation.data import distinct, run
from tests.objects.worlds import World

CLIENTS: Final = "clientText"


@pytest.fixture(scope="module")
def large(world: World) -> World:
    """A class of 3,000 objects."""
    world.define("Large", n="Number", g="String", p="Pointer<Large>")
    relation = world.application.schemas["Large"].relation
    values = """ (object_id, data) SELECT 'i' || i, jsonb_build_object(
        'objectId', 'i' || i, 'createdAt', '2026-01-01T00:00:00.000Z', 'updatedAt', '2026-01-01T00:00:00.000Z',
        'n', i, 'g', 'g' || i % 500, 'p', jsonb_build_object(
            '__type', 'Pointer', 'className', 'Large', 'objectId', 'i' || (i / 2 + 1)))
        FROM generate_series(1, 3000) AS i"""
    database = world.application.database
    database.fetch(Sql("INSERT INTO ") + relation + Sql(values.replace("%", "%%")))
    database.fetch(Sql("ANALYZE ") + relation)
    return world


@pytest.mark.parametrize(
    ("pipeline", "index"),
    [
        ([{"$match": {"g": "g7"}}, {"$count": "n"}], "data"),
        ([{"$match": {"g": "g7"}}, {"$match": {"n": {"$gt": 1}}}, {"$group": {"_id": "$n"}}], "data"),
        ([{"$match": {"g": "g7", "$expr": {"$gt": ["$n", 1]}}}], "data"),
        ([{"$match": {"p": "i9"}}, {"$addFields": {"x": 1}}], "data"),
        ([{"$match": {"_id": "i9"}}, {"$addFields": {"x": 1}}], "object_id"),
        ([{"$limit": 5}, {"$project": {"n": 1}}], "sequence"),
        ([{"$match": {"g": "g7"}},
          {"$lookup": {"from": "Large", "localField": "p", "foreignField": "_id", "as": "x"}}], "object_id"),
    ],
    ids=str,
)  # fmt: skip
def test_the_first_stages_find_the_indexes_of_the_class(large: World, pipeline: Any, index: str) -> None:
    plan = orjson.dumps(run(large, "Large", pipeline, explain=True)).decode()
    used = set(re.findall(r'"Index Name":"([^"]*)"', plan))
    schema = large.application.schemas["Large"]
    made = "SELECT indexname FROM pg_indexes WHERE schemaname = %s AND tablename = %s AND indexdef ~ %s"
    columns = rf"\({index}( jsonb_path_ops)?\)"
    rows = large.application.database.fetch(Sql(made, (schema.namespace, schema.table, columns)))
    assert used & {name for (name,) in rows}


@pytest.mark.parametrize(
    "pipeline",
    [
        [{"$addFields": {CLIENTS: f"${CLIENTS}.{CLIENTS}"}}, {"$match": {CLIENTS: CLIENTS, f"{CLIENTS}.x": 1}}],
        [{"$addFields": {CLIENTS: 1}}, {"$sort": {CLIENTS: 1}}, {"$unset": CLIENTS}],
        [{"$group": {"_id": {CLIENTS: f"${CLIENTS}"}, CLIENTS: {"$sum": f"${CLIENTS}"}}}],
        [{"$project": {CLIENTS: 1, f"about.{CLIENTS}": CLIENTS}}],
        [{"$unwind": {"path": f"${CLIENTS}", "includeArrayIndex": CLIENTS}}, {"$count": CLIENTS}],
        [{"$lookup": {"from": "Author", "localField": CLIENTS, "foreignField": CLIENTS, "as": CLIENTS}}],
        [{"$facet": {CLIENTS: [{"$sortByCount": f"${CLIENTS}"}]}}],
        [{"$project": {"x": {"$let": {"vars": {CLIENTS: CLIENTS}, "in": f"$${CLIENTS}.{CLIENTS}"}}}}],
        [{"$project": {"x": {"$map": {"input": "$others", "as": CLIENTS, "in": f"$${CLIENTS}"}}}}],
        [{"$match": {"tags": {"$elemMatch": {CLIENTS: CLIENTS}}}}],
        [{"$geoNear": {"near": [1, 1], "key": "at", "distanceField": CLIENTS}}],
    ],
    ids=str,
)
def test_a_statement_holds_no_text_of_clients(world: World, pipeline: Any) -> None:
    with counting() as statements:
        run(world, "Book", pipeline)
    assert not [text for text in statements.statements if CLIENTS in text]


def test_neither_does_that_of_distinct_values(world: World) -> None:
    with counting() as statements:
        distinct(world, "Book", f"about.{CLIENTS}", where={f"about.{CLIENTS}": CLIENTS})
    assert not [text for text in statements.statements if CLIENTS in text]


def test_what_a_stage_computes_is_computed_once(world: World) -> None:
    doubled = {"$addFields": {"pages": {"$add": ["$pages", "$pages"]}}}
    (found,) = run(world, "Book", [{"$match": {"title": "Ash"}}, *[doubled] * 20, {"$project": {"pages": 1}}])
    assert found["pages"] == 100 * 2**20
