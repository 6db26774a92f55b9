"""Sending the moments: before-listeners run at once, announcements go out when what they tell of is committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from parse_core.context import RequestContext
from parse_core.objects.events import AfterSave, BeforeSave, Deletion, ObjectChanged
from parse_core.objects.requests import Write
from parse_core.schema.classes import ClassSchema
from parse_core.signals import after_delete, after_save, before_save, object_changed
from parse_core.values.scalars import Document

Announcement = Callable[[RequestContext], object]
_NONE: frozenset[str] = frozenset()


def run_before_save(context: RequestContext, write: Write, original: Document | None) -> Write:
    """The write as the listeners left it; what one of them raises refuses the write.

    What a listener changed or took back is not what the client sent any more, so the response tells of it.
    """
    event = BeforeSave(write, original)
    before_save.send(type(context.application), context=context, event=event)
    heard = event.write
    if heard is write:
        return write
    sent = {key: op for key, op in heard.sent.items() if heard.changes.get(key) is write.changes.get(key)}
    return replace(heard, sent=sent, reverted=frozenset(write.changes.keys() - heard.changes.keys()))


def announce_saved(  # noqa: PLR0913 (a write and what is told of it, each by its name)
    context: RequestContext,
    write: Write,
    *,
    before: Document | None,
    after: Callable[[], Document],
    response: Document,
    hidden: frozenset[str] = _NONE,
    untold: frozenset[str] = _NONE,
) -> None:
    """Tells listeners of changed objects and those of after-save, if there are any; the latter see nothing `hidden`.

    What is `untold` is not in the response, whatever they put there.
    """
    application, name = context.application, write.schema.name
    if object_changed.has_listener(application, name):
        announce_change(context, ObjectChanged(write.schema, before, after()))
    if after_save.has_listener(application, name):
        event = AfterSave(write, before and without(before, hidden), without(after(), hidden), response)

        def announce(later: RequestContext) -> None:
            after_save.send(type(application), context=later, event=event)
            for field in untold:
                response.pop(field, None)

        _on_commit(context, announce)


def announce_deleted(context: RequestContext, schema: ClassSchema, original: Document, shown: Document) -> None:
    """Tells listeners of changed objects and those of after-delete, if there are any; the latter of what is `shown`."""
    application = context.application
    if object_changed.has_listener(application, schema.name):
        announce_change(context, ObjectChanged(schema, original, None))
    if after_delete.has_listener(application, schema.name):
        event = Deletion(schema, shown)
        _on_commit(context, lambda later: after_delete.send(type(application), context=later, event=event))


def announce_change(context: RequestContext, event: ObjectChanged) -> None:
    """Sends `object_changed` on commit."""
    _on_commit(context, lambda later: object_changed.send(type(context.application), context=later, event=event))


def without(document: Document, hidden: frozenset[str]) -> Document:
    """The document without some of its fields."""
    return {key: value for key, value in document.items() if key not in hidden} if hidden else document


def _on_commit(context: RequestContext, announce: Announcement) -> None:
    if context.transaction is None:
        announce(context)
    else:
        context.transaction.on_commit.append(lambda: announce(context.after_commit()))
