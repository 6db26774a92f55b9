"""What MongoDB's own operators make of a field (`FieldOperator`) or of the whole document (`DocumentOperator`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.documents import Documents
from parse_core.query.aggregate.names import Path
from parse_core.query.ast import Node
from parse_core.query.field import FieldRef
from parse_core.registry import Registry
from parse_core.values.scalars import Json

if TYPE_CHECKING:
    from parse_core.query.aggregate.conditions.match import Match


@dataclass(frozen=True, slots=True)
class Subject:
    """A field that conditions are asked of, for one `$match`."""

    path: Path
    documents: Documents
    match: Match

    def where(self, make: Callable[[FieldRef], Node]) -> Node:
        """The condition that `make` makes of the field."""
        return self.documents.condition(self.path, make, self.match.compilation.name("b"))


class FieldOperator(ABC):
    """One `$name` of a constraint on a field."""

    name: ClassVar[str]

    @abstractmethod
    def node(self, raw: Json, subject: Subject) -> Node:
        """The condition. Raises `InvalidQuery` (102) for operands that cannot be."""


class DocumentOperator(ABC):
    """One `$name` beside field names."""

    name: ClassVar[str]

    @abstractmethod
    def node(self, raw: Json, match: Match) -> Node:
        """The condition. Raises `InvalidQuery` (102) for operands that cannot be."""


field_operators: Registry[FieldOperator] = Registry("operator of $match on a field")
document_operators: Registry[DocumentOperator] = Registry("operator of $match on a document")


def on_field(cls: type[FieldOperator]) -> type[FieldOperator]:
    """Class decorator: makes one instance the owner of its name."""
    field_operators.add(cls.name, cls())
    return cls


def on_document(cls: type[DocumentOperator]) -> type[DocumentOperator]:
    """Class decorator: makes one instance the owner of its name."""
    document_operators.add(cls.name, cls())
    return cls


def unsupported(name: str) -> InvalidQuery:
    """The refusal of an operator nobody owns."""
    return InvalidQuery(f"Unsupported aggregation operator: {name[:100]}")
