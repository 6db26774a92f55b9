"""The triggers of the global config (`contract/cloud.md` §4.11)."""

from __future__ import annotations

from typing import Any

import pytest

from parse_cloud.invocations import ConfigCall
from parse_cloud.kinds import CONFIG, Failure, Kind
from tests.cloud.conftest import Code
from tests.support.client import ApiClient


def put(api: ApiClient, **params: Any) -> Any:
    return api.put("/config", {"params": params}, master=True)


def stored(api: ApiClient) -> Any:
    return api.get("/config", master=True).json["params"]


def test_before_a_change_the_handler_sees_what_is_new_and_what_was(api: ApiClient, code: Code) -> None:
    seen: list[ConfigCall] = []
    code(Kind.BEFORE_SAVE, CONFIG, seen.append)
    put(api, a=1, b="x")
    put(api, a={"__op": "Increment", "amount": 2})
    assert [(call.object, call.original) for call in seen] == [
        ({"a": 1, "b": "x"}, None),
        ({"a": {"__op": "Increment", "amount": 2}}, {"a": 1, "b": "x"}),
    ]
    assert stored(api) == {"a": 3, "b": "x"}


def test_it_cannot_change_what_is_stored(api: ApiClient, code: Code) -> None:
    code(Kind.BEFORE_SAVE, CONFIG, lambda call: call.object.update(a=2, c=3))
    put(api, a=1)
    assert stored(api) == {"a": 1}


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (Failure("no"), (141, "no")),
        (Failure("own", 999), (999, "own")),
        (Failure(None), (141, "Script failed. Unknown error.")),
    ],
)
def test_it_refuses_before_and_too_late_after(api: ApiClient, code: Code, raised: Exception, error: Any) -> None:
    def refuse(_call: Any) -> None:
        raise raised

    put(api, a=1)
    code(Kind.BEFORE_SAVE, CONFIG, refuse)
    reply = put(api, a=2)
    assert (reply.status, reply.error, stored(api)) == (400, error, {"a": 1})
    code(Kind.BEFORE_SAVE, CONFIG, lambda _call: None)
    code(Kind.AFTER_SAVE, CONFIG, refuse)
    reply = put(api, a=2)
    assert (reply.status, reply.error, stored(api)) == (400, error, {"a": 2})


def test_after_a_change_it_sees_all_there_is(api: ApiClient, code: Code) -> None:
    seen: list[ConfigCall] = []
    code(Kind.AFTER_SAVE, CONFIG, seen.append)
    put(api, a=1)
    reply = put(api, b=2)
    assert reply.json == {"result": True}
    assert [(call.object, call.original) for call in seen] == [({"a": 1}, None), ({"a": 1, "b": 2}, {"a": 1})]


def test_without_a_handler_a_change_reads_nothing_more(api: ApiClient, code: Code) -> None:
    put(api, a=1)
    code(Kind.BEFORE_SAVE, "Post", lambda _call: None)
    assert put(api, a=2).statements == 1


def test_who_may_not_change_the_config_wakes_nobody(api: ApiClient, code: Code) -> None:
    ran: list[object] = []
    code(Kind.BEFORE_SAVE, CONFIG, ran.append)
    assert api.put("/config", {"params": {"a": 1}}).status == 403
    assert api.put("/config", {"params": {"a": 1}}, read_only=True).error[0] == 119
    assert ran == []
