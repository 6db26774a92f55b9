"""Looking for what nobody was told of: tasks of dead workers, of lost messages, and due only now."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from parse_core.application import applications
from parse_core.registry import Registry
from parse_core.store.tasks import due_tasks, seconds_to_next
from parse_core.tasks import bell

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.store.database import Database

log = logging.getLogger("parse_core.tasks")

INTERVAL: Final = 5.0  # seconds between looks
AT_ONCE: Final = 100  # tasks a look takes up

# What is done with each look, for each application. Several processes may do it at once.
periodic: Registry[Callable[[Application], None]] = Registry("periodic work")


def sweep_once() -> float:
    """Rings for every task that is due and free, and does what is periodic; the seconds until the next look."""
    for application in [*applications.values()]:
        for name, work in periodic.items():
            try:
                work(application)
            except Exception:
                log.exception("%s could not be looked after", name)
    databases = {application.database for application in applications.values()}
    return max(0.02, min([INTERVAL, *map(_look, databases)]))


def _look(database: Database) -> float:
    served = {each.id: each for each in applications.values() if each.database is database}
    try:
        for task_id, application_id in database.fetch(due_tasks([*served], AT_ONCE)):
            bell().ring(served[application_id], task_id)
        next_one: float | None = database.fetch(seconds_to_next([*served]))[0][0]
    except Exception:
        log.exception("tasks could not be looked for")
        return INTERVAL
    return INTERVAL if next_one is None else next_one
