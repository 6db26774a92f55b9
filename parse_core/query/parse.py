"""From the JSON of a `where` to conditions, refusing what is malformed, too deep or not for the caller.

The only way in: every entry (REST, batch, GraphQL, LiveQuery, sub-queries, Cloud Code) parses here. Sizes are checked
before anything recurses. Rights on classes and protected fields are `permissions`' to judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from parse_core.errors import InvalidJson, InvalidKeyName, InvalidQuery, SanitizedInvalidQuery
from parse_core.query import operators as operator_package
from parse_core.query.ast import EVERYTHING, And, Node, Not, Or
from parse_core.query.below import below
from parse_core.query.field import field_ref
from parse_core.query.merging import either
from parse_core.query.operators.base import Clause, operators
from parse_core.query.operators.linked import RELATED_TO, related_to
from parse_core.query.scope import Budget, ParseScope
from parse_core.registry import autoload
from parse_core.schema.classes import MAX_NAME, ClassSchema
from parse_core.values.scalars import Json

KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
INTERNAL: Final = frozenset(
    {
        "_email_verify_token",
        "_perishable_token",
        "_perishable_token_expires_at",
        "_email_verify_token_expires_at",
        "_failed_login_count",
        "_account_lockout_expires_at",
        "_password_changed_at",
        "_password_history",
        "_tombstone",
        "_session_token",
        "_rperm",
        "_wperm",
    }
)
LOGICAL: Final = ("$or", "$and", "$nor")
MAX_NESTING: Final = 200  # levels of JSON; what recurses over a `where` or a value in it needs a few frames for each
MAX_VALUES: Final = 100_000  # in a `where`, at any depth

autoload(operator_package)


def parse_where(where: Json, schema: ClassSchema, scope: ParseScope) -> Node:
    """The condition of a `where`; no `where`, `{}` and `[]` hold for everything.

    Raises 102 for malformed logic, depth and regular expressions, 105 for keys, 107 for operands.
    """
    if where is None or where == []:
        return EVERYTHING
    if not isinstance(where, dict):
        message = "where parameter is not valid JSON"
        raise InvalidJson(message)
    if scope.level == 0:  # a sub-query was looked at with the query it is in
        check_size(where, scope)
    return _Parser(schema, scope).conjunction(where, 0)


def check_size(where: Json, scope: ParseScope) -> None:
    """Refuses what is nested too deep or too big, without recursion and in time linear in what is looked at."""
    level: list[Json] = [where]
    seen = depth = 0
    while level:
        depth += 1
        seen += sum(map(len, level))
        if depth > MAX_NESTING:
            raise too_deep(scope.query_depth if scope.query_depth >= 0 else MAX_NESTING // 2)
        if seen > MAX_VALUES:
            message = f"A query can have at most {MAX_VALUES} values"
            raise InvalidQuery(message)
        level = [
            item
            for container in level
            for item in (container.values() if type(container) is dict else container)
            if type(item) is dict or type(item) is list
        ]


def too_deep(limit: int) -> InvalidQuery:
    """The refusal of conditions nested deeper than `limit`."""
    return InvalidQuery(f"Query condition nesting depth exceeds maximum allowed depth of {limit}")


class _Parser:
    """One `where` being parsed."""

    def __init__(self, schema: ClassSchema, scope: ParseScope) -> None:
        self.schema = schema
        self.scope = scope
        self.budget = scope.budget or Budget()
        self.once: set[str] = set()

    def conjunction(self, where: Mapping[str, Json], depth: int) -> Node:
        """All entries of one level."""
        if 0 <= self.scope.query_depth < depth:
            raise too_deep(self.scope.query_depth)
        nodes: list[Node] = []
        for name, value in where.items():
            self.budget.spend()
            if name in LOGICAL:
                nodes.append(self.logical(name, value, depth))
            elif name == RELATED_TO:
                nodes.append(related_to(value, self.schema, self.scope))
            else:
                nodes += self.constraints(name, value, depth)
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes)) if nodes else EVERYTHING

    def logical(self, name: str, branches: Json, depth: int) -> Node:
        """`$or`, `$and` or `$nor`."""
        if not isinstance(branches, list) and not self.scope.privileged:
            message = f"{name} must be an array"
            raise SanitizedInvalidQuery(message)
        if not isinstance(branches, list) or not branches or not all(isinstance(one, dict) for one in branches):
            expected = "an array of at least 1 value" if name == "$nor" else "an array value"
            message = f"Bad {name} format - use {expected}."
            raise InvalidQuery(message)
        nodes = tuple([self.conjunction(branch, depth + 1) for branch in branches])
        if name == "$and":
            return And(nodes)
        return either(nodes) if name == "$or" else Not(either(nodes))

    def constraints(self, name: str, value: Json, depth: int) -> list[Node]:
        """What one key says about a field."""
        self.check_key(name)
        field = field_ref(name, self.schema)
        if isinstance(value, list) and "." not in name:
            message = f"You cannot use {_js_text(value)} as a query parameter."
            raise InvalidJson(message)
        if not isinstance(value, dict) or not any(key.startswith("$") for key in value):
            constraint: Mapping[str, Json] = {"$eq": value}
        else:
            constraint = {key: operand for key, operand in value.items() if key.startswith("$")}
            if len(constraint) < len(value) and "$eq" not in constraint:
                plain = {key: operand for key, operand in value.items() if not key.startswith("$")}
                constraint = {"$eq": plain, **constraint}
        outermost = depth == 0 and self.scope.level == 0
        conditions = _conditions(Clause(field, constraint, self.scope, self.budget, outermost, self.once))
        return conditions + below(field, conditions)

    def check_key(self, name: str) -> None:
        """Refuses keys that name no field, and fields that nobody or not this caller may ask about."""
        if name == "ACL":
            message = "Cannot query on ACL."
            raise InvalidQuery(message)
        if len(name) > MAX_NAME:
            message = f"Invalid key name: {name[:100]}…"
            raise InvalidKeyName(message)
        if KEY.fullmatch(name) is None and not (self.scope.privileged and name in INTERNAL):
            message = f"Invalid key name: {name}"
            raise InvalidKeyName(message)


def _conditions(clause: Clause) -> list[Node]:
    found: dict[str, Node] = {}
    for name, raw in clause.constraint.items():
        operator = operators.get(name)
        if operator is None:
            message = f"bad constraint: {name}"
            raise InvalidJson(message)
        node = operator.node(raw, clause)
        if node is None:
            continue
        group = operator.widens if operator.widens is not None else name
        found[group] = Or((found[group], node)) if group in found else node
    return list(found.values())


def _js_text(value: Json) -> str:
    """A value as JavaScript writes it into a text."""
    if isinstance(value, list):
        return ",".join("" if item is None else _js_text(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
