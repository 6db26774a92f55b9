"""Conditions on what is inside of objects, said once more so that a declared index on it finds the rows.

The index sorts rows by the smallest or the largest of their values at the path (`parse.order_key`). Where both are the
same, that one decides; rows where they differ are few and have an index of their own, made with the declared one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from parse_core.query.ast import Node
from parse_core.query.bound import Bound, Kind, ordered
from parse_core.query.field import FieldRef
from parse_core.query.membership import INDEXED, Members
from parse_core.query.operators.base import Condition
from parse_core.store.expressions import differing_keys, order_key
from parse_core.store.sql import Row, Sql, all_of, join
from parse_core.values.scalars import Document, Json

_EQUALITIES: Final = frozenset({"$eq", "$in"})
_RANGES: Final = frozenset({"$lt", "$lte", "$gt", "$gte"})
_RANKS: Final[dict[Kind, int]] = {"number": 2, "string": 3, "Pointer": 4, "boolean": 7, "Date": 8}  # parse.sort_key


@dataclass(frozen=True, slots=True)
class Below(Node):
    """What conditions on one field imply for its order keys: `members` to be among, `bounds` to be within."""

    field: FieldRef
    members: tuple[Members, ...]
    bounds: tuple[Bound, ...]

    def sql(self, row: Row) -> Sql:
        steps = (self.field.root, *self.field.path)
        key = order_key(row.data, steps, descending=self.field.keyed is True)
        conditions = [self._among(key, each.values) for each in self.members]
        conditions += [self._within(key, each) for each in self.bounds]
        return all_of(conditions) | differing_keys(row.data, steps)

    def matches(self, document: Document) -> bool:
        return True  # the conditions themselves are asked too

    def _among(self, key: Sql, values: tuple[Json, ...]) -> Sql:
        keys = (_key(*found) for value in values if (found := ordered(value)) is not None)
        return key + Sql(" = ANY(ARRAY[") + join(", ", keys) + Sql("])")

    def _within(self, key: Sql, bound: Bound) -> Sql:
        """On the right side of the bound, among values of its kind."""
        kind = bound.kind or "number"
        side = key + Sql(f" {bound.comparison} ") + _key(kind, bound.value)
        end, rank = ("<", _RANKS[kind] + 1) if bound.comparison in (">", ">=") else (">=", _RANKS[kind])
        return side & (key + Sql(f" {end} ROW({rank}, '-Infinity'::numeric, '')::parse.sort_key"))


def _key(kind: Kind, value: Any) -> Sql:
    """The sort key of a value; the twin of `parse.value_sort_key`."""
    is_text = isinstance(value, str)
    number = "0" if is_text else orjson.dumps(int(value) if isinstance(value, bool) else value).decode()
    return Sql(f"ROW({_RANKS[kind]}, %s::numeric, %s::text)::parse.sort_key", (number, value if is_text else ""))


def below(field: FieldRef, conditions: Iterable[Node]) -> list[Node]:
    """The condition that the index answers, if the field has one and something is asked that it knows."""
    if field.keyed is None:
        return []
    members, bounds = [], []
    for condition in conditions:
        if not isinstance(condition, Condition) or condition.field != field:
            continue
        operand = condition.operand
        if condition.operator.name in _EQUALITIES and _is_known(operand):
            members.append(operand)
        elif condition.operator.name in _RANGES and operand.kind is not None:
            bounds.append(operand)
    return [Below(field, tuple(members), tuple(bounds))] if members or bounds else []


def _is_known(members: Members) -> bool:
    """Whether each operand has a place in the order of its own, and there are not too many."""
    return not members.null and 0 < len(members.values) <= INDEXED and None not in map(ordered, members.values)
