"""What Python code raises, as clients are told of it (`contract/cloud.md` §2.5)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from parse_cloud.author.execution import Interrupted, TimedOut
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.kinds import SCRIPT_FAILED, Failure
from parse_core.errors import HttpError
from parse_core.errors import ParseError as ServerError

if TYPE_CHECKING:
    from parse_core.application import Application

log = logging.getLogger("parse_cloud.code")

NOT_TOLD: Final = "Script failed."


def failure(error: BaseException, application: Application) -> ServerError:
    """The error that a handler's exception stands for: of whatever kind, even one that means to end the process.

    A text is what counts of other exceptions; without one, the place where the code ran has a text of its own.
    """
    if isinstance(error, ParseError):
        return Failure(error.message, error.code)
    if isinstance(error, ServerError):
        return error
    if isinstance(error, TimedOut):
        return Failure("Script timed out.", SCRIPT_FAILED)
    if isinstance(error, HttpError):
        return Failure(error.message, SCRIPT_FAILED)
    is_told = application.options.cloud_expose_exceptions
    log.log(logging.INFO if is_told else logging.ERROR, "Cloud Code raised %s", type(error).__name__, exc_info=error)
    if not is_told:
        return Failure(NOT_TOLD)
    return Failure(None if isinstance(error, Interrupted) else _text(error))


def _text(error: BaseException) -> object:
    """The message; one that fails to be made is none."""
    try:
        return str(error) or None
    except Exception:
        log.exception("The text of an exception that Cloud Code raised cannot be made")
        return None
