"""`_JobStatus`: what became of a job. Written by the server alone, so no trigger and no permission is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from parse_cloud.rows import FieldIs, change_row, write_row
from parse_core.values.scalars import date_value, new_object_id, now

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.values.scalars import Document

CLASS_NAME: Final = "_JobStatus"
RUNNING: Final = "running"
SUCCEEDED: Final = "succeeded"
FAILED: Final = "failed"
INTERRUPTED: Final = "Job interrupted."


def begin(context: RequestContext, name: str, params: Document, source: str) -> str:
    """The id of a new row that says the job is running."""
    status_id = new_object_id(context.options.object_id_size)
    values = {"jobName": name, "source": source, "status": RUNNING, "params": params, "ACL": {}}
    write_row(context, CLASS_NAME, status_id, values, is_new=True)
    return status_id


def say(context: RequestContext, status_id: str, message: str) -> None:
    """Stores what a running job says of its progress."""
    change_row(context, CLASS_NAME, status_id, {"message": message}, only_if=FieldIs("status", RUNNING))


def end(context: RequestContext, status_id: str, status: str, message: str | None = None) -> bool:
    """Stores how a job ended; False if it had ended before, as somebody else knows it."""
    values = {"status": status, "finishedAt": date_value(now()), **({} if message is None else {"message": message})}
    return change_row(context, CLASS_NAME, status_id, values, only_if=FieldIs("status", RUNNING))
