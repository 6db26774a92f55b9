"""Values that the rows of a sub-query have at a key: `$select` and `$dontSelect`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from parse_core.errors import InvalidQuery
from parse_core.query.field import FieldRef
from parse_core.query.identity import MISSING, operand_form, shown
from parse_core.query.operators.base import Clause, Operator, register
from parse_core.query.operators.subquery import OTHER, subselect
from parse_core.query.place import Place
from parse_core.query.scope import SubSelect
from parse_core.schema.classes import MAX_NAME
from parse_core.store.sql import FALSE, Sql
from parse_core.values.scalars import Document, Json


@dataclass(frozen=True, slots=True)
class Values:
    """What the rows of a sub-query have at a key; null and missing are nothing."""

    rows: SubSelect
    path: tuple[str, ...]

    def sql(self) -> Sql:
        """`(SELECT …)` of jsonb values in the form they are compared in."""
        source = Sql("SELECT parse.identity(each.value) FROM (") + self.rows.rows(OTHER, OTHER.data)
        at = Sql(") AS found(document), parse.values_at(found.document, %s::text[]) AS each(value)", (list(self.path),))
        return Sql("(") + source + at + Sql(" WHERE each.value <> 'null')")


@register
class Select(Operator[Values]):
    """`$select`: a value of the field is also at a key of a row of the sub-query."""

    name = "$select"
    widens: ClassVar[str | None] = "$in"

    def parse(self, raw: Json, clause: Clause) -> Values:
        key = raw.get("key") if isinstance(raw, dict) and raw.keys() == {"query", "key"} else None
        if not isinstance(key, str) or not 0 < len(key) <= MAX_NAME:
            message = f"improper usage of {self.name}"
            raise InvalidQuery(message)
        return Values(subselect(self.name, raw["query"], clause, key=key), tuple(key.split(".")))

    def sql(self, place: Place, operand: Values) -> Sql:
        if place.field.join is not None:
            return FALSE
        member = _BARE.get(place.field.value_type or "")
        values = operand.sql()

        def selected(value: Sql) -> Sql:
            whole = Sql("parse.identity(") + value + Sql(") IN ") + values
            return whole if member is None else whole | (value + Sql(f"->'{member}' IN ") + values)

        return place.any_whole_value(selected)

    def matches(self, field: FieldRef, operand: Values, document: Document) -> bool:
        member = _BARE.get(field.value_type or "")
        values = [value for value in field.values(document) if value is not None and value is not MISSING]
        if member is not None:
            values += [value[member] for value in values if isinstance(value, dict) and member in value]
        wanted = [shown(operand_form(value)) for value in values]
        return bool(wanted) and operand.rows.holds(Sql("%s::jsonb[] && ARRAY", (wanted,)) + operand.sql())


# What stands for the whole value of a typed column: pointers may be selected by id, dates by their text.
_BARE: Final = {"Pointer": "objectId", "Date": "iso"}


@register
class DontSelect(Select):
    """`$dontSelect`: not `$select`."""

    name = "$dontSelect"
    widens = None

    def sql(self, place: Place, operand: Values) -> Sql:
        return ~super().sql(place, operand)

    def matches(self, field: FieldRef, operand: Values, document: Document) -> bool:
        return not super().matches(field, operand, document)
