"""`beforeSave` and `afterSave` (`contract/cloud.md` §4.4, §4.5)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import orjson

from parse_cloud.handlers import Handler
from parse_cloud.invocations import AfterSaveCall, BeforeSaveCall
from parse_cloud.kinds import Kind
from parse_cloud.running import invoke
from parse_cloud.triggers.listening import on
from parse_cloud.wire import copied, shown_changes, stored_operation, whole
from parse_core.context import RequestContext
from parse_core.errors import ParseError
from parse_core.objects.body import SERVER_FIELDS, check_names
from parse_core.objects.events import AfterSave, BeforeSave
from parse_core.operations.base import Operation
from parse_core.operations.data import Set, Unset
from parse_core.signals import after_save, before_save
from parse_core.values.acl import Acl

log = logging.getLogger("parse_cloud.code")
_UNSET: Final = {"__op": "Delete"}


@on(before_save, Kind.BEFORE_SAVE)
def run_before_save(handler: Handler, context: RequestContext, event: BeforeSave) -> None:
    """The write becomes what the handler leaves of it."""
    write = event.write
    original = None if event.original is None else whole(context, write.schema, event.original)
    given = shown_changes(context, write.changes)
    call = BeforeSaveCall(
        kind=Kind.BEFORE_SAVE,
        name=write.schema.name,
        context=context,
        cloud=copied(context.cloud),
        object_id=write.object_id if original is not None or write.has_own_id else None,
        original=original,
        changes=dict(given),
    )
    if not invoke(handler, call):
        return
    changes = _settled(context, call.changes, given, write.changes)
    object_id = call.object_id if write.is_new and call.object_id else write.object_id
    if object_id != write.object_id or _differ(changes, write.changes):
        event.write = replace(write, changes=changes, object_id=object_id)


def _settled(
    context: RequestContext,
    left: Mapping[str, Operation],
    given: Mapping[str, Operation],
    sent: Mapping[str, Operation],
) -> dict[str, Operation]:
    """What a handler left, in stored form; what it left alone is the very operation that was sent.

    Raises `InvalidKeyName` (105) for names that are none; of the server's own, changes are forgotten.
    """
    files = context.application.file_addresses
    settled: dict[str, Operation] = {}
    for key, operation in left.items():
        if key in given and _is_same(operation, given[key]):
            settled[key] = sent[key]
        elif key not in SERVER_FIELDS and key[:1] != "_":
            settled[key] = _acl(operation) if key == "ACL" else stored_operation(operation, files)
    check_names(settled)
    return settled


def _acl(operation: Operation) -> Operation:
    """Taking an ACL away locks the object, as a client's `Delete` does."""
    if isinstance(operation, Unset):
        return Set({})
    return Set(Acl.parse(operation.initial()).json)


def _is_same(one: Operation, other: Operation) -> bool:
    """Equal as JSON is: `True` is not 1."""
    return one is other or (type(one) is type(other) and one == other and repr(one) == repr(other))


def _differ(one: Mapping[str, Operation], other: Mapping[str, Operation]) -> bool:
    return len(one) != len(other) or any(one[key] is not other.get(key) for key in one)


@on(after_save, Kind.AFTER_SAVE)
def run_after_save(handler: Handler, context: RequestContext, event: AfterSave) -> None:
    """The answer is what the handler makes of it; the object is stored, whatever the handler raises."""
    schema = event.write.schema
    call = AfterSaveCall(
        kind=Kind.AFTER_SAVE,
        name=schema.name,
        context=context,
        cloud=copied(context.cloud),
        object=whole(context, schema, event.after),
        original=None if event.before is None else whole(context, schema, event.before),
    )
    try:
        if not invoke(handler, call):
            return
    except ParseError as error:
        log.warning("afterSave of %s failed: %s", schema.name, orjson.dumps(error.body(sanitize=False)).decode())
        return
    if call.body:
        event.response.clear()
        event.response.update(call.body)
    event.response.update(call.shown)
