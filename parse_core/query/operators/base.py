"""What an operator is, and the condition it makes of a field and an operand.

An operator is one class in one file of this folder: `parse` checks the operand, `sql` and `matches` are its two faces.
`@register` is all it takes to be known; `tests/query/cases.py` runs both faces over one table.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from parse_core.errors import InvalidQuery
from parse_core.query.ast import Node
from parse_core.query.field import FieldRef
from parse_core.query.place import Place, constant
from parse_core.query.scope import Budget, ParseScope
from parse_core.registry import Registry
from parse_core.store.sql import Row, Sql
from parse_core.values.scalars import Document, Json

Operand = TypeVar("Operand")


@dataclass(frozen=True, slots=True)
class Clause:
    """One key of a `where` on its way into conditions: the field, all that is said about it, and for whom."""

    field: FieldRef
    constraint: Mapping[str, Json]
    scope: ParseScope
    budget: Budget
    outermost: bool = True  # not inside of a logical operator or a sub-query
    once: set[str] = dataclasses.field(default_factory=set)  # operators a query may have once, and this one has

    def only_once(self, name: str) -> None:
        """Refuses an operator (102) that the query already has."""
        if name in self.once:
            message = f"A query can have only one {name}"
            raise InvalidQuery(message)
        self.once.add(name)


class Operator(ABC, Generic[Operand]):
    """One `$name`. `Operand` is what `parse` makes of the JSON; it must be immutable."""

    name: ClassVar[str]
    # The operator whose condition this one widens instead of narrowing it: `$inQuery` beside `$in`.
    widens: ClassVar[str | None] = None

    @abstractmethod
    def parse(self, raw: Json, clause: Clause) -> Operand:
        """The checked operand. Raises a `ParseError` with the contract's code and text."""

    @abstractmethod
    def sql(self, place: Place, operand: Operand) -> Sql:
        """A condition on the rows; may be NULL for false."""

    @abstractmethod
    def matches(self, field: FieldRef, operand: Operand, document: Document) -> bool:
        """Whether one document satisfies it."""

    def node(self, raw: Json, clause: Clause) -> Node | None:
        """The condition; None when the operator only says more about another one (`$options`)."""
        return Condition(self, clause.field, self.parse(raw, clause))


class Companion(Operator[None]):
    """An operator that says more about another one, which reads it from the clause; on its own it is refused."""

    of: ClassVar[str]

    def node(self, raw: Json, clause: Clause) -> None:
        if self.of not in clause.constraint:
            self.refuse(raw)

    def parse(self, raw: Json, clause: Clause) -> None:
        """Read by the operator it belongs to."""

    @abstractmethod
    def refuse(self, raw: Json) -> None:
        """Raises the error for standing alone."""

    def sql(self, place: Place, operand: None) -> Sql:
        raise NotImplementedError

    def matches(self, field: FieldRef, operand: None, document: Document) -> bool:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Condition(Node):
    """An operator asked of a field."""

    operator: Operator[Any]
    field: FieldRef
    operand: Any

    def sql(self, row: Row) -> Sql:
        if self.field.type is None:
            return constant(holds=self.operator.matches(self.field, self.operand, {}))
        return self.operator.sql(Place(row, self.field), self.operand)

    def matches(self, document: Document) -> bool:
        return self.operator.matches(self.field, self.operand, document)

    def fields(self) -> Iterator[str]:
        yield self.field.root


operators: Registry[Operator[Any]] = Registry("query operator")


def register(cls: type[Operator[Any]]) -> type[Operator[Any]]:
    """Class decorator: makes one instance the owner of its name."""
    operators.add(cls.name, cls())
    return cls
