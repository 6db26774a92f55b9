"""What of a row is sent: the SQL expression that gives a row's text.

The plain row is a copy of `wire`; whatever hides or chooses fields works on `data`, in the same statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from parse_core.query.ast import Node
from parse_core.query.ranking import Score
from parse_core.store.sql import Row, Sql, all_of, join, text_array

ALWAYS: Final = ("objectId", "createdAt", "updatedAt", "ACL")
UNREADABLE: Final = "'{_hashed_password,_session_token}'::text[]"  # not even by the maintenance key


@dataclass(frozen=True, slots=True)
class Hidden:
    """Fields that are left out of the rows that do not satisfy a condition."""

    fields: frozenset[str]
    unless: Node


@dataclass(frozen=True, slots=True)
class Projection:
    """The fields of a class that are sent.

    `keys` are the root fields asked for (None: all); those every object shows are added. `removed` is left out of every
    row, `hidden` of some. `internal` merges the columns that only maintenance reads. `score` comes with `keys` alone.
    """

    keys: frozenset[str] | None = None
    removed: frozenset[str] = frozenset()
    hidden: tuple[Hidden, ...] = ()
    internal: bool = False
    score: Score | None = None

    def sql(self, row: Row) -> Sql:
        """The text of one row as JSON: `{"objectId": "x1", …}`."""
        if self is WHOLE:
            return row.wire
        return self._all_fields(row) if self.keys is None else self._listed_fields(row, self.keys)

    def _document(self, row: Row) -> Sql:
        if not self.internal:
            return row.data
        return Sql(f"({row.data.text} || (coalesce({row.internal.text}, '{{}}') - {UNREADABLE}))")

    def _all_fields(self, row: Row) -> Sql:
        shown = self._document(row)
        if self.removed:
            shown += Sql(" - %s::text[]", (text_array(tuple(sorted(self.removed))),))
        whole = _text(shown) if self.removed or self.internal else row.wire
        if not self.hidden:
            return whole
        conditions = [rule.unless.sql(row) for rule in self.hidden]
        for rule, condition in zip(self.hidden, conditions, strict=True):
            shown += Sql(" - CASE WHEN ") + condition
            shown += Sql(" THEN '{}'::text[] ELSE %s::text[] END", (text_array(tuple(sorted(rule.fields))),))
        # Rows in which nothing is hidden still copy their text
        cases = (Sql("CASE WHEN "), all_of(conditions), Sql(" THEN "), whole, Sql(" ELSE "), _text(shown), Sql(" END"))
        return join("", cases)

    def _listed_fields(self, row: Row, keys: frozenset[str]) -> Sql:
        """Written out field by field: a look-up per listed field, whatever else the object holds."""
        document = self._document(row)
        items = []
        for name in (*ALWAYS, *sorted(keys.difference(ALWAYS))):
            if name in self.removed:
                continue
            item = Sql("%s || (", (f'"{name}": ',)) + document + Sql(" -> %s)::text", (name,))
            conditions = [rule.unless.sql(row) for rule in self.hidden if name in rule.fields]
            if conditions:
                item = Sql("CASE WHEN ") + all_of(conditions) + Sql(" THEN ") + item + Sql(" END")
            items.append(item)
        if self.score is not None:
            items.append(Sql("%s || ", ('"score": ',)) + self.score.sql(row) + Sql("::text"))
        # array_to_string leaves out NULLs: the fields a row does not have
        return Sql("'{' || array_to_string(ARRAY[") + join(", ", items) + Sql("]::text[], ', ') || '}'")


def _text(document: Sql) -> Sql:
    return Sql("(") + document + Sql(")::text")


WHOLE: Final = Projection()
