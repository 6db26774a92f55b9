"""Deleting objects (`contract/objects.md` §12). Pointers and links to a deleted object stay and find nothing."""

from __future__ import annotations

import orjson

from parse_core.context import RequestContext
from parse_core.errors import ObjectNotFound
from parse_core.objects.announce import announce_deleted
from parse_core.objects.conditions import authorized_condition
from parse_core.objects.events import Deletion
from parse_core.objects.find_moments import BeforeFind, announce_documents, announce_search, is_heard
from parse_core.objects.keeping_up import catch_up, keeping_up
from parse_core.objects.requests import DeleteEvent, FindRequest
from parse_core.permissions.actions import Action
from parse_core.permissions.authorize import authorize
from parse_core.query.ast import IdIs
from parse_core.schema.classes import ClassSchema
from parse_core.schema.system_class import SystemClass, system_class
from parse_core.schema.unchanged import unchanged
from parse_core.signals import after_delete, before_delete, object_changed
from parse_core.store.database import MissingTable, Rows, StaleClass
from parse_core.store.rows import ROW, lookup
from parse_core.store.rows import delete as delete_rows
from parse_core.store.sql import Sql
from parse_core.values.scalars import Document


def delete(context: RequestContext, class_name: str, object_id: str) -> None:
    """Deletes one object; one statement, two when somebody wants to see it first.

    1. Rights: the class as a whole, class-level and pointer permissions; the row's ACL is part of the condition.
    2. The object is read for the system class and for listeners, if either wants it: for them it is a get.
    3. Both may refuse.
    4. The row goes.
    5. The system class follows up; listeners hear of it.

    Raises `ObjectNotFound` (101) for an unknown or unwritable object.
    """
    keeping_up(context, lambda: _delete(context, class_name, object_id))


def _delete(context: RequestContext, class_name: str, object_id: str) -> None:
    schema = context.schema(class_name)
    special = system_class(class_name)
    access = authorize(context, schema, Action.DELETE)
    missing = special.not_found(context, Action.DELETE) or ObjectNotFound()
    if not schema.exists:
        raise missing
    condition = IdIs(object_id).sql(ROW) & access.restriction.sql(ROW)
    shown: Document | None = None
    try:
        if _is_heard(context, class_name) or _looks_first(special):
            shown = _first_look(context, schema, object_id, condition)
        rows = _removed(context, schema, condition)
    except StaleClass:
        raise
    except MissingTable:
        raise missing from None
    if not rows:
        raise missing
    original = orjson.loads(rows[0][1])
    special.after_delete(context, DeleteEvent(schema, object_id, original))
    announce_deleted(context, schema, original, original if shown is None else shown)


def _removed(context: RequestContext, schema: ClassSchema, condition: Sql) -> Rows:
    """What the statement that deletes gives. Raises `StaleClass` when the rights that it goes by have changed."""
    try:
        current = condition & unchanged(context.application.id, schema)
        return context.executor.fetch(delete_rows(schema.relation, current))
    except StaleClass as error:
        if context.transaction is not None:
            raise
        catch_up(context, error)
        latest = context.schema(schema.name)
        if latest.version == schema.version or latest.permissions != schema.permissions:
            raise
        return _removed(context, latest, condition)


def _first_look(context: RequestContext, schema: ClassSchema, object_id: str, condition: Sql) -> Document:
    """The object about to be deleted as listeners of reads leave it, if nobody refuses.

    Raises `ObjectNotFound` when there is none, or none any more.
    """
    special = system_class(schema.name)
    missing = special.not_found(context, Action.DELETE) or ObjectNotFound("Object not found for delete.")
    sought = FindRequest(schema.name, where={"objectId": object_id}, object_id=object_id)
    is_heard = _is_heard(context, schema.name)
    search = announce_search(context, sought) if is_heard else BeforeFind(sought)
    if search.request is not sought:
        condition &= authorized_condition(context, schema, search.request.where, ())[0].sql(ROW)
    rows = context.executor.fetch(lookup(schema.relation, condition))
    if not rows or search.documents == []:
        raise missing
    stored = orjson.loads(rows[0][1])
    special.before_delete(context, DeleteEvent(schema, object_id, stored))
    if not is_heard:
        return stored  # type: ignore[no-any-return]
    seen = announce_documents(context, search.request, [search.documents[0] if search.documents else stored])
    if not seen:
        raise missing
    if before_delete.has_listener(context.application, schema.name):
        before_delete.send(type(context.application), context=context, event=Deletion(schema, seen[0]))
    return seen[0]


def _is_heard(context: RequestContext, class_name: str) -> bool:
    application = context.application
    if before_delete.has_listener(application, class_name) or after_delete.has_listener(application, class_name):
        return True
    return object_changed.has_listener(application, class_name) and is_heard(context, class_name)


def _looks_first(special: SystemClass) -> bool:
    return type(special).before_delete is not SystemClass.before_delete
