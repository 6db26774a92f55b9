"""A real Redis of the tests' own, on a free port of this machine; nothing is kept."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from typing import Self

import redis

from tests.support.server import free_port


class RedisServer:
    """`redis-server` as a context manager; `stop` and `start` have it go away and come back, empty, at the same URL."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="redis-")
        self.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self.stop()
        self._folder.cleanup()

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program, "these tests need redis-server; on Debian: apt-get install redis-server"
        where = ("--port", str(self._port), "--bind", "127.0.0.1", "--dir", self._folder.name)
        quiet = ("--save", "", "--appendonly", "no", "--loglevel", "warning")
        self._process = subprocess.Popen((program, *where, *quiet), stdin=subprocess.DEVNULL)
        client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + 10
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                assert time.monotonic() < deadline, "Redis did not start"
                time.sleep(0.02)
            else:
                break

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
