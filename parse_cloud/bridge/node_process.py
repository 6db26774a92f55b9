"""The Node process itself: found, started and ended; and why it cannot be."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path
from typing import Final

from parse_cloud.bridge import packages
from parse_cloud.bridge.channel import LARGEST, Channel
from parse_cloud.bridge.packages import HERE

OLDEST_NODE: Final = 20
INSTALL: Final = f"npm ci --prefix {HERE}"
GRACE: Final = 2.0  # seconds in which a process ends by itself when its channel is closed

_found: str | None = None


class NodeMissing(Exception):
    """JavaScript Cloud Code cannot run on this machine; the text says what to install."""


class NodeProcess:
    """A running child with its channel."""

    def __init__(self, cwd: Path | None = None) -> None:
        """Starts it. Raises `NodeMissing`."""
        node = executable()
        ours, theirs = socket.socketpair()
        with theirs:
            descriptor = theirs.fileno()
            self._process = subprocess.Popen(
                [node, str(HERE / "start.js"), str(descriptor), str(LARGEST)],
                pass_fds=[descriptor],
                stdin=subprocess.DEVNULL,
                cwd=cwd,
                # Ctrl-C goes to the server alone, which lets requests in progress finish first.
                start_new_session=True,
            )
        self.channel = Channel(ours)

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self, *, at_once: bool = False) -> int:
        """Closes the channel and waits for the end, which is made where it does not come. Gives the exit status."""
        if at_once:
            self._process.kill()
        self.channel.close()
        try:
            return self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def kill(self) -> None:
        """Ends it at once."""
        self._process.kill()

    def forget(self) -> None:
        """In a forked child of the server: lets go of the channel, which is the parent's."""
        self.channel.forget()
        self._process.returncode = 0  # not a child of this process: there is nothing to wait for


def executable() -> str:
    """The path of a Node that is new enough, with the bridge's packages installed. Raises `NodeMissing`."""
    global _found  # noqa: PLW0603 - looked for once per process
    if _found is None:
        _found = _find()
    if not packages.are_installed():
        raise NodeMissing(f"JavaScript Cloud Code needs its packages: run `{INSTALL}` (`make run` does it).")
    return _found


def _find() -> str:
    node = shutil.which("node")
    if node is None:
        raise NodeMissing(f"JavaScript Cloud Code needs Node {OLDEST_NODE} or newer; there is no `node` in PATH.")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = said.removeprefix("v").partition(".")[0]
    if not major.isdecimal() or int(major) < OLDEST_NODE:
        raise NodeMissing(
            f"JavaScript Cloud Code needs Node {OLDEST_NODE} or newer; {node} is {said or 'not working'}."
        )
    return node
