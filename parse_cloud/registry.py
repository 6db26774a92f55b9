"""The user code of one application: `application.part(CloudCode)`.

Three origins, each with handlers of its own that are replaced as a whole: webhooks go before Python, Python before
JavaScript. What is hidden by another origin stays, and is found again when the other goes (`contract/cloud.md` §7.6).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from parse_cloud.handlers import Handler, Handlers
from parse_cloud.kinds import Kind
from parse_cloud.validators.rate_limits import limits_of
from parse_core.rest.throttling import RateLimits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from parse_core.application import Application
    from parse_core.options import RateLimit


class Origin(IntEnum):
    """Where a handler comes from; the higher one wins."""

    JAVASCRIPT = 1
    PYTHON = 2
    WEBHOOK = 3


class CloudCode:
    """The handlers in force, looked up by exact kind and name and by nothing else: no attribute, no import path."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._origins: Mapping[Origin, Handlers] = MappingProxyType({})
        self._in_force: Mapping[tuple[Kind, str], Handler] = MappingProxyType({})
        self._of_live_queries: tuple[Handler, ...] = ()
        self._limits: tuple[RateLimit, ...] = ()

    def replace(self, origin: Origin, handlers: Handlers) -> None:
        """Puts all handlers of an origin in the place of its former ones, at once for whoever looks."""
        with self._lock:
            origins = {**self._origins, origin: handlers}
            found: dict[tuple[Kind, str], Handler] = {}
            live: list[Handler] = []
            for each in sorted(origins):
                for handler in origins[each]:
                    if handler.kind is Kind.ON_LIVE_QUERY_EVENT:
                        live.append(handler)
                    else:
                        found[handler.key] = handler
            self._origins = MappingProxyType(origins)
            self._in_force, self._of_live_queries = MappingProxyType(found), tuple(live)
            self._limit(found.values())

    def _limit(self, handlers: Iterable[Handler]) -> None:
        """Puts the rate limits of the handlers in force, and no others; who was counted stays counted."""
        limits = self._application.part(RateLimits)
        former, self._limits = self._limits, tuple(limits_of(handlers))
        for limit in self._limits:
            limits.add(limit)
        for limit in former:
            limits.remove(limit)

    def find(self, kind: Kind, name: str) -> Handler | None:
        """The handler in force."""
        return self._in_force.get((kind, name))

    def names(self, kind: Kind) -> list[str]:
        """The names that have a handler of a kind, in the order they were registered."""
        return [name for each, name in self._in_force if each is kind]

    @property
    def of_live_queries(self) -> tuple[Handler, ...]:
        """All handlers of live-query events, of every origin."""
        return self._of_live_queries

    def __iter__(self) -> Iterator[Handler]:
        return iter(self._in_force.values())
