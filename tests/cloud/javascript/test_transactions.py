"""What handlers in JavaScript ask belongs to the request that made them run: its transaction, its id, its depth."""

from __future__ import annotations

import logging
import multiprocessing
import os
from multiprocessing.connection import Connection
from typing import Any

import pytest

from parse_cloud.bridge.bridge import Bridge
from tests.cloud.javascript.conftest import Serve
from tests.support.client import ApiClient


@pytest.fixture(scope="module")
def api(serve: Serve) -> ApiClient:
    return serve("transactions.js", cloudFunctionTimeout=3)


def batch(api: ApiClient, class_name: str, *bodies: dict[str, Any]) -> Any:
    requests = [{"method": "POST", "path": f"/parse/classes/{class_name}", "body": body} for body in bodies]
    return api.post("/batch", {"requests": requests, "transaction": True})


def count(api: ApiClient, class_name: str) -> int:
    found: int = api.get(f"/classes/{class_name}", query={"count": 1, "limit": 0}, master=True).json["count"]
    return found


def test_a_handler_sees_what_its_transaction_has_written(api: ApiClient) -> None:
    for class_name in ("Step", "Trace"):  # so that the transaction makes no class
        api.post(f"/classes/{class_name}", {"n": 0})
    steps, traces = count(api, "Step"), count(api, "Trace")
    reply = batch(api, "Step", {"n": 1}, {"n": 2})
    assert [each["success"]["before"] for each in reply.json] == [steps, steps + 1]
    assert (count(api, "Step"), count(api, "Trace")) == (steps + 2, traces + 2)


def test_what_it_has_written_goes_with_the_transaction(api: ApiClient) -> None:
    api.post("/classes/Step", {"n": 0})
    steps, traces = count(api, "Step"), count(api, "Trace")
    assert batch(api, "Step", {"n": 1}, {"n": 99}).status == 400
    assert (count(api, "Step"), count(api, "Trace")) == (steps, traces)


def test_nothing_is_asked_in_a_transaction_that_is_over(api: ApiClient) -> None:
    """The connection is somebody else's by then."""
    for class_name in ("Slow", "Late"):
        api.post(f"/classes/{class_name}", {"n": 0})
    assert batch(api, "Slow", {"n": 1}).status == 200
    assert batch(api, "Slow", {"n": 2, "hang": True}).error == (141, "Script timed out.")
    for n in range(20):
        assert api.post("/classes/Other", {"n": n}).status == 201
    assert count(api, "Slow") == 2
    assert count(api, "Other") == 20


def test_what_is_dropped_is_logged_with_the_id_of_the_request(
    written: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = written("Parse.Cloud.afterSave('Any', () => process.exit(1));")
    with caplog.at_level(logging.WARNING, "parse_cloud"):
        reply = client.post("/classes/Any", {"n": 1})
    assert reply.status == 201
    (record,) = [record for record in caplog.records if "was dropped" in record.getMessage()]
    assert record.getMessage() == "afterSave of Any was dropped: Cloud Code is unavailable."
    assert getattr(record, "request_id", "-") != "-"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_a_node_process_of_its_own(written: Serve) -> None:
    client = written("Parse.Cloud.define('pid', () => process.pid);")
    mine = client.post("/functions/pid", {}).json["result"]
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_ask, args=(client, there))
    child.start()
    assert here.poll(20)
    theirs = here.recv()
    child.join(10)
    assert theirs not in (None, mine)
    assert client.post("/functions/pid", {}).json == {"result": mine}


def _ask(client: ApiClient, there: Connection) -> None:
    """In the child: what Cloud Code answers there. Its end is hard, for nothing of the test run may end with it."""
    try:
        client.application.database._pool = None  # of the parent
        there.send(client.post("/functions/pid", {}).json.get("result"))
        client.application.part(Bridge).stop()
    finally:
        os._exit(0)
