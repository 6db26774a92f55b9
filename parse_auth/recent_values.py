"""Values a process remembers for `cacheTTL` milliseconds, and how it forgets them together with all other processes."""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Hashable
from os import getpid
from secrets import token_hex
from typing import ClassVar, Generic, TypeVar

from parse_core.application import Application

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


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


class Shared(RecentValues[K, V]):
    """Values that one process makes stale for all. Its own news are no news to the process that sent them."""

    topic: ClassVar[str]

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self._name = token_hex(8)
        application.listener.subscribe(application.id, self.topic, self._heard)

    @abstractmethod
    def forget(self, subject: str) -> None:
        """Forgets what is known of a user, or of everybody."""

    def forget_everywhere(self, subject: str) -> None:
        """Forgets it here and tells the other processes."""
        self.forget(subject)
        self._application.listener.publish(self._application.id, self.topic, f"{self._origin} {subject}")

    def _heard(self, news: str) -> None:
        origin, _, subject = news.partition(" ")
        if origin != self._origin:
            self.forget(subject)

    @property
    def _origin(self) -> str:
        return f"{self._name}-{getpid()}"  # a forked process is another one
