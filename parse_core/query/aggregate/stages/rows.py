"""Stages that choose and order documents without changing them: `$match $sort $limit $skip $sample`."""

from __future__ import annotations

from parse_core.query.aggregate.conditions.match import Match as MatchParser
from parse_core.query.aggregate.documents import Documents, TableDocuments
from parse_core.query.aggregate.names import Path
from parse_core.query.aggregate.pipeline import Pipeline
from parse_core.query.aggregate.rows import Rows
from parse_core.query.aggregate.stages.base import Stage, register
from parse_core.query.order import OrderKey
from parse_core.store.expressions import direction
from parse_core.store.sql import TRUE, Sql
from parse_core.values.scalars import Json


@register
class Match(Stage):
    """`$match`: the documents that satisfy a condition."""

    name = "$match"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        if rows.is_paged:
            rows = rows.arranged()
        if rows.condition is not TRUE and _computes(raw):
            # What an expression refuses must not be looked at before the condition that leaves it out
            rows = pipeline.settled(rows)
        condition = MatchParser(pipeline.scope(rows)).conjunction(raw)
        return rows.matching(condition.sql(rows.documents.row))


def _computes(raw: Json) -> bool:
    if isinstance(raw, dict):
        return "$expr" in raw or any(map(_computes, raw.values()))
    return isinstance(raw, list) and any(map(_computes, raw))


@register
class Sort(Stage):
    """`$sort`: `{"field": 1, "other": -1}`, in the one order of all values."""

    name = "$sort"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        if not isinstance(raw, dict) or not raw:
            raise self.refusal("needs an object with at least one field")
        if rows.is_paged:
            rows = rows.arranged()
        terms: list[Sql] = []
        for name, way in raw.items():
            if isinstance(way, bool) or way not in (1, -1):
                raise self.refusal("takes 1 for ascending and -1 for descending order")
            terms += order_terms(rows.documents, pipeline.scope(rows).path(name), descending=way == -1)
        return rows.sorted_by(*terms)


def order_terms(documents: Documents, path: Path, *, descending: bool) -> list[Sql]:
    """The terms of an ORDER BY for the field at a path."""
    if isinstance(documents, TableDocuments) and not path.as_text:
        field = documents.field(path)
        return [] if field.type is None else [OrderKey(field, descending).sql(documents.row)]
    value = documents.value(Path(path.root, as_text=path.as_text))
    ascending = "TRUE" if descending else "FALSE"
    key = Sql("parse.order_key(parse.boxed(") + value + Sql("), %s::text[]", (["v", *path.steps],))
    # Objects are one kind of value; among them this orders by members, as group keys are wanted
    nested = Sql("parse.members_of(") + documents.value(path) + Sql(f") {direction(descending=descending)}")
    return [key + Sql(f", {ascending}) {'DESC' if descending else 'ASC'}"), nested]


@register
class Limit(Stage):
    name = "$limit"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        return rows.page(0, self.number(raw, least=1))


@register
class Skip(Stage):
    name = "$skip"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        return rows.page(self.number(raw, least=0), None)


@register
class Sample(Stage):
    """`$sample`: `{"size": n}` documents at random."""

    name = "$sample"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        if not isinstance(raw, dict) or raw.keys() != {"size"}:
            raise self.refusal("needs a 'size'")
        size = self.number(raw["size"], least=1)
        if rows.is_paged:
            rows = rows.arranged()
        return rows.sorted_by(Sql("random()")).page(0, size).arranged()
