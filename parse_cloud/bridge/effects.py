"""What a reply of Node makes of the invocation. User code may have written anything into it: it is read as input is."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from parse_cloud.invocations import (
    AfterFindCall,
    AfterSaveCall,
    BeforeFindCall,
    BeforeSaveCall,
    FileCall,
    FileContent,
    FunctionCall,
    Invocation,
    JobRun,
    LiveCall,
)
from parse_cloud.kinds import SCRIPT_FAILED, Failure
from parse_core.objects.find_request import parse_find
from parse_core.objects.requests import FindRequest
from parse_core.operations.parse import parse_operation
from parse_core.values.scalars import Document, Json

PREFERENCES: Final = ("readPreference", "includeReadPreference", "subqueryReadPreference")
# Of an object that takes the place of a whole write, what is the server's to say.
_NOT_WRITTEN: Final = frozenset({"className", "createdAt", "updatedAt", "objectId"})


def apply(invocation: Invocation, reply: Document) -> None:
    """Puts what the handler left into the *out* attributes. Raises `Failure`, and `ParseError` for rubbish."""
    context = reply.get("context")
    if isinstance(context, dict):
        invocation.cloud = context
    take = _OF_KIND.get(type(invocation))
    if take is not None:
        effects = reply.get("effects")
        take(invocation, reply, effects if isinstance(effects, dict) else {})


def take_status(call: FunctionCall, reply: Document) -> None:
    """Status and headers that the function gave its answer, also when it then failed."""
    status, headers = reply.get("status"), reply.get("headers")
    if isinstance(status, int) and not isinstance(status, bool) and 200 <= status < 600:
        call.status = status
    if isinstance(headers, dict):
        call.headers_out.update({name: _header(value) for name, value in headers.items() if _is_header(name, value)})


def _is_header(name: str, value: Any) -> bool:
    return name.replace("-", "").isalnum() and name.isascii() and isinstance(value, str | int | float)


def _header(value: Any) -> str:
    """Without line ends, which would end the header."""
    return "".join(each for each in str(value) if each.isprintable())


def _function(call: FunctionCall, reply: Document, _effects: Document) -> None:
    take_status(call, reply)
    if "success" in reply:
        call.result = reply["success"]


def _job(run: JobRun, reply: Document, _effects: Document) -> None:
    if "success" in reply:
        run.result = reply["success"]


def _before_save(call: BeforeSaveCall, _reply: Document, effects: Document) -> None:
    files = call.context.application.file_addresses
    replacement = effects.get("replace")
    if isinstance(replacement, dict):
        written = {key: value for key, value in replacement.items() if key not in _NOT_WRITTEN}
        call.changes = {key: parse_operation(value, files) for key, value in written.items()}
        object_id = replacement.get("objectId")
        if call.is_new and isinstance(object_id, str) and object_id:
            call.object_id = object_id
        return
    for key in _texts(effects.get("reverted")):
        call.changes.pop(key, None)
    for key, value in _members(effects.get("operations")):
        call.changes[key] = parse_operation(value, files)
        if "." not in key:  # set as a whole: what was sent for a part of it is void
            for part in [each for each in call.changes if each.startswith(f"{key}.")]:
                del call.changes[part]


def _after_save(call: AfterSaveCall, _reply: Document, effects: Document) -> None:
    body = effects.get("body")
    if isinstance(body, dict):
        call.body = body
    call.shown.update(_members(effects.get("shown")))


def _before_find(call: BeforeFindCall, _reply: Document, effects: Document) -> None:
    for name in PREFERENCES:
        if isinstance(effects.get(name), str):
            call.preferences[name] = effects[name]
    objects = effects.get("objects")
    if isinstance(objects, list):
        call.objects = [each for each in objects if isinstance(each, dict)]
        return
    query = effects.get("query")
    if isinstance(query, dict):
        call.query = _query(call.query, query)


def _query(asked: FindRequest, told: Document) -> FindRequest:
    """The query as the handler leaves it; members that no find has are of the SDK's own."""
    known: Document = {key: told[key] for key in _QUERY if key in told}
    left = parse_find(asked.class_name, known)
    return replace(left, object_id=asked.object_id, count=asked.count, redirect_key=asked.redirect_key)


_QUERY: Final = (
    "where",
    "limit",
    "skip",
    "include",
    "includeAll",
    "keys",
    "excludeKeys",
    "order",
    "explain",
    "comment",
)


def _after_find(call: AfterFindCall, _reply: Document, effects: Document) -> None:
    objects = effects.get("objects")
    if not isinstance(objects, list):
        return
    given = call.objects
    # An object that is as it was is told by its place.
    call.objects = [each if isinstance(each, dict) else _at(given, each) for each in objects]


def _at(given: list[Document], place: Any) -> Document:
    if isinstance(place, int) and not isinstance(place, bool) and 0 <= place < len(given):
        return given[place]
    raise Failure("afterFind must return a list of objects", SCRIPT_FAILED)


def _file(call: FileCall, _reply: Document, effects: Document) -> None:
    call.force_download = effects.get("forceDownload") is True
    headers = effects.get("responseHeaders")
    if isinstance(headers, dict):
        call.response_headers = {name: _header(value) for name, value in headers.items() if _is_header(name, value)}
    told = effects.get("file")
    if isinstance(told, dict):
        call.file = _content(call.file, told)


def _content(given: FileContent, told: Document) -> FileContent:
    data, texts = given.data, {name: told.get(name) for name in ("name", "contentType", "directory", "url")}
    if isinstance(told.get("base64"), str):
        try:
            data = b64decode(told["base64"], validate=True)
        except (NotBase64, ValueError):
            raise Failure("The file's data is not base64.", SCRIPT_FAILED) from None
    named = {name: value if isinstance(value, str) and value else None for name, value in texts.items()}
    return FileContent(
        named["name"] or given.name,
        data,
        named["contentType"] or given.content_type,
        dict(_members(told.get("metadata"))),
        dict(_members(told.get("tags"))),
        named["directory"],
        named["url"],
    )


def _live(call: LiveCall, _reply: Document, effects: Document) -> None:
    query = effects.get("query")
    if isinstance(query, dict) and call.query is not None:
        call.query = _query(call.query, query)
    if "sendEvent" not in effects:
        return
    call.send_event = effects["sendEvent"] is True
    if isinstance(effects.get("event"), str):
        call.event = effects["event"]
    for name in ("object", "original"):
        value = effects.get(name)
        if value is None or isinstance(value, dict):
            setattr(call, name, value)


def _members(value: Any) -> list[tuple[str, Json]]:
    return list(value.items()) if isinstance(value, dict) else []


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


_OF_KIND: Final[Mapping[type, Callable[[Any, Document, Document], None]]] = {
    FunctionCall: _function,
    JobRun: _job,
    BeforeSaveCall: _before_save,
    AfterSaveCall: _after_save,
    BeforeFindCall: _before_find,
    AfterFindCall: _after_find,
    FileCall: _file,
    LiveCall: _live,
}
