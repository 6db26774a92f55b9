"""`/config`: who reads what, and how parameters change (`contract/cloud.md` §8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.rest.conftest import Configure
from tests.support.client import ApiClient


@pytest.fixture
def api(configure: Configure) -> ApiClient:
    """A client of an application that has stored nothing yet."""
    application = configure()
    application.reset()
    return ApiClient(application)


def put(api: ApiClient, **body: Any) -> Any:
    return api.put("/config", body, master=True)


def test_without_any_parameter_there_is_an_empty_object(api: ApiClient) -> None:
    assert api.get("/config").json == {"params": {}}


def test_the_master_key_sets_parameters_that_everybody_reads(api: ApiClient) -> None:
    assert put(api, params={"a": 1, "b": {"c": [True, None]}}).json == {"result": True}
    assert api.get("/config").json == {
        "params": {"a": 1, "b": {"c": [True, None]}},
        "masterKeyOnly": {"a": False, "b": False},
    }


def test_others_stay_as_they_are_when_one_changes(api: ApiClient) -> None:
    put(api, params={"a": 1, "b": 2})
    put(api, params={"b": 3})
    assert api.get("/config").json["params"] == {"a": 1, "b": 3}


def test_a_parameter_for_the_master_key_is_hidden_from_clients_with_its_flag(api: ApiClient) -> None:
    put(api, params={"open": 1, "secret": 2}, masterKeyOnly={"secret": True, "stranger": True})
    assert api.get("/config").json == {"params": {"open": 1}, "masterKeyOnly": {"open": False}}
    assert api.get("/config", master=True).json == {
        "params": {"open": 1, "secret": 2},
        "masterKeyOnly": {"open": False, "secret": True},
    }
    maintenance = api.get("/config", headers={"X-Parse-Maintenance-Key": "maintenance"})
    assert maintenance.json["params"] == {"open": 1}


def test_a_value_set_again_without_its_flag_is_public(api: ApiClient) -> None:
    put(api, params={"secret": 1}, masterKeyOnly={"secret": True})
    put(api, params={"secret": 2})
    assert api.get("/config").json["params"] == {"secret": 2}


def test_a_deleted_parameter_is_gone_and_leaves_its_flag_unless_that_is_deleted_too(api: ApiClient) -> None:
    gone = {"__op": "Delete"}
    put(api, params={"a": 1, "b": 2}, masterKeyOnly={"a": True, "b": True})
    put(api, params={"a": gone, "b": gone}, masterKeyOnly={"b": gone})
    assert api.get("/config", master=True).json == {"params": {}, "masterKeyOnly": {"a": True}}


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        (1, {"__op": "Increment", "amount": 2}, 3),
        ([1], {"__op": "Add", "objects": [1, 2]}, [1, 1, 2]),
        ([1], {"__op": "AddUnique", "objects": [1, 2]}, [1, 2]),
        ([1, 2], {"__op": "Remove", "objects": [1]}, [2]),
    ],
)
def test_parameters_take_operations(api: ApiClient, before: Any, operation: Any, after: Any) -> None:
    put(api, params={"p": before})
    put(api, params={"p": operation})
    assert api.get("/config").json["params"] == {"p": after}


def test_parallel_first_changes_lose_nothing(api: ApiClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: put(api, params={f"p{number}": number}), range(24)))
    assert api.get("/config").json["params"] == {f"p{number}": number for number in range(24)}


@pytest.mark.parametrize("body", [{}, {"params": None}, {"params": {}}, {"params": 5}])
def test_a_change_of_nothing_is_none(api: ApiClient, body: Any) -> None:
    assert api.put("/config", body, master=True).json == {"result": True}
    assert api.get("/config").json == {"params": {}}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"a.b": 1}, 105),
        ({"": 1}, 105),
        ({"constructor": 1}, 105),
        ({"a": {"__proto__": 1}}, 105),
        ({"a": {"b.c": 1}}, 121),
        ({"a": {"__op": "Nope"}}, 108),
        ({"a": {"__op": "Increment", "amount": "1"}}, 107),
    ],
)
def test_bad_changes_are_refused_whole(api: ApiClient, params: Any, code: int) -> None:
    answer = put(api, params={"fine": 1, **params})
    assert (answer.status, answer.json["code"]) == (400, code)
    assert api.get("/config").json == {"params": {}}


def test_names_may_begin_with_a_dollar_or_a_digit(api: ApiClient) -> None:
    put(api, params={"$price": 1, "1st": 2, "3": 3})
    assert api.get("/config").json["params"] == {"$price": 1, "1st": 2, "3": 3}


def test_only_the_master_key_changes_parameters(api: ApiClient) -> None:
    assert api.put("/config", {"params": {"a": 1}}).status == 403
    read_only = api.put("/config", {"params": {"a": 1}}, headers={"X-Parse-Master-Key": "read-only"})
    assert (read_only.status, read_only.json["code"]) == (400, 119)
    assert api.post("/config", {"params": {"a": 1}}, master=True).status == 404
    assert api.get("/config").json == {"params": {}}


def test_a_file_keeps_the_url_it_was_sent_with(api: ApiClient) -> None:
    elsewhere = {"__type": "File", "name": "logo.png", "url": "http://elsewhere.example/logo.png"}
    put(api, params={"logos": [elsewhere]})
    put(api, params={"more": True})
    assert api.get("/config").json["params"] == {"logos": [elsewhere], "more": True}
