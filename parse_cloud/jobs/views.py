"""The routes of jobs and their schedules (`contract/cloud.md` §5, §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from parse_cloud.jobs.running import start_job
from parse_cloud.jobs.scheduler import CLASS_NAME
from parse_cloud.kinds import Kind
from parse_cloud.registry import CloudCode
from parse_cloud.rows import read_row, read_rows
from parse_core.errors import InvalidJson, ObjectNotFound, ParseError, ScriptFailed
from parse_core.objects.delete import delete
from parse_core.objects.requests import SaveRequest
from parse_core.objects.save import save
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import routes
from parse_core.rest.views.classes import created
from parse_core.values.scalars import iso, now

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.values.scalars import Document

STATUS_ID: Final = "X-Parse-Job-Status-Id"


class NotDeployed(ParseError):
    """Cannot Schedule a job that is not deployed"""

    # Code 1, as the reference; its status there is 500, which SDKs take for a reason to try again.


class JobView(ParseView):
    """`/jobs/<name>`: starts a job; the answer says where to read what becomes of it."""

    master_only = True

    def post(self, call: Call, name: str) -> Answer:
        """`{}`, with the id of the job's status in a header."""
        return _started(call, name, {**call.parameters, **call.query})

    def read_only_refusal(self, call: Call) -> str:
        return "read-only masterKey isn't allowed to run a job."


class NamedJobView(JobView):
    """`/jobs`: the job is named in the body, as the Dashboard does it."""

    def post(self, call: Call) -> Answer:  # type: ignore[override]  # its path has no argument
        params = {**call.parameters, **call.query}
        return _started(call, params.get("jobName"), params)


def _started(call: Call, name: object, params: Document) -> Answer:
    if not isinstance(name, str) or not name:
        raise ScriptFailed("Invalid job.")
    return Answer({}, headers={STATUS_ID: start_job(call.context, name, params)})


class SchedulesView(ParseView):
    """`/cloud_code/jobs`: all schedules; a new one."""

    master_only = True

    def get(self, call: Call) -> Answer:
        return Answer(read_rows(call.context, CLASS_NAME))

    def post(self, call: Call) -> Answer:
        """`{"objectId", "createdAt"}`, 201."""
        return created(call.context, save(call.context, SaveRequest(CLASS_NAME, _schedule(call))))


class ScheduleView(ParseView):
    """`/cloud_code/jobs/<id>`: changes a schedule, or removes it."""

    master_only = True

    def put(self, call: Call, object_id: str) -> Answer:
        """`{"response": {"updatedAt": …}}`, as the Dashboard knows it."""
        body = _schedule(call)
        if read_row(call.context, CLASS_NAME, object_id) is None:
            raise ObjectNotFound
        saved = save(call.context, SaveRequest(CLASS_NAME, body, object_id))
        return Answer({"response": {"updatedAt": saved.body["updatedAt"]}})

    def delete(self, call: Call, object_id: str) -> Answer:
        delete(call.context, CLASS_NAME, object_id)
        return Answer({})


class ScheduledView(ParseView):
    """`/cloud_code/jobs/data`: which jobs there are, and which of them are scheduled."""

    master_only = True

    def get(self, call: Call) -> Answer:
        """`{"in_use": [name of each schedule's job], "jobs": [name of each job]}`."""
        in_use = [row.get("jobName") for row in read_rows(call.context, CLASS_NAME)]
        return Answer({"in_use": in_use, "jobs": _jobs(call.context)})


def _jobs(context: RequestContext) -> list[str]:
    return context.application.part(CloudCode).names(Kind.JOB)


def _schedule(call: Call) -> Document:
    """The body of a schedule. Raises `InvalidJson` (107) without one, `NotDeployed` for a job that is not there."""
    schedule = call.parameters.get("job_schedule")
    if not isinstance(schedule, dict):
        raise InvalidJson("job_schedule is required")
    name = schedule.get("jobName")
    if name and name not in _jobs(call.context):
        raise NotDeployed
    return schedule if schedule.get("startAfter") else {**schedule, "startAfter": iso(now())}


routes.add("jobs", NamedJobView)
routes.add("jobs/<name...>", JobView)
routes.add("cloud_code/jobs", SchedulesView)
routes.add("cloud_code/jobs/data", ScheduledView)
routes.add("cloud_code/jobs/<object_id>", ScheduleView)
