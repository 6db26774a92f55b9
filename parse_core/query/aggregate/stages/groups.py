"""Stages that make one document of many: `$group $bucket $sortByCount $count`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.accumulators import Accumulator, accumulators
from parse_core.query.aggregate.expressions.base import array, call, compiled, constant, members, operator_name
from parse_core.query.aggregate.names import Shape, check_name, invalid_name
from parse_core.query.aggregate.pipeline import Pipeline, Scope
from parse_core.query.aggregate.rows import Rows
from parse_core.query.aggregate.stages.base import Stage, register
from parse_core.query.aggregate.stages.rows import Sort
from parse_core.query.aggregate.values import is_constant
from parse_core.store.sql import Sql, join
from parse_core.values.scalars import Json, type_name

KEY = "_id"


@register
class Group(Stage):
    """`$group`: one document per value of `_id`, in the order of first occurrence."""

    name = "$group"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        if not isinstance(raw, dict):
            raise self.refusal("needs an object")
        if "objectId" in raw and not pipeline.compilation.raw_names:
            raise InvalidQuery("Cannot use 'objectId' in aggregation stage $group.")
        if KEY not in raw:
            raise InvalidQuery("Invalid parameter for query: group. Missing key _id")
        totals = {name: value for name, value in raw.items() if name != KEY}
        return grouped(raw[KEY], totals, rows, pipeline)


def grouped(
    key: Json, totals: Mapping[str, Json], rows: Rows, pipeline: Pipeline, *, bucket: Sql | None = None
) -> Rows:
    """One document per key. `bucket`: the rest of the call that turns the key's value into the one to group by."""
    chosen = {_target(name, pipeline.scope(rows)): _accumulator(value) for name, value in totals.items()}
    if rows.is_paged or any(accumulator.is_ordered for accumulator, _ in chosen.values()):
        rows = rows.arranged()
    scope = pipeline.scope(rows)
    value = group_key(key, scope)
    if bucket is not None:
        value = Sql("parse.bucket(") + value + bucket
    columns = [Sql("coalesce(") + value + Sql(f", 'null') AS key, {rows.place} AS ord")]
    aggregates = [Sql("g.key")]
    for number, (accumulator, operand) in enumerate(chosen.values()):
        columns.append(accumulator.value(operand, scope) + Sql(f" AS a{number}"))
        aggregates.append(Sql(accumulator.total(f"g.a{number}", "g.ord")))
    names = [KEY, *chosen]
    document = (
        Sql("SELECT parse.members(%s::text[], ", (names,)) + array(aggregates) + Sql(") AS doc, min(g.ord) AS ord")
    )
    source = rows.select(join(", ", columns), grouped=True)
    return pipeline.stage(
        document + Sql(" FROM (") + source + Sql(") AS g GROUP BY g.key"), Shape(made=frozenset(names))
    )


def group_key(raw: Json, scope: Scope) -> Sql:
    """What documents are grouped by: pointer columns by the id they lead to."""
    if isinstance(raw, str) and raw.startswith("$") and not raw.startswith("$$"):
        path = scope.path(raw[1:])
        column = scope.documents.shape.columns.get(path.root)
        is_pointer = column is not None and column.type == "Pointer" and not path.steps
        if is_pointer and not scope.compilation.raw_names:
            return Sql("(") + scope.documents.member(path.root) + Sql("->'objectId')")
    if isinstance(raw, dict) and not is_constant(raw) and type_name(raw) is None and operator_name(raw) is None:
        for name in raw:
            check_name(name)
            if "." in name:
                raise invalid_name(name)
        return members({name: group_key(value, scope) for name, value in raw.items()})
    return compiled(raw, scope)


def _target(name: str, scope: Scope) -> str:
    path = scope.target(name)
    if path.steps:
        raise InvalidQuery("The field names of $group may not contain '.'")
    return path.root


def _accumulator(raw: Json) -> tuple[Accumulator, Json]:
    if not isinstance(raw, dict) or len(raw) != 1:
        raise InvalidQuery("Each field of $group needs an object with exactly one accumulator")
    name, operand = next(iter(raw.items()))
    accumulator = accumulators.get(name)
    if accumulator is None:
        raise InvalidQuery(f"Unsupported aggregation operator: {name[:100]}")
    return accumulator, operand


@register
class Bucket(Stage):
    """`$bucket`: groups between ascending boundaries, each with the lower one as its id; the rest is `default`."""

    name = "$bucket"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        if not isinstance(raw, dict) or not raw.keys() <= {"groupBy", "boundaries", "default", "output"}:
            raise self.refusal("takes 'groupBy', 'boundaries', 'default' and 'output'")
        boundaries, output = raw.get("boundaries"), raw.get("output", {"count": {"$sum": 1}})
        if "groupBy" not in raw or not isinstance(boundaries, list) or not isinstance(output, dict):
            raise self.refusal("needs 'groupBy' and an array of 'boundaries'")
        if not is_constant(boundaries) or not _ascends(boundaries):
            raise self.refusal("needs at least two 'boundaries' of one kind in ascending order")
        if not is_constant(raw.get("default")):
            raise self.refusal("needs a constant as 'default'")
        other = constant(raw["default"]) if "default" in raw else Sql("NULL")
        rest = Sql(", ") + constant(boundaries) + Sql(", ") + other + Sql(")")
        buckets = grouped(raw["groupBy"], output, rows, pipeline, bucket=rest)
        return Sort().apply({KEY: 1}, buckets, pipeline)


def _ascends(boundaries: list[Json]) -> bool:
    values: list[Any] = [value.get("iso") if type_name(value) == "Date" else value for value in boundaries]
    if not all(isinstance(value, str | int | float) for value in values) or len(values) < 2:
        return False
    kinds = {
        (type(boundary) is dict, isinstance(value, str)) for boundary, value in zip(boundaries, values, strict=True)
    }
    return len(kinds) == 1 and all(one < other for one, other in pairwise(values))


@register
class SortByCount(Stage):
    """`$sortByCount`: how many documents there are of each value, most first."""

    name = "$sortByCount"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        counted = grouped(raw, {"count": {"$sum": 1}}, rows, pipeline)
        return Sort().apply({"count": -1}, counted, pipeline)


@register
class Count(Stage):
    """`$count`: one document that says how many there were, none when there were none."""

    name = "$count"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        path = pipeline.scope(rows).target(self.text(raw))
        if path.steps:
            raise self.refusal("needs a field name without '.'")
        name = path.root
        if rows.is_paged:
            rows = rows.arranged()
        total = call("jsonb_build_object", Sql("%s::text", (name,)), Sql("count(*)"))
        select = rows.select(total + Sql(" AS doc, 1::bigint AS ord"), grouped=True) + Sql(" HAVING count(*) > 0")
        return pipeline.stage(select, Shape(made=frozenset({name})))
