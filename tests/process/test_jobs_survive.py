"""Jobs in processes that are killed: done again, or said to have failed; never lost (`contract/cloud.md` §5)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.redis_server import RedisServer
from tests.support.server import PROJECT, LiveServer

# Its jobs tell in files of `folder` that they run, and wait there for leave to end.
CLOUD = """
import time
from pathlib import Path
from parse_cloud import cloud

FOLDER = Path({folder!r})

def work(request):
    number = len(list(FOLDER.glob(request.job_id + ".*"))) + 1
    FOLDER.joinpath(f"{{request.job_id}}.{{number}}").touch()
    while not FOLDER.joinpath("enough").exists():
        time.sleep(0.02)
    return f"attempt {{number}}"

@cloud.job("once")
def once(request):
    return work(request)

@cloud.job("again", retries=2)
def again(request):
    return work(request)
"""
PATIENCE = 40  # seconds


class Jobs:
    """A server with these jobs, and what it says of them."""

    def __init__(self, server: LiveServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.headers = {"X-Parse-Application-Id": server.app_id, "X-Parse-Master-Key": server.master_key}

    def start(self, name: str) -> str:
        """The id of the status of a job that runs by now."""
        status_id = self.order(name)
        self.wait(lambda: self.attempts(status_id) == 1, "the job runs")
        return status_id

    def order(self, name: str) -> str:
        answer = httpx.post(f"{self.server.url}/jobs/{name}", json={}, headers=self.headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.headers["X-Parse-Job-Status-Id"]

    def attempts(self, status_id: str) -> int:
        return len(list(self.folder.glob(f"{status_id}.*")))

    def may_end(self) -> None:
        self.folder.joinpath("enough").touch()

    def status(self, status_id: str) -> tuple[str, str | None]:
        answer = httpx.get(f"{self.server.url}/classes/_JobStatus/{status_id}", headers=self.headers, timeout=30).json()
        return answer["status"], answer.get("message")

    def ends_as(self, status_id: str, status: str, message: str) -> None:
        with suppress(AssertionError):
            self.wait(lambda: self.status(status_id)[0] != "running", "the job ends")
        assert self.status(status_id) == (status, message), self.server.log.read_text()[-3000:]

    @staticmethod
    def wait(condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, what
            time.sleep(0.05)


@contextmanager
def jobs_of(tmp_path: Path, **environment: str) -> Iterator[Jobs]:
    cloud = tmp_path / "main.py"
    cloud.write_text(CLOUD.format(folder=str(tmp_path)))
    variables = {"PARSE_SERVER_TASK_LEASE": "2", **environment}
    with LiveServer({"cloud": str(cloud)}, environment=variables) as server:
        yield Jobs(server, tmp_path)


@pytest.mark.slow
def test_a_job_whose_server_is_killed_is_done_again_if_it_says_so_and_else_has_failed(
    database_url: str, tmp_path: Path
) -> None:
    with jobs_of(tmp_path) as jobs:
        once, again = jobs.start("once"), jobs.start("again")
        jobs.server.kill()
        jobs.server.start()
        jobs.wait(lambda: jobs.attempts(again) == 2, "the job is done again")
        jobs.may_end()
        jobs.ends_as(again, "succeeded", "attempt 2")
        jobs.ends_as(once, "failed", "Job interrupted.")
        assert jobs.attempts(once) == 1


@pytest.mark.slow
@pytest.mark.parametrize("broker", ["redis", "database"])
def test_a_job_whose_celery_worker_is_killed_is_done_again_or_has_failed(
    database_url: str, tmp_path: Path, broker: str
) -> None:
    with RedisServer() as redis:
        url = redis.url if broker == "redis" else "database"
        with jobs_of(tmp_path, PARSE_SERVER_BROKER_URL=url) as jobs:
            with worker(jobs.server) as first:
                once, again = jobs.start("once"), jobs.start("again")
                os.killpg(first.pid, signal.SIGKILL)
            with worker(jobs.server):
                jobs.wait(lambda: jobs.attempts(again) == 2, "the job is done again")
                jobs.may_end()
                jobs.ends_as(again, "succeeded", "attempt 2")
                jobs.ends_as(once, "failed", "Job interrupted.")
                later = jobs.order("once")
                jobs.ends_as(later, "succeeded", "attempt 1")


@pytest.mark.slow
def test_a_job_that_was_ordered_while_no_worker_lived_is_done_when_one_comes(database_url: str, tmp_path: Path) -> None:
    with jobs_of(tmp_path, PARSE_SERVER_BROKER_URL="redis://127.0.0.1:1/0") as jobs:
        jobs.may_end()
        ordered = jobs.order("once")  # the broker cannot be reached, either
        assert jobs.status(ordered) == ("running", None)
        with RedisServer() as redis:
            jobs.server.variables = {**jobs.server.variables, "PARSE_SERVER_BROKER_URL": redis.url}
            with worker(jobs.server):
                jobs.ends_as(ordered, "succeeded", "attempt 1")


@contextmanager
def worker(server: LiveServer) -> Iterator[subprocess.Popen[Any]]:
    """A Celery worker for the server's application."""
    with server.log.open("ab") as log:
        process = subprocess.Popen(
            (sys.executable, "manage.py", "worker", "--concurrency", "2"),
            cwd=PROJECT,
            env=server.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
