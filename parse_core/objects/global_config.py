"""What clients read of a configuration: named parameters, some for the master key alone (`contract/cloud.md` §8).

All parameters live in the one object of `_GlobalConfig`, under `params`, with their flags under `masterKeyOnly`; a
change touches the named ones only and is one statement, so concurrent changes lose nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from parse_core.context import Level, RequestContext
from parse_core.errors import DuplicateValue, InvalidKeyName, ObjectNotFound
from parse_core.objects.events import ConfigChange
from parse_core.objects.fit import fit
from parse_core.objects.keeping_up import keeping_up
from parse_core.objects.requests import Write
from parse_core.objects.save import Prepared, store
from parse_core.operations.base import Operation
from parse_core.operations.data import Set, Unset
from parse_core.operations.parse import parse_operation
from parse_core.permissions.access import EVERYTHING_VISIBLE
from parse_core.permissions.keywords import check_keywords
from parse_core.query.ast import IdIs
from parse_core.schema.classes import MAX_NAME
from parse_core.signals import after_config_change, before_config_change
from parse_core.store.rows import ROW, lookup
from parse_core.values.nested import FileAddresses
from parse_core.values.scalars import Document, Json, now

CLASS_NAME: Final = "_GlobalConfig"
OBJECT_ID: Final = "1"
_SEES_ALL: Final = frozenset({Level.MASTER, Level.READ_ONLY})


def read_config(context: RequestContext) -> Document:
    """`{"params": {…}, "masterKeyOnly": {…}}` as the caller may see it; `{"params": {}}` when nothing is stored."""
    schema = context.schema(CLASS_NAME)
    rows = context.executor.fetch(lookup(schema.relation, IdIs(OBJECT_ID).sql(ROW))) if schema.exists else []
    if not rows:
        return {"params": {}}
    stored = orjson.loads(rows[0][1])
    params, flags = stored.get("params", {}), stored.get("masterKeyOnly", {})
    if context.principal.level not in _SEES_ALL:
        params = {name: value for name, value in params.items() if not flags.get(name)}
        flags = {name: flag for name, flag in flags.items() if not flag}
    return {"params": params, "masterKeyOnly": flags}


def write_config(context: RequestContext, params: Mapping[str, Json], flags: Mapping[str, Json]) -> None:
    """Changes the named parameters; each is public afterwards unless `flags` says otherwise.

    Values may be operations. Listeners hear of it before and after. Raises `InvalidKeyName` (105) for a name with a dot
    and for denied keywords, and what operations raise; then nothing has changed.
    """
    if not params:
        return
    check_keywords(context, dict(params))
    changes = {
        key: operation for name, value in params.items() for key, operation in _changes(context, name, value, flags)
    }
    application = context.application
    is_heard_after = after_config_change.has_listener(application, CLASS_NAME)
    original: Document | None = None
    if is_heard_after or before_config_change.has_listener(application, CLASS_NAME):
        original = _params(context)
        event = ConfigChange(dict(params), original)
        before_config_change.send(type(application), context=context, event=event)
    try:
        _store(context, changes, is_new=False)
    except ObjectNotFound:
        _make(context)
        _store(context, changes, is_new=False)
    if is_heard_after:
        after_config_change.send(
            type(application), context=context, event=ConfigChange(_params(context) or {}, original)
        )


def _params(context: RequestContext) -> Document | None:
    """All parameters as they are stored; None while nobody ever set one."""
    schema = context.schema(CLASS_NAME)
    rows = context.executor.fetch(lookup(schema.relation, IdIs(OBJECT_ID).sql(ROW))) if schema.exists else []
    return orjson.loads(rows[0][1]).get("params", {}) if rows else None


class _FilesAsSent(FileAddresses):
    """Files of parameters may be anywhere: the master key names them, with their URL."""

    __slots__ = ()

    def stored(self, value: Document) -> Document:
        url = value.get("url")
        stored = FileAddresses.stored(self, {**value, "url": None})
        return {**stored, "url": url} if isinstance(url, str) and url else stored


def _changes(context: RequestContext, name: str, value: Json, flags: Mapping[str, Json]) -> list[tuple[str, Operation]]:
    if not name or "." in name or len(name) > MAX_NAME:
        message = f"Invalid config parameter name: {name[:200]}"
        raise InvalidKeyName(message)
    addresses = context.application.file_addresses
    operation = parse_operation(value, _FilesAsSent(addresses.marker, addresses.check))
    flag = flags.get(name)
    if isinstance(flag, dict) and flag.get("__op") == "Delete":
        shown: Operation | None = Unset()
    else:
        # A deleted parameter keeps its flag, in case it comes back.
        shown = None if isinstance(operation, Unset) and name not in flags else Set(bool(flag))
    changes = [(f"params.{name}", operation)]
    return changes if shown is None else [*changes, (f"masterKeyOnly.{name}", shown)]


def _make(context: RequestContext) -> None:
    """The object, where there is none yet; somebody else may be making it too."""
    try:
        _store(context, {"params": Set({}), "masterKeyOnly": Set({})}, is_new=True)
    except DuplicateValue:
        return


def _store(context: RequestContext, changes: Mapping[str, Operation], *, is_new: bool) -> None:
    def prepared() -> Prepared:
        present = now()
        write = Write(context.schema(CLASS_NAME), OBJECT_ID, is_new, changes, present, sent=changes)
        if not is_new and not write.schema.exists:
            raise ObjectNotFound
        return Prepared(context, fit(write), EVERYTHING_VISIBLE, present)

    keeping_up(context, lambda: store(prepared()))
