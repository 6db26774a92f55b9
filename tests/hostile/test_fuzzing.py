"""Random requests never meet a defect. For longer runs: `FUZZ_SECONDS=600 FUZZ_SEED=7`."""

from __future__ import annotations

import os
import time
import traceback
from typing import Any

import orjson
import pytest

from parse_core.application import Application
from parse_core.rest import urls  # noqa: F401 (fills the table of routes)
from parse_core.tasks import bell
from tests.hostile.attacks import LEAK, busy
from tests.hostile.code_fuzzing import CodeFuzzer, code
from tests.hostile.conftest import OPTIONS, Configure
from tests.hostile.fuzzing import Fuzzer
from tests.support.client import ApiClient

SECONDS = float(os.environ.get("FUZZ_SECONDS", "5"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SLOW = 3.0


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_random_requests_are_answered(
    application: Application, api: ApiClient, configure: Configure, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    configure(allowCustomObjectId=True, enableSanitizedErrorResponse=bool(number % 2))
    application.reset()
    api.post("/users", {"username": "fuzz", "password": "fuzz"})
    survive(api, Fuzzer(SEED + number), caplog, SEED + number)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(2))
def test_random_requests_to_cloud_code_are_answered(
    application: Application, api: ApiClient, configure: Configure, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    idempotency = {"paths": ["functions/.*", "jobs/.*"], "ttl": 10}
    configure(cloud=code, idempotencyOptions=idempotency, enableSanitizedErrorResponse=bool(number % 2))
    application.reset()
    api.post("/users", {"username": "fuzz", "password": "fuzz"})
    survive(api, CodeFuzzer(SEED + number), caplog, SEED + number)
    bell().settle(10)


def survive(api: ApiClient, fuzzer: Fuzzer, caplog: pytest.LogCaptureFixture, seed: int) -> None:
    """Asks for as long as there is time. Nothing is a defect, slow, or tells of the database."""
    deadline, asked = time.monotonic() + SECONDS, 0
    while time.monotonic() < deadline:
        request = fuzzer.request()
        if not writable([request.body, request.how.get("query")]):
            continue
        asked += 1
        began = time.perf_counter()
        reply = api.request(request.method, request.path, request.body, **request.how)
        story = f"seed {seed}, request {asked}: {str(request)[:2000]}\n{reply.status} {reply.body[:500]!r}"
        assert reply.status < 500, defect(caplog) + story
        assert time.perf_counter() - began < SLOW * busy(), story
        assert not LEAK.search(reply.body.replace(repr(request).encode(), b"")), story
        caplog.clear()
        if reply.body and request.method != "HEAD":
            fuzzer.learn(orjson.loads(reply.body))
    assert asked > 50
    assert_healthy(api)


def defect(caplog: pytest.LogCaptureFixture) -> str:
    """Where the last failure that was logged came from."""
    failures = [record.exc_info[1] for record in caplog.records if record.exc_info]
    return "".join(traceback.format_exception(failures[-1])[-6:]) if failures and failures[-1] else ""


def writable(body: Any) -> bool:
    try:
        return bool(orjson.dumps(body))
    except TypeError:  # nested deeper than the client of the tests can write
        return False


def assert_healthy(api: ApiClient) -> None:
    """The server works as before, for somebody new."""
    assert api.get("/health").json == {"status": "ok"}
    assert api.get("/schemas", master=True).status == 200
    made = api.post("/classes/Healthy", {"x": 1}, master=True)
    assert made.status == 201, made.body
    assert api.get(f"/classes/Healthy/{made.json['objectId']}", master=True).json["x"] == 1
    assert OPTIONS["appId"] == api.application.id
