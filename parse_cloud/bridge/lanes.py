"""Threads that answer what user code asks the server, kept apart by depth of nesting.

What is asked may run further handlers, which ask again; those wait on the threads of the next depth and never on those
of their own. So however many ask at once, the deepest always find a thread, and all come to an end.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final

log = logging.getLogger("parse_cloud")

WIDTH: Final = 16  # threads of one depth: as many as there are connections to the database
IDLE: Final = 20.0  # seconds after which a thread without work ends

Work = Callable[[], None]


class Lanes:
    """`submit` runs work on a thread of its depth as soon as one is free. The threads end with the process."""

    def __init__(self) -> None:
        self._lanes: dict[int, _Lane] = {}
        self._lock = threading.Lock()

    def submit(self, depth: int, work: Work) -> None:
        lane = self._lanes.get(depth)
        if lane is None:
            with self._lock:
                lane = self._lanes.setdefault(depth, _Lane(depth))
        lane.submit(work)


class _Lane:
    def __init__(self, depth: int) -> None:
        self._name = f"cloud-asks-{depth}"
        self._work: SimpleQueue[Work] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = self._idle = 0

    def submit(self, work: Work) -> None:
        with self._lock:
            self._work.put(work)
            if self._idle > 0:
                self._idle -= 1  # the one that takes it counts itself idle again afterwards
                return
            if self._threads >= WIDTH:
                return
            self._threads += 1
        threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                work = self._work.get(timeout=IDLE)
            except Empty:
                with self._lock:
                    if self._work.empty():
                        self._threads -= 1
                        self._idle = max(0, self._idle - 1)
                        return
                continue
            try:
                work()
            except Exception:
                log.exception("What Cloud Code asked could not be answered")
            with self._lock:
                if self._work.empty():
                    self._idle += 1
