"""Rows that the server keeps for itself: written past triggers and permissions, on a condition of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from parse_core.errors import ObjectNotFound
from parse_core.objects.fit import fit
from parse_core.objects.requests import Write
from parse_core.objects.save import Prepared, store
from parse_core.operations.data import Set
from parse_core.permissions.access import Access
from parse_core.query.ast import EVERYTHING, IdIs, Node
from parse_core.store.rows import ROW, lookup
from parse_core.store.sql import Sql, json_param
from parse_core.values.scalars import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parse_core.context import RequestContext
    from parse_core.store.sql import Row
    from parse_core.values.scalars import Document, Json


@dataclass(frozen=True, slots=True)
class FieldIs(Node):
    """A root field has exactly this JSON value; None: it is null or missing."""

    name: str
    value: Json

    def sql(self, row: Row) -> Sql:
        stored = row.data + Sql("->%s", (self.name,))
        if self.value is None:
            return Sql("coalesce(") + stored + Sql(", 'null'::jsonb) = 'null'::jsonb")
        return stored + Sql(" = ") + json_param(self.value)

    def matches(self, document: Document) -> bool:
        return bool(document.get(self.name) == self.value)


def write_row(
    context: RequestContext, class_name: str, object_id: str, values: Mapping[str, Json], *, is_new: bool
) -> None:
    """Creates a row, or changes fields of one that is there."""
    present = now()
    changes = {key: Set(value) for key, value in values.items()}
    write = Write(context.schema(class_name), object_id, is_new, changes, present, sent=changes)
    store(Prepared(context, fit(write), Access(), present))


def change_row(
    context: RequestContext, class_name: str, object_id: str, values: Mapping[str, Json], *, only_if: Node = EVERYTHING
) -> bool:
    """Whether the row was there, with the condition true of it, and is changed."""
    present = now()
    changes = {key: Set(value) for key, value in values.items()}
    write = Write(context.schema(class_name), object_id, is_new=False, changes=changes, now=present, sent=changes)
    if not write.schema.exists:
        return False
    try:
        store(Prepared(context, fit(write), Access(only_if), present))
    except ObjectNotFound:
        return False
    return True


def read_row(context: RequestContext, class_name: str, object_id: str) -> Document | None:
    """The stored document of a row."""
    rows = read_rows(context, class_name, IdIs(object_id))
    return rows[0] if rows else None


def read_rows(context: RequestContext, class_name: str, condition: Node = EVERYTHING) -> list[Document]:
    """The stored documents that fulfil a condition."""
    schema = context.schema(class_name)
    if not schema.exists:
        return []
    found = context.executor.fetch(lookup(schema.relation, condition.sql(ROW)))
    return [orjson.loads(row[1]) for row in found]
