"""Pipelines that are refused: with the contract's texts, before anything runs, and however large they are."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, Final

import pytest

from parse_core.errors import InvalidQuery
from parse_core.store.database import counting
from tests.aggregation.data import run
from tests.objects.worlds import World

STAGES: Final = [
    ([{"$match": {}, "$limit": 1}], "Pipeline stages should only have one key but found $match, $limit."),
    ([{}], "Pipeline stages should only have one key but found ."),
    ([5], "Pipeline stages should only have one key but found ."),
    ([{"match": {}}], "Invalid aggregate stage 'match'."),
    ({"foo": 1}, "Invalid aggregate stage 'foo'."),
    ("{", "Invalid pipeline: it must be an array or an object."),
    ("5", "Invalid pipeline: it must be an array or an object."),
    (5, "Invalid pipeline: it must be an array or an object."),
    (True, "Invalid pipeline: it must be an array or an object."),
    ([{"$group": {"objectId": "$a", "_id": 1}}], "Cannot use 'objectId' in aggregation stage $group."),
    ([{"$group": {}}], "Invalid parameter for query: group. Missing key _id"),
    ([{"$search": {}}], "Unsupported aggregation stage: $search"),
    *[([{name: {}}], f"Unsupported aggregation stage: {name}")
      for name in ("$out", "$merge", "$function", "$where", "$accumulator", "$indexStats", "$bucketAuto")],
    ([{"$facet": {"a": [{"$out": "x"}]}}], "Unsupported aggregation stage: $out"),
    ([{"$lookup": {"from": "Book", "as": "x", "pipeline": [{"$merge": "x"}]}}],
     "Unsupported aggregation stage: $merge"),
    ([{"$unionWith": {"coll": "Book", "pipeline": [{"$out": "x"}]}}], "Unsupported aggregation stage: $out"),
    ([{"$facet": {"a": [{"$facet": {"b": []}}]}}], "$facet cannot be inside of $facet"),
    ([{"$limit": 0}], "$limit needs a whole number that is not below 1"),
    ([{"$limit": -1}], "$limit needs a whole number that is not below 1"),
    ([{"$limit": "2"}], "$limit needs a whole number that is not below 1"),
    ([{"$limit": 1.5}], "$limit needs a whole number that is not below 1"),
    ([{"$limit": 1e300}], "$limit needs a whole number that is not below 1"),
    ([{"$skip": -1}], "$skip needs a whole number that is not below 0"),
    ([{"$sort": {"a": 2}}], "$sort takes 1 for ascending and -1 for descending order"),
    ([{"$sort": {}}], "$sort needs an object with at least one field"),
    ([{"$project": {}}], "$project needs an object with at least one field"),
    ([{"$project": {"a": 1, "b": 0}}], "$project cannot leave fields out of those it keeps"),
    ([{"$project": {"a": {}}}], "$project: an empty object is not a valid value"),
    ([{"$project": {"a": 1, "a.b": 1}}], "$project: a field is named twice, or beside one it is in"),
    ([{"$group": {"_id": None, "x": 1}}], "Each field of $group needs an object with exactly one accumulator"),
    ([{"$group": {"_id": None, "x": {"$nope": 1}}}], "Unsupported aggregation operator: $nope"),
    ([{"$group": {"_id": None, "x": {"$accumulator": {}}}}], "Unsupported aggregation operator: $accumulator"),
    ([{"$group": {"_id": None, "a.b": {"$sum": 1}}}], "The field names of $group may not contain '.'"),
    ([{"$unwind": "tags"}], "$unwind needs a path that starts with '$'"),
    ([{"$unwind": {}}], "$unwind needs a text where there is none"),
    ([{"$count": ""}], "$count needs a text where there is none"),
    ([{"$sample": {"size": 0}}], "$sample needs a whole number that is not below 1"),
    ([{"$lookup": {"from": "Author"}}], "$lookup needs a text where there is none"),
    ([{"$bucket": {"groupBy": "$pages", "boundaries": [2, 1]}}],
     "$bucket needs at least two 'boundaries' of one kind in ascending order"),
    ([{"$bucket": {"groupBy": "$pages", "boundaries": [0, 1]}}],
     "$bucket: a value is in none of the boundaries, and there is no 'default'"),
    ([{"$replaceRoot": {"newRoot": "$title"}}],
     "'newRoot' expression of $replaceRoot must evaluate to an object, not string"),
    ([{"$limit": 1}, {"$geoNear": {"near": [0, 0], "distanceField": "d"}}],
     "$geoNear is only valid as the first stage in a pipeline"),
]  # fmt: skip


@pytest.mark.parametrize(("pipeline", "message"), STAGES, ids=[str(row[0]) for row in STAGES])
def test_a_stage_that_cannot_be_is_refused_with_a_reason(world: World, pipeline: Any, message: str) -> None:
    with pytest.raises(InvalidQuery) as refusal:
        run(world, "Book", pipeline)
    assert refusal.value.message == message


def test_a_stage_is_refused_before_anything_runs(world: World) -> None:
    with counting() as statements, pytest.raises(InvalidQuery):
        run(world, "Book", [{"$limit": 1}, {"$nope": {}}])
    assert len(statements) == 0


def nest(levels: int, inner: Any, *wrappers: Any) -> Any:
    for level in range(levels):
        inner = wrappers[level % len(wrappers)](inner)
    return inner


LARGE: Final[dict[str, Any]] = {
    "deep $and": [{"$match": nest(20_000, {"a": 1}, lambda node: {"$and": [node]})}],
    "deep $not and $elemMatch": [
        {"$match": nest(20_000, {"a": 1}, lambda node: {"a": {"$elemMatch": node}}, lambda node: {"a": {"$not": node}})}
    ],
    "deep $add": [{"$project": {"x": nest(20_000, "$a", lambda node: {"$add": [node, 1]})}}],
    "deep objects": [{"$project": {"x": nest(20_000, 1, lambda node: {"a": node})}}],
    "deep facets in lookups": nest(
        5_000, [], lambda node: [{"$lookup": {"from": "Book", "as": "x", "pipeline": node}}], lambda node: [
            {"$facet": {"a": node}}]
    ),
    "many stages": [{"$skip": 1}] * 50_000,
    "many expressions": [{"$project": {f"f{number}": {"$add": ["$a", number]} for number in range(20_000)}}],
    "many conditions": [{"$match": {"$or": [{"a": number} for number in range(20_000)]}}],
    "many values": [{"$project": {"x": {"$in": ["$a", list(range(200_000))]}}}],
    "a wide switch": [
        {"$project": {"x": {"$switch": {"branches": [{"case": "$a", "then": n} for n in range(9_000)], "default": 1}}}}
    ],
}  # fmt: skip


@pytest.mark.parametrize("pipeline", LARGE.values(), ids=LARGE)
def test_a_large_pipeline_is_refused_at_once(world: World, pipeline: Any) -> None:
    started = time.thread_time()
    with pytest.raises(InvalidQuery):
        run(world, "Book", pipeline)
    assert time.thread_time() - started < 0.3


NEARLY: Final[dict[str, Any]] = {
    "forty levels of $add": [{"$project": {"x": nest(40, "$pages", lambda node: {"$add": [node, 1]})}}],
    "forty levels of $ifNull": [{"$project": {"x": nest(40, "$pages", lambda node: {"$ifNull": [node, "$nope", 1]})}}],
    "twenty levels of $cond": [{"$project": {"x": nest(20, "$pages", lambda node: {"$cond": [node, node, 1]})}}],
    "thirty computing stages": [{"$addFields": {"pages": {"$add": ["$pages", "$pages", "$pages"]}}}] * 30,
    "thirty levels of $or": [{"$match": nest(30, {"pages": 1}, lambda node: {"$or": [node, {"price": 1}]})}],
    "five lookups in each other": nest(
        5, [], lambda node: [{"$lookup": {"from": "Author", "as": "x", "pipeline": node}}]
    ),
    "a thousand alternatives": [{"$match": {"$or": [{"pages": number} for number in range(1_000)]}}],
    "a long list": [{"$match": {"pages": {"$in": list(range(50_000))}}}],
    "a hundred stages": [{"$match": {"pages": {"$gt": 0}}}, {"$skip": 0}, {"$addFields": {"x": 1}}, {"$limit": 9}] * 25,
}


@pytest.mark.parametrize("pipeline", NEARLY.values(), ids=NEARLY)
def test_a_pipeline_of_some_size_is_answered_or_refused_quickly(world: World, pipeline: Any) -> None:
    started = time.perf_counter()
    with suppress(InvalidQuery):
        run(world, "Book", pipeline)
    assert time.perf_counter() - started < 2
