"""What comes of a webhook's answer (§7.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from parse_cloud.invocations import (
    NOTHING,
    AfterFindCall,
    AfterSaveCall,
    BeforeFindCall,
    BeforeSaveCall,
    FileCall,
    FunctionCall,
    Invocation,
    Nothing,
)
from parse_cloud.kinds import Failure, Kind
from parse_core.objects.body import parse_changes

if TYPE_CHECKING:
    from parse_core.values.scalars import Json

_SERVERS_OWN: Final = ("createdAt", "updatedAt", "className", "objectId")
SHOWN: Final = 100  # characters of an answer that is none


def read(content: bytes) -> Json | Nothing:
    """What the webhook gives as `success`; `NOTHING` if it says nothing. Raises `Failure` with its `error`."""
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return NOTHING
    if isinstance(body, str):
        raise Failure({"error": "Malformed response", "code": -1, "partialResponse": body[:SHOWN]})
    if not isinstance(body, dict):
        return NOTHING
    error = body.get("error")
    if error:
        message = error.get("message") if isinstance(error, dict) else None
        raise Failure(message or error)
    return body.get("success", NOTHING)


def put(success: Json | Nothing, call: Invocation) -> None:
    """Puts what the webhook gave where its kind counts it; what a kind cannot use is ignored."""
    effect = _EFFECTS.get(type(call))
    if effect is not None:
        effect(call, success)


def _returned(call: FunctionCall, success: Json | Nothing) -> None:
    call.result = success


def _replaced(call: BeforeSaveCall, data: Json | Nothing) -> None:
    """The whole of what is written; what is not in there is not written."""
    if not isinstance(data, dict):
        return
    body = {key: value for key, value in data.items() if key not in _SERVERS_OWN}
    call.changes = parse_changes(body, call.context.application.file_addresses, creates=call.is_new)
    if call.is_new and isinstance(data.get("objectId"), str):
        call.object_id = data["objectId"]


def _found(call: AfterFindCall, success: Json | Nothing) -> None:
    if success is NOTHING or success is None:
        return
    if not isinstance(success, list):
        raise Failure("afterFind must return a list")
    call.objects = [{"className": call.name, **each} for each in success if isinstance(each, dict)]


def _answered(call: AfterSaveCall, success: Json | Nothing) -> None:
    if isinstance(success, dict) and success:
        call.body = success


def _emptied(call: BeforeFindCall, success: Json | Nothing) -> None:
    if success == []:
        call.objects = []


def _redirected(call: FileCall, success: Json | Nothing) -> None:
    file = success.get("file") if isinstance(success, dict) and call.kind is Kind.BEFORE_FIND else None
    name = (file.get("_name") or file.get("name")) if isinstance(file, dict) else None
    if isinstance(name, str):
        call.file.name = name


_EFFECTS: Final[Mapping[type[Invocation], Callable[[Any, Json | Nothing], None]]] = {
    FunctionCall: _returned,
    BeforeSaveCall: _replaced,
    AfterSaveCall: _answered,
    BeforeFindCall: _emptied,
    AfterFindCall: _found,
    FileCall: _redirected,
}
