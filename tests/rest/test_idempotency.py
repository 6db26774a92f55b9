"""Requests with an id count once (`contract/objects.md` §7, `config.md` §4.10)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parse_core.rest.idempotency import SeenRequests
from tests.rest.conftest import Configure
from tests.support.client import ApiClient, Reply

DUPLICATE = (159, "Duplicate request")
PATHS = ["classes/.*", "users", "installations", "functions/.*", "echo.*"]


@pytest.fixture
def api(configure: Configure) -> ApiClient:
    api = ApiClient(configure(idempotencyOptions={"paths": PATHS, "ttl": 60}))
    api.application.reset()
    return api


def post(api: ApiClient, path: str = "/classes/Post", body: Any = None, request_id: str | None = "id-1") -> Reply:
    return api.post(path, {"title": "x"} if body is None else body, headers={"X-Parse-Request-Id": request_id})


def test_the_second_time_a_request_is_refused_and_nothing_is_stored(api: ApiClient) -> None:
    assert post(api).status == 201
    assert (post(api).status, post(api).error) == (400, DUPLICATE)
    assert len(api.get("/classes/Post").json["results"]) == 1


def test_it_costs_one_statement_and_requests_without_an_id_none(api: ApiClient) -> None:
    post(api)
    plain = post(api, request_id=None).statements
    assert post(api, body={"title": "y"}).statements == plain + 1
    assert post(api, body={"title": "y"}).statements == 1


def test_one_id_for_every_request_of_a_run_refuses_repetitions_alone(api: ApiClient) -> None:
    different = [
        ("/classes/Post", {"title": "x"}),
        ("/classes/Post", {"title": "y"}),
        ("/classes/Game", {"title": "x"}),
    ]
    assert [post(api, path, body).status for path, body in different] == [201, 201, 201]
    created = post(api, "/classes/Post", {"n": 1}).json["objectId"]
    headers = {"X-Parse-Request-Id": "id-1"}
    assert [api.put(f"/classes/Post/{created}", {"n": 1}, headers=headers).status for _ in range(2)] == [200, 400]


def test_the_order_of_members_makes_no_other_request(api: ApiClient) -> None:
    assert post(api, body={"a": 1, "b": {"c": 1, "d": 2}}).status == 201
    assert post(api, body={"b": {"d": 2, "c": 1}, "a": 1}).error == DUPLICATE


def test_a_failed_request_is_a_duplicate_the_second_time_too(api: ApiClient) -> None:
    assert post(api, body={"a-b": 1}).error[0] == 105
    assert post(api, body={"a-b": 1}).error == DUPLICATE


def test_users_are_covered_reads_deletes_and_other_routes_are_not(api: ApiClient) -> None:
    body = {"username": "ann", "password": "ann"}
    assert [post(api, "/users", body).status for _ in range(2)] == [201, 400]
    headers = {"X-Parse-Request-Id": "id-1"}
    created = post(api).json["objectId"]
    assert [api.get("/classes/Post", headers=headers).status for _ in range(2)] == [200, 200]
    assert [api.post("/classes/Post", {"_method": "GET"}, headers=headers).status for _ in range(2)] == [200, 200]
    assert [api.delete(f"/classes/Post/{created}", headers=headers).status for _ in range(2)] == [200, 404]
    assert [api.post("/login", body, headers=headers).status for _ in range(2)] == [200, 200]


def test_only_listed_paths_are_covered_from_their_start(configure: Configure) -> None:
    api = ApiClient(configure(idempotencyOptions={"paths": ["classes/Po", "Game"], "ttl": 60}))
    api.application.reset()
    assert [post(api).status for _ in range(2)] == [201, 400]
    assert [post(api, "/classes/Game").status for _ in range(2)] == [201, 201]


def test_parts_of_a_batch_are_not_covered(api: ApiClient) -> None:
    parts = [{"method": "POST", "path": "/parse/classes/Post", "body": {}}] * 2
    replies = [post(api, "/batch", {"requests": parts}) for _ in range(2)]
    assert [[*part] for reply in replies for part in reply.json] == [["success"]] * 4


def test_it_works_again_after_its_time(configure: Configure) -> None:
    api = ApiClient(configure(idempotencyOptions={"paths": PATHS, "ttl": 0.3}))
    api.application.reset()
    assert [post(api).status for _ in range(2)] == [201, 400]
    time.sleep(0.35)
    assert [post(api).status for _ in range(2)] == [201, 400]


def test_expired_requests_are_removed_in_passing(configure: Configure) -> None:
    api = ApiClient(configure(idempotencyOptions={"paths": PATHS, "ttl": 0.1}))
    api.application.reset()
    for number in range(5):
        post(api, request_id=f"id-{number}")
    time.sleep(0.15)
    api.application.part(SeenRequests)._next_cleaning = 0
    post(api, request_id="last")
    found = api.get("/classes/_Idempotency", master=True).json["results"]
    assert [each["reqId"] for each in found] == ["last"]
    assert "_request" not in found[0]


def test_of_many_at_once_one_is_served(api: ApiClient) -> None:
    post(api, body={"first": True}, request_id="other")
    with ThreadPoolExecutor(8) as pool:
        statuses = [reply.status for reply in pool.map(lambda _: post(api), range(24))]
    assert sorted(statuses) == [201] + [400] * 23


def test_clients_cannot_see_or_make_such_objects(api: ApiClient) -> None:
    assert api.get("/classes/_Idempotency").error == (119, "Permission denied")
    assert api.post("/classes/_Idempotency", {"reqId": "x"}).error == (119, "Permission denied")


def test_a_dropped_class_comes_back(api: ApiClient) -> None:
    assert api.delete("/schemas/_Idempotency", master=True).status == 200
    assert [post(api).status for _ in range(2)] == [201, 400]


@pytest.mark.parametrize("request_id", ["x" * 10_000, "ü\x7f", '"', "%s"])
def test_odd_ids_are_ids(request_id: str, api: ApiClient) -> None:
    assert [post(api, request_id=request_id).status for _ in range(2)] == [201, 400]
