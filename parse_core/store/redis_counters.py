"""Counters over fixed windows in Redis: one round trip, however many keys; and what counts while Redis is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import redis

from parse_core.store.counters import Amount, Hits

if TYPE_CHECKING:
    from parse_core.store.counters import Counters

log = logging.getLogger("parse.store")

PATIENCE: Final = 0.5  # seconds for an answer of Redis
PAUSE: Final = 5.0  # seconds until a store that failed is asked again
# Adding and the end of the window are one step: no counter is left without an end.
COUNT: Final = """
local hits = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
    left = tonumber(ARGV[2])
    redis.call('PEXPIRE', KEYS[1], left)
end
return {hits, left}"""


class RedisCounters:
    """Counters of one application. Its keys begin with the application's id."""

    def __init__(self, url: str, application_id: str) -> None:
        self._client: Any = redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self._count = self._client.register_script(COUNT)
        self._prefix = f"{application_id}:rate-limit:"

    def add(self, amounts: Mapping[str, Amount]) -> Mapping[str, Hits]:
        with self._client.pipeline(transaction=False) as pipeline:
            for key, amount in amounts.items():
                self._count(keys=[self._prefix + key], args=[amount.hits, amount.milliseconds], client=pipeline)
            states = pipeline.execute()
        return {key: Hits(hits, left / 1000) for key, (hits, left) in zip(amounts, states, strict=True)}

    def clear(self) -> None:
        for key in self._client.scan_iter(match=_literally(self._prefix) + "*", count=1000):
            self._client.delete(key)


class Backed:
    """Counts in `first`; while that fails, in `second`, where windows begin anew."""

    def __init__(self, first: Counters, second: Counters) -> None:
        self._first = first
        self._second = second
        self._away_until = 0.0

    def add(self, amounts: Mapping[str, Amount]) -> Mapping[str, Hits]:
        """A store that failed is left alone for `PAUSE`: no request waits for it meanwhile."""
        if time.monotonic() >= self._away_until:
            try:
                return self._first.add(amounts)
            except redis.RedisError as error:
                self._away_until = time.monotonic() + PAUSE
                log.warning("Redis does not count requests, the database does for now: %s", error)
        return self._second.add(amounts)

    def clear(self) -> None:
        self._second.clear()
        try:
            self._first.clear()
        except redis.RedisError as error:
            log.warning("Redis still counts requests of before: %s", error)


def _literally(text: str) -> str:
    """The text in a pattern of Redis."""
    return "".join("\\" + character if character in "\\*?[]^" else character for character in text)
