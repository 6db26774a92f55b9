"""The moments of signing in and out that higher apps listen to, beside those of every object (`parse_core/signals.py`).

Each is sent with `sender=Application` (the class), `context` and `event`, only if somebody listens. What a receiver of
`before_login` raises refuses the login, before anything is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from parse_core.context import RequestContext
from parse_core.signals import Moment
from parse_core.values.scalars import Document

before_login: Final = Moment()
after_login: Final = Moment()
after_logout: Final = Moment()
before_password_reset_request: Final = Moment()  # its event is a `Login`: the user who asked


@dataclass(frozen=True, slots=True)
class Login:
    """A user whose proof was accepted, as stored; after the login with the `sessionToken` of the new session."""

    user: Document
    class_name = "_User"


@dataclass(frozen=True, slots=True)
class Logout:
    """The session that is gone, and whose it was."""

    session: Document
    user_id: str | None
    class_name = "_Session"


def send(moment: Moment, context: RequestContext, event: Login | Logout) -> None:
    """Tells the listeners, if there are any."""
    if moment.has_listener(context.application, event.class_name):
        moment.send(type(context.application), context=context, event=event)
