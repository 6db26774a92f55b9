"""What webhooks are asked, and what comes of their answers (`contract/cloud.md` §7.2, §7.3, §7.6)."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from parse_cloud.handlers import Handler, Handlers
from parse_cloud.invocations import FunctionCall
from parse_cloud.kinds import Kind
from parse_cloud.registry import CloudCode, Origin
from parse_core.application import Application
from parse_core.store.sql import Sql
from parse_core.tasks import bell
from tests.cloud.webhooks.conftest import OtherServer, Received, configure, hook_function, hook_trigger
from tests.support.client import ApiClient

LEFT = Sql("SELECT id FROM parse_task WHERE application_id = 'webhooks'")


def test_a_function_is_asked_with_its_parameters_and_the_key(api: ApiClient, other: OtherServer) -> None:
    hook_function(api, "f", other.on("/f", {"success": {"sum": 3}}))
    params = {"at": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}, "p": {"__type": "Pointer", "className": "A", "objectId": "x"}}  # fmt: skip  # noqa: E501
    answer = api.post("/functions/f", params, master=True, headers={"X-Parse-Cloud-Context": '{"a": 1}'})
    assert (answer.status, answer.json) == (200, {"result": {"sum": 3}})
    asked = other.last
    assert asked.headers["x-parse-webhook-key"] == "example-webhook-key"
    assert asked.headers["content-type"] == "application/json"
    body = asked.body
    assert (body["functionName"], body["params"], body["master"], body["isReadOnly"], body["context"]) == (
        "f", params, True, False, {"a": 1},
    )  # fmt: skip
    assert {"user", "log", "config"}.isdisjoint(body)
    assert "master" not in str(body["headers"]), "the master key is nobody else's"


def test_the_caller_goes_along_with_the_session_token(api: ApiClient, other: OtherServer) -> None:
    hook_function(api, "f", other.on("/f", {}))
    signed_up = api.post("/users", {"username": "ada", "password": "x"}).json
    assert api.post("/functions/f", {}, as_user=signed_up["sessionToken"]).json == {}
    user = other.last.body["user"]
    assert (user["username"], user["objectId"], user["sessionToken"]) == (
        "ada", signed_up["objectId"], signed_up["sessionToken"],
    )  # fmt: skip
    assert "x" not in {user.get("password"), user.get("_hashed_password")}


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        ({"success": None}, 200, {"result": None}),
        ({"success": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}}, 200,
         {"result": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}}),
        ({}, 200, {}),
        ([1, 2], 200, {}),
        (b"no json", 200, {}),
        (b"", 200, {}),
        ((302, b""), 200, {}),
        ({"error": "not today"}, 400, {"code": 141, "error": "not today"}),
        ({"error": "first", "success": 1}, 400, {"code": 141, "error": "first"}),
        ({"error": {"code": 55, "message": "m"}}, 400, {"code": 141, "error": "m"}),
        ({"error": {"code": 55, "error": "e"}}, 400, {"code": 141, "error": {"code": 55, "error": "e"}}),
        (b'"' + b"x" * 200 + b'"', 400,
         {"code": 141, "error": {"error": "Malformed response", "code": -1, "partialResponse": "x" * 100}}),
        ((500, b"{}"), 400, {"code": 141, "error": "Webhook responded with status 500"}),
        ((404, b""), 400, {"code": 141, "error": "Webhook responded with status 404"}),
    ],
    ids=str,
)  # fmt: skip
def test_what_a_function_hook_answers_is_the_answer(
    api: ApiClient, other: OtherServer, answer: Any, status: int, body: Any
) -> None:
    hook_function(api, "f", other.on("/f", answer))
    got = api.post("/functions/f", {})
    assert (got.status, got.json) == (status, body)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/f", "connect ECONNREFUSED 127.0.0.1:1"),
        ("ftp://files.example/f", "Unsupported protocol ftp:"),
        ("nonsense", "Unsupported protocol :"),
    ],
)
def test_a_server_that_cannot_be_asked_is_141_with_its_reason(api: ApiClient, url: str, error: str) -> None:
    hook_function(api, "f", url)
    assert api.post("/functions/f", {}).error == (141, error)


def test_a_server_that_takes_too_long_is_given_up(api: ApiClient, other: OtherServer, application: Application) -> None:
    configure(webhookTimeout=0.2)
    may_end = threading.Event()
    hook_function(api, "f", other.on("/f", lambda _received: may_end.wait(5) and {}))
    began = time.monotonic()
    assert api.post("/functions/f", {}).error == (141, "Webhook timed out")
    assert time.monotonic() - began < 2
    may_end.set()


def test_only_allowed_hosts_are_asked(api: ApiClient, other: OtherServer) -> None:
    hook_function(api, "f", other.on("/f", {"success": 1}))
    configure(webhookAllowedHosts=["hooks.example"])
    assert api.post("/functions/f", {}).error == (141, "Webhook host '127.0.0.1' is not allowed.")
    assert other.received == []


def test_a_before_save_hook_gives_the_data_to_be_written(api: ApiClient, other: OtherServer) -> None:
    def entire(received: Received) -> Any:
        return {"success": {**received.body["object"], "title": "changed"}}

    hook_trigger(api, "beforeSave", "Post", other.on("/b", entire))
    made = api.post("/classes/Post", {"title": "new", "kept": [1], "n": {"__op": "Increment", "amount": 2}})
    assert made.status == 201, made.body
    assert other.last.body["object"] == {
        "title": "new", "kept": [1], "n": {"__op": "Increment", "amount": 2}, "className": "Post",
    }  # fmt: skip
    assert (other.last.body["triggerName"], "original" in other.last.body) == ("beforeSave", False)
    object_id = made.json["objectId"]
    stored = api.get(f"/classes/Post/{object_id}").json
    assert (stored["title"], stored["kept"], stored["n"]) == ("changed", [1], 2)
    updated = api.put(f"/classes/Post/{object_id}", {"kept": [2]})
    assert updated.status == 200, updated.body
    asked = other.last.body
    assert (asked["original"]["kept"], asked["object"]["kept"], asked["object"]["objectId"]) == ([1], [2], object_id)
    assert api.get(f"/classes/Post/{object_id}").json["kept"] == [2]


@pytest.mark.parametrize("answer", [{}, {"success": True}, {"success": "yes"}, {"success": None}], ids=str)
def test_a_before_save_hook_that_gives_no_data_changes_nothing(api: ApiClient, other: OtherServer, answer: Any) -> None:
    hook_trigger(api, "beforeSave", "Post", other.on("/b", answer))
    made = api.post("/classes/Post", {"title": "new"})
    assert api.get(f"/classes/Post/{made.json['objectId']}").json["title"] == "new"


def test_a_before_save_hook_writes_exactly_what_it_gives(api: ApiClient, other: OtherServer) -> None:
    hook_trigger(api, "beforeSave", "Post", other.on("/b", {"success": {"only": 1, "createdAt": "never"}}))
    made = api.post("/classes/Post", {"title": "new"})
    assert made.status == 201, made.body
    stored = api.get(f"/classes/Post/{made.json['objectId']}").json
    assert (stored["only"], "title" in stored) == (1, False)


def test_the_id_that_a_before_save_hook_gives_is_the_id(api: ApiClient, other: OtherServer) -> None:
    hook_trigger(api, "beforeSave", "Post", other.on("/b", {"success": {"objectId": "chosen1", "a": 1}}))
    assert api.post("/classes/Post", {"a": 2}).json["objectId"] == "chosen1"
    assert api.get("/classes/Post/chosen1").json["a"] == 1


@pytest.mark.parametrize("trigger", ["beforeSave", "beforeDelete", "beforeFind"])
def test_an_error_of_a_before_hook_refuses_the_request(api: ApiClient, other: OtherServer, trigger: str) -> None:
    made = api.post("/classes/Post", {"a": 1}).json
    hook_trigger(api, trigger, "Post", other.on("/b", {"error": "no"}))
    answer = {
        "beforeSave": lambda: api.post("/classes/Post", {"a": 2}),
        "beforeDelete": lambda: api.delete(f"/classes/Post/{made['objectId']}"),
        "beforeFind": lambda: api.get("/classes/Post"),
    }[trigger]()
    assert (answer.status, answer.error) == (400, (141, "no"))


def test_an_after_save_hook_answers_in_the_place_of_the_server(api: ApiClient, other: OtherServer) -> None:
    hook_trigger(api, "afterSave", "Post", other.on("/a", {"success": {"foo": "json"}}))
    assert api.post("/classes/Post", {"a": 1}).json == {"foo": "json"}
    assert other.last.body["object"]["a"] == 1
    other.on("/a", {"success": {}})
    assert set(api.post("/classes/Post", {"a": 1}).json) == {"objectId", "createdAt"}
    other.on("/a", {"error": "too late"})
    assert api.post("/classes/Post", {"a": 1}).status == 201


def test_a_before_find_hook_can_empty_the_result_and_nothing_else(api: ApiClient, other: OtherServer) -> None:
    api.post("/classes/Post", {"a": 1})
    hook_trigger(api, "beforeFind", "Post", other.on("/b", {"success": []}))
    assert api.get("/classes/Post", query={"where": {"a": 1}}).json["results"] == []
    asked = other.last.body
    assert (asked["query"], asked["count"], asked["isGet"]) == ({"where": {"a": 1}, "limit": 100}, False, False)
    other.on("/b", {"success": {"where": {"a": 2}}})
    assert len(api.get("/classes/Post").json["results"]) == 1


def test_an_after_find_hook_gives_the_results(api: ApiClient, other: OtherServer) -> None:
    api.post("/classes/Post", {"a": 1})
    hook_trigger(
        api, "afterFind", "Post",
        other.on("/a", lambda got: {"success": [{**each, "seen": True} for each in got.body["objects"]]}),
    )  # fmt: skip
    (row,) = api.get("/classes/Post").json["results"]
    assert (row["a"], row["seen"]) == (1, True)
    assert other.last.body["object"] is None
    other.on("/a", {"success": None})
    assert [row["a"] for row in api.get("/classes/Post").json["results"]] == [1]
    other.on("/a", {"success": []})
    assert api.get("/classes/Post").json["results"] == []
    other.on("/a", {"success": {"a": 1}})
    assert api.get("/classes/Post").error == (141, "afterFind must return a list")


def test_a_hook_goes_before_cloud_code_of_the_same_name_until_it_is_removed(
    api: ApiClient, application: Application, other: OtherServer
) -> None:
    def own(call: FunctionCall) -> None:
        call.result = "own"

    handlers = Handlers()
    handlers.add(Handler(Kind.FUNCTION, "f", own))
    hook_function(api, "f", other.on("/f", {"success": "hook"}))
    application.part(CloudCode).replace(Origin.PYTHON, handlers)
    assert api.post("/functions/f", {}).json == {"result": "hook"}
    api.put("/hooks/functions/f", {"__op": "Delete"}, master=True)
    assert api.post("/functions/f", {}).json == {"result": "own"}
    application.part(CloudCode).replace(Origin.PYTHON, Handlers())


@pytest.mark.parametrize("trigger", ["afterSave", "afterDelete"])
def test_what_happened_is_told_again_until_the_other_server_listens(
    api: ApiClient, other: OtherServer, monkeypatch: pytest.MonkeyPatch, trigger: str
) -> None:
    monkeypatch.setattr("parse_cloud.webhooks.calling.FIRST_PAUSE", 0.05)
    heard = threading.Event()

    def third_time(_received: Received) -> Any:
        if len(other.received) < 3:
            return 503, b""
        heard.set()
        return {}

    hook_trigger(api, trigger, "Post", other.on("/a", third_time))
    made = api.post("/classes/Post", {"a": 1})
    assert made.status == 201
    if trigger == "afterDelete":
        assert api.delete(f"/classes/Post/{made.json['objectId']}").status == 200
    assert heard.wait(10)
    bell().settle(10)
    assert [received.body["object"]["objectId"] for received in other.received] == [made.json["objectId"]] * 3


def test_nobody_is_told_again_who_is_not_registered_any_more(
    api: ApiClient, other: OtherServer, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parse_cloud.webhooks.calling.FIRST_PAUSE", 0.3)
    hook_trigger(api, "afterSave", "Post", other.on("/a", (503, b"")))
    api.post("/classes/Post", {"a": 1})
    api.put("/hooks/triggers/Post/afterSave", {"__op": "Delete"}, master=True)
    deadline = time.monotonic() + 10
    while application.database.fetch(LEFT) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert application.database.fetch(LEFT) == []
    assert len(other.received) == 1
