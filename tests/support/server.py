"""A real server process of ours, on the database of the test run: for tests that need sockets or kill processes."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

from parse_server.providers import connection_info

PROJECT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60  # seconds until it must serve


class LiveServer:
    """`manage.py serve` with one application, as a context manager.

    `options` are the application's, by reference name, on top of generated ones: each server has an application id of
    its own, so servers share a database without meeting. `url` is the address with its mount.
    """

    def __init__(
        self,
        options: Mapping[str, Any] | None = None,
        *,
        workers: int = 1,
        threads: int = 4,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/parse"
        self.options: dict[str, Any] = {
            "appId": f"live-{token_hex(4)}",
            "masterKey": token_hex(8),
            "javascriptKey": token_hex(8),
            "restAPIKey": token_hex(8),
            "serverURL": self.url,
            **(options or {}),
        }
        self.app_id: str = self.options["appId"]
        self.master_key: str = self.options["masterKey"]
        self.javascript_key: str = self.options["javascriptKey"]
        self.rest_key: str = self.options["restAPIKey"]
        self.variables = environment or {}
        self.arguments: Sequence[str] = ("--workers", str(workers), "--threads", str(threads))
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder = tempfile.TemporaryDirectory(prefix="live-server-")
        self.log = Path(self.folder.name, "log")
        Path(self.folder.name, "config.json").write_text(json.dumps(self.options))
        try:
            self.start()
        except BaseException:
            self.folder.cleanup()
            raise
        return self

    def __exit__(self, *_failure: object) -> None:
        self.stop()
        self.folder.cleanup()

    def start(self) -> None:
        """Starts the process and waits until it serves. Fails with its log when it does not."""
        command = (sys.executable, "manage.py", "serve", "--host", "127.0.0.1", "--port", str(self.port))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                (*command, *self.arguments),
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._serves():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Lets requests in progress finish and waits for the end."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(40)
            finally:
                self.kill()

    def kill(self) -> None:
        """Ends the server and its workers at once, as `kill -9` does."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the server's process, and of others that serve the same application."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PARSE_SERVER_")}
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "parse_server.settings",
            "DATABASE_URL": connection_info(),
            "PARSE_SERVER_DATA_DIR": self.folder.name,
            "PARSE_SERVER_CONFIG_PATH": str(Path(self.folder.name, "config.json")),
            "PARSE_SERVER_LOGS_FOLDER": str(Path(self.folder.name, "logs")),
            **self.variables,
        }

    def _serves(self) -> bool:
        """Whether `/health` answers 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/parse/health", headers={"X-Parse-Application-Id": self.app_id})
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def free_port() -> int:
    """A loopback port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
