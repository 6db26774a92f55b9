"""Classes as definitions: created, modified, dropped and emptied as a whole (`contract/objects.md` §18, §19, §21).

The REST routes, the dashboard and defined schemas all come here. Each use case is one transaction under the lock of the
application's registry: every check runs before the first change, and a failure leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from parse_core.errors import InvalidClassName, InvalidSchemaOperation, WriteConflict
from parse_core.schema import class_permissions
from parse_core.schema.built_indexes import build_ahead
from parse_core.schema.changes import RegistryChange, registry_change
from parse_core.schema.class_changes import checked
from parse_core.schema.classes import ClassSchema
from parse_core.schema.names import check_class_name
from parse_core.schema.system_class import system_class, system_classes
from parse_core.signals import class_emptied
from parse_core.store.database import MissingTable
from parse_core.store.sql import Sql
from parse_core.values.scalars import Document, Json

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.context import RequestContext

T = TypeVar("T")
ATTEMPTS: Final = 5


def show(schema: ClassSchema) -> Document:
    """A class as `/schemas` answers it: `{"className", "fields", "classLevelPermissions"}`, and `indexes` if any."""
    document: Document = {
        "className": schema.name,
        "fields": {name: field.declaration() for name, field in schema.fields.items()},
        "classLevelPermissions": class_permissions.shown(schema.permissions),
    }
    if schema.indexes:
        document["indexes"] = {name: dict(index) for name, index in schema.indexes.items()}
    return document


def show_all(application: Application) -> list[Document]:
    """Every class that exists, as of now in the database."""
    application.schemas.refresh()
    return [show(application.schemas[name]) for name in application.schemas if system_class(name).listed]


def show_one(application: Application, name: str) -> Document:
    """One class as of now. Raises `InvalidClassName` (103) for one that does not exist."""
    application.schemas.refresh()
    schema = application.schemas[name]
    if name in system_classes and not system_class(name).listed:
        return {**show(schema), "classLevelPermissions": {}}
    if not schema.exists:
        raise _does_not_exist(name)
    return show(schema)


def create_class(context: RequestContext, name: str, body: Mapping[str, Json]) -> Document:
    """The new class, from `fields`, `classLevelPermissions` and `indexes` of the body (§18.2)."""

    def create(change: RegistryChange) -> Document:
        present = change.current(name)
        if present.exists:
            message = f"Class {name} already exists."
            raise InvalidClassName(message)
        check_class_name(name)
        return show(checked(context.options, present, body).apply(change))

    return _changed(context, create)


def modify_class(context: RequestContext, name: str, body: Mapping[str, Json]) -> Document:
    """The class after the changes of the body: deletions, additions, permissions, indexes (§18.3)."""
    if body.get("indexes") and context.transaction is None:
        _build_ahead(context, name, body)

    def modify(change: RegistryChange) -> Document:
        present = change.current(name)
        if not present.exists:
            raise _does_not_exist(name)
        return show(checked(context.options, present, body).apply(change))

    return _changed(context, modify)


def _changed(context: RequestContext, apply: Callable[[RegistryChange], T]) -> T:
    """What `apply` gives in a transaction behind the lock of the registry.

    It runs anew where a batch had the table first and now wants the registry, so that PostgreSQL ended one of the two.
    """
    for _ in range(ATTEMPTS):
        try:
            with registry_change(context.application, context.transaction) as change:
                return apply(change)
        except WriteConflict:
            if context.transaction is not None:
                raise
    raise WriteConflict


def _build_ahead(context: RequestContext, name: str, body: Mapping[str, Json]) -> None:
    """New indexes of a large class, built while it is written to: under the lock only what is left has to be done."""
    present = context.schema(name)
    if present.exists:
        wanted = checked(context.options, present, body).wanted
        database = context.application.database
        with database.unlimited() as executor:
            build_ahead(executor, wanted, database.postgis)


def drop_class(context: RequestContext, name: str) -> None:
    """Removes an empty class, its links and its entry; one that does not exist is gone already (§18.4).

    Raises `InvalidSchemaOperation` (255) with the number of objects when there are any.
    """
    check_class_name(name)

    def drop(change: RegistryChange) -> None:
        schema = change.current(name)
        if not schema.exists:
            return
        _refuse_objects(change, schema)
        # Nobody adds an object between the count and the drop; a large class is not locked for being counted.
        change.transaction.fetch(Sql("LOCK TABLE ") + schema.relation + Sql(" IN ACCESS EXCLUSIVE MODE"))
        _refuse_objects(change, schema)
        change.drop(schema)
        if system_class(name).created_at_start:
            change.ensure(name)  # as new: what is there from the start is never missing

    _changed(context, drop)


def empty_class(context: RequestContext, name: str) -> None:
    """Removes all objects of a class, if it exists, without triggers; the class and its links stay (§21)."""
    application = context.application
    application.schemas.refresh()
    schema = context.schema(name)
    if not schema.exists:
        return
    try:
        context.executor.fetch(Sql("TRUNCATE ") + schema.relation)
    except MissingTable:
        return
    class_emptied.send(type(application), context=context, class_name=name)


def _refuse_objects(change: RegistryChange, schema: ClassSchema) -> None:
    [(count,)] = change.transaction.fetch(Sql("SELECT count(*) FROM ") + schema.relation)
    if count:
        message = f"Class {schema.name} is not empty, contains {count} objects, cannot drop schema."
        raise InvalidSchemaOperation(message)


def _does_not_exist(name: str) -> InvalidClassName:
    return InvalidClassName(f"Class {name} does not exist.")
