"""Cloud functions: named code of an application that clients call (`contract/cloud.md` §2)."""

from __future__ import annotations

from parse_cloud.handlers import Handler
from parse_cloud.invocations import FunctionCall
from parse_cloud.kinds import Kind
from parse_cloud.registry import CloudCode
from parse_cloud.running import invoke
from parse_cloud.wire import copied
from parse_core.context import RequestContext
from parse_core.errors import FileSaveError, ScriptFailed
from parse_core.values.scalars import Document, Json


def call_function(context: RequestContext, name: str, params: Document) -> FunctionCall:
    """The call of a function after it ran: its result, and what it says about the response.

    1. The function by this very name: no attribute, no import path. 2. Files among the parameters may not lead to
    foreign hosts. 3. The validator and the function.

    Raises `ScriptFailed` (141) for a name nobody defined, `FileSaveError` (130), and what `invoke` raises.
    """
    prepared = prepare_call(context, name, params)
    invoke(*prepared)
    return prepared[1]


def prepare_call(context: RequestContext, name: str, params: Document) -> tuple[Handler, FunctionCall]:
    """The function, and the call to invoke it with. Raises as `call_function` does, but for the invocation."""
    handler = context.application.part(CloudCode).find(Kind.FUNCTION, name)
    if handler is None:
        message = f'Invalid function: "{name}"'
        raise ScriptFailed(message)
    check_files(context, params)
    call = FunctionCall(kind=Kind.FUNCTION, name=name, context=context, cloud=copied(context.cloud), params=params)
    return handler, call


def check_files(context: RequestContext, value: Json) -> None:
    """Raises `FileSaveError` (130) for a File, at any depth, whose address is not one of the allowed hosts'."""
    if isinstance(value, list):
        for item in value:
            check_files(context, item)
    elif isinstance(value, dict):
        if value.get("__type") != "File":
            for item in value.values():
                check_files(context, item)
        elif value.get("url"):
            if not isinstance(value["url"], str):
                raise FileSaveError
            context.application.file_addresses.check(value["url"])
