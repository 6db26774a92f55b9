"""What rows are sorted by: the `order` of a query, in SQL and in memory.

All values have one order: missing and null, numbers, strings, objects, arrays, bytes, booleans, dates. Of an array
counts the smallest element ascending, the largest descending. Ties keep the order of insertion, which `select` appends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from parse_core.errors import InvalidKeyName, InvalidQuery
from parse_core.query.ast import EVERYTHING, Node
from parse_core.query.field import FieldRef, field_ref
from parse_core.query.identity import MISSING
from parse_core.query.place import Place
from parse_core.query.ranking import ByScore, nearest, score
from parse_core.schema.classes import FIELD_NAME, MAX_NAME, ClassSchema
from parse_core.store.expressions import direction, order_key
from parse_core.store.sql import Row, Sql, join
from parse_core.values.scalars import Document, Json

MAX_ORDER: Final = 100  # fields; PostgreSQL sorts by some 1,600 columns at most
SortKey = tuple[int, float, str]

SCORE: Final = "$score"
ALIASES: Final = {"_created_at": "createdAt", "_updated_at": "updatedAt"}
_PROVIDER_ID: Final = re.compile(r"authData\.[A-Za-z0-9_]+\.id")
_UNSORTABLE: Final = frozenset({"ACL", "Relation"})
_TYPED_RANKS: Final = {"Bytes": (6, "base64"), "Date": (8, "iso"), "Pointer": (4, "objectId")}
_NOTHING: Final[SortKey] = (1, 0, "")
_EMPTY_ARRAY: Final[SortKey] = (0, 0, "")


class SortTerm(Protocol):
    """One thing that rows are sorted by, in both faces."""

    @property
    def descending(self) -> bool:
        """Whether the face in memory sorts the other way round."""
        ...

    def sql(self, row: Row) -> Sql:
        """One ORDER BY term, its direction included."""
        ...

    def sort_key(self, document: Document) -> Any:
        """What a document sorts by in memory."""
        ...


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One field that rows are sorted by."""

    field: FieldRef
    descending: bool = False

    def sql(self, row: Row) -> Sql:
        """One ORDER BY term; on a typed column the one that a declared index serves."""
        place = Place(row, self.field)
        expression = place.sortable()
        if expression is not None:
            nullable = self.field.name != "objectId"
            return expression + Sql(f" {direction(descending=self.descending, nullable=nullable)}")
        key = order_key(place.document, (self.field.root, *self.field.path), descending=self.descending)
        return key + Sql(" DESC" if self.descending else " ASC")

    def sort_key(self, document: Document) -> SortKey:
        """The twin of `sql`: sort by it, reversed if `descending`."""
        keys = list(self._keys(document)) or [_NOTHING]
        return max(keys) if self.descending else min(keys)

    def _keys(self, document: Document) -> Iterable[SortKey]:
        for leaf in self.field.leaves(document):
            if not isinstance(leaf, list):
                yield value_sort_key(leaf)
            elif not leaf:
                yield _EMPTY_ARRAY
            else:
                yield from map(value_sort_key, leaf)


def value_sort_key(value: Json) -> SortKey:
    """Where a single value stands among all values."""
    if isinstance(value, bool):
        return (7, int(value), "")
    if isinstance(value, (int, float)):
        return (2, value, "")
    if isinstance(value, str):
        return (3, 0, value)
    if isinstance(value, list):
        return (5, 0, "")
    if value is None or value is MISSING:
        return _NOTHING
    rank, member = _TYPED_RANKS.get(str(value.get("__type")), (4, ""))
    text = value.get(member)
    return (rank, 0, text if isinstance(text, str) else "")


@dataclass(frozen=True, slots=True)
class Order:
    """The fields that rows are sorted by, most significant first."""

    keys: tuple[SortTerm, ...]

    def sql(self, row: Row) -> Sql:
        """The list of an ORDER BY."""
        return join(", ", (key.sql(row) for key in self.keys))

    def sort(self, documents: Iterable[Document]) -> list[Document]:
        """The twin of `sql`: the documents in order, ties as they came."""
        result = list(documents)
        for key in reversed(self.keys):
            result.sort(key=key.sort_key, reverse=key.descending)
        return result


def parse_order(names: Sequence[str], schema: ClassSchema, condition: Node = EVERYTHING) -> Order | None:
    """What `["name", "-createdAt"]` asks for, else what the condition brings with it; None for no order.

    The first occurrence of a name gives its rank, the last its direction. Unknown fields are ignored, and `$score`
    without a `$text`. Raises `InvalidKeyName` for what is no field name.
    """
    directions: dict[str, bool] = {}
    for listed in names:
        stripped = listed.strip()
        name = stripped.removeprefix("-")
        name = ALIASES.get(name, name)
        if name and name != SCORE:
            _check_name(name)
        directions[name] = stripped.startswith("-")
    keys = [
        term
        for name, descending in directions.items()
        if (term := _term(name, schema, condition, descending=descending))
    ]
    if len(keys) > MAX_ORDER:
        message = f"A query can be sorted by at most {MAX_ORDER} fields"
        raise InvalidQuery(message)
    if not keys and (distance := nearest(condition)) is not None:
        keys.append(distance)
    return Order(tuple(keys)) if keys else None


def _term(name: str, schema: ClassSchema, condition: Node, *, descending: bool) -> SortTerm | None:
    if name == SCORE:
        scored = score(condition)
        return None if scored is None else ByScore(scored)
    field = field_ref(name, schema)
    return OrderKey(field, descending) if field.type is not None and field.type not in _UNSORTABLE else None


def _check_name(name: str) -> None:
    if _PROVIDER_ID.fullmatch(name):
        message = f"Cannot sort by {name}"
        raise InvalidKeyName(message)
    if FIELD_NAME.fullmatch(name.partition(".")[0]) is None or len(name) > MAX_NAME:
        message = f"Invalid field name: {name[:100]}."
        raise InvalidKeyName(message)
