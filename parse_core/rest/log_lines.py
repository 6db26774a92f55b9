"""What an application's log says of its requests (`contract/config.md` §11): each one at `verbose`, refusals always."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import orjson

from parse_core.errors import ErrorCode, HttpError, ParseError
from parse_core.logs import levels
from parse_core.logs.masking import cut, masked, masked_url
from parse_core.logs.recording import Log, about

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.rest.calls import Answer
    from parse_core.rest.reception import Reception
    from parse_core.values.scalars import Document

log = logging.getLogger("parse_core.answers")

MAX_LENGTH: Final = 10_000  # characters of a body
_VERBOSE: Final = levels.NUMBERS["verbose"]


def received(reception: Reception, application: Application, method: str, body: Document) -> None:
    """Says which request came, if the application's log tells requests."""
    if not application.part(Log).tells_requests:
        return
    url = _url(reception)
    details = about(application, url=url, method=method, request_id=reception.request_id, body=body)
    log.log(_VERBOSE, "REQUEST for [%s] %s: %s", method, url, _text(body), extra=details)


def answered(reception: Reception, answer: Answer) -> None:
    """Says what was answered, if the application's log tells requests."""
    application = reception.application
    if application is None or not application.part(Log).tells_requests:
        return
    url, method = _url(reception), reception.request.method
    body = orjson.loads(answer.body) if isinstance(answer.body, bytes) else answer.body
    details = about(application, url=url, method=method, request_id=reception.request_id, status=answer.status)
    log.log(_VERBOSE, "RESPONSE from [%s] %s: %s", method, url, _text(body), extra=details)


def refused(reception: Reception, error: Exception) -> None:
    """Says which Parse error a client is told.

    To the application's log that is an error, or what `signupUsernameTaken` says; to the process it is an answer.
    """
    application = reception.application
    if application is None or not isinstance(error, ParseError | HttpError):
        return
    code = error.body(sanitize=False).get("code") if isinstance(error, ParseError) else None
    name = application.options.log_levels.signup_username_taken if code == ErrorCode.USERNAME_TAKEN else "error"
    if name == "silent":
        return
    url = _url(reception)
    details = about(application, url=url, request_id=reception.request_id, code=code, counts_as=name)
    log.info("Parse error: %s %s", cut(error.message), "" if code is None else code, extra=details)


def _url(reception: Reception) -> str:
    return cut(masked_url(reception.request.get_full_path()))


def _text(body: Any) -> str:
    text = orjson.dumps(masked(body), option=orjson.OPT_INDENT_2, default=repr).decode()
    return cut(text, MAX_LENGTH)
