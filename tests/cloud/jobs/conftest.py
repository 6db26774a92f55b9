"""An application whose jobs are functions of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from parse_cloud.handlers import Handler, Handlers
from parse_cloud.invocations import JobRun
from parse_cloud.kinds import Kind
from parse_cloud.registry import CloudCode, Origin
from parse_core.application import Application, applications
from parse_core.tasks import bell
from tests.support.client import ApiClient

Work = Callable[[JobRun], Any]


@dataclass
class Jobs:
    """The jobs of an application, and what is asked about them."""

    application: Application
    work: dict[str, tuple[Work, dict[str, Any]]] = field(default_factory=dict)

    def add(self, name: str, work: Work, **options: Any) -> None:
        """Registers a job; what `work` returns is the job's result."""
        self.work[name] = work, options
        handlers = Handlers()
        for each, (function, of_job) in self.work.items():
            handlers.add(Handler(Kind.JOB, each, _running(function), options=of_job))
        self.application.part(CloudCode).replace(Origin.PYTHON, handlers)

    @property
    def client(self) -> ApiClient:
        return ApiClient(self.application)

    def start(self, name: str, params: dict[str, Any] | None = None) -> str:
        """The id of the status of a job that was started over HTTP."""
        answer = self.client.post(f"/jobs/{name}", params or {}, master=True)
        assert (answer.status, answer.json) == (200, {}), answer.body
        return answer.headers["x-parse-job-status-id"]

    def status(self, status_id: str) -> dict[str, Any]:
        """What `_JobStatus` says, as the master key reads it."""
        answer = self.client.get(f"/classes/_JobStatus/{status_id}", master=True)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json
        return found

    def ended(self, status_id: str) -> dict[str, Any]:
        """The status once everything that was begun here is done."""
        bell().settle(10)
        return self.status(status_id)


def _running(function: Work) -> Callable[[Any], None]:
    def run(invocation: JobRun) -> None:
        invocation.result = function(invocation)

    return run


@pytest.fixture
def jobs(database_url: str) -> Iterator[Jobs]:
    application = applications.configure(
        {"appId": "jobs", "masterKey": "master", "readOnlyMasterKey": "reader", "serverURL": "http://api.example/parse"}
    )
    application.reset()
    yield Jobs(application)
    bell().settle(10)
    application.part(CloudCode).replace(Origin.PYTHON, Handlers())
    applications.remove("jobs")
