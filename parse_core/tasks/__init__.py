"""Work after the answer that must not be lost: a job, a message to another server.

A task is a row of `parse_task`, written in the transaction of what it follows from. Somebody is told of it at once (a
thread of this process, or a Celery worker: `settings.PARSE_TASK_BELL`); whoever gets it claims the row and keeps the
claim alive while it works. A worker that dies leaves a claim that ends, and the task is done again or given up: a lost
message delays a task, it does not lose it ([decision](../../docs/decisions/0060-durable-tasks.md)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from parse_core.registry import Registry
from parse_core.store.tasks import forget_tasks, insert_task

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.context import RequestContext
    from parse_core.values.scalars import Document


@dataclass(frozen=True, slots=True)
class Task:
    """A task in somebody's hands. `attempt` counts from 1; `is_lost` tells that the claim has ended: better stop."""

    id: int
    application: Application
    kind: str
    payload: Document
    attempt: int
    is_lost: Event = field(default_factory=Event, compare=False)


class TaskKind:
    """What is done for tasks of a name. Register an instance: `task_kinds.add(name, kind)`."""

    def run(self, task: Task) -> None:
        """Does the task. May run again after a crash. Raises `Retry` for another attempt; other errors are logged."""
        raise NotImplementedError

    def attempts(self, task: Task) -> int:
        """How often a task is tried, attempts whose process died included."""
        return 1

    def limit(self, task: Task) -> int | None:
        """How many tasks of the same turn run at once; None: any number."""
        return None

    def give_up(self, task: Task, *, was_interrupted: bool) -> None:
        """The task will not be tried again; `was_interrupted`: the process of the last attempt died."""


class Retry(Exception):
    """The attempt failed; another one may help, in `delay` seconds."""

    def __init__(self, delay: float) -> None:
        super().__init__(f"again in {delay} s")
        self.delay = delay


class Bell(Protocol):
    """Who is told that there is something to do."""

    def begin(self) -> None:
        """This process serves from now on: it looks after what others left undone, if that is its business."""

    def ring(self, application: Application, task_id: int) -> None:
        """Has the task done soon, by whomever."""

    def settle(self, seconds: float) -> None:
        """Waits until what this process was told of is done; for tests and the end of a process."""


task_kinds: Registry[TaskKind] = Registry("kind of task")


@lru_cache
def bell() -> Bell:
    """The bell of this process."""
    return cast("Callable[[], Bell]", import_string(settings.PARSE_TASK_BELL))()


def enqueue(
    context: RequestContext, kind: str, payload: dict[str, Any], *, turn: str | None = None, delay: float = 0
) -> int:
    """Adds a task to be done `delay` seconds from now, and gives its id; with the open transaction, if there is one."""
    application = context.application
    task_id: int = context.executor.fetch(insert_task(application.id, kind, payload, turn=turn, delay=delay))[0][0]
    if context.transaction is not None:
        context.transaction.on_commit.append(lambda: bell().ring(application, task_id))
    else:
        bell().ring(application, task_id)
    return task_id


def on_reset(application: Application, **_signal: Any) -> None:
    """Nothing is done any more for an application whose data are gone."""
    application.database.fetch(forget_tasks(application.id))
