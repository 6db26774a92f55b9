"""What code asks of `cloud`: mails, jobs, the configuration (Python API B, `contract/cloud.md` §13)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from parse_cloud import FunctionRequest, JobRequest, ParseError
from parse_cloud.author.cloud import Cloud
from parse_cloud.author.proxy import InForce
from parse_core.options import ConfigurationError
from tests.cloud.corpus.play import Mails
from tests.cloud.python.conftest import Serving
from tests.support.client import ApiClient


def cloud_of(api: ApiClient) -> Cloud:
    return api.application.part(InForce).cloud


# --- Mails ------------------------------------------------------------------------------------------------------------


def test_mails_go_to_the_adapter(serving: Serving) -> None:
    mails = Mails()

    def setup(cloud: Cloud) -> None:
        @cloud.function
        async def mail(_request: FunctionRequest) -> None:
            await cloud.asend_email(to="a@b.c", subject="Hello", text="you", html="<b>you</b>", unknown=1)

    assert serving(setup, emailAdapter=mails).post("/functions/mail").status == 200
    assert mails.sent == [("a@b.c", "Hello")]


def test_without_an_adapter_the_log_says_so(serving: Serving, caplog: pytest.LogCaptureFixture) -> None:
    cloud_of(serving(None)).send_email(to="a", subject="b", text="c")
    assert "Failed to send email because no mail adapter is configured for Parse Server." in caplog.text


def test_an_adapter_may_be_async_and_take_more(serving: Serving) -> None:
    sent: list[Any] = []

    class Later:
        async def send_mail(self, to: str, subject: str, text: str, **more: Any) -> None:
            sent.append((to, subject, text, more))

    cloud_of(serving(None, emailAdapter=Later())).send_email(to="a", subject="b", text="c", html="d", reply_to="e")
    assert sent == [("a", "b", "c", {"html": "d", "reply_to": "e"})]


# --- Jobs -------------------------------------------------------------------------------------------------------------


def ended(status: Callable[[], Any]) -> Any:
    """The status of a job when it has ended."""
    for _ in range(200):
        found = status()
        if found["status"] != "running":
            return found
        time.sleep(0.05)
    raise AssertionError("the job goes on")


def test_a_job_runs_and_tells_how_it_went(serving: Serving, form: Any) -> None:
    def setup(cloud: Cloud) -> None:
        def count(request: JobRequest) -> str:
            if request.params.get("fail"):
                raise ValueError("no")
            request.message("begun")
            request.heartbeat()
            return f"{request.job_name} of {request.params['n']}, {request.cancelled}, {bool(request.job_id)}"

        cloud.job("count")(form(count))

    cloud = cloud_of(serving(setup))
    identifier = cloud.start_job("count", {"n": 2})
    status = ended(lambda: cloud.get_job_status(identifier))
    assert (status["status"], status["message"]) == ("succeeded", "count of 2, False, True")
    failed = cloud.start_job("count", {"fail": True})
    status = ended(lambda: cloud.get_job_status(failed))
    assert (status["status"], status["message"]) == ("failed", "no")
    assert cloud.get_jobs_data() == {"in_use": [], "jobs": ["count"]}
    with pytest.raises(ParseError) as raised:
        cloud.start_job("nope")
    assert (raised.value.code, raised.value.message) == (141, "Invalid job.")


def test_jobs_are_started_from_functions(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        cloud.job("work")(lambda: "done")

        @cloud.function
        async def start(_request: FunctionRequest) -> str:
            return await cloud.astart_job("work")

    api = serving(setup)
    identifier = api.post("/functions/start").json["result"]
    assert ended(lambda: cloud_of(api).get_job_status(identifier))["message"] == "done"


# --- The configuration ------------------------------------------------------------------------------------------------


def test_the_configuration_is_read_and_set(serving: Serving) -> None:
    api = serving(None)
    server = cloud_of(api).server
    assert (server.app_id, server["appId"], server.appId) == (api.application.id,) * 3
    assert server.version.startswith("9.")
    assert server.RateLimitZone.USER == "user"
    server.silent = True
    server["defaultLimit"] = 7
    assert (cloud_of(api).server.silent, api.application.options.default_limit) == (True, 7)
    del server["silent"]
    assert server.silent is False
    assert "masterKey" in server
    assert {"appId", "masterKey", "defaultLimit"} <= set(server)


@pytest.mark.parametrize(("name", "value"), [("silent", "yes"), ("defaultLimit", -1), ("masterKey", "")])
def test_a_wrong_value_is_refused_and_nothing_changes(serving: Serving, name: str, value: Any) -> None:
    server = cloud_of(serving(None)).server
    before = server[name]
    with pytest.raises(ConfigurationError):
        server[name] = value
    assert server[name] == before


def test_an_option_there_is_not(serving: Serving) -> None:
    server = cloud_of(serving(None)).server
    with pytest.raises(AttributeError, match="There is no option nonsense"):
        _ = server.nonsense
    with pytest.raises(AttributeError, match="There is no option nonsense"):
        server.nonsense = 1
    with pytest.raises(KeyError):
        server["nonsense"] = 1


def test_setting_an_option_does_not_load_the_code_again(serving: Serving) -> None:
    loads: list[int] = []
    api = serving(lambda _cloud: loads.append(1))
    cloud_of(api).server.silent = True
    assert loads == [1]


def test_use_master_key_warns_and_does_nothing(serving: Serving) -> None:
    with pytest.warns(DeprecationWarning, match="has no effect"):
        cloud_of(serving(None)).use_master_key()
