"""Doing one task: claim, turn, attempt, and what becomes of it."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from parse_core.store.tasks import (
    LEASE,
    claim_task,
    extend_claims,
    finish_task,
    postpone_task,
    release_claims,
    running_in_turn,
    turn_lock,
)
from parse_core.tasks import Retry, Task, task_kinds

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.store.database import Database

log = logging.getLogger("parse_core.tasks")

WAIT_FOR_TURN: Final = 1.0  # seconds until a task whose turn is full is looked at again


class Claims:
    """What this process is doing, and the thread that says it is still alive."""

    def __init__(self) -> None:
        self._tasks: dict[int, Task] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._name = ""

    @property
    def claimant(self) -> str:
        """This process by a name that no other has, after a fork neither."""
        if self._pid != os.getpid():
            self._pid, self._name = os.getpid(), f"{os.getpid()}-{uuid4().hex[:12]}"
            self._tasks, self._thread, self._lock = {}, None, threading.Lock()
        return self._name

    @contextmanager
    def holding(self, task: Task) -> Iterator[None]:
        """Keeps the claim alive while the block runs."""
        with self._lock:
            self._tasks[task.id] = task
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._live, name="task claims", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._tasks.pop(task.id, None)

    def release(self) -> None:
        """Leaves what is unfinished to others; for the end of the process."""
        with self._lock:
            tasks, self._tasks = [*self._tasks.values()], {}
        for task in tasks:
            task.is_lost.set()
        for database in {task.application.database for task in tasks}:
            database.fetch(release_claims(self.claimant))

    def _live(self) -> None:
        while True:
            time.sleep(LEASE / 3)
            with self._lock:
                tasks = [*self._tasks.values()]
                if not tasks:
                    self._thread = None
                    return
            for database in {task.application.database for task in tasks}:
                self._extend(database, [task for task in tasks if task.application.database is database])

    def _extend(self, database: Database, tasks: list[Task]) -> None:
        try:
            kept = {row[0] for row in database.fetch(extend_claims([task.id for task in tasks], self.claimant))}
        except Exception:
            log.exception("claims of tasks could not be extended")
            return
        for task in tasks:
            if task.id not in kept:
                task.is_lost.set()


claims = Claims()


def run_task(application: Application, task_id: int) -> bool:
    """Does a task if it is due and nobody else does it; whether it is settled, so that nobody need look for it again.

    1. The row is claimed. 2. Attempts of processes that died count: one too many gives the task up. 3. There must be
    room in its turn. 4. Its kind does it. 5. The row goes; or comes again after `Retry`, until attempts run out.
    """
    database, claimant = application.database, claims.claimant
    rows = database.fetch(claim_task(task_id, claimant))
    if not rows:
        return False
    _, name, payload, turn, attempt = rows[0]
    task = Task(task_id, application, name, payload, attempt)
    kind = task_kinds.get(name)
    if kind is None:
        log.error("nobody knows how to do a task of the kind %s", name)
        database.fetch(finish_task(task_id, claimant))
        return True
    if attempt > kind.attempts(task):
        kind.give_up(task, was_interrupted=True)
        database.fetch(finish_task(task_id, claimant))
        return True
    if turn is not None and not _has_room(task, turn, kind.limit(task), claimant):
        return False
    with claims.holding(task):
        again = _attempt(task)
    if again is None or attempt >= kind.attempts(task):
        if again is not None and not task.is_lost.is_set():
            kind.give_up(task, was_interrupted=False)
        database.fetch(finish_task(task_id, claimant))
        return True
    database.fetch(postpone_task(task_id, claimant, again, counts=True))
    return False


def _attempt(task: Task) -> float | None:
    """None when the task is done, else the seconds until it shall be tried again."""
    try:
        task_kinds[task.kind].run(task)
    except Retry as retry:
        return retry.delay
    except Exception:
        log.exception("a task of the kind %s failed", task.kind)
    return None


def _has_room(task: Task, turn: str, limit: int | None, claimant: str) -> bool:
    if limit is None:
        return True
    database = task.application.database
    with database.transaction() as transaction:
        transaction.fetch(turn_lock(f"{task.application.id}:{turn}"))
        # A claim that waits for this lock would count as running: it is given back before the lock is.
        if transaction.fetch(running_in_turn(task.application.id, turn, task.id))[0][0] < limit:
            return True
        transaction.fetch(postpone_task(task.id, claimant, WAIT_FOR_TURN, counts=False))
    return False
