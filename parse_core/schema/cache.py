"""The schema registry of one application as this process knows it.

Reading is a dictionary look-up. What other processes change arrives by notification, and a version check bounds how
long a lost one can matter: nothing older than `MAX_AGE` seconds is ever handed out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from parse_core.schema.classes import DEFAULT_FIELDS, ClassSchema, Field, table_name
from parse_core.schema.system_class import system_class, system_classes
from parse_core.store.database import upkeep
from parse_core.store.sql import Sql
from parse_core.store.tables import create_namespace
from parse_core.values.scalars import Json

if TYPE_CHECKING:
    from parse_core.application import Application

MAX_AGE: Final = 1.0  # seconds
MAX_AGE_OF_ABSENCE: Final = 0.02  # seconds: one look per request
TOPIC: Final = "schema"
SELECT_CLASSES = (
    "SELECT name, table_name, fields, permissions, indexes, version FROM parse_class WHERE application_id = %s"
)


class SchemaCache(Mapping[str, ClassSchema]):
    """Class schemas by name. Every name has one: a class nobody created `exists` not."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._classes: dict[str, ClassSchema] = {}
        self._version = -1  # of the registry at the last look; -1: what came since may not be known
        self._known_to = -1  # the version of the registry up to which all changes are known
        self._checked = 0.0
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Makes the application's namespace and the classes that exist from the start; several processes may try."""
        from parse_core.schema.changes import registry_change

        application = self._application
        missing = Sql("SELECT 1 FROM parse_application WHERE application_id = %s", (application.id,))
        if not application.database.fetch(missing):
            with application.database.transaction() as transaction:
                transaction.fetch(
                    Sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (application.namespace,))
                )
                transaction.fetch(create_namespace(application.namespace))
                transaction.fetch(
                    Sql(
                        "INSERT INTO parse_application (application_id, namespace, schema_version) VALUES (%s, %s, 0)"
                        " ON CONFLICT DO NOTHING",
                        (application.id, application.namespace),
                    )
                )
        self.refresh()
        absent = [name for name, cls in system_classes.items() if cls.created_at_start and name not in self._classes]
        if absent:
            with registry_change(application) as change:
                for name in absent:
                    change.ensure(name)
        application.listener.subscribe(application.id, TOPIC, lambda _key: self.refresh())
        application.listener.every_interval(application.id, self.refresh)

    def __getitem__(self, name: str) -> ClassSchema:
        found = self._classes.get(name)
        # A client may ask this process for what another one has just made for it: absence is looked up, not assumed.
        if time.monotonic() - self._checked > (MAX_AGE if found is not None else MAX_AGE_OF_ABSENCE):
            self.refresh()
            found = self._classes.get(name)
        return found or self.unknown(name)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._classes))

    def __len__(self) -> int:
        return len(self._classes)

    def as_known(self, name: str) -> ClassSchema:
        """A class as this process knows it, without a look at the database."""
        return self._classes.get(name) or self.unknown(name)

    def unknown(self, name: str) -> ClassSchema:
        """A class nobody has created yet: its columns, no table."""
        return ClassSchema(name, self._application.namespace, table_name(name), columns(name, {}), exists=False)

    def refresh(self) -> None:
        """Takes over what other processes changed since the last look: one statement when nothing did."""
        with upkeep():
            self._refresh()

    def _refresh(self) -> None:
        application = self._application
        checked = time.monotonic()
        rows = application.database.fetch(
            Sql("SELECT schema_version FROM parse_application WHERE application_id = %s", (application.id,))
        )
        version = rows[0][0] if rows else -1
        if version != self._version:
            with self._lock:
                self._take_over(version)
        self._checked = checked

    def _take_over(self, version: int) -> None:
        """Reads the classes that changed since `_known_to`. A class carries the version of its last change."""
        fetch, application_id = self._application.database.fetch, self._application.id
        if version < self._known_to:  # another registry has taken the place of the one that was known
            self._known_to = -1
        classes = dict(self._classes) if self._known_to >= 0 else {}
        for row in fetch(Sql(f"{SELECT_CLASSES} AND version > %s", (application_id, self._known_to))):
            known = self._classes.get(row[0])
            classes[row[0]] = known if known is not None and known.version == row[5] else self.from_row(row)
        source = "FROM parse_class WHERE application_id = %s"
        if fetch(Sql(f"SELECT count(*) {source}", (application_id,)))[0][0] != len(classes):
            names = {name for (name,) in fetch(Sql(f"SELECT name {source}", (application_id,)))}
            classes = {name: schema for name, schema in classes.items() if name in names}
        self._classes, self._version, self._known_to = classes, version, version

    def from_row(self, row: tuple[Json, ...]) -> ClassSchema:
        """The schema a registry row describes."""
        name, table, fields, permissions, indexes, version = row
        return ClassSchema(
            name,
            self._application.namespace,
            table,
            columns(name, {key: Field.from_declaration(value) for key, value in fields.items()}),
            None if permissions is None else MappingProxyType(permissions),
            MappingProxyType(indexes),
            version,
        )

    def take(self, changed: Mapping[str, ClassSchema | None], version: int) -> None:
        """Takes over what this process itself just committed (None: dropped) as `version`, and tells the others.

        Two threads may get here in another order than they committed in: nothing newer is overwritten, and the next
        refresh reads the registry anew.
        """
        with self._lock:
            classes = dict(self._classes)
            for name, schema in changed.items():
                if name in classes and classes[name].version > version:
                    continue
                if schema is None:
                    classes.pop(name, None)
                else:
                    classes[name] = schema
            self._classes, self._version = classes, -1
        self._application.listener.publish(self._application.id, TOPIC, "")

    def learn(self, found: Mapping[str, ClassSchema]) -> None:
        """Takes over what a transaction of this process has found others to have made."""
        with self._lock:
            known = self._classes
            newer = {
                name: schema
                for name, schema in found.items()
                if name not in known or known[name].version < schema.version
            }
            self._classes = {**known, **newer}

    def forget(self) -> None:
        """Reads everything anew. What is known is replaced, never missing meanwhile: other requests go on with it."""
        with self._lock:
            self._version = self._known_to = -1
        self.refresh()


def columns(name: str, stored: Mapping[str, Field]) -> Mapping[str, Field]:
    """All columns of a class: those of every class, those of its system class, and its own."""
    return MappingProxyType({**DEFAULT_FIELDS, **system_class(name).fields, **stored})
