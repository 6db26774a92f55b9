"""Embedded servers of a test's own, used by processes of a test's own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent

# Uses the server below a folder; then says how to connect, and stays until its standard input ends.
CLIENT = """
import sys
from pathlib import Path
from parse_server.embedded import EmbeddedServer
print(EmbeddedServer(Path(sys.argv[1])).connection_info("app"), flush=True)
sys.stdin.read()
"""


@dataclass
class Client:
    """A process that uses an embedded server."""

    process: subprocess.Popen[str]
    conninfo: str = ""

    def wait_until_connected(self) -> str:
        """Its connection string; fails with what the process said when it could not connect."""
        assert self.process.stdout
        self.conninfo = self.process.stdout.readline().strip()
        assert self.conninfo, self.process.communicate()
        return self.conninfo

    def leave(self) -> None:
        """Ends it in the ordinary way."""
        self.process.communicate()


StartClient = Callable[..., Client]


@pytest.fixture(scope="session", autouse=True)
def interrupts_are_heard() -> None:
    """A run in the background of a shell ignores Ctrl-C, and so would every server that it starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that every account can reach, unlike pytest's own temporary folders."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    wait_until(lambda: not server_processes(folder), "the embedded server stops after its last user")
    shutil.rmtree(folder)


@pytest.fixture
def start_client(home: Path) -> Iterator[StartClient]:
    """Starts a process that uses the server below `home`; all that are left end with the test."""
    with ExitStack() as stack:

        def start(*, folder: Path = home, user: pwd.struct_passwd | None = None) -> Client:
            python = python_for(user)
            process = stack.enter_context(
                subprocess.Popen(
                    [python, "-c", CLIENT, str(folder)],
                    **become(user),
                    cwd=PROJECT,
                    env=environment(PYTHONPATH=os.pathsep.join((str(PROJECT), *site.getsitepackages()))),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            return Client(process)

        yield start


def become(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """What to give to `subprocess` to run as that user."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def python_for(user: pwd.struct_passwd | None) -> str:
    """An interpreter of this version that the user can run; this one, if it isn't in a folder closed to others."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for candidate in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        try:
            subprocess.run([candidate, "-c", ""], **become(user), check=True, cwd="/")
        except (OSError, subprocess.SubprocessError):
            continue
        return candidate
    pytest.skip(f"no Python {version} here that an ordinary user can run")


def wait_until(condition: Callable[[], object], what: str, *, seconds: float = 15) -> None:
    """Returns once the condition holds; fails naming what was awaited when it doesn't in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.05)


def postmaster(data: Path) -> int:
    """The process id of the server on a data folder."""
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def server_processes(folder: Path) -> list[int]:
    """The watchers and servers that have the folder on their command line."""
    return [pid for pid, command in _commands() if str(folder) in command and ("postgres" in command)]


def _commands() -> Iterator[tuple[int, str]]:
    listing = subprocess.run(["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        pid, command = line.split(None, 1)
        yield int(pid), command


def environment(**changes: str) -> dict[str, str]:
    """The variables of a developer's shell who has configured nothing, and the changes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARSE_", "DJANGO_", "PYTEST_"))}
    for name in ("DATABASE_URL", "PORT", "HOST"):
        kept.pop(name, None)
    return kept | changes
