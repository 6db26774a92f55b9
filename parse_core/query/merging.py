"""Conditions joined more cleverly than one by one: many equalities of one field are one look at it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from parse_core.query.ast import And, Node, Or
from parse_core.query.below import Below, below
from parse_core.query.field import FieldRef
from parse_core.query.membership import Members
from parse_core.query.operators.base import Condition, operators

_EQUALITIES: Final = frozenset({"$eq", "$in"})


def either(branches: Iterable[Node]) -> Node:
    """The disjunction, with all equalities of one field as one `$in`.

    PostgreSQL plans and looks up each branch on its own: a thousand of them took it a second.
    """
    equalities: dict[FieldRef, list[Condition]] = {}
    nodes: list[Node] = []
    for branch in branches:
        condition = branch.branches[0] if isinstance(branch, And) and isinstance(branch.branches[-1], Below) else branch
        alone = condition is branch or (isinstance(branch, And) and len(branch.branches) == 2)
        if alone and isinstance(condition, Condition) and condition.operator.name in _EQUALITIES:
            equalities.setdefault(condition.field, []).append(condition)
        else:
            nodes.append(branch)
    for field, group in equalities.items():
        condition = group[0] if len(group) == 1 else _one_of(group)
        again = below(field, [condition])
        nodes.append(And((condition, *again)) if again else condition)
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _one_of(equalities: list[Condition]) -> Condition:
    members = [condition.operand for condition in equalities]
    values = tuple([value for one in members for value in one.values])
    return Condition(operators["$in"], equalities[0].field, Members(values, any(one.null for one in members)))
