"""Webhooks over REST (`contract/cloud.md` §7.1): made, listed, changed, removed, refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parse_cloud.kinds import Kind
from parse_cloud.registry import CloudCode
from parse_core.application import Application, applications
from tests.cloud.webhooks.conftest import configure, hook_function, hook_trigger
from tests.support.client import ApiClient

URL = "http://hooks.example/f"
FUNCTION = {"functionName": "f", "url": URL}
ONLY_USERS = "Only the _User class is allowed for the beforeLogin, afterLogin, and beforePasswordResetRequest triggers"
TRIGGER = {"className": "Post", "triggerName": "beforeSave", "url": URL}


def test_a_function_hook_is_made_found_changed_and_removed(api: ApiClient) -> None:
    assert api.get("/hooks/functions", master=True).json == []
    made = api.post("/hooks/functions", FUNCTION, master=True)
    assert (made.status, made.json) == (200, FUNCTION)
    assert api.get("/hooks/functions", master=True).json == [FUNCTION]
    assert api.get("/hooks/functions/f", master=True).json == FUNCTION
    changed = api.put("/hooks/functions/f", {"url": "http://hooks.example/g"}, master=True)
    assert changed.json == {"functionName": "f", "url": "http://hooks.example/g"}
    assert api.get("/hooks/functions/f", master=True).json == changed.json
    gone = api.put("/hooks/functions/f", {"__op": "Delete"}, master=True)
    assert (gone.status, gone.json) == (200, {})
    assert api.get("/hooks/functions", master=True).json == []


def test_a_trigger_hook_is_made_found_changed_and_removed(api: ApiClient) -> None:
    made = api.post("/hooks/triggers", TRIGGER, master=True)
    assert (made.status, made.json) == (200, TRIGGER)
    assert api.get("/hooks/triggers", master=True).json == [TRIGGER]
    assert api.get("/hooks/functions", master=True).json == []
    assert api.get("/hooks/triggers/Post/beforeSave", master=True).json == TRIGGER
    changed = api.put("/hooks/triggers/Post/beforeSave", {"url": "http://hooks.example/g"}, master=True)
    assert changed.json == {**TRIGGER, "url": "http://hooks.example/g"}
    assert api.put("/hooks/triggers/Post/beforeSave", {"__op": "Delete"}, master=True).json == {}
    assert api.get("/hooks/triggers", master=True).json == []


@pytest.mark.parametrize(
    "trigger", ["beforeSave", "afterFind", "beforeLogin", "afterLogout", "beforeConnect", "afterEvent"]
)
def test_every_kind_of_trigger_can_be_a_webhook(api: ApiClient, trigger: str) -> None:
    class_name = {"beforeLogin": "_User", "afterLogout": "_Session", "beforeConnect": "@Connect"}.get(trigger, "@File")
    hook_trigger(api, trigger, class_name, URL)
    assert api.get(f"/hooks/triggers/{class_name}/{trigger}", master=True).json["url"] == URL


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("POST", "functions", {"functionName": "f"}, 400, (143, "invalid hook declaration")),
        ("POST", "functions", {"url": URL}, 400, (143, "invalid hook declaration")),
        ("POST", "functions", {"functionName": {"a": 1}, "url": URL}, 400, (143, "invalid hook declaration")),
        ("POST", "functions", {"functionName": "f", "url": 5}, 400, (143, "invalid hook declaration")),
        ("POST", "functions", {**FUNCTION, "a": {"_bsontype": "Code"}}, 400, (105, None)),
        ("POST", "triggers", {"className": "Post", "url": URL}, 400, (143, "invalid hook declaration")),
        ("POST", "triggers", {**TRIGGER, "triggerName": "beforeBreakfast"}, 400, (143, "invalid hook declaration")),
        ("POST", "triggers", {**TRIGGER, "triggerName": ["beforeSave"]}, 400, (143, "invalid hook declaration")),
        ("POST", "triggers", {**TRIGGER, "className": ""}, 400, (143, "invalid hook declaration")),
        ("POST", "triggers", {**TRIGGER, "className": "_Session"}, 400,
         (143, "Only the afterLogout trigger is allowed for the _Session class.")),
        ("POST", "triggers", {**TRIGGER, "className": "_PushStatus"}, 400,
         (143, "Only afterSave is allowed on _PushStatus")),
        ("POST", "triggers", {**TRIGGER, "triggerName": "beforeLogin"}, 400, (143, ONLY_USERS)),
        ("GET", "functions/nope", None, 400, (143, "no function named: nope is defined")),
        ("GET", "triggers/Nope/beforeSave", None, 400, (143, "class Nope does not exist")),
        ("PUT", "functions/nope", {"url": URL}, 400, (143, "no function named: nope is defined")),
        ("PUT", "triggers/Nope/beforeSave", {"url": URL}, 400, (143, "class Nope does not exist")),
        ("PUT", "triggers/Nope/never", {"url": URL}, 400, (143, "invalid hook declaration")),
        ("PUT", "functions/nope", {"__op": "Delete"}, 404, (101, "Object not found.")),
        ("PUT", "triggers/Nope/beforeSave", {"__op": "Delete"}, 404, (101, "Object not found.")),
    ],
)  # fmt: skip
def test_what_is_no_hook_is_refused(
    api: ApiClient, method: str, path: str, body: Any, status: int, error: tuple[int, str | None]
) -> None:
    answer = api.request(method, f"/hooks/{path}", body, master=True)
    assert (answer.status, answer.error[0]) == (status, error[0])
    assert error[1] in (None, answer.error[1])
    assert api.get("/hooks/functions", master=True).json == api.get("/hooks/triggers", master=True).json == []


def test_what_has_a_hook_gets_no_second_one(api: ApiClient) -> None:
    hook_function(api, "f", URL)
    hook_trigger(api, "beforeSave", "Post", URL)
    again = api.post("/hooks/functions", FUNCTION, master=True)
    assert again.error == (143, "function name: f already exists")
    again = api.post("/hooks/triggers", TRIGGER, master=True)
    assert again.error == (143, "class Post already has trigger beforeSave")


def test_of_many_at_once_one_makes_the_hook(api: ApiClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.post("/hooks/functions", FUNCTION, master=True), range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 7
    assert {answer.error[0] for answer in answers if answer.status == 400} == {143}
    assert len(api.get("/hooks/functions", master=True).json) == 1


@pytest.mark.parametrize("path", ["functions", "functions/f", "triggers", "triggers/Post/beforeSave"])
def test_hooks_are_for_the_master_key_and_the_read_only_one_only_reads_them(api: ApiClient, path: str) -> None:
    hook_function(api, "f", URL)
    hook_trigger(api, "beforeSave", "Post", URL)
    method, body = ("PUT", {"url": URL}) if "/" in path else ("POST", FUNCTION)
    for each in ("GET", method):
        answer = api.request(each, f"/hooks/{path}", None if each == "GET" else body)
        assert (answer.status, answer.json) == (403, {"error": "Permission denied"})
    assert api.get(f"/hooks/{path}", read_only=True).status == 200
    assert api.request(method, f"/hooks/{path}", body, read_only=True).error == (119, "Permission denied")
    assert api.delete(f"/hooks/{path}", master=True).status == 404


def test_hooks_are_there_again_after_a_restart(api: ApiClient, application: Application) -> None:
    hook_function(api, "f", URL)
    applications.remove("webhooks")
    again = configure()
    assert again is not application
    assert again.part(CloudCode).find(Kind.FUNCTION, "f") is not None
    assert ApiClient(again).get("/hooks/functions", master=True).json == [FUNCTION]


def test_no_answer_shows_the_key(api: ApiClient) -> None:
    hook_function(api, "f", URL)
    for path in ("/hooks/functions", "/hooks/functions/f", "/serverInfo"):
        assert b"example-webhook-key" not in api.get(path, master=True).body
