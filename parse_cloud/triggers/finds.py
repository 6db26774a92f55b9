"""`beforeFind` and `afterFind` (`contract/cloud.md` §4.7, §4.8)."""

from __future__ import annotations

from dataclasses import replace

import orjson

from parse_cloud.handlers import Handler
from parse_cloud.invocations import AfterFindCall, BeforeFindCall
from parse_cloud.kinds import SCRIPT_FAILED, Failure, Kind
from parse_cloud.running import invoke
from parse_cloud.triggers.listening import on
from parse_cloud.wire import copied, shown
from parse_core.context import RequestContext
from parse_core.errors import InvalidJson
from parse_core.objects.find_moments import AfterFind, BeforeFind
from parse_core.objects.requests import FindRequest
from parse_core.signals import after_find, before_find
from parse_core.values.decoding import JsonRefused, decode
from parse_core.values.scalars import Document, Json

# What a handler may put in the place of what was asked; it cannot take back what a client asked for.
_ADOPTED = ("limit", "skip", "include", "exclude_keys", "explain", "keys", "order", "comment")


@on(before_find, Kind.BEFORE_FIND)
def run_before_find(handler: Handler, context: RequestContext, event: BeforeFind) -> None:
    """The search becomes what the handler makes of it, or objects take its place."""
    call = BeforeFindCall(
        kind=Kind.BEFORE_FIND,
        name=event.class_name,
        context=context,
        cloud=copied(context.cloud),
        query=_with_id(event.request),
        preferences=_preferences(event.request),
    )
    if not invoke(handler, call):
        return
    request = _adopted(event.request, call.query)
    if request != event.request:
        event.request = request
    event.documents = call.objects


def _preferences(request: FindRequest) -> dict[str, Json]:
    asked = {
        "readPreference": request.read_preference,
        "includeReadPreference": request.include_read_preference,
        "subqueryReadPreference": request.subquery_read_preference,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _with_id(request: FindRequest) -> FindRequest:
    """The request as user code sees it: of a get, the id is a condition like any other."""
    if request.object_id is None:
        return request
    return replace(request, where={**(request.where or {}), "objectId": request.object_id})


def _adopted(asked: FindRequest, left: FindRequest) -> FindRequest:
    found = {name: getattr(left, name) for name in _ADOPTED if getattr(left, name)}
    if left.where == _with_id(asked).where:
        return replace(asked, **found)
    where = _readable(left.where or {})
    if asked.object_id is not None and isinstance(where.get("objectId"), str):
        found["object_id"] = where.pop("objectId")
    return replace(asked, where=where or None, **found)


def _readable(where: Document) -> Document:
    """Conditions as a client would have sent them. Raises `InvalidJson` (107) for what JSON cannot hold."""
    try:
        found: Document = decode(orjson.dumps(where))
    except (orjson.JSONEncodeError, JsonRefused) as error:
        raise InvalidJson(f"This cannot be asked for: {error}.") from error
    return found


@on(after_find, Kind.AFTER_FIND)
def run_after_find(handler: Handler, context: RequestContext, event: AfterFind) -> None:
    """The results become what the handler leaves of them; each says which class it is of."""
    call = AfterFindCall(
        kind=Kind.AFTER_FIND,
        name=event.class_name,
        context=context,
        cloud=copied(context.cloud),
        query=_with_id(event.request),
        objects=[{**document, "className": event.class_name} for document in shown(context, event.documents)],
        is_get=event.request.object_id is not None,
    )
    if not invoke(handler, call):
        return
    if not isinstance(call.objects, list):
        raise Failure("afterFind must return a list", SCRIPT_FAILED)
    event.documents = call.objects
