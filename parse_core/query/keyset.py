"""Pages that begin where another one ended: by the place of a row in an order, not by how many rows come before it.

A row's place is the values it is sorted by and its number of insertion, which makes places unique. Rows that come, go
or change between two pages move no other row from one page to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from parse_core.query.ast import Node
from parse_core.query.order import Order, OrderKey, SortTerm
from parse_core.query.place import Place
from parse_core.query.ranking import ByScore
from parse_core.store.expressions import TIMESTAMPS, direction
from parse_core.store.sql import FALSE, TRUE, Row, Sql, all_of, any_of, join
from parse_core.values.scalars import Document

Position = tuple[str | None, ...]  # what a row sorts by as texts, then its number of insertion


@dataclass(frozen=True, slots=True)
class Key:
    """One expression that rows are sorted by; nulls are first ascending and last descending."""

    expression: Sql
    type: str
    descending: bool = False
    nullable: bool = False
    column: bool = False  # of the table, sorted as PostgreSQL does by itself (`expressions.direction`)

    def backwards(self) -> Key:
        """The same in the other direction."""
        return replace(self, descending=not self.descending)

    def order(self) -> Sql:
        """The ORDER BY term."""
        return self.expression + Sql(f" {direction(descending=self.descending, nullable=not self.column)}")

    def after(self, value: str | None, *, inclusive: bool = False) -> Sql:
        """Rows that come later than those with the value, or with them."""
        if value is None:
            if inclusive:
                return TRUE if not self.descending else self.expression + Sql(" IS NULL")
            return FALSE if self.descending else self.expression + Sql(" IS NOT NULL")
        comparison = ("<" if self.descending else ">") + "=" * inclusive
        later = self.expression + Sql(f" {comparison} %s::{self.type}", (value,))
        return later | (self.expression + Sql(" IS NULL")) if self.descending and self.nullable else later

    def same(self, value: str | None) -> Sql:
        """Rows with the value."""
        if value is None:
            return self.expression + Sql(" IS NULL")
        return self.expression + Sql(f" = %s::{self.type}", (value,))


def keys(order: Order | None, row: Row) -> tuple[Key, ...]:
    """What the rows of a query are sorted by, down to what no two have in common."""
    sorted_by = () if order is None else order.keys
    return (*(_key(term, row) for term in sorted_by), Key(row.sequence, "bigint", column=True))


def _key(term: SortTerm, row: Row) -> Key:
    if not isinstance(term, OrderKey):
        if isinstance(term, ByScore):
            return Key(term.score.sql(row), "real", descending=True)
        return Key(term.sql(row), "double precision")
    expression = Place(row, term.field).sortable()
    if expression is None:
        return Key(_compared_whole(term.sql(row)), "parse.sort_key", term.descending)
    name = term.field.name
    is_id = name == "objectId"
    kind = "numeric" if term.field.value_type == "Number" else "text"
    return Key(expression, kind, term.descending, nullable=not is_id and name not in TIMESTAMPS, column=is_id)


def _compared_whole(term: Sql) -> Sql:
    return Sql(term.text.removesuffix(" DESC").removesuffix(" ASC"), term.params)


@dataclass(frozen=True, slots=True)
class Beyond(Node):
    """The rows beyond a place, in the direction of the keys."""

    order: Order | None
    position: Position
    backwards: bool = False

    def sql(self, row: Row) -> Sql:
        """Begins with a range of the first key, which an index answers; what follows decides among equals."""
        found = [key.backwards() if self.backwards else key for key in keys(self.order, row)]
        begin = found[0].after(self.position[0], inclusive=True)
        return begin & any_of(_branches(found, self.position)) if len(found) > 1 else found[0].after(self.position[0])

    def matches(self, document: Document) -> bool:
        """Nobody asks: an object in memory has no number of insertion."""
        raise NotImplementedError


def _branches(found: Sequence[Key], position: Position) -> Iterator[Sql]:
    for place, (key, value) in enumerate(zip(found, position, strict=True)):
        equal = [before.same(given) for before, given in zip(found[:place], position[:place], strict=True)]
        yield all_of([*equal, key.after(value)])


def ordered(found: Sequence[Key]) -> Sql:
    """The list of an ORDER BY."""
    return join(", ", (key.order() for key in found))


def position_of(found: Sequence[Key]) -> Sql:
    """A row's place as a JSON text: `["2026-01-31T…", null, "17"]`."""
    return (
        Sql("jsonb_build_array(")
        + join(", ", (Sql("(") + key.expression + Sql(")::text") for key in found))
        + Sql(")::text")
    )
