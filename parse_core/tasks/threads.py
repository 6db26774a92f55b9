"""Tasks done by threads of the process that serves requests: nothing to install, nothing else to start."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from parse_core.tasks.running import claims, run_task
from parse_core.tasks.sweeping import sweep_once

if TYPE_CHECKING:
    from parse_core.application import Application

log = logging.getLogger("parse_core.tasks")

THREADS: Final = 8


class ThreadBell:
    """A few threads, started with the first task; the process neither waits for them nor is held up by them."""

    def __init__(self) -> None:
        self._start()
        atexit.register(self._end)

    def _start(self) -> None:
        self._pid = os.getpid()
        self._queue: SimpleQueue[tuple[Application, int]] = SimpleQueue()
        self._threads = 0
        self._taken: set[int] = set()
        self._idle = threading.Condition()
        self._sweeper: threading.Thread | None = None
        self._woken = threading.Event()

    def ring(self, application: Application, task_id: int) -> None:
        if self._pid != os.getpid():
            self._start()  # a fork has the threads' traces, not the threads
        with self._idle:
            if task_id in self._taken:
                return
            self._taken.add(task_id)
            if self._threads < min(THREADS, len(self._taken)):
                self._threads += 1
                threading.Thread(target=self._work, name="tasks", daemon=True).start()
        self._queue.put((application, task_id))

    def settle(self, seconds: float) -> None:
        with self._idle:
            if not self._idle.wait_for(lambda: not self._taken, seconds):
                message = "tasks are still being done"
                raise TimeoutError(message)

    def begin(self) -> None:
        """Begins to look for tasks that nobody does, and to do what is periodic, for as long as the process lives."""
        if self._pid != os.getpid():
            self._start()
        with self._idle:
            if self._sweeper is None:
                self._sweeper = threading.Thread(target=self._sweep, name="task sweeper", daemon=True)
                self._sweeper.start()

    def _work(self) -> None:
        while True:
            application, task_id = self._queue.get()
            is_settled = False
            try:
                is_settled = run_task(application, task_id)
            except Exception:
                log.exception("a task could not be done")
            finally:
                with self._idle:
                    self._taken.discard(task_id)
                    self._idle.notify_all()
            if not is_settled:  # to be tried again, or not due yet, or somebody else's
                self.begin()
                self._woken.set()

    def _sweep(self) -> None:
        while True:
            pause = sweep_once()
            self._woken.clear()
            self._woken.wait(pause)

    def _end(self) -> None:
        if self._pid == os.getpid():
            with suppress(Exception):
                claims.release()
