"""What one server process does to classes, seen by another (`contract/objects.md` §22, §23)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.schema.processes import ask
from tests.support.server import LiveServer

PROMPT = 1.0  # seconds until every process enforces a change


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


def test_permissions_tightened_through_one_process_hold_for_the_very_next_write_through_another(
    pair: list[LiveServer],
) -> None:
    first, second = pair
    public = {operation: {"*": True} for operation in ("find", "get", "count", "create", "update", "delete")}
    fields = {"n": {"type": "Number"}}
    ask(first, "POST", "/schemas/Post", {"fields": fields, "classLevelPermissions": public}, master=True)
    for method in ("POST", "PUT", "DELETE") * 7:
        ask(first, "PUT", "/schemas/Post", {"classLevelPermissions": public}, master=True)
        opened = time.monotonic()
        while (made := ask(second, "POST", "/classes/Post", {"n": 1}))[0] != 201:
            assert time.monotonic() - opened < 10 * PROMPT
        path = "/classes/Post" if method == "POST" else f"/classes/Post/{made[1]['objectId']}"
        assert (
            ask(first, "PUT", "/schemas/Post", {"classLevelPermissions": {"get": {"*": True}}}, master=True)[0] == 200
        )
        status, answer = ask(second, method, path, None if method == "DELETE" else {"n": 2})
        assert (status, answer["code"]) == (400, 119), method
