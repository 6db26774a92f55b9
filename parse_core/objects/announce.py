"""Sending the moments: before-listeners run at once, announcements go out when what they tell of is committed."""

from __future__ import annotations

from collections.abc import Callable

from parse_core.context import RequestContext
from parse_core.objects.events import AfterSave, BeforeSave, Deletion, ObjectChanged
from parse_core.objects.requests import Write
from parse_core.schema.classes import ClassSchema
from parse_core.signals import after_delete, after_save, before_save, object_changed
from parse_core.values.scalars import Document


def run_before_save(context: RequestContext, write: Write) -> Write:
    """The write as the listeners left it; what one of them raises refuses the write."""
    event = BeforeSave(write)
    before_save.send(type(context.application), context=context, event=event)
    return event.write


def announce_saved(
    context: RequestContext, write: Write, *, before: Document | None, after: Callable[[], Document]
) -> None:
    """Tells after-save listeners and those of changed objects, if there are any."""
    application, name = context.application, write.schema.name
    heard_saved = after_save.has_listener(application, name)
    if heard_saved:
        event = AfterSave(write, before, after())
        _on_commit(context, lambda: after_save.send(type(application), context=context, event=event))
    if object_changed.has_listener(application, name):
        announce_change(context, ObjectChanged(write.schema, before, after()))


def announce_deleted(context: RequestContext, schema: ClassSchema, original: Document) -> None:
    """Tells after-delete listeners and those of changed objects, if there are any."""
    application = context.application
    if after_delete.has_listener(application, schema.name):
        event = Deletion(schema, original)
        _on_commit(context, lambda: after_delete.send(type(application), context=context, event=event))
    if object_changed.has_listener(application, schema.name):
        announce_change(context, ObjectChanged(schema, original, None))


def announce_change(context: RequestContext, event: ObjectChanged) -> None:
    """Sends `object_changed` on commit."""
    _on_commit(context, lambda: object_changed.send(type(context.application), context=context, event=event))


def _on_commit(context: RequestContext, announce: Callable[[], object]) -> None:
    if context.transaction is None:
        announce()
    else:
        context.transaction.on_commit.append(announce)
