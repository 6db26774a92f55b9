"""Celery, for servers whose background work shall not run in the processes that answer requests.

`PARSE_SERVER_BROKER_URL` turns it on: the URL of a Redis, or `database` for the SQL broker on the server's own
PostgreSQL. `manage.py worker` starts a worker, with the clock (beat) in it. A message is only a doorbell: what is to be
done stands in `parse_task`, so a broker that loses messages, and a worker that dies with one, delay work and lose none.
"""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import quote, urlencode

from celery import Celery
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parse_server.settings")

log = logging.getLogger("parse_server.celery")

OWN_DATABASE: Final = "database"
SWEEP: Final = 5.0  # seconds


def broker_url() -> str:
    """The URL of the broker as Celery's libraries want it."""
    url: str = settings.PARSE_BROKER_URL
    if url != OWN_DATABASE:
        return url
    from parse_server.providers import connection_info

    return sql_broker(connection_info())


def sql_broker(conninfo: str) -> str:
    """SQLAlchemy's URL for a PostgreSQL that libpq reaches with `conninfo`, sockets included."""
    known = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value is not None}
    user, password = quote(known.pop("user", ""), safe=""), quote(known.pop("password", ""), safe="")
    name = quote(known.pop("dbname", ""), safe="")
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    return f"sqla+postgresql+psycopg://{login}/{name}?{urlencode(known)}"


app: Any = Celery("parse_server")
app.conf.update(
    task_serializer="json",
    accept_content=["json"],  # never pickle: who can write to the broker must not run code
    task_ignore_result=True,
    task_default_queue="parse",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    beat_schedule={"sweep": {"task": "parse.sweep", "schedule": SWEEP, "options": {"expires": SWEEP}}},
    beat_scheduler="celery.beat:Scheduler",
)


@app.on_configure.connect  # type: ignore[untyped-decorator]  # Celery ships no types
def _configured(sender: Any, **_signal: Any) -> None:
    sender.conf.broker_url = broker_url()


@app.task(name="parse.run")  # type: ignore[untyped-decorator]
def run(application_id: str, task_id: int) -> None:
    """Does one task, if nobody else does."""
    from parse_core.application import applications
    from parse_core.tasks.running import run_task

    run_task(applications[application_id], task_id)


@app.task(name="parse.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Rings for tasks that nobody does though they are due, and does what is periodic."""
    from parse_core.tasks.sweeping import sweep_once

    sweep_once()


class CeleryBell:
    """Tells the workers, from a thread: no request waits for a broker. One that cannot be reached is logged; the next
    sweep finds the task.
    """

    def __init__(self) -> None:
        self._told = ThreadPoolExecutor(1, thread_name_prefix="celery bell")
        self._pid = os.getpid()

    def begin(self) -> None:
        """Workers look after everything."""

    def ring(self, application: Any, task_id: int) -> None:
        """Has a worker told."""
        if self._pid != os.getpid():
            self.__init__()  # type: ignore[misc]  # a fork has no threads
        self._told.submit(_tell, application.id, task_id)

    def settle(self, seconds: float) -> None:
        """Others do the work."""


def _tell(application_id: str, task_id: int) -> None:
    try:
        run.apply_async((application_id, task_id), retry=False)
    except Exception:
        log.exception("the broker could not be told of a task; it waits for the next sweep")
