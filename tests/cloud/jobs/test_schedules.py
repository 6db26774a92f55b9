"""Schedules over REST, as the Dashboard keeps them, and their runs (`contract/cloud.md` §6)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from parse_cloud.jobs.scheduler import start_due_jobs
from parse_core.tasks import bell
from tests.cloud.jobs.conftest import Jobs

URL = "/cloud_code/jobs"
# What the Dashboard writes for "every day".
DAILY = {
    "jobName": "clean",
    "description": "by night",
    "params": '{"days":3}',
    "daysOfWeek": [1, 1, 1, 1, 1, 1, 1],
    "timeOfDay": "00:00:00.000Z",
    "repeatMinutes": 1440,
    "startAfter": "2026-01-01T00:00:00.000Z",
}


@pytest.fixture
def ready(jobs: Jobs) -> Iterator[Jobs]:
    """Jobs that a scheduler starts."""
    jobs.add("clean", lambda run: f"for {run.params.get('days')} days")
    jobs.add("count", lambda _run: None)
    application = jobs.application
    before = application.options
    application.options = replace(before, job_scheduler=True)
    yield jobs
    application.options = before


def schedule(jobs: Jobs, **changes: Any) -> str:
    answer = jobs.client.post(URL, {"job_schedule": {**DAILY, **changes}}, master=True)
    assert answer.status == 201, answer.body
    object_id: str = answer.json["objectId"]
    assert set(answer.json) == {"objectId", "createdAt"}
    assert answer.headers["location"].endswith(f"/classes/_JobSchedule/{object_id}")
    return object_id


def runs(jobs: Jobs) -> list[dict[str, Any]]:
    bell().settle(10)
    answer = jobs.client.get("/classes/_JobStatus", master=True)
    found: list[dict[str, Any]] = answer.json["results"]
    return found


def test_schedules_are_made_listed_changed_and_removed(ready: Jobs) -> None:
    object_id = schedule(ready)
    listed = ready.client.get(URL, master=True).json
    assert [{key: row[key] for key in DAILY} for row in listed] == [DAILY]
    changed = ready.client.put(f"{URL}/{object_id}", {"job_schedule": {"repeatMinutes": 30}}, master=True)
    assert (changed.status, set(changed.json["response"])) == (200, {"updatedAt"})
    (row,) = ready.client.get(URL, master=True).json
    assert row["repeatMinutes"] == 30
    assert row["startAfter"] > DAILY["startAfter"], "a start that is not sent again is now"
    gone = ready.client.delete(f"{URL}/{object_id}", master=True)
    assert (gone.status, gone.json) == (200, {})
    assert ready.client.get(URL, master=True).json == []


def test_the_dashboard_is_told_which_jobs_there_are_and_which_are_scheduled(ready: Jobs) -> None:
    schedule(ready)
    assert ready.client.get(f"{URL}/data", master=True).json == {"in_use": ["clean"], "jobs": ["clean", "count"]}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("POST", URL, {"job_schedule": {"jobName": "x"}}, 400, (1, "Cannot Schedule a job that is not deployed")),
        ("POST", URL, {}, 400, (107, "job_schedule is required")),
        ("POST", URL, {"job_schedule": "now"}, 400, (107, "job_schedule is required")),
        ("PUT", f"{URL}/nope", {"job_schedule": {}}, 404, (101, "Object not found.")),
        ("DELETE", f"{URL}/nope", None, 404, (101, "Object not found.")),
    ],
)
def test_what_is_no_schedule_is_refused(
    ready: Jobs, method: str, path: str, body: Any, status: int, error: tuple[int, str]
) -> None:
    answer = ready.client.request(method, path, body, master=True)
    assert (answer.status, answer.error) == (status, error)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_schedules_are_for_the_master_key(ready: Jobs, method: str) -> None:
    path = URL if method in ("GET", "POST") else f"{URL}/x"
    body = None if method == "GET" else {"job_schedule": DAILY}
    assert ready.client.request(method, path, body).status == 403
    answer = ready.client.request(method, path, body, read_only=True)
    assert answer.status == 200 if method == "GET" else answer.error == (119, "Permission denied")


def test_a_schedule_that_is_due_runs_once_and_says_when(ready: Jobs) -> None:
    object_id = schedule(ready)
    start_due_jobs(ready.application)
    start_due_jobs(ready.application)
    (run,) = runs(ready)
    assert (run["jobName"], run["source"], run["status"], run["message"]) == (
        "clean", "scheduler", "succeeded", "for 3 days",
    )  # fmt: skip
    row = ready.client.get(f"/classes/_JobSchedule/{object_id}", master=True).json
    assert row["lastRun"] > 1_700_000_000


def test_of_many_schedulers_at_once_one_starts_the_job(ready: Jobs) -> None:
    schedule(ready)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start_due_jobs, [ready.application] * 8))
    assert len(runs(ready)) == 1


def test_a_single_run_does_not_come_again_and_its_schedule_stays(ready: Jobs) -> None:
    schedule(ready, repeatMinutes=None, timeOfDay=None)
    start_due_jobs(ready.application)
    start_due_jobs(ready.application)
    assert len(runs(ready)) == 1
    assert len(ready.client.get(URL, master=True).json) == 1


@pytest.mark.parametrize("params", ["", "{", "[1]", "5", None])
def test_params_that_are_none_are_an_empty_object(ready: Jobs, params: str | None) -> None:
    schedule(ready, params=params)
    start_due_jobs(ready.application)
    assert runs(ready)[0]["params"] == {}


def test_without_the_option_nothing_is_started(jobs: Jobs) -> None:
    jobs.add("clean", lambda _run: None)
    schedule(jobs)
    start_due_jobs(jobs.application)
    assert runs(jobs) == []


def test_a_job_that_is_not_there_any_more_is_logged_and_does_not_stop_the_others(
    ready: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    answer = ready.client.post("/classes/_JobSchedule", {**DAILY, "jobName": "gone"}, master=True)
    assert answer.status == 201
    schedule(ready)
    start_due_jobs(ready.application)
    assert [run["jobName"] for run in runs(ready)] == ["clean"]
    assert "scheduled job 'gone' cannot be started: Invalid job." in caplog.text
