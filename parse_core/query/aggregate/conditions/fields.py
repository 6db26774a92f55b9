"""Conditions on a field that a `where` does not have: `$not $size $elemMatch`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.conditions.base import FieldOperator, Subject, on_field
from parse_core.query.aggregate.conditions.match import is_constraint
from parse_core.query.aggregate.documents import BOX, Boxed, ElementDocuments, PipelineNode
from parse_core.query.aggregate.names import Path, Shape
from parse_core.query.ast import NOTHING, Node, Not
from parse_core.query.field import ANY, FieldRef
from parse_core.query.place import Place
from parse_core.store.sql import Row, Sql
from parse_core.values.scalars import Json


@on_field
class Unless(FieldOperator):
    """`$not`: what a constraint does not hold for."""

    name = "$not"

    def node(self, raw: Json, subject: Subject) -> Node:
        if not is_constraint(raw):
            raise InvalidQuery("$not needs a constraint")
        return Not(subject.match.constraints(raw, subject))


@dataclass(frozen=True, slots=True)
class HasSize(PipelineNode):
    """The field is an array of so many elements."""

    field: FieldRef
    size: int

    def sql(self, row: Row) -> Sql:
        def is_so_long(leaf: Sql) -> Sql:
            length = Sql("jsonb_array_length(") + leaf + Sql(") = %s", (self.size,))
            return Sql("CASE WHEN jsonb_typeof(") + leaf + Sql(") = 'array' THEN ") + length + Sql(" END")

        return Place(row, self.field).any_leaf(is_so_long)


@on_field
class Size(FieldOperator):
    name = "$size"

    def node(self, raw: Json, subject: Subject) -> Node:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or raw != int(raw) or not 0 <= raw < 2**31:
            raise InvalidQuery("$size needs a whole number that is not negative")
        return subject.where(lambda field: NOTHING if field.type is None else HasSize(field, int(raw)))


@dataclass(frozen=True, slots=True)
class HasElement(PipelineNode):
    """The field is an array with an element, by the name `alias`, for which a condition holds."""

    field: FieldRef
    condition: Node
    alias: str

    def sql(self, row: Row) -> Sql:
        def has_one(leaf: Sql) -> Sql:
            elements = Sql("jsonb_array_elements(") + leaf + Sql(f") AS {self.alias}(item)")
            found = Sql("EXISTS (SELECT 1 FROM ") + elements + Sql(" WHERE ") + self.condition.sql(Row(self.alias))
            return Sql("CASE WHEN jsonb_typeof(") + leaf + Sql(") = 'array' THEN ") + found + Sql(") END")

        return Place(row, self.field).any_leaf(has_one)


@dataclass(frozen=True, slots=True)
class OfObjects(PipelineNode):
    """A condition on the elements of an array that are objects."""

    condition: Node
    alias: str

    def sql(self, row: Row) -> Sql:
        return Sql(f"(jsonb_typeof({self.alias}.item) = 'object' AND ") + self.condition.sql(row) + Sql(")")


@on_field
class ElementMatch(FieldOperator):
    """`$elemMatch`: one element satisfies all of a condition on objects, or of a constraint on values."""

    name = "$elemMatch"

    def node(self, raw: Json, subject: Subject) -> Node:
        alias = subject.match.compilation.name("e")
        elements = ElementDocuments(alias, Shape())
        match = subject.match.on(elements)
        if is_constraint(raw) and not raw.keys() & {"$and", "$or", "$nor", "$expr"}:
            condition = match.constraints(raw, ElementSubject(Path(BOX), elements, match))
        else:
            condition = OfObjects(match.conjunction(raw), alias)
        return subject.where(lambda field: NOTHING if field.type is None else HasElement(field, condition, alias))


class ElementSubject(Subject):
    """The element itself."""

    def where(self, make: Callable[[FieldRef], Node]) -> Node:
        return Boxed(make(FieldRef(BOX, BOX, (), ANY)), self.documents.whole, self.match.compilation.name("b"))
