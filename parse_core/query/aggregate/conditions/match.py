"""From the JSON of a `$match` to a condition on the documents of a stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.conditions.base import Subject, document_operators, field_operators, unsupported
from parse_core.query.aggregate.documents import Documents, PipelineNode
from parse_core.query.aggregate.names import Path, check_name, parse_path
from parse_core.query.aggregate.pipeline import Compilation, Scope
from parse_core.query.ast import EVERYTHING, And, Node
from parse_core.query.field import FieldRef
from parse_core.query.operators.base import Clause
from parse_core.query.operators.base import operators as where_operators
from parse_core.query.scope import Budget, ParseScope
from parse_core.store.sql import Row, Sql
from parse_core.values.scalars import Json

SUBQUERIES: Final = frozenset({"$inQuery", "$notInQuery", "$select", "$dontSelect"})


class Match:
    """One `$match`, or a part of one, on the documents that `scope` reads; `nested`: on objects inside of them."""

    def __init__(self, scope: Scope, *, nested: bool = False) -> None:
        self.scope = scope
        self.nested = nested
        self.parse_scope = ParseScope(privileged=True, now=scope.compilation.now)

    @property
    def compilation(self) -> Compilation:
        """What the whole statement shares."""
        return self.scope.compilation

    def on(self, documents: Documents) -> Match:
        """The same on other documents: elements of an array."""
        return Match(Scope(documents, self.compilation, self.scope.variables), nested=True)

    def conjunction(self, raw: Json) -> Node:
        """All entries of one level. An expression is evaluated where the others hold, for it may refuse values."""
        if not isinstance(raw, dict):
            raise InvalidQuery("the match filter must be an expression in an object")
        nodes: list[Node] = []
        computed: list[Node] = []
        for name, value in raw.items():
            self.compilation.spend_expression()
            if name.startswith("$"):
                operator = document_operators.get(name)
                if operator is None:
                    raise unsupported(name)
                (computed if name == "$expr" else nodes).append(operator.node(value, self))
            else:
                nodes.append(self.field(name, value))
        return Guarded(all_of(nodes), all_of(computed)) if nodes and computed else all_of(nodes or computed)

    def field(self, name: str, value: Json) -> Node:
        """What one key says about a field."""
        if self.nested:
            check_name(name)
            root, *steps = name.split(".")
            return self.constraints(value, Subject(Path(root, tuple(steps)), self.scope.documents, self))
        if name.partition(".")[0] == "ACL":
            raise InvalidQuery("Cannot query on ACL.")
        path = parse_path(name, self.scope.documents.shape, raw=self.compilation.raw_names)
        return self.constraints(value, Subject(path, self.scope.documents, self))

    def constraints(self, value: Json, subject: Subject) -> Node:
        """A value, or a constraint object."""
        if not is_constraint(value):
            value = {"$eq": value}
        if not all(name.startswith("$") for name in value):
            raise InvalidQuery("A constraint of $match cannot have plain keys beside operators")
        return all_of([self.constraint(name, value, subject) for name in value])

    def constraint(self, name: str, constraint: Mapping[str, Json], subject: Subject) -> Node:
        """One operator of a constraint object."""
        self.compilation.spend_expression()
        own = field_operators.get(name)
        if own is not None:
            return own.node(constraint[name], subject)
        operator = None if name in SUBQUERIES else where_operators.get(name)
        if operator is None:
            raise unsupported(name)

        def make(field: FieldRef) -> Node:
            clause = Clause(field, constraint, self.parse_scope, Budget())
            return operator.node(constraint[name], clause) or EVERYTHING

        return subject.where(make)


@dataclass(frozen=True, slots=True)
class Guarded(PipelineNode):
    """Two conditions, the second of which is only looked at where the first one holds."""

    first: Node
    second: Node

    def sql(self, row: Row) -> Sql:
        first, second = self.first.sql(row), self.second.sql(row)
        # The first one also stands alone, for an index to find
        return Sql("(") + first + Sql(" AND CASE WHEN ") + first + Sql(" THEN ") + second + Sql(" END)")


def is_constraint(value: Json) -> bool:
    """Whether a value is an object of operators."""
    return isinstance(value, dict) and any(name.startswith("$") for name in value)


def all_of(nodes: list[Node]) -> Node:
    """The conjunction, without needless nesting."""
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes)) if nodes else EVERYTHING
