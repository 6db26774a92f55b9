"""One call of a handler in Node: what it is told, how long it may take, and what its reply means."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from parse_cloud import running
from parse_cloud.bridge import effects
from parse_cloud.bridge.channel import FrameRefused
from parse_cloud.bridge.envelopes import envelope
from parse_cloud.bridge.manifest import Entry
from parse_cloud.bridge.session import NoAnswer, Session, SessionOver, text_of
from parse_cloud.invocations import FunctionCall, Invocation
from parse_cloud.kinds import SCRIPT_FAILED, Failure, Kind
from parse_core.errors import ErrorCode

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.values.scalars import Document

log = logging.getLogger("parse_cloud")
lines = logging.getLogger("parse_cloud.code")

UNAVAILABLE: Final = "Cloud Code is unavailable."
TIMED_OUT: Final = "Script timed out."
# What these may say comes too late to refuse anything.
DROPPED: Final = frozenset(
    {Kind.AFTER_SAVE, Kind.AFTER_DELETE, Kind.AFTER_LOGIN, Kind.AFTER_LOGOUT, Kind.ON_LIVE_QUERY_EVENT}
)
_REFUSED: Final = (int(ErrorCode.VALIDATION_ERROR), "Validation failed.")


class Calling:
    """Calls of one application's handlers."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def run(self, session: Session, entry: Entry, invocation: Invocation) -> None:
        """Has Node run a handler, and takes over what it leaves."""
        try:
            reply = session.call(
                invocation,
                self._frame(entry, invocation),
                depth=running.depth.get(),
                timeout=None if entry.kind is Kind.JOB else self._application.options.cloud_function_timeout,
            )
        except NoAnswer:
            raise Failure(TIMED_OUT, SCRIPT_FAILED) from None
        except SessionOver:
            if entry.kind not in DROPPED:
                raise Failure(UNAVAILABLE, SCRIPT_FAILED) from None
            about = {"application": self._application.id, "request_id": invocation.context.request_id or "-"}
            log.warning("%s of %s was dropped: Cloud Code is unavailable.", entry.kind, entry.name, extra=about)
            return
        except FrameRefused as error:
            raise Failure(str(error), SCRIPT_FAILED) from error
        self._take(invocation, reply)

    def _frame(self, entry: Entry, invocation: Invocation) -> Document:
        told = envelope(invocation)
        if entry.needs_roles:
            told["roles"] = sorted(invocation.context.principal.roles)
        return {"handler": entry.identifier, "validates": entry.validates, "told": told}

    def _take(self, invocation: Invocation, reply: Document) -> None:
        error = reply.get("error")
        if isinstance(error, dict):
            if isinstance(invocation, FunctionCall):
                effects.take_status(invocation, reply)
            raise self._failure(error, is_validation=reply.get("validation") is True)
        if reply.get("skipped") is not True:
            effects.apply(invocation, reply)

    def _failure(self, error: Document, *, is_validation: bool) -> Failure:
        code, message = error.get("code"), error.get("message")
        if isinstance(code, int) and not isinstance(code, bool):
            return Failure(message, code)
        if error.get("isException") is True and not self._application.options.cloud_expose_exceptions:
            lines.error("%s", text_of(error, "stack"), extra={"application": self._application.id})
            message = None
        failure = Failure(message)
        return failure.settled(*_REFUSED) if is_validation else failure
