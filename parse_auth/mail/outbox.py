"""Work that goes on after the answer: mails, and whatever would tell by its duration whether an address is known.

A few threads of the process do it, in the order it came; what is still to do when the process ends is done before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Final

from parse_core.context import RequestContext

log = logging.getLogger("parse_auth.mail")

THREADS: Final = 4
Task = Callable[[RequestContext], object]


class Outbox:
    """The threads; started with the first task, so that a process forks without any."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mail")
        self._pending: set[Future[None]] = set()

    def add(self, context: RequestContext, task: Task) -> None:
        """Does a task soon; what it raises is logged and told to nobody."""
        future = self._threads.submit(run, context, task)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)

    def settle(self, seconds: float = 10) -> None:
        """Waits until everything that was added is done."""
        while pending := list(self._pending):
            if wait(pending, seconds).not_done:
                message = "mails are still being sent"
                raise TimeoutError(message)


outbox = Outbox()


def later(context: RequestContext, task: Task) -> None:
    """Does a task after the request has committed and, in all likelihood, been answered."""
    alone = replace(context, transaction=None)
    if context.transaction is None:
        outbox.add(alone, task)
    else:
        context.transaction.on_commit.append(lambda: outbox.add(alone, task))


def run(context: RequestContext, task: Task) -> None:
    """Does a task; what it raises is logged."""
    try:
        task(context)
    except Exception:
        log.exception("a mail could not be sent", extra={"request_id": context.request_id})
