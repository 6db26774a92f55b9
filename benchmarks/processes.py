"""Child processes that are started on a core, waited for and stopped again."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .calls import MOUNT
from .machine import pinned

START_SECONDS = 60
STOP_SECONDS = 20


class StartFailed(Exception):
    """A program did not come up; the message has the end of its log."""


@contextmanager
def running(
    command: Sequence[str], *, core: int, log: Path, stop: signal.Signals = signal.SIGTERM, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """The program, alone on the core, its output in the log; stopped at the end, by force if that takes too long."""
    with pinned(core), log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Returns when `/health` says ok. Raises StartFailed when the process ends or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if is_healthy(port):
            return
        time.sleep(0.1)
    end = "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:])
    raise StartFailed(end)


def is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", f"{MOUNT}/health")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def environment(**variables: str) -> Mapping[str, str]:
    """Ours, without what would configure a server by accident, and with the variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARSE_", "DATABASE_", "PG"))}
    return kept | variables
