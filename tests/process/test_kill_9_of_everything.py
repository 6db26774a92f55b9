"""What a client was told is stored is there after the server, its workers and the database were killed at once."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.process.conftest import PROJECT, environment, server_processes, wait_until

WRITES = 10_000
KILLED_AFTER = 4_000  # acknowledged objects, in the middle of the writing
CLIENTS = 8
BATCH = 5
STARTING = {"code": 1, "error": "Invalid server state: starting"}
COUNTED = 10_500  # objects, more than a count reads each time
HEADERS = {"X-Parse-Application-Id": "kill", "X-Parse-Master-Key": "example-key", "Content-Type": "application/json"}


@dataclass
class Acknowledged:
    """What the server confirmed before it died."""

    single: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Tells the killer once enough was confirmed."""
        if len(self.single) + BATCH * len(self.groups) >= KILLED_AFTER:
            self.enough.set()


def test_no_acknowledged_write_is_lost_and_no_transaction_is_half_there(home: Path) -> None:
    port = free_port()
    acknowledged = Acknowledged()
    with server(home, port) as process:
        call(port, "POST", "/parse/classes/Single", {"n": -1})
        call(port, "POST", "/parse/classes/Grouped", {"group": -1})
        clients = [threading.Thread(target=write, args=(port, number, acknowledged)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        assert acknowledged.enough.wait(60), "the server confirms writes"
        for pid in [*server_processes(home), process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os.killpg(process.pid, signal.SIGKILL)
        for client in clients:
            client.join(30)
            assert not client.is_alive()
    assert len(acknowledged.single) + BATCH * len(acknowledged.groups) < WRITES, "killed in the middle"
    wait_until(lambda: not server_processes(home), "nothing of the former server is left")

    with server(home, port):
        stored = {row["objectId"] for row in everything(port, "Single")}
        assert set(acknowledged.single) <= stored
        sizes = Counter(row["group"] for row in everything(port, "Grouped"))
        del sizes[-1]
        assert set(sizes.values()) <= {BATCH}
        assert set(acknowledged.groups) <= sizes.keys()


def test_counts_are_exact_after_everything_was_killed(home: Path) -> None:
    port = free_port()
    done = threading.Event()
    with server(home, port) as process:
        path = "/parse/classes/Counted"
        for _ in range(COUNTED // 50):
            requests = [{"method": "POST", "path": path, "body": {"n": 1}}] * 50
            assert len(call(port, "POST", "/parse/batch", {"requests": requests})) == 50
        assert call(port, "GET", f"{path}?count=1&limit=0")["count"] == COUNTED
        ids = [row["objectId"] for row in everything(port, "Counted")]
        clients = [threading.Thread(target=churn, args=(port, ids[number::4], done)) for number in range(4)]
        for client in clients:
            client.start()
        assert done.wait(60), "objects come and go"
        for pid in [*server_processes(home), process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os.killpg(process.pid, signal.SIGKILL)
        for client in clients:
            client.join(30)
    wait_until(lambda: not server_processes(home), "nothing of the former server is left")

    with server(home, port):
        stored = len(everything(port, "Counted"))
        assert stored < COUNTED
        assert call(port, "GET", "/parse/classes/Counted?count=1&limit=0")["count"] == stored


def churn(port: int, ids: list[str], done: threading.Event) -> None:
    """Two deletions and a create in turn, until the server is gone; `done` after 200 turns."""
    with (
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection,
        suppress(OSError, http.client.HTTPException, ValueError),
    ):
        for turn in range(len(ids) // 2):
            for object_id in ids[2 * turn : 2 * turn + 2]:
                send(connection, "DELETE", f"/parse/classes/Counted/{object_id}")
            send(connection, "POST", "/parse/classes/Counted", {"n": turn})
            if turn == 200:
                done.set()


def write(port: int, number: int, acknowledged: Acknowledged) -> None:
    """One client: single objects and transactional batches in turn, until the server is gone."""
    with (
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection,
        suppress(OSError, http.client.HTTPException, ValueError),
    ):
        for turn in range(WRITES // CLIENTS // (BATCH + 1) + 1):
            group = number * WRITES + turn
            requests = [{"method": "POST", "path": "/parse/classes/Grouped", "body": {"group": group}}] * BATCH
            single = send(connection, "POST", "/parse/classes/Single", {"n": turn})
            if "objectId" in single:
                acknowledged.single.append(single["objectId"])
            batch = send(connection, "POST", "/parse/batch", {"requests": requests, "transaction": True})
            if isinstance(batch, list) and all("success" in answer for answer in batch):
                acknowledged.groups.append(group)
            acknowledged.check()


def send(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    """The JSON answer; of a worker that says it is starting, the one it gives then."""
    while True:
        connection.request(method, path, None if body is None else json.dumps(body), HEADERS)
        answer = json.loads(connection.getresponse().read())
        if answer != STARTING:
            return answer
        time.sleep(0.1)


def call(port: int, method: str, path: str, body: Any = None) -> Any:
    """One request on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        return send(connection, method, path, body)


def everything(port: int, class_name: str) -> list[dict[str, Any]]:
    """All objects of a class, a page at a time."""
    found: list[dict[str, Any]] = []
    last = ""
    while True:
        where = quote(json.dumps({"objectId": {"$gt": last}}))
        page = call(port, "GET", f"/parse/classes/{class_name}?where={where}&order=objectId&limit=1000")
        assert "results" in page, page
        page = page["results"]
        if not page:
            return found
        found += page
        last = page[-1]["objectId"]


@contextmanager
def server(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The production server with two workers on an embedded database of its own, as durable as for a user."""
    process = subprocess.Popen(
        [
            sys.executable,
            "manage.py",
            "serve",
            "--migrate",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            "2",
        ],
        cwd=PROJECT,
        env=environment(
            DJANGO_SETTINGS_MODULE="parse_server.settings",
            PARSE_SERVER_DATA_DIR=str(home),
            PARSE_SERVER_APPLICATION_ID=HEADERS["X-Parse-Application-Id"],
            PARSE_SERVER_MASTER_KEY=HEADERS["X-Parse-Master-Key"],
        ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: is_healthy(port) or process.poll() is not None, "the server answers", seconds=60)
        assert process.poll() is None, "the server started"
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(40)


def is_healthy(port: int) -> bool:
    """Whether the server answers yet."""
    try:
        return bool(call(port, "GET", "/parse/health") == {"status": "ok"})
    except (OSError, http.client.HTTPException, ValueError):
        return False


def free_port() -> int:
    """A port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
