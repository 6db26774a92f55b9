"""News between processes on one database: PostgreSQL's LISTEN/NOTIFY in one background thread per process.

A message is `(application id, topic, key)`: `("app", "schema", "Post")`. Delivery is at most once and usually within
milliseconds; what must not be missed has a check of its own (`SchemaCache.refresh` runs here once a second).
"""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress

import orjson
import psycopg

from parse_core.store.database import Database

log = logging.getLogger("parse.store")

CHANNEL = "parse_server"
INTERVAL = 0.5  # seconds between checks
LONGEST_PAYLOAD = 8000  # bytes: PostgreSQL refuses a notification of that length

Subscriber = Callable[[str], None]


class Listener:
    """Subscribers by (application id, topic), checks that run every `INTERVAL`, and an outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._subscribers: defaultdict[tuple[str, str], list[Subscriber]] = defaultdict(list)
        self._checks: dict[str, Callable[[], None]] = {}  # by application id
        self._outbox: deque[str] = deque()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._bell = (-1, -1)  # a pipe of this process, rung when there is something to send
        self._next_check = 0.0

    def subscribe(self, application_id: str, topic: str, subscriber: Subscriber) -> None:
        """Calls `subscriber(key)` in the listener's thread for each message of other processes and of this one."""
        self._subscribers[application_id, topic].append(subscriber)
        self._start()

    def every_interval(self, application_id: str, check: Callable[[], None]) -> None:
        """Calls `check()` in the listener's thread every `INTERVAL` seconds; an application has one check."""
        self._checks[application_id] = check
        self._start()

    def forget(self, application_id: str) -> None:
        """Ends the subscriptions and the check of an application."""
        self._checks.pop(application_id, None)
        for key in [key for key in self._subscribers if key[0] == application_id]:
            self._subscribers.pop(key, None)

    def publish(self, application_id: str, topic: str, key: str) -> None:
        """Tells all processes, without waiting for it; except news too long for a notification, which are logged."""
        payload = orjson.dumps([application_id, topic, key])
        if len(payload) >= LONGEST_PAYLOAD:
            log.warning("news of %s bytes on %s cannot be sent to other processes", len(payload), topic)
            return
        self._outbox.append(payload.decode())
        self._start()
        self._ring()

    def stop(self) -> None:
        """Ends the thread; a later subscription starts it again."""
        self._stopped.set()
        if self._thread is not None and self._pid == os.getpid():
            self._ring()
            self._thread.join(timeout=2 * INTERVAL)

    def _start(self) -> None:
        if self._thread is not None and self._pid == os.getpid() and self._thread.is_alive():
            return
        with self._lock:
            if self._thread is None or self._pid != os.getpid() or not self._thread.is_alive():
                if self._pid != os.getpid():
                    self._pid = os.getpid()
                    self._bell = _pipe()
                self._stopped.clear()
                self._thread = threading.Thread(target=self._run, name="parse-listener", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self._database.conninfo, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    while not self._stopped.is_set():
                        self._once(connection)
            except psycopg.Error as error:
                log.warning("lost the listening connection, trying again: %s", error)
                self._stopped.wait(INTERVAL)

    def _ring(self) -> None:
        with suppress(BlockingIOError):  # rung already
            os.write(self._bell[1], b"!")

    def _once(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        while self._outbox:
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, self._outbox[0]))
            self._outbox.popleft()
        for notice in connection.notifies(timeout=0):
            self._deliver(notice.payload)
        if time.monotonic() >= self._next_check:
            for check in list(self._checks.values()):
                _guarded(check)
            self._next_check = time.monotonic() + INTERVAL
        bell = self._bell[0]
        wait = max(0.0, self._next_check - time.monotonic())
        if not self._outbox and bell in select.select([connection.fileno(), bell], [], [], wait)[0]:
            os.read(bell, 1024)

    def _deliver(self, payload: str) -> None:
        application_id, topic, key = orjson.loads(payload)
        for subscriber in self._subscribers.get((application_id, topic), ()):
            _guarded(lambda subscriber=subscriber: subscriber(key))  # type: ignore[misc]


def _pipe() -> tuple[int, int]:
    read, write = os.pipe()
    os.set_blocking(write, False)
    return read, write


def _guarded(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception:
        log.exception("a subscriber failed")


def stop_listeners() -> None:
    """Ends the listening threads of this process, before its databases go away."""
    for each in list(_listeners.values()):
        each.stop()


_listeners: dict[Database, Listener] = {}
_lock = threading.Lock()


def listener(database: Database) -> Listener:
    """The one listener of this process for a database."""
    with _lock:
        if database not in _listeners:
            _listeners[database] = Listener(database)
        return _listeners[database]
