"""Conditions on the document as a whole: `$and $or $nor $expr`, and `$comment`, which is none."""

from __future__ import annotations

from dataclasses import dataclass

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.conditions.base import DocumentOperator, on_document
from parse_core.query.aggregate.conditions.match import Match
from parse_core.query.aggregate.documents import PipelineNode
from parse_core.query.aggregate.expressions.base import truth
from parse_core.query.ast import EVERYTHING, And, Node, Not, Or
from parse_core.store.sql import Row, Sql
from parse_core.values.scalars import Json


class Logical(DocumentOperator):
    """An operator on conditions."""

    def branches(self, raw: Json, match: Match) -> tuple[Node, ...]:
        """The conditions, one at least."""
        if not isinstance(raw, list) or not raw:
            raise InvalidQuery(f"{self.name} must be a nonempty array")
        return tuple([match.conjunction(branch) for branch in raw])


@on_document
class AllOf(Logical):
    name = "$and"

    def node(self, raw: Json, match: Match) -> Node:
        return And(self.branches(raw, match))


@on_document
class AnyOf(Logical):
    name = "$or"

    def node(self, raw: Json, match: Match) -> Node:
        return Or(self.branches(raw, match))


@on_document
class NoneOf(Logical):
    name = "$nor"

    def node(self, raw: Json, match: Match) -> Node:
        return Not(Or(self.branches(raw, match)))


@dataclass(frozen=True, slots=True)
class IsTrue(PipelineNode):
    """The value of an expression."""

    value: Sql

    def sql(self, row: Row) -> Sql:
        return self.value


@on_document
class Expr(DocumentOperator):
    """`$expr`: an expression is true of the document."""

    name = "$expr"

    def node(self, raw: Json, match: Match) -> Node:
        return IsTrue(truth(raw, match.scope))


@on_document
class Comment(DocumentOperator):
    name = "$comment"

    def node(self, raw: Json, match: Match) -> Node:
        return EVERYTHING
