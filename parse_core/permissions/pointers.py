"""What pointer permissions are made of: a row is open to the caller it points to (`contract/objects.md` §15.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from parse_core.query.ast import NOTHING, Node, Or
from parse_core.schema.classes import ClassSchema
from parse_core.schema.system_class import caller_class
from parse_core.store.sql import Row, Sql
from parse_core.values.scalars import Document, Json, pointer


@dataclass(frozen=True, slots=True)
class PointsTo(Node):
    """The field is a pointer to this object or, `among` others, an array that contains one."""

    field: str
    class_name: str
    object_id: str
    among: bool = False

    def sql(self, row: Row) -> Sql:
        target = pointer(self.class_name, self.object_id)
        pattern = orjson.dumps({self.field: [target] if self.among else target}).decode()
        return Sql(f"({row.data.text} @> %s::jsonb)", (pattern,))

    def matches(self, document: Document) -> bool:
        value = document.get(self.field)
        if self.among:
            return isinstance(value, list) and any(self._is_target(item) for item in value)
        return self._is_target(value)

    def fields(self) -> Iterator[str]:
        yield self.field

    def _is_target(self, value: Json) -> bool:
        return (
            isinstance(value, dict)
            and value.get("__type") == "Pointer"
            and value.get("objectId") == self.object_id
            and value.get("className") == self.class_name
        )


def points_to_caller(schema: ClassSchema, columns: Iterable[str], user_id: str | None) -> Node:
    """Rows in which one of the columns names the caller; nothing for an anonymous one.

    A column that is gone from the class, or no longer of a fitting type, names nobody.
    """
    if user_id is None:
        return NOTHING
    callers = caller_class()
    branches = tuple(
        PointsTo(name, callers, user_id, among=column.type == "Array")
        for name in columns
        if (column := schema.fields.get(name)) is not None and column.type in ("Pointer", "Array")
    )
    if not branches:
        return NOTHING
    return branches[0] if len(branches) == 1 else Or(branches)
