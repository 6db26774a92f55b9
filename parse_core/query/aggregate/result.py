"""What a client reads of the documents at the end of a pipeline, as JSON text that PostgreSQL joins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from parse_core.query.aggregate.names import NO_VALUES, invalid_name
from parse_core.query.aggregate.parse import apply_all
from parse_core.query.aggregate.pipeline import Compilation, Pipeline
from parse_core.query.aggregate.rows import Rows
from parse_core.query.aggregate.values import check_size, decoded
from parse_core.query.ast import Node
from parse_core.query.field import field_ref
from parse_core.schema.classes import FIELD_NAME, ClassSchema, Field
from parse_core.store.expressions import TIMESTAMPS
from parse_core.store.sql import Row, Sql, json_param
from parse_core.values.scalars import Json


@dataclass(frozen=True, slots=True)
class Rendering:
    """How results are written: under public names or those of stored columns, as wire JSON or extended JSON."""

    raw_names: bool = False
    raw_values: bool = False

    def document(self, document: Sql, relations: dict[str, str]) -> Sql:
        """A document as a client reads it."""
        named = "parse.aggregate_raw_names" if self.raw_names else "parse.aggregate_result"
        shown = Sql(f"{named}(") + self.value(document) + Sql(")")
        if not relations or self.raw_names:  # which no column stores
            return shown
        stubs = {name: {"__type": "Relation", "className": target} for name, target in relations.items()}
        return Sql("(") + shown + Sql(" || ") + json_param(stubs) + Sql(")")

    def value(self, value: Sql) -> Sql:
        """A value as a client reads it."""
        return Sql("parse.extended_json(") + value + Sql(")") if self.raw_values else value


def pipeline_sql(  # noqa: PLR0913 (each says something of its own)
    raw: Json,
    schema: ClassSchema,
    schemas: Callable[[str], ClassSchema],
    *,
    now: datetime,
    condition: Node | None = None,
    rendering: Rendering,
    postgis: str | None = None,
) -> Sql:
    """The statement that gives one row: the documents a pipeline makes of a class, as JSON texts joined by commas.

    `schemas` gives the classes that stages name. `condition` comes before all stages.
    """
    check_size(raw)
    compilation = Compilation(schemas, now, raw_names=rendering.raw_names, postgis=postgis)
    pipeline = Pipeline(compilation)
    rows = Rows.of_class(schema, compilation.name("t"))
    if condition is not None:
        rows = rows.matching(condition.sql(rows.documents.row))
    rows = apply_all(decoded(raw, extended=rendering.raw_values), rows, pipeline).arranged()
    document = rendering.document(rows.documents.whole, dict(rows.documents.shape.relations))
    text = Sql("string_agg((") + document + Sql(f")::text, ',' ORDER BY {rows.place})")
    return pipeline.statement(rows.select(text))


def distinct_sql(name: str, schema: ClassSchema, condition: Node, rendering: Rendering) -> Sql | None:
    """The statement that gives one row: the values of a field, each once, as JSON texts; None for a field without any.

    Raises `InvalidKeyName` (105) for what is no field name.
    """
    if not all(FIELD_NAME.fullmatch(step) for step in name.split(".")):
        raise invalid_name(name)
    field = field_ref(name, schema)
    if field.type is None or field.type in NO_VALUES:
        return None
    row = Row("t")
    values = Sql("parse.distinct_values(") + _leaf(field.root, field.path, schema.fields[field.root]) + Sql(")")
    source = Sql(" FROM ") + schema.relation + Sql(" t")
    if field.path:
        leaves = Sql("parse.leaves_at(t.data, %s::text[]) WITH ORDINALITY", ([field.root, *field.path],))
        source += Sql(", LATERAL ") + leaves + Sql(" AS leaf(value, number)")
    source += Sql(", LATERAL ") + values + Sql(" WITH ORDINALITY AS found(value, number) WHERE ") + condition.sql(row)
    place = f"t.sequence, {'leaf.number, ' if field.path else ''}found.number"  # where the value is met first
    each = Sql(f"SELECT found.value, min(ARRAY[{place}]) AS place") + source + Sql(" GROUP BY found.value")
    text = Sql("SELECT string_agg((") + rendering.value(Sql("d.value")) + Sql(")::text, ',' ORDER BY d.place) FROM (")
    return text + each + Sql(") AS d")


def _leaf(root: str, path: tuple[str, ...], column: Field) -> Sql:
    if path:
        return Sql("leaf.value")
    value = Sql("(t.data->%s)", (root,))
    is_time = root in TIMESTAMPS and column.type == "Date"
    return Sql("parse.date_json(") + value + Sql(")") if is_time else value
