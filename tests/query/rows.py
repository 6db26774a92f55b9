"""A class with rows of a test's own, asked in both faces: conditions in SQL, and in memory over the same documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from types import MappingProxyType
from typing import Any

import orjson
import psycopg

from parse_core.query.order import parse_order
from parse_core.query.parse import parse_where
from parse_core.query.scope import ParseScope
from parse_core.schema.classes import DEFAULT_FIELDS, ClassSchema, Field
from parse_core.store.sql import Row, Sql
from parse_core.store.tables import create_class_table
from parse_core.values.scalars import Document, Json, pointer

NAMESPACE = "query_tests"
MOMENT = "2026-01-01T00:00:00.000Z"
_numbers = count()


def date(text: str) -> Document:
    """A Date as clients send and objects store it."""
    return {"__type": "Date", "iso": text}


def document(object_id: str, **fields: Json) -> Document:
    """An object in wire format."""
    return {"objectId": object_id, "createdAt": MOMENT, "updatedAt": MOMENT} | fields


FIELDS: Mapping[str, Field] = {
    **DEFAULT_FIELDS,
    "n": Field("Number"),
    "s": Field("String"),
    "b": Field("Boolean"),
    "d": Field("Date"),
    "a": Field("Array"),
    "o": Field("Object"),
    "p": Field("Pointer", "P"),
    "g": Field("GeoPoint"),
    "f": Field("File"),
    "y": Field("Bytes"),
    "poly": Field("Polygon"),
}


@dataclass
class Rows:
    """A class table with the documents in it."""

    connection: psycopg.Connection[Any]
    schema: ClassSchema
    documents: Sequence[Document]

    @classmethod
    def of(
        cls,
        connection: psycopg.Connection[Any],
        documents: Sequence[Document],
        fields: Mapping[str, Field] = FIELDS,
        *,
        indexes: Mapping[str, Json] = MappingProxyType({}),
    ) -> Rows:
        """A new table that holds the documents in this order; of the `indexes` only the declaration."""
        schema = ClassSchema("T", NAMESPACE, f"T{next(_numbers)}", fields, indexes=indexes)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {NAMESPACE}")
        for statement in create_class_table(NAMESPACE, schema.table):
            connection.execute(statement.text)
        copy = f"COPY {schema.relation.text} (object_id, data, rperm, internal) FROM STDIN"
        with connection.cursor().copy(copy) as rows:
            for each in documents:
                readers = (
                    [name for name, rights in each["ACL"].items() if rights.get("read")] if "ACL" in each else None
                )
                internal = {name: value for name, value in each.items() if name.startswith("_")}
                data = {name: value for name, value in each.items() if not name.startswith("_")}
                encoded = orjson.dumps(internal).decode() if internal else None
                rows.write_row((each["objectId"], orjson.dumps(data).decode(), readers, encoded))
        connection.execute(f"ANALYZE {schema.relation.text}")
        return cls(connection, schema, documents)

    def in_sql(self, where: Json, scope: ParseScope, order: Sequence[str] = ()) -> list[str]:
        """The ids that PostgreSQL finds, in order."""
        statement = self.statement(where, scope, order)
        return [row[0] for row in self.connection.execute(statement.text, statement.params)]

    def statement(self, where: Json, scope: ParseScope, order: Sequence[str] = ()) -> Sql:
        """The SELECT of ids for a `where`."""
        row = Row("t")
        condition = parse_where(where, self.schema, scope)
        parsed = parse_order(order, self.schema, condition)
        terms = Sql("t.sequence") if parsed is None else parsed.sql(row) + Sql(", t.sequence")
        source = Sql("SELECT t.object_id FROM ") + self.schema.relation + Sql(" t WHERE ")
        return source + condition.sql(row) + Sql(" ORDER BY ") + terms

    def in_memory(self, where: Json, scope: ParseScope, order: Sequence[str] = ()) -> list[str]:
        """The ids of the documents that match in memory, in order."""
        node = parse_where(where, self.schema, scope)
        found = [each for each in self.documents if node.matches(each)]
        parsed = parse_order(order, self.schema, node)
        return [each["objectId"] for each in (found if parsed is None else parsed.sort(found))]

    def plan(self, where: Json, scope: ParseScope) -> str:
        """What PostgreSQL would do."""
        statement = self.statement(where, scope)
        lines = self.connection.execute("EXPLAIN " + statement.text, statement.params)
        return "\n".join(line for (line,) in lines)


p1, p2 = pointer("P", "p1"), pointer("P", "p2")

MATRIX: Sequence[Document] = (
    document("m"),
    document("z", n=None, s=None, b=None, d=None, a=None, o=None),
    document("A", n=1, s="a", b=True, d=date("2020-01-01T00:00:00.000Z"), a=[1, 2, 3],
             o={"x": 1, "y": "s", "z": {"w": 1}, "l": [1, 2], "nn": None}, p=p1),
    document("B", n=2, s="B", b=False, d=date("2021-01-01T00:00:00.000Z"), a=["a", None, {"q": 1}],
             o={"x": 2, "y": "t", "z": {"w": 2}, "l": [{"m": 1}, {"m": 2}]}, p=p2),
    document("C", n=0, s="", b=False, a=[], o={}, p=pointer("P", "p3")),
    document("E", a=[[1, 2], p1, p2], o={"x": "1", "y": 5, "z": None}),
)  # fmt: skip
ALL = "m z A B C E"

CLIENT = ParseScope()
MASTER = ParseScope(privileged=True)
LIMITED = replace(CLIENT, query_depth=2, allow_regex=False)
