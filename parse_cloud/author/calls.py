"""What code asks of its application: other functions, jobs, mails."""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Unpack
from urllib.parse import quote

from parse_auth.asking import waited
from parse_auth.mail.configuration import Mailer
from parse_cloud.author.current import Current, acting, current
from parse_cloud.author.sdk.calls import Api, CallOptions, as_client_sees
from parse_cloud.author.sdk.decoding import decode
from parse_cloud.author.sdk.encoding import encode
from parse_cloud.author.sdk.twins import blocks, twin
from parse_cloud.functions import call_function
from parse_cloud.invocations import Nothing
from parse_cloud.jobs.views import STATUS_ID

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object
    from parse_core.application import Application

log = logging.getLogger("parse_cloud")

_NO_ADAPTER = "Failed to send email because no mail adapter is configured for Parse Server."
_USE_MASTER_KEY = "cloud.use_master_key() has no effect: say use_master_key=True in each call that needs it."


class Calls:
    """Each call exists twice: `run` for threads, `arun` for the event loop. They act for nobody unless they say so."""

    application: Application

    @blocks
    def run(self, name: str, params: Mapping[str, Any] | None = None, **options: Unpack[CallOptions]) -> Any:
        """What a function returns. Raises `ParseError` as a client would get it, 162 for a context that is not data."""
        if not isinstance(name, str):
            raise TypeError(f"A function is called by its name, not by {name!r:.100}")
        with self._acting():
            api, sent = Api(options), encode(dict(params or {}))
            try:
                call = call_function(api.context, name, sent)
            except Exception as error:
                raise as_client_sees(error, api.context) from error
            return None if isinstance(call.result, Nothing) else decode(call.result)

    @blocks
    def start_job(self, name: str, params: Mapping[str, Any] | None = None) -> str:
        """Starts a background job; gives back the id of its status."""
        with self._acting():
            answer = Api({"use_master_key": True}).ask(
                "POST", f"jobs/{quote(name, safe='')}", encode(dict(params or {}))
            )
            return answer.headers[STATUS_ID]

    @blocks
    def get_job_status(self, job_id: str) -> Object:
        """The `_JobStatus` of a job that was started. Raises `ParseError` 101."""
        from parse_cloud.author.sdk.query import Query

        with self._acting():
            return Query("_JobStatus").get(job_id, use_master_key=True)

    @blocks
    def get_jobs_data(self) -> dict[str, Any]:
        """`{"in_use": [names of scheduled jobs], "jobs": [names of all jobs]}`."""
        with self._acting():
            data: dict[str, Any] = Api({"use_master_key": True}).get("cloud_code/jobs/data")
            return data

    @blocks
    def send_email(self, /, *, to: str, subject: str, text: str = "", html: str | None = None, **more: Any) -> None:
        """Sends a mail with the application's mail adapter; without one, the log says so.

        `html` and further members reach adapters whose `send_mail` takes them.
        """
        if self.application.options.email_adapter is None:
            log.error(_NO_ADAPTER)
            return
        send = self.application.part(Mailer).adapter.send_mail
        members = {"to": to, "subject": subject, "text": text}
        waited(send(**members, **_accepted(send, {**({} if html is None else {"html": html}), **more})))

    arun = twin(run)
    astart_job = twin(start_job)
    aget_job_status = twin(get_job_status)
    aget_jobs_data = twin(get_jobs_data)
    asend_email = twin(send_email)

    def use_master_key(self) -> None:
        """Nothing; for code that was written for old servers."""
        warnings.warn(_USE_MASTER_KEY, DeprecationWarning, stacklevel=2)
        log.warning(_USE_MASTER_KEY)

    @contextmanager
    def _acting(self) -> Iterator[None]:
        """The block acts for this application, on the request that is being served, if it is one of it."""
        now = current.get(None)
        if now is not None and now.application is self.application:
            yield
            return
        with acting(Current.of(self.application)):
            yield


def _accepted(function: Any, members: Mapping[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return dict(members)
    return {name: value for name, value in members.items() if name in parameters}
