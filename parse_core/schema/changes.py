"""Changes of the schema registry: one transaction under the application's lock, then news to every process.

The row of the application is the lock, so that changes of one application happen one after the other and racing first
writes of a class or a field are decided here: who comes second finds what the first one made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from parse_core.errors import IncorrectType
from parse_core.schema.built_indexes import bring_in_line
from parse_core.schema.cache import SELECT_CLASSES
from parse_core.schema.classes import DEFAULT_FIELDS, ClassSchema, Field
from parse_core.schema.system_class import system_class
from parse_core.store.counts import forget
from parse_core.store.sql import Sql, json_param
from parse_core.store.tables import create_class_table, create_join_table, create_unique_index, drop_tables

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.store.database import Transaction
    from parse_core.values.scalars import Json


class RegistryChange:
    """The registry inside the transaction that changes it; what it reads is what is committed, not what is cached."""

    def __init__(self, application: Application, transaction: Transaction) -> None:
        self._application = application
        self.transaction = transaction
        self.changed: dict[str, ClassSchema | None] = {}
        self.found: dict[str, ClassSchema] = {}  # as wanted: another process was faster
        self._version: int | None = None

    def current(self, name: str) -> ClassSchema:
        """The class as of now; `exists` False when there is none."""
        if name in self.changed:
            return self.changed[name] or self._application.schemas.unknown(name)
        rows = self.transaction.fetch(Sql(SELECT_CLASSES + " AND name = %s", (self._application.id, name)))
        return self._application.schemas.from_row(rows[0]) if rows else self._application.schemas.unknown(name)

    def all(self) -> dict[str, ClassSchema]:
        """Every class there is, by name."""
        rows = self.transaction.fetch(Sql(SELECT_CLASSES, (self._application.id,)))
        return {row[0]: self._application.schemas.from_row(row) for row in rows}

    def ensure(self, name: str, fields: Mapping[str, Field] | None = None) -> ClassSchema:
        """The class with at least these fields, created or extended as needed.

        Raises `IncorrectType` (111) when a field exists with another type; then nothing has changed.
        """
        schema = self.current(name)
        wanted = dict(fields or {})
        for field_name, field in wanted.items():
            present = schema.fields.get(field_name)
            if present is not None and not same_type(present, field):
                raise type_mismatch(name, field_name, present, field)
        missing = {key: field for key, field in wanted.items() if key not in schema.fields}
        if schema.exists and not missing:
            self.found[name] = schema
            return schema
        return self.put(replace(schema, fields=MappingProxyType({**schema.fields, **missing}), exists=True))

    def put(self, schema: ClassSchema) -> ClassSchema:
        """Stores a class as given, making its table and the join tables of its relations when they are not there.

        Fields that `schema` no longer has keep their data: see `drop_fields`.
        """
        before = self.current(schema.name)
        stored = replace(schema, exists=True, version=self.version)
        own = {key: field.declaration() for key, field in stored.fields.items() if key not in DEFAULT_FIELDS}
        permissions = Sql("NULL") if stored.permissions is None else json_param(dict(stored.permissions))
        self.transaction.fetch(
            Sql(
                "INSERT INTO parse_class (application_id, name, table_name, fields, permissions, indexes, version)"
                " VALUES (%s, %s, %s, ",
                (self._application.id, stored.name, stored.table),
            )
            + json_param(own)
            + Sql(", ")
            + permissions
            + Sql(", ")
            + json_param({name: dict(index) for name, index in stored.indexes.items()})
            + Sql(", %s)", (stored.version,))
            + Sql(
                " ON CONFLICT (application_id, name) DO UPDATE SET fields = EXCLUDED.fields,"
                " permissions = EXCLUDED.permissions, indexes = EXCLUDED.indexes, version = EXCLUDED.version"
            )
        )
        if not before.exists:
            self._create_table(stored)
        for name in stored.relation_fields.keys() - (before.relation_fields.keys() if before.exists else set()):
            self._run(create_join_table(stored.join_table(name)))
        if stored.indexes or before.indexes:
            bring_in_line(self.transaction, stored, self._application.database.postgis)
        self._changed(stored.name, stored)
        return stored

    def drop_fields(self, schema: ClassSchema, names: frozenset[str]) -> ClassSchema:
        """The class without these fields, their values and links removed from every object.

        Writers of the class wait: one that gives a field a value is done before, or finds the class changed.
        """
        if schema.exists:
            self.transaction.fetch(Sql("LOCK TABLE ") + schema.relation + Sql(" IN SHARE ROW EXCLUSIVE MODE"))
        relations = [schema.join_table(name) for name in names & schema.relation_fields.keys()]
        self._run(drop_tables(relations))
        kept = MappingProxyType({name: field for name, field in schema.fields.items() if name not in names})
        if schema.exists:
            self.transaction.fetch(
                Sql("UPDATE ")
                + schema.relation
                + Sql(
                    " SET data = data - %s::text[], version = version + 1 WHERE data ?| %s::text[]",
                    (sorted(names), sorted(names)),
                )
            )
        return self.put(replace(schema, fields=kept))

    def drop(self, schema: ClassSchema) -> None:
        """Removes a class: its objects, its links, its entry."""
        joins = [schema.join_table(name) for name in schema.relation_fields]
        self._run(drop_tables([schema.relation, *joins]))
        self.transaction.fetch(forget(schema.namespace, schema.table))
        self.transaction.fetch(
            Sql("DELETE FROM parse_class WHERE application_id = %s AND name = %s", (self._application.id, schema.name))
        )
        self._changed(schema.name, None)

    def _create_table(self, schema: ClassSchema) -> None:
        self._run(create_class_table(schema.namespace, schema.table))
        for name, path, kind in system_class(schema.name).unique:
            self.transaction.fetch(
                create_unique_index(schema.namespace, schema.table, name, path, lower=kind == "lower")
            )

    def _changed(self, name: str, schema: ClassSchema | None) -> None:
        self.changed[name] = schema
        self.transaction.schemas[name] = schema or self._application.schemas.unknown(name)

    @property
    def version(self) -> int:
        """The version of the registry that this change makes; asking for it takes the number."""
        if self._version is None:
            rows = self.transaction.fetch(
                Sql(
                    "UPDATE parse_application SET schema_version = schema_version + 1 WHERE application_id = %s"
                    " RETURNING schema_version",
                    (self._application.id,),
                )
            )
            self._version = int(rows[0][0])
        return self._version

    def _run(self, statements: Any) -> None:
        for statement in statements:
            self.transaction.fetch(statement)


@contextmanager
def registry_change(application: Application, transaction: Transaction | None = None) -> Iterator[RegistryChange]:
    """The registry, locked for a change that commits when the block (or the given transaction) ends."""
    if transaction is None:
        with application.database.transaction() as own, registry_change(application, own) as change:
            yield change
        return
    transaction.fetch(Sql("SELECT 1 FROM parse_application WHERE application_id = %s FOR UPDATE", (application.id,)))
    change = RegistryChange(application, transaction)
    yield change
    if change.changed:
        version = change.version  # counted up inside the transaction, also for a change that only drops
        transaction.learn.append(lambda: application.schemas.take(change.changed, version))
    elif change.found:
        transaction.learn.append(lambda: application.schemas.learn(change.found))


def same_type(present: Field, given: Field) -> bool:
    """Whether a value of `given` fits the declared field."""
    return present.type == given.type and (present.target_class or "") == (given.target_class or "")


def type_mismatch(class_name: str, field_name: str, expected: Field, given: Field | Json) -> IncorrectType:
    """111 with both type names, as `contract/objects.md` §10 words it."""
    return IncorrectType(f"schema mismatch for {class_name}.{field_name}; expected {expected} but got {given}")
