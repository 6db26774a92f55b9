"""Removing everything an application stored, quickly: between the cases of a test suite, and to start over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parse_core.schema.changes import RegistryChange, registry_change
from parse_core.schema.classes import DEFAULT_FIELDS
from parse_core.schema.system_class import system_class, system_classes
from parse_core.signals import application_reset
from parse_core.store.sql import Sql

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.schema.classes import ClassSchema


def reset(application: Application) -> None:
    """Removes every object and class; the classes that exist from the start are there afterwards, empty.

    Their tables are kept when nobody changed the classes: emptying a table costs a hundredth of making one. What
    listens to `application_reset` forgets what it remembers of the objects.
    """
    with registry_change(application) as change:
        for schema in change.all().values():
            if system_class(schema.name).created_at_start and _is_pristine(schema):
                _empty(schema, change)
            else:
                change.drop(schema)
        for name, declared in system_classes.items():
            if declared.created_at_start:
                change.ensure(name)
    application_reset.send(type(application), application=application)


def _is_pristine(schema: ClassSchema) -> bool:
    """Whether the class is as the server made it. An index beyond those it made shows in `indexes`."""
    declared = system_class(schema.name).fields
    return (
        schema.permissions is None
        and not schema.indexes
        and all(name in declared or name in DEFAULT_FIELDS for name in schema.fields)
    )


def _empty(schema: ClassSchema, change: RegistryChange) -> None:
    for relation in (schema.relation, *map(schema.join_table, schema.relation_fields)):
        change.transaction.fetch(Sql("DELETE FROM ") + relation)
