"""Advisory file locks between processes. The kernel drops them with the last process that has the file open."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_lock(path: Path) -> int:
    """A descriptor of the lock file; closed on exec, inherited by a fork."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def open_shared(path: Path) -> int:
    """A descriptor that holds the lock together with others; waits while one holds it alone."""
    descriptor = open_lock(path)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def open_exclusive(path: Path) -> int:
    """A descriptor that holds the lock alone; waits for everybody else."""
    descriptor = open_lock(path)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Holds the lock alone for the block."""
    descriptor = open_exclusive(path)
    try:
        yield
    finally:
        os.close(descriptor)


def is_held_exclusively(path: Path) -> bool:
    """Whether a process holds the lock alone. Costs three system calls.

    It asks with a shared lock, so that two who ask at once don't take each other for the holder.
    """
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
