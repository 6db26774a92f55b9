"""Load generators: the same ready-made requests over kept-alive connections, as fast as the server answers.

`wrk` (Debian's package) costs a hundredth of what a server costs; where it is missing, sockets of our own do. They also
send requests that may be sent once only: wrk always runs its full time.
"""

from __future__ import annotations

import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from .machine import OTHER_CORE, pinned

CONNECTIONS = 16
SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True)
class Load:
    """What a run of the generator saw."""

    answered: int
    seconds: float
    refused: int  # answers with status 400 and above
    broken: int  # connections that failed

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.answered / self.seconds


def generate(port: int, requests: Sequence[bytes], *, seconds: float, once: bool) -> Load:
    """Sends the requests in turn for that long, or each of them once if that is over earlier."""
    with pinned(OTHER_CORE):
        if once:
            return sockets(port, iter(requests), seconds=seconds)
        if shutil.which("wrk"):
            return wrk(port, requests, seconds=seconds)
        return sockets(port, cycle(requests), seconds=seconds)


def wrk(port: int, requests: Iterable[bytes], *, seconds: float) -> Load:
    with tempfile.NamedTemporaryFile() as file:
        for request in requests:
            file.write(f"{len(request)}\n".encode() + request)
        file.flush()
        options = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", str(SCRIPT)]
        command = ["wrk", *options, f"http://127.0.0.1:{port}", "--", file.name]
        report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answered, microseconds, refused, broken = map(int, report.rpartition("RESULT ")[2].split())
    return Load(answered, microseconds / 1e6, refused, broken)


def sockets(port: int, waiting: Iterator[bytes], *, seconds: float) -> Load:
    connections = [Connection(port) for _ in range(CONNECTIONS)]
    selector = selectors.DefaultSelector()
    started = time.perf_counter()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send_next(waiting)
    while any(it.is_waiting for it in connections) and time.perf_counter() - started < seconds:
        for key, _events in selector.select(timeout=1):
            if key.data.receive():
                key.data.send_next(waiting)
    ended = time.perf_counter()
    for connection in connections:
        connection.socket.close()
    return Load(
        sum(it.answered for it in connections), ended - started, sum(it.refused for it in connections), broken=0
    )


@dataclass
class Connection:
    """One kept-alive connection with at most one request under way."""

    port: int
    answered: int = 0
    refused: int = 0
    is_waiting: bool = False
    received: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send_next(self, waiting: Iterator[bytes]) -> None:
        request = next(waiting, None)
        self.is_waiting = request is not None
        if request is not None:
            self.socket.sendall(request)

    def receive(self) -> bool:
        """Whether the answer is complete. Raises ConnectionError when the server hangs up."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionResetError
        self.received += part
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found or len(body) < content_length(head):
            return False
        self.answered += 1
        self.refused += head[9:10] >= b"4"
        self.received.clear()
        return True


def content_length(head: bytes | bytearray) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
