"""Objects that a relation of another one links to: `$relatedTo`, which stands beside the fields of a `where`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeGuard

from parse_core.errors import InvalidJson
from parse_core.query.ast import NOTHING, Node
from parse_core.query.operators.subquery import OTHER
from parse_core.query.scope import ParseScope, SubSelect
from parse_core.schema.classes import ClassSchema
from parse_core.store.sql import Row, Sql
from parse_core.values.scalars import Document, Json, type_name

RELATED_TO: Final = "$relatedTo"


@dataclass(frozen=True, slots=True)
class RelatedTo(Node):
    """The objects a relation links to, if its owner is there for the caller."""

    owner: SubSelect
    key: str
    object_id: str

    def sql(self, row: Row) -> Sql:
        owned = Sql("SELECT related_id FROM ") + self.owner.schema.join_table(self.key)
        readable = Sql(" WHERE owning_id = %s AND EXISTS (", (self.object_id,)) + self.owner.rows(OTHER, Sql("1"))
        return row.object_id + Sql(" IN (") + owned + readable + Sql("))")

    def matches(self, document: Document) -> bool:
        object_id = Sql("(SELECT %s::text AS object_id)", (document.get("objectId"),))
        return self.owner.holds(
            Sql("EXISTS (SELECT 1 FROM ") + object_id + Sql(" AS t WHERE ") + self.sql(Row("t")) + Sql(")")
        )


def related_to(raw: Json, schema: ClassSchema, scope: ParseScope) -> Node:
    """The condition of `{"object": <Pointer to owner>, "key": "rel"}`; no rows for what is unknown or unreadable.

    Raises `InvalidJson` (107) when malformed, 119 when the relation is hidden from the caller.
    """
    owner, key = (raw.get("object"), raw.get("key")) if isinstance(raw, dict) else (None, None)
    class_name, object_id = (owner.get("className"), owner.get("objectId")) if _is_pointer(owner) else (None, None)
    if not (_is_name(class_name) and _is_name(object_id) and _is_name(key)) or scope.subqueries is None:
        message = f"improper usage of {RELATED_TO}"
        raise InvalidJson(message)
    found = scope.subqueries.owner(class_name, object_id, key)
    relation = found.schema.fields.get(key)
    leads_here = relation is not None and (relation.type, relation.target_class) == ("Relation", schema.name)
    return RelatedTo(found, key, object_id) if found.schema.exists and leads_here else NOTHING


def _is_pointer(value: Json) -> TypeGuard[Document]:
    return type_name(value) == "Pointer"


def _is_name(value: Json) -> TypeGuard[str]:
    return isinstance(value, str) and value != "" and "\0" not in value and value.isprintable()
