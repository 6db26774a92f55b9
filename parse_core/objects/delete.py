"""Deleting objects (`contract/objects.md` §12). Pointers and links to a deleted object stay and find nothing."""

from __future__ import annotations

import orjson

from parse_core.context import RequestContext
from parse_core.errors import ObjectNotFound
from parse_core.objects.announce import announce_deleted
from parse_core.objects.events import Deletion
from parse_core.objects.requests import DeleteEvent
from parse_core.permissions.actions import Action
from parse_core.permissions.authorize import authorize
from parse_core.query.ast import IdIs
from parse_core.schema.system_class import SystemClass, system_class
from parse_core.signals import before_delete
from parse_core.store.database import MissingTable
from parse_core.store.rows import ROW, lookup
from parse_core.store.rows import delete as delete_rows


def delete(context: RequestContext, class_name: str, object_id: str) -> None:
    """Deletes one object; one statement, two when somebody wants to see it first.

    1. Rights: the class as a whole, class-level and pointer permissions; the row's ACL is part of the condition.
    2. The object is read for the system class and before-delete listeners, if either wants it.
    3. Both may refuse.
    4. The row goes.
    5. The system class follows up; listeners hear of it.

    Raises `ObjectNotFound` (101) for an unknown or unwritable object.
    """
    schema = context.schema(class_name)
    special = system_class(class_name)
    access = authorize(context, schema, Action.DELETE)
    missing = special.not_found(context, Action.DELETE) or ObjectNotFound()
    if not schema.exists:
        raise missing
    condition = IdIs(object_id).sql(ROW) & access.restriction.sql(ROW)
    is_heard = before_delete.has_listener(context.application, class_name)
    try:
        if is_heard or _looks_first(special):
            rows = context.executor.fetch(lookup(schema.relation, condition))
            if not rows:
                raise special.not_found(context, Action.DELETE) or ObjectNotFound("Object not found for delete.")
            original = orjson.loads(rows[0][1])
            special.before_delete(context, DeleteEvent(schema, object_id, original))
            if is_heard:
                before_delete.send(type(context.application), context=context, event=Deletion(schema, original))
        rows = context.executor.fetch(delete_rows(schema.relation, condition))
    except MissingTable:
        raise missing from None
    if not rows:
        raise missing
    original = orjson.loads(rows[0][1])
    special.after_delete(context, DeleteEvent(schema, object_id, original))
    announce_deleted(context, schema, original)


def _looks_first(special: SystemClass) -> bool:
    return type(special).before_delete is not SystemClass.before_delete
