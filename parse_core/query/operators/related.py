"""Pointers to objects that a sub-query finds: `$inQuery` and `$notInQuery`."""

from __future__ import annotations

from typing import ClassVar

from parse_core.errors import InvalidQuery
from parse_core.query.field import FieldRef
from parse_core.query.operators.base import Clause, Operator, register
from parse_core.query.operators.subquery import OTHER, subselect
from parse_core.query.place import Place
from parse_core.query.scope import SubSelect
from parse_core.store.sql import FALSE, Sql
from parse_core.values.scalars import Document, Json, type_name


@register
class InQuery(Operator[SubSelect]):
    """`$inQuery`: a pointer among the field's values leads to a row of the sub-query; an objectId is one's."""

    name = "$inQuery"
    widens: ClassVar[str | None] = "$in"

    def parse(self, raw: Json, clause: Clause) -> SubSelect:
        if not isinstance(raw, dict) or not isinstance(raw.get("where"), dict):
            message = f"improper usage of {self.name}"
            raise InvalidQuery(message)
        return subselect(self.name, raw, clause)

    def sql(self, place: Place, operand: SubSelect) -> Sql:
        ids = Sql("(") + operand.rows(OTHER, OTHER.object_id) + Sql(")")
        if place.field.name == "objectId":
            return place.row.object_id + Sql(" IN ") + ids
        target = place.field.target_class
        if target is not None and target != operand.schema.name:
            return FALSE
        if place.field.join is not None:
            return place.linked(ids)
        expression = place.sortable()
        if expression is not None:
            return expression + Sql(" IN ") + ids if place.field.type == "Pointer" else FALSE
        return place.any_value(lambda value: _points_to(value, operand.schema.name) + ids + Sql(")"))

    def matches(self, field: FieldRef, operand: SubSelect, document: Document) -> bool:
        values = list(field.values(document))
        if field.name == "objectId":
            ids = [value for value in values if isinstance(value, str)]
        else:
            pointers = [value for value in values if type_name(value) == "Pointer"]
            ids = [value.get("objectId") for value in pointers if value.get("className") == operand.schema.name]
        return bool(ids) and operand.holds(
            Sql("%s::text[] && ARRAY(", (ids,)) + operand.rows(OTHER, OTHER.object_id) + Sql(")")
        )


def _points_to(value: Sql, class_name: str) -> Sql:
    is_pointer = f"({value.text}->>'__type' = 'Pointer' AND {value.text}->>'className' = %s"
    return Sql(f"{is_pointer} AND {value.text}->>'objectId' IN ", (*value.params * 2, class_name, *value.params))


@register
class NotInQuery(InQuery):
    """`$notInQuery`: not `$inQuery`."""

    name = "$notInQuery"
    widens = None

    def sql(self, place: Place, operand: SubSelect) -> Sql:
        return ~super().sql(place, operand)

    def matches(self, field: FieldRef, operand: SubSelect, document: Document) -> bool:
        return not super().matches(field, operand, document)
