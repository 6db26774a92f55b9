"""What Python code raises, as clients are told of it (`contract/cloud.md` §2.5)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import orjson
import psycopg
from django.db import DatabaseError, InterfaceError

from parse_cloud.author.execution import Interrupted, TimedOut
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.kinds import SCRIPT_FAILED, Failure
from parse_core.errors import HttpError
from parse_core.errors import ParseError as ServerError

if TYPE_CHECKING:
    from parse_core.application import Application

log = logging.getLogger("parse_cloud.code")

NOT_TOLD: Final = "Script failed."
_OF_DATABASE: Final = (DatabaseError, InterfaceError, psycopg.Error)  # whose texts are not for clients


def failure(error: BaseException, application: Application) -> ServerError:
    """The error that a handler's exception stands for: of whatever kind, even one that means to end the process.

    A text is what counts of other exceptions; without one, the place where the code ran has a text of its own.
    """
    if isinstance(error, ParseError):
        return Failure(_sendable(error.message), error.code if isinstance(_sendable(error.code), int) else None)
    if isinstance(error, ServerError):
        return error
    if isinstance(error, TimedOut):
        return Failure("Script timed out.", SCRIPT_FAILED)
    if isinstance(error, HttpError):
        return Failure(error.message, SCRIPT_FAILED)
    is_told = application.options.cloud_expose_exceptions and not isinstance(error, _OF_DATABASE)
    log.log(logging.INFO if is_told else logging.ERROR, "Cloud Code raised %s", type(error).__name__, exc_info=error)
    if not is_told:
        return Failure(NOT_TOLD)
    return Failure(None if isinstance(error, Interrupted) else _text(error))


def _text(error: BaseException) -> object:
    """The message; one that fails to be made is none."""
    try:
        return _sendable(str(error) or None)
    except BaseException:  # user code again, which may mean to end the process
        log.exception("The text of an exception that Cloud Code raised cannot be made")
        return None


def _sendable(message: object) -> object:
    """What can be written as JSON: of other things the text they have, of half a surrogate pair a replacement."""
    try:
        orjson.dumps(message)
    except orjson.JSONEncodeError:
        try:
            return str(message).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        except BaseException:  # noqa: BLE001 - user code again
            return None
    return message
