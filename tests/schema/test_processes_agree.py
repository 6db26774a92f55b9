"""What one server process does to classes, seen by another (`contract/objects.md` §22, §23)."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import Any

import pytest

from tests.support.server import LiveServer

PROMPT = 1.0  # seconds until every process enforces a change


def ask(
    server: LiveServer,
    method: str,
    path: str,
    body: Any = None,
    *,
    master: bool = False,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    keys = {"X-Parse-Application-Id": server.app_id, "X-Parse-REST-API-Key": server.rest_key}
    headers = {**keys, **(headers or {})}
    if master:
        headers["X-Parse-Master-Key"] = server.master_key
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, f"/parse{path}", content, {**headers, "Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def started_together(*servers: LiveServer) -> None:
    with ThreadPoolExecutor(len(servers)) as pool:
        list(pool.map(LiveServer.__enter__, servers))


@pytest.fixture
def pair(database_url: str, request: pytest.FixtureRequest) -> Any:
    """Two servers of one application, started at the same time; the parameter holds more options."""
    identity = {"appId": f"pair-{token_hex(4)}", "masterKey": "master-of-both", "restAPIKey": "rest"}
    servers = [LiveServer({**identity, **getattr(request, "param", {})}) for _ in range(2)]
    try:
        started_together(*servers)
        yield servers
    finally:
        for server in servers:
            if hasattr(server, "log"):
                server.stop()
                server.folder.cleanup()


DEFINITIONS = [
    {
        "className": f"Defined{number}",
        "fields": {f"field{place}": {"type": "Number"} for place in range(20)},
        "indexes": {"first": {"field0": 1}},
        "classLevelPermissions": {"find": {"*": True}, "create": {"*": True}},
    }
    for number in range(20)
]


@pytest.mark.parametrize("pair", [{"schema": {"definitions": DEFINITIONS, "strict": True}}], indirect=True)
def test_two_servers_that_start_at_once_bring_definitions_about_once(pair: list[LiveServer]) -> None:
    listings = [ask(server, "GET", "/schemas", master=True)[1]["results"] for server in pair]
    assert listings[0] == listings[1]
    defined = [each for each in listings[0] if each["className"].startswith("Defined")]
    assert len(defined) == len(DEFINITIONS)
    assert all(len(each["fields"]) == 24 and "first" in each["indexes"] for each in defined)
    for server in pair:
        assert ask(server, "POST", "/classes/Defined7", {"field3": 1})[0] == 201
        assert "Failed to run migrations" not in server.log.read_text()


LIMIT = {
    "requestPath": "/classes/:class",
    "requestTimeWindow": 60_000,
    "requestCount": 20,
    "includeInternalRequests": True,
}


@pytest.mark.parametrize("pair", [{"rateLimit": [LIMIT]}], indirect=True)
def test_two_servers_count_requests_together(pair: list[LiveServer]) -> None:
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda number: ask(pair[number % 2], "GET", "/classes/Post")[0], range(40)))
    assert replies.count(429) == 20
    assert [ask(server, "GET", "/classes/Post") for server in pair] == [
        (429, {"code": 100, "error": "Too many requests."})
    ] * 2


@pytest.mark.parametrize("pair", [{"idempotencyOptions": {"paths": ["classes/.*"]}}], indirect=True)
def test_a_request_counts_once_whichever_server_it_reaches(pair: list[LiveServer]) -> None:
    ask(pair[0], "POST", "/schemas/Post", {}, master=True)
    named = {"X-Parse-Request-Id": "id-1"}
    with ThreadPoolExecutor(8) as pool:
        statuses = list(
            pool.map(
                lambda number: ask(pair[number % 2], "POST", "/classes/Post", {"n": 1}, headers=named)[0], range(16)
            )
        )
    assert sorted(statuses) == [201] + [400] * 15


def test_permissions_tightened_through_one_process_are_enforced_by_the_other_within_a_second(
    pair: list[LiveServer],
) -> None:
    first, second = pair
    public = {operation: {"*": True} for operation in ("find", "get", "count", "create", "update", "delete")}
    ask(first, "POST", "/schemas/Post", {"classLevelPermissions": public}, master=True)
    for _ in range(5):
        ask(first, "PUT", "/schemas/Post", {"classLevelPermissions": public}, master=True)
        opened = time.monotonic()
        while ask(second, "GET", "/classes/Post")[0] != 200:
            assert time.monotonic() - opened < PROMPT
        status, _ = ask(first, "PUT", "/schemas/Post", {"classLevelPermissions": {"get": {"*": True}}}, master=True)
        assert status == 200
        closed = time.monotonic()
        while ask(second, "GET", "/classes/Post")[0] == 200:
            assert time.monotonic() - closed < PROMPT
