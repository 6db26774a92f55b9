"""Pages by cursor: every object once, in order, whatever is written between two pages."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from parse_core.application import Application, applications
from tests.support.client import ApiClient

FIELDS: dict[str, Any] = {
    "n": {"type": "Number"},
    "s": {"type": "String"},
    "b": {"type": "Boolean"},
    "d": {"type": "Date"},
    "a": {"type": "Array"},
    "o": {"type": "Object"},
    "g": {"type": "GeoPoint"},
    "p": {"type": "Pointer", "targetClass": "Author"},
}
COUNT = 23


@pytest.fixture(scope="module")
def application(database_url: str) -> Iterator[Application]:
    yield applications.configure({"appId": "cursors", "masterKey": "master", "serverURL": "http://api.example/parse"})
    applications.remove("cursors")


@pytest.fixture
def api(application: Application) -> Iterator[ApiClient]:
    api = ApiClient(application)
    api.post("/schemas/Author", {"fields": {"name": {"type": "String"}}}, master=True)
    api.post("/schemas/Post", {"fields": FIELDS}, master=True)
    author = api.post("/classes/Author", {"name": "Ann"}).json["objectId"]
    dice = random.Random(3)  # noqa: S311
    posts = [post(dice, number, author) for number in range(COUNT)]
    requests = [{"method": "POST", "path": "/parse/classes/Post", "body": each} for each in posts]
    assert api.post("/batch", {"requests": requests}).status == 200
    yield api
    for name in ("Post", "Author"):
        api.delete(f"/purge/{name}", master=True)
        api.delete(f"/schemas/{name}", master=True)


def post(dice: random.Random, number: int, author: str) -> dict[str, Any]:
    """Few values, many ties, nulls and holes."""
    whole: dict[str, Any] = {
        "n": dice.choice([1, 2.5, -3, 10**15, None]),
        "s": dice.choice(["", "a", "B", "ä", "%s'\"\\", None]),
        "b": dice.random() < 0.5,
        "d": {"__type": "Date", "iso": f"2026-01-0{number % 3 + 1}T00:00:00.000Z"},
        "a": dice.sample([1, "x", None, 7], 2),
        "o": {"k": dice.choice([1, "x", None])},
        "g": {"__type": "GeoPoint", "latitude": number % 5, "longitude": 7},
        "p": {"__type": "Pointer", "className": "Author", "objectId": author},
    }
    return {name: value for name, value in whole.items() if dice.random() < 0.8 or name == "g"}


def page(api: ApiClient, **query: Any) -> Any:
    reply = api.get("/classes/Post", query=query)
    assert reply.status == 200, reply.body
    assert reply.statements == 1
    return reply.json


def ids(answer: Any) -> list[str]:
    return [each["objectId"] for each in answer["results"]]


def forwards(api: ApiClient, **query: Any) -> list[list[str]]:
    """The ids of all pages."""
    answer = page(api, cursor="true", **query)
    pages = [ids(answer)]
    while "next" in answer:
        answer = page(api, after=answer["next"], **query)
        pages.append(ids(answer))
    return pages


ORDERS = ["", "n", "-n", "s", "-s", "b,-n", "-d,s", "-b,-s,n", "a", "-a", "o.k", "-o.k,n", "-p,d", "objectId"]
ORDERS += ["-objectId", "createdAt", "-createdAt", "-updatedAt,n", "g", "o"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 4, 100])
def test_pages_together_are_the_whole_list(api: ApiClient, order: str, limit: int) -> None:
    query = {"order": order} if order else {}
    whole = ids(page(api, limit=1000, **query))
    assert len(whole) == COUNT
    assert [one for each in forwards(api, limit=limit, **query) for one in each] == whole


@pytest.mark.parametrize("order", ORDERS)
def test_pages_can_be_turned_back(api: ApiClient, order: str) -> None:
    query = {"order": order, "limit": 4} if order else {"limit": 4}
    pages = forwards(api, **query)
    answer = page(api, cursor="true", **query)
    while "next" in answer:
        answer = page(api, after=answer["next"], **query)
    assert ids(answer) == pages[-1]
    back = [ids(answer)]
    while "previous" in answer:
        answer = page(api, before=answer["previous"], **query)
        back.append(ids(answer))
    assert [each for each in back[::-1] if each] == pages


def test_from_near_to_far(api: ApiClient) -> None:
    where = {"g": {"$nearSphere": {"__type": "GeoPoint", "latitude": 1, "longitude": 7}}}
    whole = ids(page(api, where=where, limit=1000))
    assert [one for each in forwards(api, where=where, limit=4) for one in each] == whole


def test_conditions_keys_and_includes_are_as_without(api: ApiClient) -> None:
    query = {"where": {"p": {"$exists": True}, "b": True}, "keys": "n,p", "include": "p", "order": "-n", "limit": 3}
    whole = page(api, **{**query, "limit": 100})["results"]
    answer = page(api, cursor="true", count="1", **query)
    assert answer["count"] == len(whole)
    results = answer["results"]
    assert results[0]["p"]["name"] == "Ann"
    while "next" in answer:
        answer = page(api, after=answer["next"], **query)
        results += answer["results"]
    assert results == whole


def test_what_is_written_between_pages_moves_nothing_else(api: ApiClient) -> None:
    dice = random.Random(5)  # noqa: S311
    before = ids(page(api, order="-n", limit=1000))
    removed, changed = before[10], before[15]
    answer = page(api, cursor="true", order="-n", limit=4)
    seen = ids(answer)
    step = 0
    while "next" in answer:
        step += 1
        api.post("/classes/Post", {"n": dice.choice([10**16, 2.5, -5])})
        if step == 1:
            api.delete(f"/classes/Post/{removed}")
            api.put(f"/classes/Post/{changed}", {"s": "changed"})
        if step == 2:  # the rows at the edge of the pages seen so far
            api.delete(f"/classes/Post/{seen[-1]}")
            api.put(f"/classes/Post/{seen[-2]}", {"n": 10**17})
        answer = page(api, after=answer["next"], order="-n", limit=4)
        seen += ids(answer)
    old = [each for each in seen if each in before]
    assert old == [each for each in before if each != removed]


def test_new_objects_are_found_at_the_end(api: ApiClient) -> None:
    answer = page(api, cursor="true", limit=COUNT)
    added = api.post("/classes/Post", {"n": 1}).json["objectId"]
    following = page(api, after=answer["next"], limit=COUNT)
    assert ids(following) == [added]
    assert "next" not in following
    assert ids(page(api, before=following["previous"], limit=COUNT)) == ids(answer)


def test_nobody_sees_a_token_who_did_not_ask(api: ApiClient) -> None:
    assert page(api, limit=2).keys() == {"results"}
    assert page(api, limit=2, cursor="true").keys() == {"results", "next"}


def test_a_token_that_is_not_ours_is_refused(api: ApiClient) -> None:
    token = page(api, limit=2, order="n", cursor="true")["next"]
    wrong: list[dict[str, Any]] = [
        {"after": token},
        {"after": token, "order": "-n"},
        {"after": token[:-2], "order": "n"},
        {"after": ("A" if token[0] != "A" else "B") + token[1:], "order": "n"},
        {"after": "ä", "order": "n"},
        {"after": "x", "order": "n"},
        {"before": "A" * 200_000, "order": "n"},
        {"after": token, "before": token, "order": "n"},
        {"after": token, "skip": "1", "order": "n"},
    ]
    for query in wrong:
        reply = api.get("/classes/Post", query=query)
        assert (reply.status, reply.error[0]) == (400, 102), query
    assert api.get("/classes/Author", query={"after": token, "order": "n"}).error[0] == 102
    assert api.get("/classes/Post", query={"after": token, "order": "n"}).status == 200
