"""Equality and order: `$eq $ne $in $nin $lt $lte $gt $gte $exists`."""

from __future__ import annotations

from typing import ClassVar

from parse_core.errors import InvalidJson
from parse_core.query.bound import Bound, Comparison
from parse_core.query.field import FieldRef
from parse_core.query.identity import MISSING
from parse_core.query.membership import Members, operand
from parse_core.query.operators.base import Clause, Operator, register
from parse_core.query.place import Place
from parse_core.store.sql import FALSE, Sql
from parse_core.values.scalars import Document, Json


def refuse_relative_time(raw: Json) -> None:
    """Raises `InvalidJson` where a time relative to now makes no sense."""
    if isinstance(raw, dict) and "$relativeTime" in raw:
        message = "$relativeTime can only be used with the $lt, $lte, $gt, and $gte operators"
        raise InvalidJson(message)


@register
class Equal(Operator[Members]):
    """`$eq`, and a plain value: a value of the field is the operand; null is also what is missing."""

    name = "$eq"

    def parse(self, raw: Json, clause: Clause) -> Members:
        refuse_relative_time(raw)
        return Members.of([operand(raw, clause.field)])

    def sql(self, place: Place, operand: Members) -> Sql:
        return operand.sql(place)

    def matches(self, field: FieldRef, operand: Members, document: Document) -> bool:
        return operand.matches(field, document)


@register
class NotEqual(Equal):
    """`$ne`: not `$eq`."""

    name = "$ne"

    def sql(self, place: Place, operand: Members) -> Sql:
        return ~operand.sql(place)

    def matches(self, field: FieldRef, operand: Members, document: Document) -> bool:
        return not operand.matches(field, document)


@register
class In(Equal):
    """`$in`: `$eq` with one of a list; lists in the list are flattened once."""

    name = "$in"

    def parse(self, raw: Json, clause: Clause) -> Members:
        if not isinstance(raw, list):
            message = f"bad {self.name} value"
            raise InvalidJson(message)
        values = [value for item in raw for value in (item if isinstance(item, list) else (item,))]
        if clause.field.name == "objectId":
            values = [_pointed_id(value) for value in values]
        return Members.of(operand(value, clause.field) for value in values)


@register
class NotIn(In):
    """`$nin`: not `$in`."""

    name = "$nin"

    def sql(self, place: Place, operand: Members) -> Sql:
        return ~operand.sql(place)

    def matches(self, field: FieldRef, operand: Members, document: Document) -> bool:
        return not operand.matches(field, document)


def _pointed_id(value: Json) -> Json:
    """An objectId may be listed as a pointer to the object."""
    is_pointer = isinstance(value, dict) and value.get("__type") == "Pointer"
    return value.get("objectId") if is_pointer else value


class Range(Operator[Bound]):
    """A value of the field has the operand's kind and is on its side."""

    comparison: ClassVar[Comparison]

    def parse(self, raw: Json, clause: Clause) -> Bound:
        return Bound.parse(self.comparison, raw, clause.field, clause.scope.now)

    def sql(self, place: Place, operand: Bound) -> Sql:
        return operand.sql(place)

    def matches(self, field: FieldRef, operand: Bound, document: Document) -> bool:
        return operand.matches(field, document)


@register
class LessThan(Range):
    name = "$lt"
    comparison = "<"


@register
class LessThanOrEqual(Range):
    name = "$lte"
    comparison = "<="


@register
class GreaterThan(Range):
    name = "$gt"
    comparison = ">"


@register
class GreaterThanOrEqual(Range):
    name = "$gte"
    comparison = ">="


@register
class Exists(Operator[bool]):
    """`$exists`: there is a value, null included, or there is none; the operand counts by its truth in JavaScript."""

    name = "$exists"

    def parse(self, raw: Json, clause: Clause) -> bool:
        refuse_relative_time(raw)
        return isinstance(raw, (dict, list)) or bool(raw)

    def sql(self, place: Place, operand: bool) -> Sql:  # noqa: FBT001 (an operand like any other)
        if place.field.join is not None:
            return FALSE
        return place.exists() if operand else ~place.exists()

    def matches(self, field: FieldRef, operand: bool, document: Document) -> bool:  # noqa: FBT001
        return field.join is None and any(leaf is not MISSING for leaf in field.leaves(document)) is operand
