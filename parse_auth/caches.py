"""What this process remembers of sessions and roles for `cacheTTL` milliseconds, so that a warm request asks nothing.

Whoever ends a session, deletes a user or writes a role calls `forget_*` here: this process forgets at once (on commit),
the others as soon as the news reaches them. What a look-up under way brings back after that is not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from parse_auth.recent_values import Shared
from parse_core.application import Application
from parse_core.context import RequestContext

EVERYBODY: Final = ""  # in the place of a user id


@dataclass(frozen=True, slots=True)
class KnownSession:
    """A session as requests need it. `expires_at` None: it never ends by itself."""

    object_id: str
    user_id: str
    expires_at: datetime | None
    updated_at: datetime


class SessionCache(Shared[str, KnownSession]):
    """Sessions by token."""

    topic = "sessions"

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self._tokens: dict[str, set[str]] = {}  # by user id

    def forget(self, subject: str) -> None:
        if subject == EVERYBODY:
            self.clear()
            return
        with self._lock:
            self.moment += 1
            for token in self._tokens.pop(subject, ()):
                self._entries.pop(token, None)

    def _cleared(self) -> None:
        self._tokens.clear()

    def _added(self, key: str, value: KnownSession) -> None:
        self._tokens.setdefault(value.user_id, set()).add(key)

    def _removed(self, key: str) -> KnownSession:
        session = super()._removed(key)
        tokens = self._tokens.get(session.user_id)
        if tokens is not None:
            tokens.discard(key)
            if not tokens:
                del self._tokens[session.user_id]
        return session


class RoleCache(Shared[str, frozenset[str]]):
    """Role names (`"role:Admin"`) by user id; a change of one role may concern anybody."""

    topic = "roles"

    def forget(self, subject: str) -> None:
        self.clear()


def forget_sessions(context: RequestContext, user_id: str = EVERYBODY) -> None:
    """Every process looks the user's tokens up again, once what this request wrote is there to be found."""
    _on_commit(context, lambda: context.application.part(SessionCache).forget_everywhere(user_id))


def forget_roles(context: RequestContext) -> None:
    """Every process resolves roles again."""
    _on_commit(context, lambda: context.application.part(RoleCache).forget_everywhere(EVERYBODY))


def on_configured(application: Application, **_kwargs: object) -> None:
    """Begins to listen for the news of other processes; what was remembered under other options is forgotten."""
    application.part(SessionCache).clear()
    application.part(RoleCache).clear()


def on_reset(application: Application, **_kwargs: object) -> None:
    """Forgets all of an application whose data are gone."""
    context = RequestContext(application)
    forget_sessions(context)
    forget_roles(context)


def on_class_emptied(context: RequestContext, class_name: str, **_kwargs: object) -> None:
    """Forgets what came from a class that has no objects any more."""
    if class_name in ("_Session", "_User"):
        forget_sessions(context)
    if class_name in ("_Role", "_User"):
        forget_roles(context)


def _on_commit(context: RequestContext, forget: Callable[[], None]) -> None:
    if context.transaction is None:
        forget()
    else:
        context.transaction.on_commit.append(forget)
