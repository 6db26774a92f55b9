"""Statements that write objects: each is one statement, also with its relation links, and gives back what came of it.

Values arrive checked and in stored form. `Assignments` says what an update does to the document; how an operation looks
in SQL is the operation's own business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import orjson

from parse_core.store.sql import TRUE, Row, Sql, join, json_param, text_array

ROW = Row("t")
MAX_PAIRS = 50  # a PostgreSQL function takes at most 100 arguments
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Permissions:
    """The ACL as the two columns that queries filter by; None: everybody."""

    read: Sequence[str] | None
    write: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class NewRow:
    """One object to insert: its document in wire format, its ACL columns, its internal columns."""

    object_id: str
    data: Mapping[str, Any]
    permissions: Permissions
    internal: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """What changes in one join table for one owner; `clear` unlinks everything first."""

    table: Sql
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    clear: bool = False


@dataclass(frozen=True, slots=True)
class Assignments:
    """What an update does to a row.

    `values` are root fields with their new value, `computed` those whose value depends on the stored one (a jsonb
    expression over the columns of `ROW`), `clearable` such whose NULL removes the field, `unset` those to remove;
    `permissions` replaces the ACL columns; `internal` sets or (None) removes internal columns.
    """

    values: Mapping[str, Any]
    computed: Mapping[str, Sql] = field(default_factory=lambda: _NOTHING)
    clearable: Mapping[str, Sql] = field(default_factory=lambda: _NOTHING)
    unset: Sequence[str] = ()
    permissions: Permissions | None = None
    internal: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    @property
    def data(self) -> Sql:
        """The new document as an expression; one parameter for all plain values, however many they are."""
        document = Sql("(t.data - %s::text[])", (text_array(tuple(self.unset)),)) if self.unset else ROW.data
        parts = [document, json_param(dict(self.values))]
        if self.computed:
            parts.append(object_of(self.computed))
        document = join(" || ", parts)
        for name, value in self.clearable.items():
            document = Sql("jsonb_set_lax(") + document + Sql(", ARRAY[%s::text], ", (name,)) + value
            document += Sql(", true, 'delete_key')")
        return document

    @property
    def sql(self) -> Sql:
        """The SET list."""
        sets = [Sql("version = t.version + 1, data = ") + self.data]
        if self.permissions is not None:
            sets.append(Sql("rperm = %s::text[], wperm = %s::text[]", _columns(self.permissions)))
        if self.internal:
            gone = [name for name, value in self.internal.items() if value is None]
            put = {name: value for name, value in self.internal.items() if value is not None}
            sets.append(
                Sql("internal = (coalesce(t.internal, '{}'::jsonb) - %s::text[]) || ", (text_array(tuple(gone)),))
                + json_param(put)
            )
        return join(", ", sets)


def object_of(members: Mapping[str, Sql]) -> Sql:
    """A jsonb object with these members, each given by an expression."""
    pairs = [Sql("%s::text, ", (name,)) + value for name, value in members.items()]
    parts = [pairs[start : start + MAX_PAIRS] for start in range(0, len(pairs), MAX_PAIRS)]
    return join(" || ", (Sql("jsonb_build_object(") + join(", ", part) + Sql(")") for part in parts))


def insert(relation: Sql, row: NewRow, links: Sequence[Links] = (), *, condition: Sql = TRUE) -> Sql:
    """Inserts one object and its links, if the `condition` holds."""
    stored = Sql("INSERT INTO ") + relation + _COLUMNS + Sql("SELECT ") + _values(row) + Sql(" WHERE ") + condition
    if not links:
        return stored
    ctes = [Sql("stored AS (") + stored + Sql(" RETURNING 1)")]
    ctes.extend(_link_ctes(links, Sql("%s::text", (row.object_id,))))
    return Sql("WITH ") + join(", ", ctes) + Sql(" SELECT 1 FROM stored")


def insert_many(relation: Sql, rows: Iterable[NewRow], *, condition: Sql = TRUE) -> Sql:
    """Inserts several objects of one class, in this order, if the `condition` holds; all or none.

    They go in as one JSON parameter, so that the statement is the same (and prepared) for any number of rows.
    """
    packed = [{"d": row.data, "r": row.permissions.read, "w": row.permissions.write, "i": row.internal} for row in rows]
    unpacked = _UNPACKED + json_param(packed) + Sql(") AS packed(row)")
    return Sql("INSERT INTO ") + relation + _COLUMNS + unpacked + Sql(" WHERE ") + condition


def update(
    relation: Sql,
    condition: Sql,
    assignments: Assignments,
    returning: Sql,
    links: Sequence[Links] = (),
    *,
    before: bool,
) -> Sql:
    """Updates the rows that satisfy `condition` and gives `returning` for each (over `t`, the row as it is afterwards).

    With `before`, the row is locked first and its former columns are there as `b.data`, `b.internal`. With links, they
    change only if the row did. No row comes back when none satisfied the condition.
    """
    if before:
        locked = Sql("b AS MATERIALIZED (SELECT t.object_id, t.data, t.internal FROM ") + relation
        locked += Sql(" t WHERE ") + condition + Sql(" FOR UPDATE)")
        ctes, where = [locked], Sql(" FROM b WHERE t.object_id = b.object_id")
    else:
        ctes, where = [], Sql(" WHERE ") + condition
    written = join(
        "", (Sql("UPDATE "), relation, Sql(" t SET "), assignments.sql, where, Sql(" RETURNING "), returning)
    )
    if links:
        ctes.append(Sql("stored AS (") + written + Sql(", t.object_id AS owner_id)"))
        ctes.extend(_link_ctes(links, Sql("(SELECT owner_id FROM stored)")))
        return Sql("WITH ") + join(", ", ctes) + Sql(" SELECT * FROM stored")
    if ctes:
        return Sql("WITH ") + join(", ", ctes) + Sql(" ") + written
    return written


def delete(relation: Sql, condition: Sql) -> Sql:
    """Deletes the rows that satisfy `condition`; gives (object_id, data text, internal text) of each."""
    return (
        Sql("DELETE FROM ")
        + relation
        + Sql(" t WHERE ")
        + condition
        + Sql(" RETURNING t.object_id, t.wire, t.internal::text")
    )


def lookup(relation: Sql, condition: Sql) -> Sql:
    """(object_id, data text, internal text) of the rows that satisfy `condition`."""
    return Sql("SELECT t.object_id, t.wire, t.internal::text FROM ") + relation + Sql(" t WHERE ") + condition


_COLUMNS = Sql(" (object_id, data, rperm, wperm, internal) ")
_UNPACKED = Sql(
    "SELECT row -> 'd' ->> 'objectId', row -> 'd',"
    " CASE WHEN jsonb_typeof(row -> 'r') = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(row -> 'r')) END,"
    " CASE WHEN jsonb_typeof(row -> 'w') = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(row -> 'w')) END,"
    " nullif(row -> 'i', 'null') FROM jsonb_array_elements("
)


def _values(row: NewRow) -> Sql:
    internal = orjson.dumps(dict(row.internal)).decode() if row.internal else None
    return Sql(
        "%s, %s::jsonb, %s::text[], %s::text[], %s::jsonb",
        (row.object_id, orjson.dumps(dict(row.data)).decode(), *_columns(row.permissions), internal),
    )


def _columns(permissions: Permissions) -> tuple[str | None, str | None]:
    return (
        None if permissions.read is None else text_array(tuple(permissions.read)),
        None if permissions.write is None else text_array(tuple(permissions.write)),
    )


def _link_ctes(links: Sequence[Links], owner: Sql) -> Iterable[Sql]:
    """Unlinking and linking, as parts of the statement that writes the owner."""
    for number, change in enumerate(links):
        if change.clear or change.removed:
            gone = (
                Sql(f"unlinked_{number}")
                + Sql(" AS (DELETE FROM ")
                + change.table
                + Sql(" l WHERE l.owning_id = ")
                + owner
            )
            if not change.clear:
                gone += Sql(" AND l.related_id = ANY(%s::text[])", (text_array(tuple(change.removed)),))
            elif change.added:
                gone += Sql(" AND l.related_id <> ALL(%s::text[])", (text_array(tuple(change.added)),))
            yield gone + Sql(")")
        if change.added:
            yield (
                Sql(f"linked_{number} AS (INSERT INTO ")
                + change.table
                + Sql(" (owning_id, related_id) SELECT ")
                + owner
                + Sql(", unnest(%s::text[])", (text_array(tuple(change.added)),))
                + Sql(" WHERE ")
                + owner
                + Sql(" IS NOT NULL ON CONFLICT DO NOTHING)")
            )
