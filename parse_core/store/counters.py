"""Counters over fixed windows that all processes share: in PostgreSQL, or in a cache that they share anyway.

A window begins with the first hit of its key. What fails here is the caller's to forgive.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final, Protocol

from parse_core.store.sql import Sql

if TYPE_CHECKING:
    from django.core.cache.backends.base import BaseCache

    from parse_core.store.database import Database

CLEANING: Final = 60.0  # seconds between removals of counters whose window is over
COUNT: Final = """
    INSERT INTO parse_rate_limit AS c (application_id, key, hits, ends_at)
    SELECT %s, key, hits, statement_timestamp() + ms * interval '1 ms'
    FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS counted(key, hits, ms) ORDER BY key
    ON CONFLICT (application_id, key) DO UPDATE SET
        hits = CASE WHEN c.ends_at <= statement_timestamp() THEN excluded.hits ELSE c.hits + excluded.hits END,
        ends_at = CASE WHEN c.ends_at <= statement_timestamp() THEN excluded.ends_at ELSE c.ends_at END
    RETURNING key, hits, extract(epoch FROM ends_at - statement_timestamp())::float8"""


@dataclass(frozen=True, slots=True)
class Hits:
    """How many hits a key has in its window, these included, and how many seconds are left of it."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Amount:
    """What to add to a key, and how many milliseconds its window lasts if this begins one."""

    hits: int
    milliseconds: int


class Counters(Protocol):
    """Where hits are counted."""

    def add(self, amounts: Mapping[str, Amount]) -> Mapping[str, Hits]:
        """The state of each key after adding to it."""
        ...

    def clear(self) -> None:
        """Forgets all."""
        ...


class PostgresCounters:
    """Counters of one application in an unlogged table: one statement, however many keys."""

    def __init__(self, database: Database, application_id: str) -> None:
        self._database = database
        self._application_id = application_id
        self._next_cleaning = time.monotonic() + CLEANING

    def add(self, amounts: Mapping[str, Amount]) -> Mapping[str, Hits]:
        """One statement, and once a minute a second one that removes what nobody needs any more."""
        values = amounts.values()
        parameters = [*amounts], [value.hits for value in values], [value.milliseconds for value in values]
        rows = self._database.fetch(Sql(COUNT, (self._application_id, *parameters)))
        if time.monotonic() > self._next_cleaning:
            self._next_cleaning = time.monotonic() + CLEANING
            self._database.fetch(Sql("DELETE FROM parse_rate_limit WHERE ends_at < now() - interval '1 minute'"))
        return {key: Hits(hits, seconds) for key, hits, seconds in rows}

    def clear(self) -> None:
        self._database.fetch(Sql("DELETE FROM parse_rate_limit WHERE application_id = %s", (self._application_id,)))


class CacheCounters:
    """Counters of one application in a Django cache whose `add` and `incr` are atomic, like Memcached."""

    def __init__(self, cache: Callable[[], BaseCache], application_id: str) -> None:
        self._cache = cache
        self._prefix = f"{application_id}:rate-limit:"
        self._generation = self._prefix + "generation"

    def add(self, amounts: Mapping[str, Amount]) -> Mapping[str, Hits]:
        """Three round trips for a key. The end of the window is part of the name of its counter."""
        cache = self._cache()
        generation = cache.get(self._generation, 0)
        return {key: _add(cache, f"{self._prefix}{generation}:{key}", amount) for key, amount in amounts.items()}

    def clear(self) -> None:
        """Begins to count under other names; what was counted expires."""
        self._cache().add(self._generation, 0, None)
        self._cache().incr(self._generation)


def _add(cache: BaseCache, key: str, amount: Amount) -> Hits:
    now = int(time.time() * 1000)  # all values are integers: those no cache pickles
    seconds = ceil(amount.milliseconds / 1000)  # caches know no parts of a second
    end = cache.get_or_set(f"{key}:end", now + amount.milliseconds, seconds) or 0
    if end <= now:
        end = now + amount.milliseconds
        cache.set(f"{key}:end", end, seconds)
    counter = f"{key}:{end}"
    cache.add(counter, 0, seconds + 1)
    return Hits(cache.incr(counter, amount.hits), (end - now) / 1000)


def is_shared(backend: str) -> bool:
    """Whether a cache backend, by its dotted name, is one for all processes and counts atomically."""
    return any(word in backend.lower() for word in ("redis", "valkey", "memcached"))
