"""Real servers with JavaScript Cloud Code: each worker has a Node process, which never outlives it."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.support.server import LiveServer

MAIN = """
Parse.Cloud.define('pids', async () => {
  await new Parse.Object('Seen', { pid: process.pid }).save();
  return [process.ppid, process.pid];
});
Parse.Cloud.define('loop', () => { for (;;); });
"""


@pytest.fixture
def main(tmp_path: Path, node: None) -> Path:
    file = tmp_path / "cloud" / "main.js"
    file.parent.mkdir()
    file.write_text(MAIN)
    return file


def call(server: LiveServer, name: str, *, timeout: float = 30) -> Any:
    request = urllib.request.Request(  # noqa: S310 - our own server's address
        f"{server.url}/functions/{name}",
        b"{}",
        {"X-Parse-Application-Id": server.app_id, "X-Parse-REST-API-Key": server.rest_key},
    )
    with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
        return json.load(response)["result"]


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that is dead and not yet asked about does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], object], what: str, *, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)


def pids(server: LiveServer, workers: int) -> dict[int, int]:
    """The Node process of each worker, by the worker's id."""
    found: dict[int, int] = {}

    def all_answered() -> bool:
        with suppress(HTTPError):  # of a worker that is still loading
            found.update([call(server, "pids")])
        return len(found) == workers

    until(all_answered, f"{workers} workers answered", seconds=30)
    return found


OPTIONS = {"allowClientClassCreation": True}


def test_each_worker_has_a_process_that_ends_with_it(main: Path, database_url: str) -> None:
    with LiveServer({**OPTIONS, "cloud": str(main)}, workers=2) as server:
        children = pids(server, 2)
        assert len(set(children.values())) == 2
        server.stop()
        until(lambda: not any(map(is_alive, children.values())), "they are gone after an orderly end")


def test_no_process_outlives_a_server_that_is_killed(main: Path, database_url: str) -> None:
    with LiveServer({**OPTIONS, "cloud": str(main)}) as server:
        (child,) = pids(server, 1).values()
        server.kill()
        until(lambda: not is_alive(child), "it is gone")


def test_not_even_one_that_computes_for_ever(main: Path, database_url: str) -> None:
    with LiveServer({**OPTIONS, "cloud": str(main)}) as server:
        (child,) = pids(server, 1).values()
        with pytest.raises(OSError, match="timed out"):
            call(server, "loop", timeout=1)
        server.kill()
        until(lambda: not is_alive(child), "it is gone")


def test_an_interrupt_of_the_terminal_is_the_servers(main: Path, database_url: str) -> None:
    with LiveServer({**OPTIONS, "cloud": str(main)}) as server:
        (child,) = pids(server, 1).values()
        assert os.getsid(child) != os.getsid(server.process.pid if server.process else 0)
        os.kill(child, signal.SIGKILL)
        until(lambda: not is_alive(child), "it is gone")
        until(lambda: _answers(server), "it was started again")


def _answers(server: LiveServer) -> bool:
    try:
        return bool(call(server, "pids"))
    except OSError:
        return False
