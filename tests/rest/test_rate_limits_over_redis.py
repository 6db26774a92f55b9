"""Rate limits whose counters are in Redis: shared by processes, and what holds while Redis is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import Any

import pytest
import redis

from parse_core.rest.throttling import RateLimits, redis_url
from parse_core.store import redis_counters
from tests.rest.conftest import Configure
from tests.schema.processes import ask, started_together
from tests.support.client import ApiClient
from tests.support.redis_server import RedisServer
from tests.support.server import LiveServer

ELSEWHERE = "198.51.100.7"
LIMIT = {"requestPath": "/classes/:class", "requestTimeWindow": 60_000, "requestCount": 20}


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


def asked(api: ApiClient, times: int) -> list[int]:
    return [api.get("/classes/Post", address=ELSEWHERE).status for _ in range(times)]


@pytest.mark.slow
def test_two_servers_count_together_in_redis_and_nothing_of_it_is_in_the_database(
    server: RedisServer, database_url: str
) -> None:
    limit = {**LIMIT, "includeInternalRequests": True, "redisUrl": server.url}
    identity = {"appId": f"pair-{token_hex(4)}", "masterKey": "master", "restAPIKey": "rest", "rateLimit": [limit]}
    pair = [LiveServer(identity) for _ in range(2)]
    try:
        started_together(*pair)
        open_to_all = {"classLevelPermissions": {"find": {"*": True}}}
        ask(pair[0], "POST", "/schemas/Post", open_to_all, master=True)
        time.sleep(0.5)  # until the other server knows
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda n: ask(pair[n % 2], "GET", "/classes/Post")[0], range(50)))
        assert statuses.count(200) == 20
        assert statuses.count(429) == 30
        [key] = redis.Redis.from_url(server.url, decode_responses=True).keys("*")
        assert str(key).startswith(f"{identity['appId']}:rate-limit:")
        server.stop()
        batch = {"requests": [{"method": "GET", "path": "/parse/classes/Post"}] * 3}
        assert ask(pair[0], "POST", "/batch", batch)[0] in (200, 400), "no request fails since Redis is away"
    finally:
        for each in pair:
            each.__exit__()


def test_a_window_ends_when_it_should(server: RedisServer, configure: Configure) -> None:
    application = configure(rateLimit=[{**LIMIT, "requestTimeWindow": 300, "requestCount": 2, "redisUrl": server.url}])
    api = ApiClient(application)
    reply = api.get("/classes/Post", address=ELSEWHERE)
    assert (reply.status, reply.headers["x-ratelimit-remaining"]) == (200, "1")
    assert asked(api, 2) == [200, 429]
    time.sleep(0.35)
    assert asked(api, 3) == [200, 200, 429]
    application.part(RateLimits).reset()
    assert asked(api, 3) == [200, 200, 429]


def test_while_redis_is_away_the_database_counts(
    server: RedisServer, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = ApiClient(configure(rateLimit=[{**LIMIT, "requestCount": 3, "redisUrl": server.url}]))
    api.application.part(RateLimits).reset()
    assert asked(api, 1) == [200]
    server.stop()
    monkeypatch.setattr(redis_counters, "PAUSE", 0.3)
    assert asked(api, 4) == [200, 200, 200, 429], "windows begin anew, limits hold"
    server.start()
    time.sleep(0.35)
    limits = api.application.part(RateLimits)
    limits._exhausted.clear()
    assert asked(api, 4) == [200, 200, 200, 429], "and Redis counts again, empty as it came back"
    assert len(redis.Redis.from_url(server.url, decode_responses=True).keys("*")) == 1


def test_a_redis_that_does_not_answer_costs_one_request_its_patience(configure: Configure) -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        api = ApiClient(configure(rateLimit=[{**LIMIT, "redisUrl": url}]))
        began = time.monotonic()
        assert asked(api, 10) == [200] * 10
        assert time.monotonic() - began < 3 * redis_counters.PATIENCE


@pytest.mark.parametrize(
    ("cache", "url"),
    [
        ({"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://a/1"}, "redis://a/1"),
        ({"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "unix:///run/redis"}, "unix:///run/redis"),
        ({"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ["redis://a", "redis://b"]}, None),
        ({"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}, None),
    ],
)
def test_a_cache_that_is_a_redis_counts_for_limits_that_name_none(cache: Any, url: str | None) -> None:
    assert redis_url(cache) == url


def test_a_batch_consumes_as_many_as_it_has_requests(server: RedisServer, configure: Configure) -> None:
    api = ApiClient(configure(rateLimit=[{**LIMIT, "requestCount": 5, "redisUrl": server.url}]))
    batch = {"requests": [{"method": "GET", "path": "/parse/classes/Post"}] * 4}
    assert api.post("/batch", batch, address=ELSEWHERE).status == 200
    refused = api.post("/batch", batch, address=ELSEWHERE)
    assert (refused.status, refused.error) == (400, (100, "Too many requests."))
