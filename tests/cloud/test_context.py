"""The context object of a request (`contract/cloud.md` §4.13): from the client through all its triggers."""

from __future__ import annotations

from typing import Any

import pytest

from parse_cloud.invocations import Invocation
from parse_cloud.kinds import Kind
from tests.cloud.conftest import Code
from tests.support.client import ApiClient

MOMENTS = [
    Kind.BEFORE_SAVE,
    Kind.AFTER_SAVE,
    Kind.BEFORE_DELETE,
    Kind.AFTER_DELETE,
    Kind.BEFORE_FIND,
    Kind.AFTER_FIND,
]


def listen_everywhere(code: Code, name: str = "Post") -> list[tuple[str, Any]]:
    """What each moment finds; each leaves its own name."""
    seen: list[tuple[str, Any]] = []

    def run(call: Invocation) -> None:
        seen.append((str(call.kind), dict(call.cloud)))
        call.cloud[str(call.kind)] = True

    for kind in MOMENTS:
        code(kind, name, run)
    return seen


def test_what_one_trigger_leaves_the_next_one_finds(api: ApiClient, code: Code) -> None:
    seen = listen_everywhere(code)
    sent = {"X-Parse-Cloud-Context": '{"x":{"y":1}}'}
    object_id = api.post("/classes/Post", {}, headers=sent).json["objectId"]
    x: dict[str, Any] = {"x": {"y": 1}}
    assert seen == [("beforeSave", x), ("afterSave", {**x, "beforeSave": True})]
    seen.clear()
    api.get(f"/classes/Post/{object_id}", headers=sent)
    assert seen == [("beforeFind", x), ("afterFind", {**x, "beforeFind": True})]
    seen.clear()
    api.delete(f"/classes/Post/{object_id}", headers=sent)
    assert [kind for kind, _ in seen] == ["beforeFind", "afterFind", "beforeDelete", "afterDelete"]
    assert seen[-1][1] == {**x, "beforeFind": True, "beforeDelete": True}


def test_a_whole_new_object_is_merged_and_a_trigger_has_a_copy(api: ApiClient, code: Code) -> None:
    def replacing(call: Invocation) -> None:
        call.cloud["deep"]["changed"] = True
        call.cloud = {"new": 1}

    seen: list[Any] = []
    code(Kind.BEFORE_SAVE, "Post", replacing)
    code(Kind.AFTER_SAVE, "Post", lambda call: seen.append(call.cloud))
    api.post("/classes/Post", {}, headers={"X-Parse-Cloud-Context": '{"deep":{}}'})
    assert seen == [{"deep": {}, "new": 1}]


def test_the_body_goes_before_the_header(api: ApiClient, code: Code) -> None:
    seen = listen_everywhere(code)
    headers = {"X-Parse-Application-Id": None, "X-Parse-Cloud-Context": '{"from":"header"}'}
    for context in ({"from": "body"}, '{"from":"body"}'):
        body = {"_ApplicationId": "cloud", "_context": context, "a": 1}
        reply = api.post("/classes/Post", body, headers=headers)
        assert reply.status == 201
        assert seen[0] == ("beforeSave", {"from": "body"})
        seen.clear()
        stored = api.get(f"/classes/Post/{reply.json['objectId']}", master=True).json
        assert not any("context" in name for name in stored)
        seen.clear()


@pytest.mark.parametrize("context", ["1", '"s"', "[1]", "null", "{", "x"])
def test_a_context_that_is_no_object_is_refused_and_nothing_runs(api: ApiClient, code: Code, context: str) -> None:
    seen = listen_everywhere(code)
    reply = api.post("/classes/Post", {}, headers={"X-Parse-Cloud-Context": context})
    assert (reply.status, reply.error, seen) == (400, (107, "Invalid object for context."), [])


@pytest.mark.parametrize("transaction", [False, True])
def test_the_requests_of_a_batch_hear_nothing_of_each_other(api: ApiClient, code: Code, *, transaction: bool) -> None:
    api.post("/classes/Post", {"n": 0})
    seen = listen_everywhere(code)
    object_id = api.post("/classes/Post", {}).json["objectId"]
    seen.clear()
    requests: list[dict[str, Any]] = [
        {"method": "POST", "path": "/parse/classes/Post", "body": {"n": n}} for n in range(3)
    ]
    requests.append({"method": "PUT", "path": f"/parse/classes/Post/{object_id}", "body": {"n": 5}})
    sent = {"X-Parse-Cloud-Context": '{"x":1}'}
    reply = api.post("/batch", {"requests": requests, "transaction": transaction}, headers=sent)
    assert all("success" in each for each in reply.json)
    assert [context for kind, context in seen if kind == "beforeSave"] == [{"x": 1}] * 4
    assert [context for kind, context in seen if kind == "afterSave"] == [{"x": 1, "beforeSave": True}] * 4


def test_included_classes_hear_what_the_query_before_them_left(api: ApiClient, code: Code) -> None:
    city = api.post("/classes/City", {"name": "Rome"}).json["objectId"]
    api.post("/classes/Post", {"city": {"__type": "Pointer", "className": "City", "objectId": city}})
    seen: list[Any] = []
    code(Kind.BEFORE_FIND, "Post", lambda call: call.cloud.update(left=1))
    code(Kind.BEFORE_FIND, "City", lambda call: seen.append((call.cloud, call.is_get)))
    api.get("/classes/Post", query={"include": "city"}, headers={"X-Parse-Cloud-Context": '{"x":1}'})
    assert seen == [({"x": 1, "left": 1}, True)]
