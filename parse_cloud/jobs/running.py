"""Starting jobs, and what is done when their turn comes (`contract/cloud.md` §5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from parse_cloud.functions import check_files
from parse_cloud.invocations import JobRun
from parse_cloud.jobs import status
from parse_cloud.kinds import Kind
from parse_cloud.registry import CloudCode
from parse_cloud.running import invoke
from parse_core.context import MASTER, RequestContext
from parse_core.errors import ParseError, ScriptFailed
from parse_core.tasks import Retry, Task, TaskKind, enqueue, task_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parse_cloud.handlers import Handler
    from parse_core.application import Application
    from parse_core.values.scalars import Document

JOB: Final = "job"
FIRST_PAUSE: Final = 2.0  # seconds before the second attempt; doubled for each further one
LONGEST_PAUSE: Final = 600.0
# What a request carries to prove who it is has no business in a row that waits for its turn.
_SECRETS: Final = ("key", "token", "authorization", "cookie")


def start_job(context: RequestContext, name: str, params: Document, *, source: str = "api") -> str:
    """The id of the `_JobStatus` of a job that begins as soon as somebody is free.

    Status and task are stored together. Raises `ScriptFailed` (141) for a job that nobody has written, `FileSaveError`
    (130) for a file from a foreign host among its parameters.
    """
    if context.application.part(CloudCode).find(Kind.JOB, name) is None:
        raise ScriptFailed("Invalid job.")
    check_files(context, params)
    if context.transaction is not None:
        return _start(context, name, params, source)
    with context.application.database.transaction() as transaction:
        return _start(replace(context, transaction=transaction), name, params, source)


def _start(context: RequestContext, name: str, params: Document, source: str) -> str:
    status_id = status.begin(context, name, params, source)
    payload = {
        "name": name,
        "params": params,
        "statusId": status_id,
        "ip": context.client_address,
        "headers": _harmless(context.headers),
        "requestId": context.request_id,
    }
    enqueue(context, JOB, payload, turn=f"{JOB}:{name}")
    return status_id


class JobTask(TaskKind):
    """A job whose turn has come."""

    def run(self, task: Task) -> None:
        """Runs the handler once; what it raises is the job's failure, unless it may be tried again."""
        context = _context(task)
        handler = _handler(task)
        if handler is None:
            status.end(context, _status_id(task), status.FAILED, "Invalid job.")
            return
        run = JobRun(
            kind=Kind.JOB,
            name=handler.name,
            context=context,
            cloud={},
            params=task.payload["params"],
            job_id=_status_id(task),
            message=lambda text: status.say(context, _status_id(task), text),
            is_cancelled=task.is_lost.is_set,
        )
        try:
            invoke(handler, run)
        except ParseError as failure:
            if task.attempt < self.attempts(task):
                status.say(context, _status_id(task), failure.message)
                raise Retry(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (task.attempt - 1))) from failure
            status.end(context, _status_id(task), status.FAILED, failure.message)
        else:
            said = run.result if isinstance(run.result, str) and run.result else None
            status.end(context, _status_id(task), status.SUCCEEDED, said)

    def attempts(self, task: Task) -> int:
        """One, and the `retries` that the job was registered with."""
        handler = _handler(task)
        return 1 + (0 if handler is None else cast("int", handler.options.get("retries") or 0))

    def limit(self, task: Task) -> int | None:
        """The job's `max_concurrency`."""
        handler = _handler(task)
        return None if handler is None else cast("int | None", handler.options.get("max_concurrency"))

    def give_up(self, task: Task, *, was_interrupted: bool) -> None:
        """A job whose process died says so."""
        status.end(_context(task), _status_id(task), status.FAILED, status.INTERRUPTED)


def _handler(task: Task) -> Handler | None:
    return task.application.part(CloudCode).find(Kind.JOB, str(task.payload["name"]))


def _status_id(task: Task) -> str:
    return str(task.payload["statusId"])


def _context(task: Task) -> RequestContext:
    payload = task.payload
    return RequestContext(
        task.application,
        MASTER,
        client_address=str(payload.get("ip", "")),
        headers=payload.get("headers", {}),
        request_id=str(payload.get("requestId", "")),
    )


def _harmless(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not any(secret in name.lower() for secret in _SECRETS)}


def server_context(application: Application) -> RequestContext:
    """The context of what the server does by itself."""
    return RequestContext(application, MASTER)


task_kinds.add(JOB, JobTask())
