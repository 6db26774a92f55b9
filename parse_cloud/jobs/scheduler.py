"""Starting what is due: in any number of processes, each slot once."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import orjson

from parse_cloud.jobs.running import server_context, start_job
from parse_cloud.jobs.schedule import Schedule
from parse_cloud.rows import FieldIs, change_row, read_rows
from parse_core.errors import ParseError
from parse_core.tasks.sweeping import periodic
from parse_core.values.scalars import now

if TYPE_CHECKING:
    from datetime import datetime

    from parse_core.application import Application
    from parse_core.values.scalars import Document

log = logging.getLogger("parse_cloud.jobs")

CLASS_NAME: Final = "_JobSchedule"


def start_due_jobs(application: Application) -> None:
    """Starts every scheduled job of an application whose moment has come, if it has the option `jobScheduler`."""
    if not application.options.job_scheduler:
        return
    present = now()
    for row in read_rows(server_context(application), CLASS_NAME):
        schedule = Schedule.parse(row)
        slot = None if schedule is None else schedule.due(present)
        if slot is not None and _is_later(slot, row.get("lastRun")):
            _start(application, row, present)


def _is_later(slot: datetime, last_run: object) -> bool:
    return not isinstance(last_run, (int, float)) or slot.timestamp() > last_run


def _start(application: Application, row: Document, present: datetime) -> None:
    """Marks the slot as run and starts the job, both or neither; who comes second finds it marked."""
    was, context = row.get("lastRun"), server_context(application)
    with application.database.transaction() as transaction:
        inside = replace(context, transaction=transaction)
        ran = {"lastRun": present.timestamp()}
        if not change_row(inside, CLASS_NAME, row["objectId"], ran, only_if=FieldIs("lastRun", was)):
            return
        try:
            start_job(inside, str(row.get("jobName")), _params(row), source="scheduler")
        except ParseError as refusal:
            log.warning("scheduled job %r cannot be started: %s", row.get("jobName"), refusal.message)


def _params(row: Document) -> Document:
    """The parameters, which schedules hold as text."""
    params = row.get("params")
    try:
        value = orjson.loads(params) if isinstance(params, str) and params else params
    except orjson.JSONDecodeError:
        value = None
    return value if isinstance(value, dict) else {}


periodic.add("job schedules", start_due_jobs)
