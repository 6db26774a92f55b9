"""Stages with pipelines inside of them: `$unionWith $facet`, and what `$lookup` shares with them."""

from __future__ import annotations

from parse_core.query.aggregate.expressions.base import members
from parse_core.query.aggregate.names import Shape
from parse_core.query.aggregate.pipeline import Pipeline
from parse_core.query.aggregate.rows import Rows
from parse_core.query.aggregate.stages.base import Stage, register
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json


def apply_below(raw: Json, rows: Rows, below: Pipeline) -> Rows:
    """The rows after a pipeline inside of a stage."""
    from parse_core.query.aggregate.parse import apply_all  # it loads the stages

    return apply_all(raw, rows, below)


def nested(document: str, pipeline: Pipeline) -> str:
    """A document as a value in another one: its id and times go by both of their names."""
    return document if pipeline.compilation.raw_names else f"parse.aggregate_nested({document})"


def collected(select: Sql, pipeline: Pipeline) -> Sql:
    """The documents of a SELECT as an array."""
    document = nested("d.doc", pipeline)
    aggregate = f"(SELECT coalesce(jsonb_agg({document} ORDER BY d.ord), '[]') FROM ("  # noqa: S608 - own names
    return Sql(aggregate) + select + Sql(") AS d)")


@register
class UnionWith(Stage):
    """`$unionWith`: a class, or `{"coll": <class>, "pipeline": […]}`, after the documents."""

    name = "$unionWith"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        given = raw if isinstance(raw, dict) else {"coll": raw}
        if not given.keys() <= {"coll", "pipeline"}:
            raise self.refusal("takes 'coll' and 'pipeline'")
        below = pipeline.below(self.name)
        others = apply_below(given.get("pipeline", []), pipeline.class_rows(self.text(given.get("coll"))), below)
        rows = rows.arranged()
        ours = rows.select(rows.documents.whole + Sql(f" AS doc, 0 AS side, {rows.place} AS ord"))
        both = ours + Sql(" UNION ALL SELECT u.doc, 1, u.ord FROM (") + below.documents(others) + Sql(") AS u")
        numbered = Sql("SELECT doc, row_number() OVER (ORDER BY side, ord) AS ord FROM (") + both + Sql(") AS u")
        return pipeline.stage(numbered, _common(rows.documents.shape, others.documents.shape))


def _common(one: Shape, other: Shape) -> Shape:
    """What is known of documents of which some have one shape and some another."""
    columns = {name: column for name, column in one.columns.items() if other.columns.get(name) == column}
    made = one.made | other.made | one.columns.keys() | other.columns.keys()
    return Shape(columns, made, one.relations if one.relations == other.relations else {})


@register
class Facet(Stage):
    """`$facet`: `{"name": <pipeline>, …}`: what several pipelines make of the same documents, in one."""

    name = "$facet"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        if not isinstance(raw, dict) or not raw:
            raise self.refusal("needs an object with at least one pipeline")
        if pipeline.inside == self.name:
            raise self.refusal("cannot be inside of $facet")
        rows, shape = rows.arranged(), rows.documents.shape
        part = pipeline.part(rows.select(rows.documents.whole + Sql(f" AS doc, {rows.place} AS ord")))
        arrays = {}
        for name, stages in raw.items():
            path = pipeline.scope(rows).target(name)
            if path.steps:
                raise self.refusal("needs field names without '.'")
            below = pipeline.below(self.name)
            same = Rows.of_stage(part, pipeline.compilation.name("s"), shape)
            arrays[path.root] = collected(below.documents(apply_below(stages, same, below)), pipeline)
        select = Sql("SELECT ") + members(arrays) + Sql(" AS doc, 1::bigint AS ord")
        return pipeline.stage(select, Shape(made=frozenset(arrays)))
