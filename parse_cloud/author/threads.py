"""The threads in which blocking code runs while the event loop goes on.

Code that runs in one of them may wait for handlers that need a thread themselves. So each depth of calls has threads of
its own: those of one depth wait only for deeper ones, and never for each other, however many are busy.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Final, ParamSpec, TypeVar

from parse_cloud.author.current import current

P = ParamSpec("P")
R = TypeVar("R")

THREADS: Final = min(32, 4 * (os.cpu_count() or 1))  # per depth, unless the application says otherwise
_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}
_lock = threading.Lock()


def pool(depth: int, size: int = THREADS) -> ThreadPoolExecutor:
    """The threads for code that is called at a depth; they are started as they are needed."""
    found = _pools.get((depth, size))
    if found is None:
        with _lock:
            found = _pools.get((depth, size))
            if found is None:
                found = _pools[depth, size] = ThreadPoolExecutor(size, thread_name_prefix=f"cloud-{depth}")
    return found


async def in_thread(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """What a blocking function returns, called in a thread that sees the context variables of this task."""
    found = current.get(None)
    call = partial(copy_context().run, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(pool(found.depth if found else 0), call)
