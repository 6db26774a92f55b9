"""The one place where errors become answers of the REST API (`contract/objects.md` §4)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.http import UnreadablePostError

from parse_core.errors import HttpError, InternalError, InvalidJson, ParseError
from parse_core.rest.calls import Answer

if TYPE_CHECKING:
    from parse_core.options import Options
    from parse_core.values.scalars import Document

log = logging.getLogger("parse_core.rest")

INTERNAL = "Internal server error."


def answer(error: Exception, options: Options | None, request_id: str = "") -> Answer:
    """The answer for an error: what the client may read of it, the rest in the log under the request's id."""
    known = as_known(error, request_id)
    if known is None:
        headers = {"X-Request-Id": request_id} if request_id else {}
        # Old SDKs read `error`, the reference sends `message`.
        return Answer({"code": 1, "error": INTERNAL, "message": INTERNAL}, 500, headers)
    return Answer(body(known, options, request_id), known.status)


def body(error: ParseError | HttpError, options: Options | None, request_id: str = "") -> Document:
    """`{"code": 119, "error": "Permission denied"}`; a text kept from the client is logged."""
    sanitize = options is None or options.enable_sanitized_error_response
    if sanitize and error.public_message is not None:
        log.info("refused: %s", error.message, extra={"request_id": request_id})
    return error.body(sanitize=sanitize)


def as_known(error: Exception, request_id: str = "") -> ParseError | HttpError | None:
    """The error as one with an answer of its own; None when it is a defect of the server, which is then logged."""
    if isinstance(error, InternalError):
        log.error("request failed", exc_info=error, extra={"request_id": request_id})
        return error
    if isinstance(error, ParseError | HttpError):
        return error
    if isinstance(error, RecursionError):
        log.warning("a request was nested too deeply", exc_info=error, extra={"request_id": request_id})
        return InvalidJson("JSON is nested too deeply.")
    if isinstance(error, UnreadablePostError):
        return HttpError(400, "request aborted")
    log.error("request failed", exc_info=error, extra={"request_id": request_id})
    return None
