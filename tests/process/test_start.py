"""`manage.py runserver` and `serve` as an operator meets them: what they print, make, refuse and leave behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.process.conftest import PROJECT, StartClient, environment, server_processes, wait_until


class Server:
    """A `manage.py` command in a session of its own, as in a terminal of its own."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_until_running(self) -> None:
        wait_until(lambda: "running on" in self.output or self.process.poll() is not None, "it runs", seconds=60)
        assert "running on" in self.output, self.output
        wait_until(self._answers, "it answers")

    def interrupt(self) -> int:
        """Control-C: the terminal sends it to every process of the session."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url + "/admin/login/").status_code == 200
        except httpx.TransportError:
            return False

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)


StartServer = Callable[..., Server]


@pytest.fixture
def start(home: Path) -> Iterator[StartServer]:
    """Starts a `manage.py` command on a free port with `home` as its data folder."""
    with ExitStack() as stack:

        def run(command: str = "runserver", *arguments: str, **variables: str) -> Server:
            port = free_port()
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "manage.py", command, *arguments],
                    cwd=PROJECT,
                    env=environment(**{"PORT": str(port), "PARSE_SERVER_DATA_DIR": str(home)} | variables),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    start_new_session=True,
                )
            )
            stack.callback(_end, process)
            return Server(process, port)

        yield run


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def session(leader: int) -> list[str]:
    """The processes of a session that are still there."""
    listing = subprocess.run(["ps", "-eww", "-o", "sid=,stat=,args="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in listing.stdout.splitlines()]
    return [row[-1] for row in rows if int(row[0]) == leader and not row[1].startswith("Z")]


def test_a_first_start_prints_and_keeps_all_that_a_first_app_needs(home: Path, start: StartServer) -> None:
    server = start()
    server.wait_until_running()
    application = json.loads((home / "application.json").read_text())
    admin = json.loads((home / "admin.json").read_text())
    for secret in (application["appId"], application["masterKey"], admin["password"]):
        assert secret in server.output
    assert "/parse" in server.output
    for name in ("application.json", "admin.json", "secret_key"):
        assert (home / name).stat().st_mode & 0o777 == 0o600

    with httpx.Client(base_url=server.url) as browser:
        browser.get("/admin/login/")
        form = {**admin, "csrfmiddlewaretoken": browser.cookies["csrftoken"], "next": "/admin/"}
        answer = browser.post("/admin/login/", data=form)
        assert (answer.status_code, answer.headers["location"]) == (302, "/admin/")
        assert "Log out" in browser.get("/admin/").text
        assert browser.get("/static/admin/css/base.css").headers["content-type"].startswith("text/css")

    # Nothing is served on WebSockets yet: refused in the handshake, not a failure of the server.
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
    assert httpx.get(server.url + "/parse", headers=upgrade).status_code == 403

    server.interrupt()
    assert session(server.process.pid) == []
    wait_until(lambda: not server_processes(home), "the database stops too")

    second = start()
    second.wait_until_running()
    assert application["appId"] in second.output
    assert admin["password"] in second.output
    second.interrupt()


def test_variables_override_what_was_generated(start: StartServer) -> None:
    server = start(
        PARSE_SERVER_APPLICATION_ID="mine", PARSE_SERVER_MASTER_KEY="my-secret", PARSE_SERVER_MOUNT_PATH="/1"
    )
    server.wait_until_running()
    assert "mine" in server.output
    assert "my-secret" in server.output
    assert f"running on {server.url.replace('127.0.0.1', 'localhost')}/1\n" in server.output
    server.interrupt()


def test_at_the_root_the_api_leaves_the_admin_its_paths(start: StartServer) -> None:
    server = start(PARSE_SERVER_MOUNT_PATH="/")
    server.wait_until_running()
    assert httpx.get(server.url + "/health").json() == {"status": "ok"}
    assert httpx.get(server.url + "/admin/login/").status_code == 200
    server.interrupt()


def test_a_port_in_use_is_said_in_a_line(home: Path, start: StartServer) -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))  # noqa: S104 - what the server binds
        other.listen()
        server = start(PORT=str(other.getsockname()[1]))
        assert server.process.wait(30) == 1
    wait_until(lambda: "Name another port in PORT" in server.output, "it says so")
    assert "Traceback" not in server.output
    assert not (home / "pg18").exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "a door"), ("DATABASE_URL", "mongodb://user:secret@localhost/parse"), ("DJANGO_DEBUG", "maybe")],
)
def test_a_wrong_variable_stops_the_start_by_name(start: StartServer, variable: str, value: str) -> None:
    server = start(**{variable: value})
    assert server.process.wait(30) != 0
    wait_until(lambda: variable in server.output, "it names the variable")
    assert "secret" not in server.output


def test_the_operators_database_wins_over_the_embedded_one(
    home: Path, start: StartServer, start_client: StartClient
) -> None:
    elsewhere = home / "elsewhere"
    url = start_client(folder=elsewhere).wait_until_connected()
    server = start(DATABASE_URL=url)
    server.wait_until_running()
    assert not (home / "pg18").exists()
    server.interrupt()


def test_serve_runs_workers_and_stops_gracefully(home: Path, start: StartServer) -> None:
    application = {"PARSE_SERVER_APPLICATION_ID": "mine", "PARSE_SERVER_MASTER_KEY": "my-secret"}
    server = start("serve", "--workers", "2", "--migrate", **application)
    server.wait_until_running()
    assert len(session(server.process.pid)) >= 3
    server.process.terminate()
    assert server.process.wait(30) == 0
    assert session(server.process.pid) == []
    assert "Shutting down" in server.output
    assert not (home / "application.json").exists()


def test_serve_without_an_application_says_what_is_missing(start: StartServer) -> None:
    server = start("serve")
    assert server.process.wait(30) == 1
    wait_until(lambda: "appId and masterKey are required" in server.output, "it says so")


def test_serve_refuses_a_database_that_is_not_up_to_date(start: StartServer) -> None:
    server = start("serve", PARSE_SERVER_APPLICATION_ID="mine", PARSE_SERVER_MASTER_KEY="my-secret")
    assert server.process.wait(30) == 1
    wait_until(lambda: "manage.py migrate" in server.output, "it says what to do")
