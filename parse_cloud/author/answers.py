"""What becomes of what a handler returned, and of what it changed in its request (§2.4, §4.4 to §4.12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from parse_cloud.author.requests.base import Request
from parse_cloud.author.requests.files import FileTriggerRequest
from parse_cloud.author.requests.finds import AfterFindRequest, BeforeFindRequest, document_of
from parse_cloud.author.requests.live import LiveQueryEventRequest, SubscribeRequest
from parse_cloud.author.requests.triggers import TriggerRequest
from parse_cloud.author.response import FunctionResponse, Replace, Response, checked_headers, checked_status
from parse_cloud.author.sdk.encoding import FOR_SAVING, RESULT, encode, encode_result
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.file import File
from parse_cloud.author.sdk.object import Object
from parse_cloud.invocations import (
    NOTHING,
    AfterFindCall,
    AfterSaveCall,
    BeforeFindCall,
    BeforeSaveCall,
    FileCall,
    FunctionCall,
    Invocation,
    JobRun,
    LiveCall,
)
from parse_cloud.kinds import Kind
from parse_core.values.scalars import Document

_DELETED: Final = {"__op": "Delete"}


def take(invocation: Invocation, request: Request, result: Any, response: FunctionResponse) -> None:
    """Puts what the handler left into the invocation. Raises what cannot go on, such as unsaved objects in results."""
    if isinstance(invocation, FunctionCall):
        _function(invocation, result, response)
    elif type(invocation) in _TAKERS:
        _TAKERS[type(invocation)](invocation, request, result)
    if not isinstance(invocation.cloud, dict):
        raise TypeError("request.context is a dictionary")


def take_status(call: FunctionCall, response: FunctionResponse) -> None:
    """Status and headers count however the function ended."""
    if response.status_code is not None:
        call.status = response.status_code
    call.headers_out.update(response.headers)


def _sendable(value: Any) -> Any:
    """The value, if it can be sent inside the members of any answer: otherwise it is the handler that fails here."""
    orjson.dumps([[[[[value]]]]])
    return value


def _function(call: FunctionCall, result: Any, response: FunctionResponse) -> None:
    if response.failure is not None:
        raise response.failure
    if response.is_sent:
        result = response.result
    elif isinstance(result, Response):
        call.status, call.headers_out = checked_status(result.status), checked_headers(result.headers)
        result = result.value
    elif result is None:
        result = NOTHING
    if result is not NOTHING:
        call.result = _sendable(encode_result(result))


def _job(run: JobRun, _request: Request, result: Any) -> None:
    if isinstance(result, str):
        run.result = result


def _before_save(call: BeforeSaveCall, request: TriggerRequest[Any], result: Any) -> None:
    pending = request.pending
    if isinstance(result, Replace):
        result = result.data
    if result is None or result is pending.object:
        call.changes = pending.changes()
    elif isinstance(result, Mapping):
        call.changes = pending.replaced_by(dict(result))
        if call.is_new and isinstance(result.get("objectId"), str):
            call.object_id = result["objectId"]
    else:
        raise TypeError(f"before_save returns nothing, the object or a dictionary, not {type(result).__name__}")


def _after_save(call: AfterSaveCall, request: TriggerRequest[Any], result: Any) -> None:
    if isinstance(result, Replace):
        result = result.data
    if isinstance(result, Object):
        if result is request.object:
            call.shown = _sendable(_pending_values(result))
        else:
            document = document_of(result)
            call.shown = {key: value for key, value in document.items() if call.object.get(key) != value}
            call.shown.pop("className", None)
        return
    if isinstance(result, Mapping) and result:
        call.body = _sendable(encode(dict(result), RESULT))
        return
    if "_object" in vars(request):  # which it looked at
        call.shown = _sendable(_pending_values(request.object))


def _pending_values(changed: Object) -> Document:
    """The fields that the handler changed and did not save, as they are now."""
    shown: Document = {}
    for key in changed.dirty_keys():
        root = key.partition(".")[0]
        shown[root] = encode(changed.get(root), FOR_SAVING) if root in changed else dict(_DELETED)
    return shown


def _before_find(call: BeforeFindCall, request: BeforeFindRequest, result: Any) -> None:
    from parse_cloud.author.sdk.query import Query

    if isinstance(result, Object):
        result = [result]
    if isinstance(result, list) and all(isinstance(item, Object) for item in result):
        call.objects = _sendable([document_of(item) for item in result])
        return
    query = result if isinstance(result, Query) else request.query
    call.query = query.to_find(call.query)


def _after_find(call: AfterFindCall, request: AfterFindRequest[Any], result: Any) -> None:
    objects = request.objects if result is None else result
    if not isinstance(objects, (list, tuple)):
        raise ParseError(ParseError.SCRIPT_FAILED, "afterFind must return a list")
    call.objects = _sendable([request.document(item) for item in objects])


def _file(call: FileCall, request: FileTriggerRequest, result: Any) -> None:
    file = result if isinstance(result, File) else request.file
    call.response_headers = checked_headers(call.response_headers)
    call.file = file.to_content()


def _live(call: LiveCall, request: Request, _result: Any) -> None:
    if isinstance(request, SubscribeRequest) and call.query is not None:
        call.query = request.query.to_find(call.query)
    elif isinstance(request, LiveQueryEventRequest) and call.kind is Kind.AFTER_EVENT:
        for name in ("object", "original"):
            if name in vars(request):  # which it looked at, or set
                value = vars(request)[name]
                setattr(call, name, None if value is None else document_of(value))


_TAKERS: Final[dict[type[Invocation], Callable[[Any, Any, Any], None]]] = {
    JobRun: _job,
    BeforeSaveCall: _before_save,
    AfterSaveCall: _after_save,
    BeforeFindCall: _before_find,
    AfterFindCall: _after_find,
    FileCall: _file,
    LiveCall: _live,
}
