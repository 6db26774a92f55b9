"""What this process remembers of sessions and roles for `cacheTTL` milliseconds, so that a warm request asks nothing.

Whoever ends a session, deletes a user or writes a role calls `forget_*` here: this process forgets at once (on commit),
the others as soon as the news reaches them. What a look-up under way brings back after that is not kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from parse_core.application import Application
from parse_core.context import RequestContext

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

SESSIONS_TOPIC: Final = "sessions"  # key: the id of the user whose sessions changed, or everybody
ROLES_TOPIC: Final = "roles"
EVERYBODY: Final = ""


@dataclass(frozen=True, slots=True)
class KnownSession:
    """A session as requests need it. `expires_at` None: it never ends by itself."""

    object_id: str
    user_id: str
    expires_at: datetime | None
    updated_at: datetime


class RecentValues(Generic[K, V]):
    """Values by key, each for a limited time, the oldest given up when there are too many.

    A look-up takes `moment` before it asks the database and hands it to `put`, which keeps nothing that was asked for
    before the last `discard` or `clear`.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._entries: dict[K, tuple[float, V]] = {}
        self._lock = threading.Lock()
        self.moment = 0

    def get(self, key: K) -> V | None:
        """The value, None when it is unknown or too old."""
        entry = self._entries.get(key)
        return entry[1] if entry is not None and entry[0] > time.monotonic() else None

    def put(self, key: K, value: V, moment: int) -> None:
        """Remembers a value that was asked for at `moment`."""
        options = self._application.options
        with self._lock:
            if moment != self.moment:
                return
            self._entries.pop(key, None)
            while len(self._entries) >= options.cache_max_size:
                self._removed(next(iter(self._entries)))
            self._entries[key] = (time.monotonic() + options.cache_ttl / 1000, value)
            self._added(key, value)

    def discard(self, key: K) -> None:
        """Forgets one value."""
        with self._lock:
            self.moment += 1
            if key in self._entries:
                self._removed(key)

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self.moment += 1
            self._entries.clear()
            self._cleared()

    def __len__(self) -> int:
        return len(self._entries)

    def _added(self, key: K, value: V) -> None:
        """For subclasses that keep an index; runs under the lock, as do the next two."""

    def _cleared(self) -> None:
        """The counterpart of `_added` for everything."""

    def _removed(self, key: K) -> V:
        return self._entries.pop(key)[1]


class SessionCache(RecentValues[str, KnownSession]):
    """Sessions by token."""

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self._tokens: dict[str, set[str]] = {}  # by user id
        application.listener.subscribe(application.id, SESSIONS_TOPIC, self.forget)

    def forget(self, user_id: str) -> None:
        """Forgets the sessions of a user, or of everybody."""
        if user_id == EVERYBODY:
            self.clear()
            return
        with self._lock:
            self.moment += 1
            for token in self._tokens.pop(user_id, ()):
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


class RoleCache(RecentValues[str, frozenset[str]]):
    """Role names (`"role:Admin"`) by user id."""

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        application.listener.subscribe(application.id, ROLES_TOPIC, lambda _key: self.clear())


def forget_sessions(context: RequestContext, user_id: str = EVERYBODY) -> None:
    """Every process looks the user's tokens up again, once what this request wrote is there to be found."""
    application = context.application
    _tell(context, SESSIONS_TOPIC, user_id, lambda: application.part(SessionCache).forget(user_id))


def forget_roles(context: RequestContext) -> None:
    """Every process resolves roles again."""
    application = context.application
    _tell(context, ROLES_TOPIC, EVERYBODY, lambda: application.part(RoleCache).clear())


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


def _tell(context: RequestContext, topic: str, key: str, forget: Callable[[], None]) -> None:
    application = context.application

    def tell() -> None:
        forget()
        application.listener.publish(application.id, topic, key)

    if context.transaction is None:
        tell()
    else:
        context.transaction.on_commit.append(tell)
