"""The JavaScript Cloud Code of one application: its Node process is started, watched, started again, and ended.

Every server process has one of its own. While there is none, functions and what may refuse a request fail with
141; what comes after a write is logged and dropped.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from parse_cloud.bridge import server_options
from parse_cloud.bridge.asking import Asking
from parse_cloud.bridge.calling import UNAVAILABLE, Calling
from parse_cloud.bridge.manifest import Entry, handlers
from parse_cloud.bridge.node_process import NodeMissing, NodeProcess
from parse_cloud.bridge.session import LoadingFailed, Session, text_of
from parse_cloud.handlers import Handlers
from parse_cloud.invocations import Invocation
from parse_cloud.kinds import SCRIPT_FAILED, Failure
from parse_cloud.log_lines import LEVELS
from parse_cloud.registry import CloudCode, Origin

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.values.scalars import Document

log = logging.getLogger("parse_cloud")
lines = logging.getLogger("parse_cloud.code")

LOADING: Final = 60.0  # seconds that main.js may take to load
HEARTBEAT = 10.0  # seconds between two signs of life; without one in between the process is ended
STEADY: Final = 10.0  # seconds of life after which a process counts as one that works
FIRST_PAUSE: Final = 0.25  # seconds before the second attempt at starting it, doubled for each further one …
LONGEST_PAUSE = 30.0  # … up to these
DRAIN: Final = 10.0  # seconds in which a process that is replaced may finish what it was asked

_all: WeakSet[Bridge] = WeakSet()


class Bridge:
    """`application.part(Bridge)`. Costs nothing until it is started."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._asking = Asking(application)
        self._calling = Calling(application)
        self._session: Session | None = None
        self._former: Session | None = None  # one that is being replaced and still answers
        self._main: Path | None = None
        self._changing = threading.RLock()  # held while the process is started or replaced
        self._wake = threading.Event()
        self._watcher: threading.Thread | None = None
        self._is_inherited = False
        _all.add(self)

    @property
    def is_running(self) -> bool:
        return self._session is not None and not self._session.is_over

    @property
    def main(self) -> Path | None:
        """The file it runs; None when it is stopped."""
        return self._main

    @property
    def process_id(self) -> int | None:
        """That of Node, None while it does not run."""
        session = self._session
        return None if session is None or session.is_over else session.process.pid

    def start(self, main: Path) -> None:
        """Loads a main.js in the place of a former one. Raises `LoadingFailed`, `NodeMissing`; then there is none."""
        with self._changing:
            self.stop()
            self._main = main
            self._open()
            self._wake.clear()
            self._watcher = threading.Thread(target=self._watch, name="cloud-bridge-watch", daemon=True)
            self._watcher.start()

    def reload(self) -> None:
        """Loads main.js anew; its former handlers finish what they do. Raises as `start`; then they stay."""
        with self._changing:
            if self._main is None:
                return  # stopped a moment ago
            former = self._former = self._session
            self._open()
        if former is not None:
            threading.Thread(target=_drain, args=(former,), name="cloud-bridge-drain", daemon=True).start()

    def stop(self) -> None:
        """Ends the process, and takes what it registered out of force."""
        with self._changing:
            session, self._session, self._main = self._session, None, None
            self._wake.set()
            if session is not None:
                session.end()
                self._application.part(CloudCode).replace(Origin.JAVASCRIPT, Handlers())

    def run(self, session: Session, entry: Entry, invocation: Invocation) -> None:
        """What `Handler.run` of this origin does."""
        if self._is_inherited:
            self._run_here(invocation)
        else:
            self._calling.run(session, entry, invocation)

    def _open(self) -> None:
        """Starts a process, and puts what its main.js registers in force."""
        assert self._main is not None  # noqa: S101 - only ever called between start and stop
        if not self._main.is_file():
            raise LoadingFailed(f"{self._main}: there is no such file.")
        options = self._application.options
        session = Session(
            NodeProcess(),
            {
                "rest": self._asking.rest,
                "mail": self._asking.mail,
                "message": self._asking.message,
                "log": self._log,
                "manifest": self._register,
                "failed": lambda session, frame: session.loaded(text_of(frame, "text")),
                "options": lambda _session, frame: server_options.change(self._application, frame.get("changes")),
            },
            lambda _session: self._wake.set(),
        )
        identity = {
            "applicationId": self._application.id,
            "javascriptKey": options.javascript_key,
            "masterKey": _master_key(options.master_key),
            "serverURL": options.server_url,
        }
        hello = {"main": str(self._main), "application": identity, "options": server_options.told(self._application)}
        try:
            session.load(hello, LOADING)
        except LoadingFailed:
            session.end(at_once=True)
            raise
        self._session = session

    def _register(self, session: Session, frame: Document) -> None:
        if session is self._former:
            return  # what it registers late is its successor's to register
        found = handlers(frame.get("handlers"), partial(self.run, session))
        self._application.part(CloudCode).replace(Origin.JAVASCRIPT, found)
        session.loaded()

    def _log(self, session: Session, frame: Document) -> None:
        call = session.running(frame.get("for"))
        about: dict[str, Any] = {"application": self._application.id}
        if call is not None:
            about["request_id"] = call.invocation.context.request_id or "-"
        lines.log(LEVELS.get(str(frame.get("level")), logging.INFO), "%s", text_of(frame, "text"), extra=about)

    def _watch(self) -> None:
        """Sees to it that there is a process, as long as there is a main.js to run."""
        me, attempts, started = threading.current_thread(), 0, time.monotonic()
        while True:
            asked = time.monotonic()
            self._wake.wait(HEARTBEAT)
            self._wake.clear()
            session = self._session
            if session is None or self._watcher is not me:
                return
            if not session.is_over:
                self._look_after(session, asked)
                continue
            attempts = 0 if time.monotonic() - started > STEADY else attempts + 1
            session.end()
            time.sleep(0 if attempts <= 1 else min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 2)))
            started = time.monotonic()
            if not self._open_again(session):
                self._wake.set()

    def _look_after(self, session: Session, asked: float) -> None:
        """Asks for a sign of life, and ends a process that gave none since it was asked the last time."""
        now = time.monotonic()
        if now - asked < HEARTBEAT:
            return  # woken by something else
        if now - asked > 2 * HEARTBEAT:
            session.ping()  # this process slept itself, and Node's answer may only now be on its way
            return
        if session.asked and session.heard < session.asked:
            log.error("JavaScript Cloud Code computes without a pause; its process is ended and started again.")
            session.process.kill()
            return
        session.ping()

    def _open_again(self, former: Session) -> bool:
        """Whether there is a process again, or need not be any more."""
        with self._changing:
            if self._session is not former:
                return True
            try:
                self._open()
            except (LoadingFailed, NodeMissing, OSError) as error:
                log.warning("JavaScript Cloud Code does not start again: %s", error)
                return False
        log.warning("The process of JavaScript Cloud Code had ended; it was started again.")
        return True

    def forget(self) -> None:
        """In a forked child: the process is the parent's, whose end of the channel must not stay open here."""
        self._changing = threading.RLock()
        self._watcher = None
        self._is_inherited = self._session is not None
        if self._session is not None:
            self._session.process.forget()

    def _run_here(self, invocation: Invocation) -> None:
        """The first call in a forked child: it gets a process of its own."""
        with self._changing:
            if self._is_inherited and self._main is not None:
                main, self._session = self._main, None
                self._is_inherited = False
                self.start(main)
        handler = self._application.part(CloudCode).find(invocation.kind, invocation.name)
        if handler is None:
            raise Failure(UNAVAILABLE, SCRIPT_FAILED)
        handler.run(invocation)


def _master_key(value: Any) -> str:
    return str(value() if callable(value) else value)


def _drain(session: Session) -> None:
    """Ends a process once it has answered what it was asked."""
    deadline = time.monotonic() + DRAIN
    while session.is_busy and time.monotonic() < deadline:
        time.sleep(0.05)
    session.end()


@atexit.register
def _stop_all() -> None:
    for bridge in list(_all):
        if not bridge._is_inherited:  # noqa: SLF001 - of this module
            bridge.stop()


def _forget_all() -> None:
    for bridge in list(_all):
        bridge.forget()


os.register_at_fork(after_in_child=_forget_all)
