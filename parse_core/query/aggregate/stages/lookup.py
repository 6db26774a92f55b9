"""`$lookup`: documents of a class as an array, those with an equal field, or what a pipeline makes of them.

Fields are matched by one join for all rows; only a pipeline is run for each.
"""

from __future__ import annotations

from collections.abc import Mapping

from parse_core.query.aggregate.documents import Documents
from parse_core.query.aggregate.expressions.base import call, compiled
from parse_core.query.aggregate.names import Path
from parse_core.query.aggregate.pipeline import Pipeline
from parse_core.query.aggregate.rows import Rows
from parse_core.query.aggregate.stages.base import Stage, register
from parse_core.query.aggregate.stages.nested import apply_below, collected, nested
from parse_core.schema.classes import FIELD_NAME
from parse_core.store.sql import Sql, join
from parse_core.values.scalars import Json

KNOWN = frozenset({"from", "localField", "foreignField", "as", "let", "pipeline"})
ID = Path("_id")


@register
class Lookup(Stage):
    """`{"from": <class>, "localField": …, "foreignField": …, "let": …, "pipeline": […], "as": …}`."""

    name = "$lookup"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        if not isinstance(raw, dict) or not raw.keys() <= KNOWN:
            raise self.refusal(f"takes {', '.join(sorted(KNOWN))}")
        place = pipeline.scope(rows).target(self.text(raw.get("as")))
        foreign = pipeline.class_rows(self.text(raw.get("from")))
        rows = pipeline.settled(rows)
        source = rows.source
        if "pipeline" in raw:
            found = self.piped(raw, rows, foreign, pipeline)
        else:
            value, path = self.fields(raw, rows, foreign, pipeline)
            part = pipeline.part(matched(value, path, rows, foreign, pipeline))
            found = Sql("coalesce(f.found, '[]')")
            source += Sql(f" LEFT JOIN {part} AS f ON f.ord = {rows.place}")
        steps = Sql("%s::text[]", ([place.root, *place.steps],))
        document = call("parse.with_value", rows.documents.whole, steps, found)
        select = Sql("SELECT ") + document + Sql(f" AS doc, {rows.place} AS ord FROM ") + source + Sql(" OFFSET 0")
        return pipeline.stage(select, rows.documents.shape.making({place.root}))

    def fields(self, raw: Mapping[str, Json], rows: Rows, foreign: Rows, pipeline: Pipeline) -> tuple[Sql, Path]:
        """The value to look for, and where."""
        local = pipeline.scope(rows).path(self.text(raw.get("localField")))
        path = pipeline.scope(foreign).path(self.text(raw.get("foreignField")))
        return rows.documents.value(Path(local.root, local.steps)), path

    def piped(self, raw: Mapping[str, Json], rows: Rows, foreign: Rows, pipeline: Pipeline) -> Sql:
        """The array that a pipeline makes for each row, which may name values of the row."""
        bindings = raw.get("let", {})
        if not isinstance(bindings, dict) or not all(map(FIELD_NAME.fullmatch, bindings)):
            raise self.refusal("needs an object of variables as 'let'")
        scope = pipeline.scope(rows)
        below = pipeline.below(self.name, {name: compiled(value, scope) for name, value in bindings.items()})
        if raw.keys() & {"localField", "foreignField"}:
            value, path = self.fields(raw, rows, foreign, pipeline)
            foreign = foreign.matching(_is_matched(value, path, foreign.documents))
        return collected(below.documents(apply_below(raw["pipeline"], foreign, below)), pipeline)


def matched(value: Sql, path: Path, rows: Rows, foreign: Rows, pipeline: Pipeline) -> Sql:
    """The SELECT of the array `found` for the `ord` of each row that has one."""
    documents = foreign.documents
    ours, theirs = Sql(f"{rows.place} AS ord"), Sql(f"{foreign.place} AS place")
    if path == ID:
        keys = call("parse.matched_ids", value, Sql("%s", (documents.class_name,))) + Sql(" AS k(id)")
        on = Sql(f" ON {documents.alias}.object_id = k.id")
        joined = (rows.source, Sql(", LATERAL "), keys, Sql(" JOIN "), foreign.source, on)
        pairs = Sql("SELECT ") + join(", ", [ours, theirs, documents.whole + Sql(" AS doc")]) + Sql(" FROM ")
        return _arrays(pairs + join("", joined), pipeline)
    values = Sql(", LATERAL ") + _values(documents, path) + Sql(" AS v(value)")
    part = pipeline.part(Sql("SELECT DISTINCT v.value, ") + theirs + Sql(" FROM ") + foreign.source + values)
    keys = Sql(", LATERAL ") + call("parse.matched_values", value) + Sql(f" AS k(value) JOIN {part} AS v")
    keys += Sql(" ON v.value = k.value")
    pairs = Sql("SELECT DISTINCT v.place, ") + ours + Sql(" FROM ") + rows.source + keys
    found = Sql("SELECT p.ord, p.place, ") + documents.whole + Sql(" AS doc FROM (") + pairs + Sql(") AS p JOIN ")
    return _arrays(found + foreign.source + Sql(f" ON {foreign.place} = p.place"), pipeline)


def _arrays(pairs: Sql, pipeline: Pipeline) -> Sql:
    document = nested("d.doc", pipeline)
    found = Sql(f"SELECT d.ord, jsonb_agg({document} ORDER BY d.place) AS found FROM (")  # noqa: S608 - own names
    return found + pairs + Sql(") AS d GROUP BY d.ord")


def _values(documents: Documents, path: Path) -> Sql:
    """What a field of the other class is found by: a pointer column also by id, and as `"Class$id"`."""
    column = documents.shape.columns.get(path.root)
    if column is not None and column.type == "Pointer" and not path.steps:
        return call("parse.matched_pointer", documents.member(path.root))
    return call("parse.matched_values", documents.value(path))


def _is_matched(value: Sql, path: Path, documents: Documents) -> Sql:
    """Whether a row of the other class has the value; for a pipeline that goes on with those that do."""
    if path == ID:
        ids = call("parse.matched_ids", value, Sql("%s", (documents.class_name,)))
        return Sql(f"{documents.alias}.object_id IN (SELECT k.id FROM ") + ids + Sql(" AS k(id))")  # noqa: S608 - own names
    theirs, ours = _values(documents, path), call("parse.matched_values", value)
    found = Sql("EXISTS (SELECT 1 FROM ") + theirs + Sql(" AS v(value) WHERE v.value IN (SELECT k.value FROM ")
    return found + ours + Sql(" AS k(value)))")
