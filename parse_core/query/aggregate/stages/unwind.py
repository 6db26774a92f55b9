"""`$unwind`: one document per element of an array."""

from __future__ import annotations

from parse_core.query.aggregate.names import Path
from parse_core.query.aggregate.pipeline import Pipeline
from parse_core.query.aggregate.rows import Rows
from parse_core.query.aggregate.stages.base import Stage, register
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json


@register
class Unwind(Stage):
    """`"$field"`, or `{"path": "$field", "includeArrayIndex": "place", "preserveNullAndEmptyArrays": true}`."""

    name = "$unwind"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        given = {"path": raw} if isinstance(raw, str) else raw
        if not isinstance(given, dict) or not given.keys() <= {
            "path", "includeArrayIndex", "preserveNullAndEmptyArrays"
        }:  # fmt: skip
            raise self.refusal("takes 'path', 'includeArrayIndex' and 'preserveNullAndEmptyArrays'")
        name, kept = self.text(given.get("path")), given.get("preserveNullAndEmptyArrays", False)
        if not name.startswith("$") or name.startswith("$$"):
            raise self.refusal("needs a path that starts with '$'")
        if not isinstance(kept, bool):
            raise self.refusal("needs a boolean as 'preserveNullAndEmptyArrays'")
        rows = rows.arranged()
        path = pipeline.scope(rows).path(name[1:])
        index = given.get("includeArrayIndex")
        place = None if index is None else pipeline.scope(rows).target(self.text(index))
        steps = [path.root, *path.steps]
        document = Sql("parse.with_value(") + rows.documents.whole + Sql(", %s::text[], u.item)", (steps,))
        if place is not None:
            document = Sql("parse.with_value(") + document
            document += Sql(", %s::text[], coalesce(to_jsonb(u.place), 'null'))", ([place.root, *place.steps],))
        unwound = Sql("parse.unwound(") + self.value(rows, path) + Sql(", %s) AS u", (kept,))
        made = {path.root} if place is None else {path.root, place.root}
        numbered = Sql(f" AS doc, row_number() OVER (ORDER BY {rows.place}, u.place) AS ord FROM ")
        select = Sql("SELECT ") + document + numbered + rows.source + Sql(" CROSS JOIN LATERAL ") + unwound
        return pipeline.stage(select + Sql(" WHERE ") + rows.condition, rows.documents.shape.making(made))

    def value(self, rows: Rows, path: Path) -> Sql:
        """The array, to which the path leads through objects alone."""
        root = rows.documents.member(path.root)
        return Sql("(") + root + Sql(" #> %s::text[])", (list(path.steps),)) if path.steps else root
