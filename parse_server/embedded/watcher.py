"""The process that runs PostgreSQL for as long as anybody holds a lease, and restarts it when it dies.

Started by its path, detached from whoever needed the server first; imports nothing but the standard library, and that
sparingly, because it stays. Its one argument is a `Watch` in JSON.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

INTERVAL = 0.5  # seconds between two looks at the lease
PATIENCE = 60.0  # seconds for a shutdown that finishes what clients are doing
RETRY = 0.2  # seconds between two tries to start
TRIES = 3  # for a server that ends right after its start
# After a crash the dead server's children hold its data until they notice. These tries aren't counted, up to a limit.
OCCUPIED = ("pre-existing shared memory block", "postmaster.pid")
OCCUPIED_TRIES = 150


class Watch:
    """One server. `alive` is a descriptor with the exclusive lock that says "a watcher is there"."""

    def __init__(self, *, command: list[str], popen: dict[str, Any], lease: str, log: str, alive: int) -> None:
        self.command = command
        self.popen = popen
        self.lease = os.open(lease, os.O_RDWR | os.O_CREAT, 0o600)
        self.log = log
        self.alive = alive
        self.asked_to_stop = False

    def run(self) -> None:
        """Keeps the server up until nobody needs it; gives up when it can't be started."""
        failures = occupied = 0
        while failures < TRIES and occupied < OCCUPIED_TRIES:
            started = time.monotonic()
            log_size = os.fstat(1).st_size
            server = subprocess.Popen(
                self.command,
                **self.popen,
                cwd="/",
                preexec_fn=_stop_with_parent,  # noqa: PLW1509 - there are no threads here
            )
            if self._wait(server):
                return
            if time.monotonic() - started > 10 * RETRY:
                failures = occupied = 0
            elif self._says_occupied(log_size):
                occupied += 1
            else:
                failures += 1
            time.sleep(RETRY)

    def _wait(self, server: subprocess.Popen[bytes]) -> bool:
        """Whether the server was stopped because nobody needs it; False when it ended by itself."""
        while True:
            with suppress(subprocess.TimeoutExpired):
                server.wait(INTERVAL)
            # Asked first: a server that died as its last user left is not started again.
            if self._unneeded():
                self._stop(server)
                return True
            if server.returncode is not None:
                return False

    def _says_occupied(self, since: int) -> bool:
        with Path(self.log).open(encoding="utf-8", errors="replace") as log:
            log.seek(since)
            text = log.read()
        return any(words in text for words in OCCUPIED)

    def _unneeded(self) -> bool:
        if self.asked_to_stop:
            return True
        try:
            fcntl.flock(self.lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _stop(self, server: subprocess.Popen[bytes]) -> None:
        """Fast shutdown, then an immediate one, which loses nothing either but costs a recovery."""
        for request in (signal.SIGINT, signal.SIGQUIT):
            server.send_signal(request)
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                continue
            break
        # Whoever waits for a lease gets it when we exit: by then it must be plain that no watcher is there.
        os.close(self.alive)


def _stop_with_parent() -> None:
    """Linux: the server gets a fast shutdown when the watcher is killed, or nobody would ever stop it."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGINT)


def _detach(log: str) -> None:
    """Leaves the terminal, the parent and its standard streams; the parent's call returns at once."""
    if os.fork():
        os._exit(0)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    # It begins anew with each start of the server, so it can't grow for ever.
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    for target, source in ((0, nothing), (1, output), (2, output)):
        os.dup2(source, target)


def main(argument: str) -> None:
    watch = Watch(**json.loads(argument))
    _detach(watch.log)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        watch.asked_to_stop = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    watch.run()


if __name__ == "__main__":
    main(sys.argv[1])
