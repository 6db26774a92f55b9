"""Conditions joined more cleverly than one by one: many equalities of one field are one look at it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from parse_core.query.ast import Node, Or
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
        if isinstance(branch, Condition) and branch.operator.name in _EQUALITIES:
            equalities.setdefault(branch.field, []).append(branch)
        else:
            nodes.append(branch)
    nodes += [group[0] if len(group) == 1 else _one_of(group) for group in equalities.values()]
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _one_of(equalities: list[Condition]) -> Condition:
    members = [condition.operand for condition in equalities]
    values = tuple([value for one in members for value in one.values])
    return Condition(operators["$in"], equalities[0].field, Members(values, any(one.null for one in members)))
