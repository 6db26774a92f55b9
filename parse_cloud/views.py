"""The routes of Cloud Code."""

from __future__ import annotations

from typing import ClassVar, Final

from parse_cloud import multipart
from parse_cloud.functions import prepare_call
from parse_cloud.invocations import FunctionCall, Nothing
from parse_cloud.kinds import Failure
from parse_cloud.running import invoke
from parse_core.errors import HttpError, ObjectTooLarge, ParseError
from parse_core.rest import exceptions
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.parsers import TooLarge
from parse_core.rest.routes import routes
from parse_core.values.scalars import Document

_FRAMING: Final = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer"})


class FunctionView(ParseView):
    """`/functions/<name>`: calls a function; parameters of the address go before those of the body."""

    refuses_read_only_key = False  # what code may do is for its author to say
    keeps_control_members: ClassVar[bool] = True

    def post(self, call: Call, name: str) -> Answer:
        """`{"result": …}`, or `{}` for a function that returns nothing, with the status and headers it asked for."""
        handler, made = prepare_call(call.context, name, {**call.parameters, **call.query})
        try:
            invoke(handler, made)
        except Failure as failure:
            if call.http is None or not (made.status or made.headers_out):
                raise
            return _refusal(call, made, failure)
        body: Document = {} if isinstance(made.result, Nothing) else {"result": made.result}
        return Answer(body, made.status or 200, _headers(made))

    def decoded(self, raw: bytes, content_type: str, limit: int) -> Document:
        """A form with files is read, too."""
        if multipart.is_multipart(content_type):
            return multipart.parse(raw, content_type, limit)
        return super().decoded(raw, content_type, limit)

    def too_large(self, content_type: str) -> ParseError | HttpError:
        return ObjectTooLarge(multipart.TOO_LARGE) if multipart.is_multipart(content_type) else TooLarge()


def _refusal(call: Call, made: FunctionCall, failure: Failure) -> Answer:
    """What a function refuses may have the status of a refusal that it asked for, and its headers."""
    asked = made.status or 0
    status = asked if 400 <= asked < 600 else failure.status
    return Answer(exceptions.body(failure, call.context.options, call.context.request_id), status, _headers(made))


def _headers(made: FunctionCall) -> dict[str, str]:
    """The headers that a function asked for, without those that say how long the answer is."""
    return {name: value for name, value in made.headers_out.items() if name.lower() not in _FRAMING}


routes.add("functions/<name...>", FunctionView)
