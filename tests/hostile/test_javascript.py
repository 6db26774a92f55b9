"""Two applications with JavaScript under load, whose processes are killed: nothing is lost, left behind or mixed up."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parse_cloud.bridge.bridge import Bridge
from parse_core.application import applications
from tests.hostile.conftest import OPTIONS
from tests.support.client import ApiClient
from tests.support.node import need_node

MAIN = """
const how = { useMasterKey: true };
Parse.Cloud.define('who', () => NAME);
Parse.Cloud.define('ask', async ({ params }) => {
  await new Parse.Query('Counter').count(how);
  await new Parse.Object('Counted').save(null, how);
  return (await new Parse.Query('Counter').get(params.id, how)).get('started');
});
Parse.Cloud.afterSave('Counted', async () => {
  const counter = await new Parse.Query('Counter').first(how);
  counter.increment('n');
  await counter.save(null, how);
});
"""
UNAVAILABLE = b'{"code":141,"error":"Cloud Code is unavailable."}'


@pytest.fixture
def pair(database_url: str, tmp_path: Path) -> Iterator[list[ApiClient]]:
    """Two applications whose code differs by a name."""
    need_node()
    clients = []
    for name in ("one", "two"):
        file = tmp_path / f"{name}.js"
        file.write_text(MAIN.replace("NAME", repr(name)))
        options = {**OPTIONS, "appId": f"script-{name}", "cloud": str(file), "databaseOptions": {"maxPoolSize": 16}}
        clients.append(ApiClient(applications.configure(options)))
    yield clients
    for client in clients:
        if client.application.id in applications:
            client.application.reset()
            applications.remove(client.application.id)


def process_of(client: ApiClient) -> int:
    found = client.application.part(Bridge).process_id
    assert found is not None
    return found


def answers_again(client: ApiClient, name: str) -> None:
    deadline = time.monotonic() + 20
    while client.post("/functions/who", {}).json != {"result": name}:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def counter_of(client: ApiClient) -> str:
    made: str = client.post("/classes/Counter", {"n": 0, "started": 1}, master=True).json["objectId"]
    return made


def test_many_calls_that_ask_at_once_wait_for_no_other_and_lose_nothing(pair: list[ApiClient]) -> None:
    api = pair[0]
    counter = counter_of(api)
    for threads in (4, 32):
        with ThreadPoolExecutor(threads) as pool:
            replies = set(pool.map(lambda _: api.post("/functions/ask", {"id": counter}).body, range(200)))
        assert replies == {b'{"result":1}'}
    assert api.get(f"/classes/Counter/{counter}", master=True).json["n"] == 400


def test_processes_that_are_killed_leave_nothing_behind_and_harm_no_neighbour(pair: list[ApiClient]) -> None:
    one, two = pair
    counter = counter_of(one)
    seen = []
    for _ in range(4):
        with ThreadPoolExecutor(16) as pool:
            asked = [pool.submit(one.post, "/functions/ask", {"id": counter}) for _ in range(60)]
            others = [pool.submit(two.post, "/functions/who", {}) for _ in range(20)]
            time.sleep(0.1)
            os.kill(process_of(one), signal.SIGKILL)
            replies = Counter(each.result().body for each in asked)
            assert {each.result().body for each in others} == {b'{"result":"two"}'}
        assert replies.keys() <= {b'{"result":1}', UNAVAILABLE}
        answers_again(one, "one")
        seen.append((threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))))
    assert seen[3][0] <= seen[1][0] + 4
    assert seen[3][1] <= seen[1][1] + 4
    stored = one.get("/classes/Counted", query={"count": 1, "limit": 0}, master=True).json["count"]
    assert one.get(f"/classes/Counter/{counter}", master=True).json["n"] <= stored, "each is counted once at most"


def test_an_application_that_is_removed_takes_its_process_and_no_other(pair: list[ApiClient]) -> None:
    one, two = pair
    gone = process_of(one)
    applications.remove(one.application.id)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{gone}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert two.post("/functions/who", {}).json == {"result": "two"}
    two.application.reset()
    answers_again(two, "two")
