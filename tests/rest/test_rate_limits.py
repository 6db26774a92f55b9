"""Rate limits: which requests count together, and what one too many is answered (`contract/objects.md` §6)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache

from parse_core.application import Application
from parse_core.options import RateLimit
from parse_core.rest.throttling import RateLimits, counted_address
from parse_core.store.counters import Amount, CacheCounters, Counters, PostgresCounters, is_shared
from parse_core.store.redis_counters import RedisCounters
from tests.rest.conftest import Configure
from tests.support.client import ApiClient, Reply
from tests.support.redis_server import RedisServer

ELSEWHERE = "198.51.100.7"
TOO_MANY = (100, "Too many requests.")


@pytest.fixture(autouse=True)
def nothing_is_counted_yet(configure: Configure) -> Iterator[None]:
    configure().part(RateLimits).reset()
    return iter(())


def limited(configure: Configure, *limits: dict[str, Any], **options: Any) -> ApiClient:
    defaults = {"requestPath": "/classes/Post", "requestTimeWindow": 60_000, "requestCount": 2}
    application = configure(rateLimit=[{**defaults, **limit} for limit in limits], **options)
    application.part(RateLimits).reset()
    return ApiClient(application)


def find(api: ApiClient, times: int, path: str = "/classes/Post", **how: Any) -> list[int]:
    return [api.get(path, **{"address": ELSEWHERE, **how}).status for _ in range(times)]


def test_one_too_many_is_429_and_says_when_to_come_back(configure: Configure) -> None:
    api = limited(configure, {})
    replies = [api.get("/classes/Post", address=ELSEWHERE) for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert replies[2].error == TOO_MANY
    assert [reply.headers["x-ratelimit-remaining"] for reply in replies] == ["1", "0", "0"]
    assert {reply.headers["x-ratelimit-limit"] for reply in replies} == {"2"}
    assert 58 <= int(replies[0].headers["x-ratelimit-reset"]) - time.time() <= 61
    assert [("retry-after" in reply.headers) for reply in replies] == [False, False, True]
    assert 58 <= int(replies[2].headers["retry-after"]) <= 60


def test_a_window_ends(configure: Configure) -> None:
    api = limited(configure, {"requestTimeWindow": 300})
    assert find(api, 3) == [200, 200, 429]
    time.sleep(0.35)
    assert find(api, 3) == [200, 200, 429]


def test_a_counted_request_costs_one_statement_a_flood_and_other_paths_none(configure: Configure) -> None:
    api = limited(configure, {}, {"zone": "global"})

    def statements(path: str = "/classes/Post") -> int:
        return api.get(path, address=ELSEWHERE).statements

    api.application.reset()
    plain = statements("/classes/Other")
    assert [statements() for _ in range(4)] == [plain + 1, plain + 1, 1, 0]
    assert statements("/classes/Other") == plain


@pytest.mark.parametrize("path", ["/classes/post", "/CLASSES/Post/", "/classes/Post"])
def test_case_and_a_slash_at_the_end_are_no_way_around(path: str, configure: Configure) -> None:
    api = limited(configure, {})
    find(api, 2)
    assert find(api, 1, path) == [429]


@pytest.mark.parametrize(
    ("pattern", "path", "limit"),
    [
        ("/classes/:class", "/classes/Post", True),
        ("/classes/:class", "/classes/Post/x1", False),
        ("/classes/*rest", "/classes/Post/x1", True),
        ("/classes{/*rest}", "/classes/Post", True),
        ("/{*all}", "/classes/Post", True),
        ("/classes/Post{/:id}", "/classes/Post/x1", True),
        ("/classes/Po", "/classes/Post", False),
    ],
)
def test_patterns(pattern: str, path: str, limit: bool, configure: Configure) -> None:
    api = limited(configure, {"requestPath": pattern, "requestCount": 1})
    assert (find(api, 2, path)[1] == 429) is limit


def test_methods_are_those_after_method_override(configure: Configure) -> None:
    for methods in (["GET"], "GET", "get|DELETE"):
        api = limited(configure, {"requestMethods": methods, "requestCount": 1})
        assert api.post("/classes/Post", {"a": 1}, address=ELSEWHERE).status == 201
        for method, status in (("get", 200), ("GET", 429)):
            assert api.post("/classes/Post", {"_method": method}, address=ELSEWHERE).status == status
        assert api.post("/classes/Post", {"a": 1}, address=ELSEWHERE).status == 201


def test_the_servers_own_host_and_keys_are_not_counted_unless_asked_for(configure: Configure) -> None:
    api = limited(configure, {"requestCount": 1})
    for how in ({"address": "127.0.0.1"}, {"address": "::ffff:127.0.0.1"}, {"master": True, "address": "127.0.0.1"}):
        assert find(api, 3, **how) == [200] * 3
    api = limited(configure, {"requestCount": 1, "includeInternalRequests": True})
    assert find(api, 2, address="127.0.0.1") == [200, 429]
    assert find(api, 3, address="127.0.0.1", master=True) == [200] * 3
    api = limited(configure, {"requestCount": 1, "includeInternalRequests": True, "includeMasterKey": True})
    assert find(api, 2, address="127.0.0.1", master=True) == [200, 429]
    api = limited(
        configure,
        {"requestCount": 1, "includeInternalRequests": True, "includeMasterKey": True, "requestMethods": ["POST"]},
    )
    assert find(api, 3, address="127.0.0.1", master=True) == [200] * 3


@pytest.fixture
def two_sessions(configure: Configure) -> tuple[str, str]:
    """Two session tokens of one user."""
    api = ApiClient(configure())
    api.application.reset()
    first = api.post("/users", {"username": "ann", "password": "ann"}).json["sessionToken"]
    return first, api.post("/login", {"username": "ann", "password": "ann"}).json["sessionToken"]


@pytest.mark.parametrize(
    ("zone", "second_session", "anonymous", "other_address"),
    [("ip", 429, 429, 200), ("user", 429, 200, 429), ("session", 200, 200, 429), ("global", 429, 429, 429)],
)
def test_zones(
    zone: str,
    second_session: int,
    anonymous: int,
    other_address: int,
    two_sessions: tuple[str, str],
    configure: Configure,
) -> None:
    first, second = two_sessions
    api = limited(configure, {"zone": zone, "requestCount": 1})
    assert find(api, 1, as_user=first) == [200]
    assert find(api, 1, as_user=second) == [second_session]
    assert find(api, 1) == [anonymous]
    assert find(api, 1, as_user=first, address="203.0.113.9") == [other_address]


@pytest.mark.parametrize("zone", ["user", "session"])
def test_who_has_no_session_is_an_address_whatever_token_is_made_up(zone: str, configure: Configure) -> None:
    api = limited(configure, {"zone": zone, "requestPath": "/login", "requestCount": 2})
    statuses = [
        api.post("/login", {"username": "a", "password": "b"}, as_user=token, address=ELSEWHERE).status
        for token in (None, "r:made-up-1", "r:made-up-2")
    ]
    assert statuses == [404, 404, 429]


def test_every_limit_that_fits_is_counted_and_the_tightest_is_told(configure: Configure) -> None:
    api = limited(
        configure,
        {"requestCount": 5},
        {"requestPath": "/classes/*all", "requestCount": 1, "errorResponseMessage": "Slow down."},
    )
    assert api.get("/classes/Other", address=ELSEWHERE).headers["x-ratelimit-remaining"] == "0"
    refused = api.get("/classes/Post", address=ELSEWHERE)
    assert (refused.status, refused.error) == (429, (100, "Slow down."))


def batch(api: ApiClient, *requests: tuple[str, str], **how: Any) -> Reply:
    parts = [{"method": method, "path": f"/parse{path}", "body": {}} for method, path in requests]
    return api.post("/batch", {"requests": parts}, **{"address": ELSEWHERE, **how})


def test_parts_of_a_batch_count_one_by_one_and_one_too_many_refuses_all(configure: Configure) -> None:
    api = limited(configure, {"requestMethods": ["POST"]}, {"requestPath": "/batch", "requestCount": 100})
    refused = batch(api, *[("POST", "/classes/Post")] * 3)
    assert (refused.status, refused.error) == (400, TOO_MANY)
    assert api.get("/classes/Post", master=True, query={"count": 1, "limit": 0}).json["count"] == 0
    api = limited(configure, {"requestMethods": ["POST"]})
    assert batch(api, ("GET", "/classes/Post"), ("POST", "/CLASSES/post/"), ("POST", "/classes/Post")).status == 200
    assert batch(api, ("POST", "/classes/Other")).status == 200
    assert batch(api, ("POST", "/classes/Other"), ("POST", "/classes/Post")).status == 400
    assert api.post("/classes/Post", {}, address=ELSEWHERE).status == 429


def test_an_ipv6_client_has_one_counter_for_all_its_addresses(configure: Configure) -> None:
    api = limited(configure, {"requestCount": 1})
    assert find(api, 1, address="2001:db8:1:2::1") == [200]
    assert find(api, 1, address="2001:db8:1:2:ffff::2") == [429]
    assert find(api, 1, address="2001:db8:1:3::1") == [200]
    assert counted_address("::ffff:198.51.100.7") == ELSEWHERE


def test_limits_come_and_go_at_run_time_and_outlive_a_reconfiguration(configure: Configure) -> None:
    limits = configure().part(RateLimits)
    limit = RateLimit(request_path="/classes/:class", request_time_window=60_000, request_count=1)
    limits.add(limit)
    api = ApiClient(configure(masterKey="another"))
    assert find(api, 2) == [200, 429]
    limits.remove(limit)
    assert find(api, 2) == [200, 200]


def test_a_store_that_fails_lets_requests_pass(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> None:
        raise ConnectionError

    api = limited(configure, {"requestCount": 1})
    monkeypatch.setattr(PostgresCounters, "add", fail)
    assert find(api, 3) == [200] * 3


def test_applications_count_apart_and_a_reset_begins_anew(configure: Configure) -> None:
    api = limited(configure, {"requestCount": 1})
    assert find(api, 2) == [200, 429]
    api.application.reset()
    assert find(api, 2) == [200, 429]


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(params=["postgresql", "cache", "redis"])
def counters(request: pytest.FixtureRequest, configure: Configure, redis: RedisServer) -> Counters:
    """Each place where hits may be counted, empty."""
    application: Application = configure()
    made: Counters = PostgresCounters(application.database, application.id)
    if request.param == "cache":
        cache = LocMemCache("rate-limits", {})
        made = CacheCounters(lambda: cache, application.id)
    if request.param == "redis":
        made = RedisCounters(redis.url, application.id)
    made.clear()
    return made


def test_counters_add_up_until_the_window_ends(counters: Counters) -> None:
    first = counters.add({"a": Amount(1, 1000), "b": Amount(2, 60_000)})
    assert (first["a"].count, first["b"].count) == (1, 2)
    assert 0.5 < first["a"].seconds <= 1
    second = counters.add({"a": Amount(3, 1000), "b": Amount(1, 60_000)})
    assert (second["a"].count, second["b"].count) == (4, 3)
    assert second["a"].seconds <= first["a"].seconds
    time.sleep(1.05)
    third = counters.add({"a": Amount(1, 1000), "b": Amount(1, 60_000)})
    assert (third["a"].count, third["b"].count) == (1, 4)
    counters.clear()
    assert counters.add({"b": Amount(1, 60_000)})["b"].count == 1


def test_no_hit_is_lost_among_threads(counters: Counters) -> None:
    with ThreadPoolExecutor(8) as pool:
        seen = [hits["a"].count for hits in pool.map(lambda _: counters.add({"a": Amount(1, 60_000)}), range(200))]
    assert sorted(seen) == list(range(1, 201))


def test_only_caches_of_all_processes_count() -> None:
    assert not is_shared("django.core.cache.backends.locmem.LocMemCache")
    assert not is_shared("django.core.cache.backends.db.DatabaseCache")
    assert is_shared("django.core.cache.backends.redis.RedisCache")
    assert is_shared("django_redis.cache.RedisCache")
    assert is_shared("django.core.cache.backends.memcached.PyMemcacheCache")
