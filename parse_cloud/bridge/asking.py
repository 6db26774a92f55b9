"""What main.js asks the server: answered inside this process, for whom it says, as part of the call that asks."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from parse_auth.mail.configuration import Mailer
from parse_cloud.bridge.channel import FrameRefused
from parse_cloud.bridge.lanes import Lanes
from parse_cloud.invocations import JobRun
from parse_core.context import ANONYMOUS, Level, RequestContext
from parse_core.errors import HttpError, InternalError, ParseError
from parse_core.rest import authentication, exceptions, inside
from parse_core.rest.base import UnknownRoute

if TYPE_CHECKING:
    from parse_cloud.bridge.session import Running, Session
    from parse_core.application import Application
    from parse_core.values.scalars import Document

log = logging.getLogger("parse_cloud")

INSTALLATION: Final = "cloud"  # whose requests these are, unless they say otherwise
LOOPBACK: Final = "127.0.0.1"
_METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE"})
_NO_MAIL: Final = "Failed to send email because no mail adapter is configured for Parse Server."

Work = Callable[[], "Document"]  # what is answered: members of the frame


class Asking:
    """The receivers of frames that want an answer."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lanes = Lanes()

    def rest(self, session: Session, frame: Document) -> None:
        """A request of the SDK."""
        running = session.running(frame.get("for"))
        self._answer(session, frame, running, lambda: self._perform(frame, running))

    def mail(self, session: Session, frame: Document) -> None:
        """`Parse.Cloud.sendEmail`."""
        self._answer(session, frame, session.running(frame.get("for")), lambda: self._send_mail(frame.get("data")))

    def message(self, session: Session, frame: Document) -> None:
        """`request.message` of a job."""
        running = session.running(frame.get("for"))
        self._answer(session, frame, running, lambda: _say(running, frame.get("text")))

    def _answer(self, session: Session, frame: Document, running: Running | None, work: Work) -> None:
        def answer() -> None:
            try:
                told = work() if running is None else running.surroundings.copy().run(work)
            except Exception as error:  # noqa: BLE001 - rendered as a client would get it
                told = {"error": self._refusal(error)}
            try:
                session.send({"type": "answer", "id": frame.get("id"), **told})
            except FrameRefused as error:
                session.send({"type": "answer", "id": frame.get("id"), "error": {"code": 141, "error": str(error)}})

        self._lanes.submit(0 if running is None else running.depth, answer)

    def _perform(self, frame: Document, running: Running | None) -> Document:
        context = self._context(frame, running)
        if running is None or running.invocation.context.transaction is None:
            return _performed(context, frame)
        with running.turn:
            if running.is_over:
                raise HttpError(400, "The transaction of this handler is over.")
            return _performed(replace(context, transaction=running.invocation.context.transaction), frame)

    def _context(self, frame: Document, running: Running | None) -> RequestContext:
        """Nobody's request, unless it says whose. Raises `InvalidSessionToken` (209)."""
        cloud = frame.get("context")
        context = RequestContext(
            self._application,
            ANONYMOUS,
            installation_id=_text(frame.get("installationId")) or INSTALLATION,
            client_address=LOOPBACK,
            base_url=self._application.options.server_url,
            request_id="" if running is None else running.invocation.context.request_id,
            cloud=cloud if isinstance(cloud, dict) else {},
        )
        if frame.get("maintenance") is True:
            return replace(context, principal=authentication.privileged(Level.MAINTENANCE))
        if frame.get("master") is True:
            return replace(context, principal=inside.caller(self._application, master=True))
        token = _text(frame.get("sessionToken"))
        return replace(context, principal=inside.caller(self._application, session_token=token)) if token else context

    def _send_mail(self, data: Any) -> Document:
        if not self._application.options.email_adapter:
            log.error(_NO_MAIL)
            return {}
        mail = data if isinstance(data, dict) else {}
        to, subject, text = (str(mail.get(name) or "") for name in ("to", "subject", "text"))
        sent = self._application.part(Mailer).adapter.send_mail(to, subject, text or str(mail.get("html") or ""))
        if inspect.isawaitable(sent):
            asyncio.run(_awaited(sent))
        return {}

    def _refusal(self, error: Exception) -> Document:
        known = exceptions.as_known(error) or InternalError()
        refused: Document = {**exceptions.body(known, self._application.options)}
        if isinstance(known, HttpError):
            refused["status"] = known.status
            refused["isUnknown"] = isinstance(known, UnknownRoute)
        elif isinstance(known, ParseError):
            refused.setdefault("code", int(known.code))
        return refused


def _performed(context: RequestContext, frame: Document) -> Document:
    method, path, body = frame.get("method"), frame.get("path"), frame.get("body")
    if method not in _METHODS or not isinstance(path, str) or not isinstance(body, dict):
        raise HttpError(400, "Not a request.")
    answer = inside.perform(context, method, path, body)
    if answer.status >= 400 and isinstance(answer.body, dict):  # a batch that was given up as a whole
        return {"error": {**answer.body, "status": answer.status}}
    return {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}


def _say(running: Running | None, text: Any) -> Document:
    if running is not None and isinstance(running.invocation, JobRun) and isinstance(text, str) and text:
        running.invocation.message(text)
    return {}


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
