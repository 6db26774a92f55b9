"""The machine that measures: pinning to cores, CPU time of process trees, a description for the report."""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER_CORE = 0
OTHER_CORE = 1  # database and load generator
TICK = os.sysconf("SC_CLK_TCK")  # of /proc/PID/stat, per second


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Processes started within run on that core alone, their children and threads too."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(root: int) -> float:
    """CPU time, user and system, that the process and all its descendants have used so far, dead ones included."""
    children: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(entry)):
            pid = int(entry.name)
            children.setdefault(int(fields[1]), []).append(pid)
            used[pid] = sum(map(int, fields[11:15]))  # utime, stime, and the same of children that were waited for
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        total += used.get(pid, 0)
        waiting += children.get(pid, [])
    return total / TICK


def foreign_cpu_seconds() -> float:
    """CPU time that everything but this process and its descendants has used on this machine so far."""
    user, nice, system, _idle, _waiting, *rest = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(rest)) / TICK - cpu_seconds(os.getpid())


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def description() -> str:
    """For example `AMD EPYC, 2 cores, 24 GiB, Linux`."""
    model = _after_colon("/proc/cpuinfo", "model name") or platform.machine()
    memory = _after_colon("/proc/meminfo", "MemTotal").removesuffix(" kB")
    return f"{model}, {os.cpu_count()} cores, {round(int(memory) / 2**20)} GiB, {platform.system()}"


def _stat(process: Path) -> list[str]:
    """Fields of /proc/PID/stat from the state on: the name before may hold blanks. Empty when it has just ended."""
    try:
        return (process / "stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _after_colon(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""
