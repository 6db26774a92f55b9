"""What a webhook is sent (§7.2): the request of its handler as JSON, values with their `__type`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from parse_cloud.invocations import (
    AfterFindCall,
    AfterSaveCall,
    BeforeFindCall,
    BeforeSaveCall,
    ConfigCall,
    FileCall,
    FunctionCall,
    Invocation,
    LiveCall,
    ObjectCall,
)
from parse_cloud.wire import asked_json, query_json, with_uploads
from parse_core.operations.data import Set, SetOnInsert, Unset
from parse_core.operations.encode import encode

if TYPE_CHECKING:
    from parse_core.values.scalars import Document

# Keys of this server prove nothing to another one; sent along, they would only be lost there.
_KEYS: Final = frozenset(
    {
        "authorization",
        "cookie",
        *(f"x-parse-{key}-key" for key in ("master", "maintenance", "client", "javascript", "rest-api", "windows")),
    }
)


def payload(invocation: Invocation) -> Document:
    """The body of the request."""
    common: Document = {
        "master": invocation.master,
        "isReadOnly": invocation.is_read_only,
        "headers": {name: value for name, value in invocation.headers.items() if name.lower() not in _KEYS},
        "ip": invocation.ip,
        "context": invocation.cloud,
    }
    if invocation.installation_id is not None:
        common["installationId"] = invocation.installation_id
    if invocation.user is not None:
        common["user"] = invocation.user
    if isinstance(invocation, FunctionCall):
        return {**common, "functionName": invocation.name, "params": with_uploads(invocation.params)}
    return {**common, "triggerName": invocation.kind.value, **_own(invocation)}


def _own(call: Invocation) -> Document:
    """What belongs to the kind."""
    if isinstance(call, BeforeSaveCall):
        pending = {key: encode(operation) for key, operation in call.changes.items() if not _is_plain(operation)}
        identity = {"objectId": call.object_id} if call.object_id else {}
        return {"object": {**identity, **call.object, **pending, "className": call.name}, **_original(call)}
    if isinstance(call, AfterSaveCall | ObjectCall):
        return {"object": {**call.object, "className": call.name}, **_original(call)}
    if isinstance(call, BeforeFindCall):
        return {"query": asked_json(call), "count": call.count, "isGet": call.is_get, **call.preferences}
    if isinstance(call, AfterFindCall):
        objects = [{key: value for key, value in each.items() if key != "className"} for each in call.objects]
        return {"objects": objects, "object": None, "query": query_json(call.query), "isGet": call.is_get}
    if isinstance(call, ConfigCall):
        original = {} if call.original is None else {"original": call.original}
        return {"object": call.object, **original}
    if isinstance(call, FileCall):
        file = {"_name": call.file.name, "name": call.file.name, "url": call.file.url}
        return {"file": {key: value for key, value in file.items() if value}, "fileSize": call.size}
    if isinstance(call, LiveCall):
        query = {} if call.query is None else {"query": query_json(call.query)}
        return {**call.details, "event": call.event, "object": call.object, "original": call.original, **query}
    return {}


def _is_plain(operation: object) -> bool:
    return isinstance(operation, Set | SetOnInsert | Unset)


def _original(call: BeforeSaveCall | AfterSaveCall | ObjectCall) -> Document:
    return {} if call.original is None else {"original": {**call.original, "className": call.name}}
