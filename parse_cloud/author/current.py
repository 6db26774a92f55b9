"""For which application user code runs at the moment, and on whose request: all that is ambient in Cloud Code.

Whoever runs user code says so with `acting`; `cloud` and the classes of the SDK ask. It is a context variable, so it
holds in worker threads and on the event loop alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parse_core.context import RequestContext

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Current:
    """What user code runs for. `context` is that of the request which made it run, with its caller.

    `depth` is how many handlers are around this one; `transaction` the one that `cloud.transaction()` opened.
    """

    application: Application
    context: RequestContext
    depth: int = 0
    transaction: Transaction | None = None

    @classmethod
    def of(cls, application: Application) -> Current:
        """For code that no request made run: loading, scripts, tests. It acts for nobody unless it says so."""
        return cls(application, RequestContext(application))

    @property
    def joined(self) -> Transaction | None:
        """The transaction that what is asked now takes part in: the code's own, else that of the request's batch."""
        return self.transaction or self.context.transaction


current: ContextVar[Current] = ContextVar("parse_cloud.current")


@contextmanager
def acting(now: Current) -> Iterator[Current]:
    """The block's code, and whatever it calls, runs for an application."""
    token = current.set(now)
    try:
        yield now
    finally:
        current.reset(token)


def acting_for() -> Current:
    """What this code runs for. Raises `RuntimeError` outside of Cloud Code."""
    found = current.get(None)
    if found is None:
        raise RuntimeError(
            "No application: this works inside Cloud Code, and elsewhere within `with acting(Current.of(application)):`"
        )
    return found
