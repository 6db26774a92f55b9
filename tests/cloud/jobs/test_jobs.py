"""Starting jobs and reading what became of them (`contract/cloud.md` §5)."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from parse_cloud.invocations import JobRun
from parse_cloud.kinds import Failure
from tests.cloud.jobs.conftest import Jobs


def test_a_job_runs_after_the_answer_and_its_status_tells_how_it_ended(jobs: Jobs) -> None:
    may_end = threading.Event()
    seen: dict[str, Any] = {}

    def work(run: JobRun) -> str:
        seen.update(params=run.params, id=run.job_id, master=run.master, user=run.user)
        assert may_end.wait(5)
        return "all is well"

    jobs.add("clean", work)
    status_id = jobs.start("clean", {"days": 3})
    running = jobs.status(status_id)
    assert {key: running.get(key) for key in ("jobName", "source", "status", "params", "message", "finishedAt")} == {
        "jobName": "clean",
        "source": "api",
        "status": "running",
        "params": {"days": 3},
        "message": None,
        "finishedAt": None,
    }
    may_end.set()
    ended = jobs.ended(status_id)
    assert (ended["status"], ended["message"], ended["finishedAt"]["__type"]) == ("succeeded", "all is well", "Date")
    assert seen == {"params": {"days": 3}, "id": status_id, "master": True, "user": None}


def test_messages_of_a_running_job_are_stored_at_once_and_the_last_one_stays(jobs: Jobs) -> None:
    said: list[Any] = []

    def work(run: JobRun) -> int:
        run.message("half way")
        said.append(jobs.status(run.job_id)["message"])
        return 7  # not a text: the message stays

    jobs.add("talk", work)
    ended = jobs.ended(jobs.start("talk"))
    assert (said, ended["status"], ended["message"]) == (["half way"], "succeeded", "half way")


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (Failure("no more disks"), "no more disks"),
        (Failure("gone", 101), "gone"),
        (ValueError("bad value"), "bad value"),
    ],
    ids=["a text", "a Parse error", "a native error"],
)
def test_what_a_job_raises_is_the_message_of_its_failure(jobs: Jobs, raised: Exception, message: str) -> None:
    def work(_run: JobRun) -> None:
        raise raised

    jobs.add("fail", work)
    ended = jobs.ended(jobs.start("fail"))
    assert (ended["status"], ended["message"]) == ("failed", message)
    assert "finishedAt" in ended


@pytest.mark.parametrize("name", ["nope", "a.b", "a'b", 'a"b', "a`b", "constructor", "__proto__", "__init__"])
def test_a_job_nobody_has_written_is_141_however_it_looks(jobs: Jobs, name: str) -> None:
    answer = jobs.client.post(f"/jobs/{name}", {}, master=True)
    assert (answer.status, answer.error) == (400, (141, "Invalid job."))


@pytest.mark.parametrize("body", [{}, {"jobName": 5}, {"jobName": ""}, {"jobName": None}, {"jobName": ["clean"]}])
def test_a_body_that_names_no_job_is_141(jobs: Jobs, body: dict[str, Any]) -> None:
    answer = jobs.client.post("/jobs", body, master=True)
    assert (answer.status, answer.error) == (400, (141, "Invalid job."))


def test_the_dashboard_starts_a_job_by_its_name_in_the_body(jobs: Jobs) -> None:
    jobs.add("clean", lambda run: run.params["jobName"])
    body = {"description": "", "input": {"a": 1}, "jobName": "clean", "when": 0}
    answer = jobs.client.post("/jobs", body, master=True)
    ended = jobs.ended(answer.headers["x-parse-job-status-id"])
    assert (ended["message"], ended["params"]) == ("clean", body)


def test_only_the_master_key_starts_jobs(jobs: Jobs) -> None:
    jobs.add("clean", lambda _run: None)
    for path in ("/jobs/clean", "/jobs"):
        answer = jobs.client.post(path, {"jobName": "clean"})
        assert (answer.status, answer.json) == (403, {"error": "Permission denied"})
        answer = jobs.client.post(path, {"jobName": "clean"}, read_only=True)
        assert (answer.status, answer.error) == (400, (119, "Permission denied"))
    assert jobs.client.get("/jobs/clean", master=True).status == 404


def test_the_status_of_jobs_is_for_the_master_key(jobs: Jobs) -> None:
    jobs.add("clean", lambda _run: None)
    jobs.ended(jobs.start("clean"))
    assert jobs.client.get("/classes/_JobStatus").error[0] == 119


def test_a_job_that_fails_is_tried_again_as_often_as_it_says(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parse_cloud.jobs.running.FIRST_PAUSE", 0.05)
    tries: list[int] = []
    done = threading.Event()

    def work(_run: JobRun) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise Failure("not yet")
        done.set()
        return "third time lucky"

    jobs.add("stubborn", work, retries=2)
    status_id = jobs.start("stubborn")
    assert done.wait(10)
    assert jobs.ended(status_id)["message"] == "third time lucky"


def test_a_job_with_a_limit_waits_for_those_before_it(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parse_core.tasks.running.WAIT_FOR_TURN", 0.05)
    lock, together, most = threading.Lock(), [0], [0]
    ended = threading.Semaphore(0)

    def work(_run: JobRun) -> None:
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        threading.Event().wait(0.1)
        with lock:
            together[0] -= 1
        ended.release()

    jobs.add("alone", work, max_concurrency=1)
    started = [jobs.start("alone") for _ in range(4)]
    assert all(ended.acquire(timeout=10) for _ in started)
    assert most == [1]
    assert {jobs.ended(each)["status"] for each in started} == {"succeeded"}
