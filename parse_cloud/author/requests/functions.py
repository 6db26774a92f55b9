"""The requests of functions and jobs."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

from parse_cloud.author.requests.base import Request
from parse_cloud.author.sdk.decoding import decode_parameters
from parse_cloud.author.threads import in_thread
from parse_cloud.invocations import FunctionCall, JobRun, Upload


class _WithParameters(Request):
    _invocation: FunctionCall | JobRun

    @cached_property
    def params(self) -> dict[str, Any]:
        """The parameters: moments, files, pointers decoded; of a form's file `{"filename", "contentType", "data"}`."""
        return {name: _decoded(value) for name, value in self._invocation.params.items()}


class FunctionRequest(_WithParameters):
    """A call of a function."""

    @property
    def function_name(self) -> str:
        """The name it was called by."""
        return self._invocation.name


class JobRequest(_WithParameters):
    """A run of a job."""

    @property
    def job_name(self) -> str:
        """The name it was started by."""
        return self._invocation.name

    @property
    def job_id(self) -> str:
        """The id of its `_JobStatus`."""
        return self._run.job_id

    def message(self, text: object) -> None:
        """Stores a text as the job's last message; what is not a text, or empty, is left out."""
        if isinstance(text, str) and text:
            self._run.message(text)

    async def amessage(self, text: object) -> None:
        """`message` for the event loop."""
        await in_thread(self.message, text)

    def heartbeat(self) -> None:
        """Raises `JobCancelled` when the job is to end; for loops that run long."""
        if self.cancelled:
            raise JobCancelled("Job cancelled.")

    @property
    def cancelled(self) -> bool:
        """Whether the job is to end."""
        return self._run.is_cancelled()

    @property
    def _run(self) -> JobRun:
        return cast("JobRun", self._invocation)


class JobCancelled(Exception):
    """The job was told to end."""


def _decoded(value: Any) -> Any:
    if isinstance(value, Upload):
        return {"filename": value.filename, "contentType": value.content_type, "data": value.data}
    return decode_parameters(value)
