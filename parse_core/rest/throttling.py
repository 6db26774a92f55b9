"""Step 10, rate limits (`contract/objects.md` §6): which of them a request falls under, and whether it is one too many.

`application.part(RateLimits)` holds those of the configuration and those that were added at run time. While there are
none, a request pays for one look at an empty tuple.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.cache import caches

from parse_core.context import Level, Principal
from parse_core.store.counters import Amount, CacheCounters, Counters, Hits, PostgresCounters, is_shared
from parse_core.store.redis_counters import Backed, RedisCounters

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.options import RateLimit

log = logging.getLogger("parse_core.rest")

INTERNAL: Final = frozenset({"127.0.0.1", "::1"})
REMEMBERED: Final = 10_000  # callers known to be over a limit

Request = tuple[str, str]  # method, and path below the mount without slashes around it


@dataclass(frozen=True)
class Caller:
    """Who makes requests. `principal` looks the session up; it is asked only where a limit goes by user or session."""

    level: Level
    address: str
    principal: Callable[[], Principal]

    @cached_property
    def network(self) -> str:
        """The address as it is counted."""
        return counted_address(self.address)

    @cached_property
    def user(self) -> str:
        """The user, or the address of who is none."""
        user_id = self.principal().user_id
        return self.network if user_id is None else f"user:{user_id}"

    @cached_property
    def session(self) -> str:
        """The session, or the address of who has none; a token that is not one counts for nothing."""
        token = self.principal().session_token
        return self.network if token is None else f"session:{sha256(token.encode()).hexdigest()}"

    def within(self, zone: str) -> str:
        """With whom this caller shares a counter."""
        if zone == "global":
            return "all"
        if zone == "user":
            return self.user
        return self.session if zone == "session" else self.network


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of counting: headers for the response, and the text of the refusal of a request that is too many."""

    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    refusal: str | None = None


_NOTHING: Mapping[str, str] = MappingProxyType({})
PASSED: Final = Verdict()


class RateLimits:
    """The limits of one application."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._added: tuple[RateLimit, ...] = ()
        self._exhausted: dict[str, float] = {}  # key → when its window ends, in monotonic seconds
        self._counters: dict[str | None, Counters] = {}  # by the Redis server that a limit names

    @property
    def entries(self) -> tuple[RateLimit, ...]:
        """Every limit that is in force."""
        return self._application.options.rate_limit + self._added

    def add(self, limit: RateLimit) -> None:
        """Puts a limit in force besides the configured ones, in this process, whatever is configured later."""
        self._added += (limit,)

    def remove(self, limit: RateLimit) -> None:
        """Takes back what `add` put in force."""
        self._added = tuple(each for each in self._added if each is not limit)

    def reset(self) -> None:
        """Begins to count anew."""
        self._exhausted.clear()
        for url in {None, *(limit.redis_url for limit in self.entries)}:
            self._counters_at(url).clear()

    def count(self, requests: Iterable[Request], caller: Caller) -> Verdict:
        """Counts requests, all against every limit they fall under: one statement at most, none where no limit is met.

        A store that fails lets them pass.
        """
        limits: dict[str, RateLimit] = {}
        hits: Counter[str] = Counter()
        for method, path in requests:
            for limit in self.entries:
                if _applies(limit, method, path, caller):
                    key = _key(limit, caller)
                    limits[key] = limit
                    hits[key] += 1
        if not limits:
            return PASSED
        try:
            return _verdict(limits, self._hits(limits, hits))
        except Exception:
            log.exception("requests could not be counted")
            return PASSED

    def _hits(self, limits: Mapping[str, RateLimit], hits: Mapping[str, int]) -> Mapping[str, Hits]:
        """The counters after adding. Who is over a limit already is not counted again: a flood costs no statement."""
        now = time.monotonic()
        over = {key: end - now for key in limits if (end := self._exhausted.get(key, 0)) > now}
        known = {key: Hits(ceil(limits[key].request_count) + 1, seconds) for key, seconds in over.items()}
        amounts = {
            key: Amount(hits[key], ceil(limit.request_time_window)) for key, limit in limits.items() if key not in over
        }
        counted: dict[str, Hits] = {}
        for url in {limits[key].redis_url for key in amounts}:
            here = {key: amount for key, amount in amounts.items() if limits[key].redis_url == url}
            counted.update(self._counters_at(url).add(here))
        for key, state in counted.items():
            if state.count > limits[key].request_count:
                self._remember(key, now + state.seconds)
        return {**counted, **known}

    def _counters_at(self, url: str | None) -> Counters:
        """Where a limit's hits are counted: the Redis server it names, the shared cache if there is one, PostgreSQL."""
        if url not in self._counters:
            self._counters[url] = self._new_counters(url)
        return self._counters[url]

    def _new_counters(self, url: str | None) -> Counters:
        application, cache = self._application, settings.CACHES["default"]
        stored = PostgresCounters(application.database, application.id)
        url = url or redis_url(cache)
        if url:
            return Backed(RedisCounters(url, application.id), stored)
        if is_shared(cache["BACKEND"]):
            return CacheCounters(lambda: caches["default"], application.id)  # each thread has its own
        return stored

    def _remember(self, key: str, end: float) -> None:
        if len(self._exhausted) >= REMEMBERED:
            now = time.monotonic()
            self._exhausted = {key: end for key, end in self._exhausted.items() if end > now}
        if len(self._exhausted) < REMEMBERED:
            self._exhausted[key] = end


def _applies(limit: RateLimit, method: str, path: str, caller: Caller) -> bool:
    if caller.level is not Level.CLIENT and not limit.include_master_key:
        return False
    if caller.network in INTERNAL and not limit.include_internal_requests:
        return False
    return limit.counts(method) and limit.pattern.fullmatch("/" + path) is not None


def _key(limit: RateLimit, caller: Caller) -> str:
    """The name of the counter: the same in every process that has the same limit."""
    return f"{limit.identity}:{caller.within(limit.zone)}"


def _verdict(limits: Mapping[str, RateLimit], hits: Mapping[str, Hits]) -> Verdict:
    """The limit that leaves least, and longest, speaks for all."""
    key = min(hits, key=lambda key: (max(0, limits[key].request_count - hits[key].count), -hits[key].seconds))
    over = [key for key, state in hits.items() if state.count > limits[key].request_count]
    if over:
        key = max(over, key=lambda key: hits[key].seconds)
    limit, state = limits[key], hits[key]
    headers = {
        "X-RateLimit-Limit": str(limit.request_count),
        "X-RateLimit-Remaining": str(max(0, ceil(limit.request_count - state.count))),
        "X-RateLimit-Reset": str(ceil(time.time() + state.seconds)),
    }
    if not over:
        return Verdict(headers)
    return Verdict({**headers, "Retry-After": str(max(1, ceil(state.seconds)))}, limit.error_response_message)


def redis_url(cache: Mapping[str, Any]) -> str | None:
    """The Redis server that is the cache, if it is one server."""
    location = cache.get("LOCATION")
    is_one = isinstance(location, str) and location.startswith(("redis://", "rediss://", "unix://"))
    return location if is_one and "redis" in cache["BACKEND"].lower() else None


@lru_cache(maxsize=4096)
def counted_address(address: str) -> str:
    """What counts as one address: an IPv6 client has a whole /64 to choose from."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address) or known.is_loopback:
        return str(known)
    return str(known.ipv4_mapped or IPv6Address(int(known) >> 64 << 64))


def on_reset(application: Application, **_signal: Any) -> None:
    """Nothing is counted of an application whose data are gone, nor for limits that come back later."""
    application.part(RateLimits).reset()
