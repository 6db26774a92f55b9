"""Triggers of saves and deletes written in JavaScript (acceptance cases 39-58, 71-73)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cloud.javascript.conftest import Serve
from tests.support.client import ApiClient
from tests.support.scenario import Scenario, post, scenarios

DELETE = {"__op": "Delete"}


@pytest.fixture(scope="module")
def api(serve: Serve) -> ApiClient:
    return serve("saves.js")


def seen(api: ApiClient) -> list[Any]:
    noted: list[Any] = api.post("/functions/seen", {}).json["result"]
    return noted


def stored(api: ApiClient, class_name: str, object_id: str) -> dict[str, Any]:
    """The fields that are the object's own."""
    found: dict[str, Any] = api.get(f"/classes/{class_name}/{object_id}", master=True).json
    return {key: value for key, value in found.items() if key not in {"objectId", "createdAt", "updatedAt"}}


def saved(api: ApiClient, class_name: str, body: Any) -> tuple[str, dict[str, Any]]:
    """The id of a new object, and what else the answer says."""
    reply = api.post(f"/classes/{class_name}", body)
    assert reply.status == 201, reply.json
    rest = {key: value for key, value in reply.json.items() if key not in {"objectId", "createdAt"}}
    return reply.json["objectId"], rest


def updated(api: ApiClient, class_name: str, object_id: str, body: Any) -> dict[str, Any]:
    reply = api.put(f"/classes/{class_name}/{object_id}", body)
    assert reply.status == 200, reply.json
    return {key: value for key, value in reply.json.items() if key != "updatedAt"}


def test_what_a_trigger_changes_is_stored_and_told(api: ApiClient) -> None:
    review, told = saved(api, "Review", {"text": "good", "stars": 3})
    assert told == {"length2": 4}
    assert updated(api, "Review", review, {"text": "better"}) == {"length2": 6}
    assert updated(api, "Review", review, {"stars": 4}) == {}
    assert stored(api, "Review", review) == {"text": "better", "stars": 4, "length2": 6}


@scenarios(
    Scenario("a text", post("/classes/Review", {"stars": 6}), status=400, error=(141, "too many stars")),
    Scenario("a Parse error", post("/classes/Review", {"stars": -1}), status=400, error=(400, "too few stars")),
    Scenario(
        "a field that cannot be",
        post("/classes/Forbidden", {"name": "length"}),
        status=400,
        error=(105, "Invalid field name: length."),
    ),
)
def test_refusals(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


def test_nothing_is_stored_of_a_refused_update(api: ApiClient) -> None:
    review, _ = saved(api, "Review", {"stars": 3})
    assert api.put(f"/classes/Review/{review}", {"stars": 9}).error == (141, "too many stars")
    assert stored(api, "Review", review) == {"stars": 3}


def test_the_object_is_what_will_be_and_what_was_sent_is_dirty(api: ApiClient) -> None:
    seen(api)
    author = {"__type": "Pointer", "className": "Author", "objectId": "a1"}
    body = {"n": 1, "author": author, "ACL": {"*": {"read": True, "write": True}}, "list": [1]}
    watched, _ = saved(api, "Watched", body)
    before, after = seen(api)
    assert (before["triggerName"], before["id"], before["isNew"], before["existed"]) == (
        "beforeSave",
        None,
        True,
        False,
    )
    assert before["dirty"] == ["ACL", "author", "list", "n"]
    assert (before["original"], before["pointer"]) == (None, "a1")
    assert before["acl"] == {"*": {"read": True, "write": True}}
    assert after == {"after": True, "id": True, "dirty": False, "existed": False, "original": False}

    updated(api, "Watched", watched, {"n": {"__op": "Increment", "amount": 2}, "list": {"__op": "Add", "objects": [2]}})
    before, after = seen(api)
    assert (before["id"], before["isNew"], before["existed"]) == (watched, False, True)
    assert before["dirty"] == ["list", "n"]
    assert (before["original"]["n"], before["original"]["list"]) == (1, [1])
    assert after == {"after": True, "id": True, "dirty": False, "existed": True, "original": True}
    kept = stored(api, "Watched", watched)
    assert (kept["n"], kept["list"], kept["author"]) == (3, [1, 2], author)


def test_increments(api: ApiClient) -> None:
    counter, told = saved(api, "Counter", {"by": 2})
    assert told == {"total": 2}
    assert updated(api, "Counter", counter, {"by": -2}) == {"total": 0}
    assert stored(api, "Counter", counter) == {"by": -2, "total": 0}


def test_dotted_keys_of_clients_stay_what_they_are(api: ApiClient) -> None:
    nested, _ = saved(api, "Nested", {"o": {"n": 1, "keep": True}})
    updated(api, "Nested", nested, {"o.n": {"__op": "Increment", "amount": 4}, "o.other": "x"})
    assert stored(api, "Nested", nested) == {"o": {"n": 5, "keep": True, "other": "x"}}


def test_unset_and_revert(api: ApiClient) -> None:
    unsetting, _ = saved(api, "Unsetting", {"stays": 1})
    assert updated(api, "Unsetting", unsetting, {"gone": 2}) == {"gone": DELETE}
    assert stored(api, "Unsetting", unsetting) == {"stays": 1}
    reverting, told = saved(api, "Reverting", {"kept": 1, "other": 1})
    assert told == {"kept": DELETE}
    assert stored(api, "Reverting", reverting) == {"other": 1}


def test_lists(api: ApiClient) -> None:
    growing, _ = saved(api, "Growing", {"list": ["first"], "rest": ["x", "y"]})
    assert stored(api, "Growing", growing) == {"list": ["first", "last"], "set": ["one"], "rest": ["y"]}
    updated(api, "Growing", growing, {"n": 1})
    assert stored(api, "Growing", growing)["list"] == ["first", "last", "last"]


def test_relations(api: ApiClient) -> None:
    linked, _ = saved(api, "Linked", {"n": 1})
    where = {
        "$relatedTo": {"object": {"__type": "Pointer", "className": "Linked", "objectId": linked}, "key": "leaves"}
    }
    assert [each["from"] for each in api.get("/classes/Leaf", query={"where": where}).json["results"]] == ["trigger"]
    other = api.post("/classes/Leaf", {"from": "client"}).json["objectId"]
    pointer = {"__type": "Pointer", "className": "Leaf", "objectId": other}
    updated(api, "Linked", linked, {"leaves": {"__op": "AddRelation", "objects": [pointer]}})
    assert len(api.get("/classes/Leaf", query={"where": where}).json["results"]) == 3


@pytest.mark.parametrize("what", ["true", "object", "promise", "text", "undefined"])
def test_what_is_returned_changes_nothing(what: str, api: ApiClient) -> None:
    returning, _ = saved(api, "Returning", {"what": what})
    assert stored(api, "Returning", returning) == {"what": what, "changed": True}


def test_a_promise_of_an_object_takes_the_place_of_the_write(api: ApiClient) -> None:
    replaced, _ = saved(api, "Replaced", {"sent": 1})
    assert stored(api, "Replaced", replaced) == {"entirely": "new", "n": 2}


def test_values_changed_in_place_count(api: ApiClient) -> None:
    mutated, told = saved(api, "Mutated", {"map": {"outer": 1}, "list": [1]})
    assert told == {"map": {"outer": 1, "inner": 1}, "list": [1, 2]}
    assert stored(api, "Mutated", mutated) == told


def test_an_id_of_the_clients_is_visible(serve: Serve) -> None:
    api = serve("saves.js", allowCustomObjectId=True)
    assert saved(api, "Identified", {"objectId": "mine"}) == ("mine", {"seenId": "mine"})
    assert saved(api, "Identified", {})[1] == {"seenId": None}


def test_the_acl_can_be_set(api: ApiClient) -> None:
    acl, told = saved(api, "Acl", {})
    assert told["ACL"] == {"*": {"read": True}}
    assert api.put(f"/classes/Acl/{acl}", {"n": 1}).error == (101, "Object not found.")


def test_roles_keep_name_and_acl(api: ApiClient) -> None:
    acl = {"*": {"read": True}}
    role = api.post("/roles", {"name": "Admins", "ACL": acl, "users": {"__op": "AddRelation", "objects": []}})
    found = api.get(f"/roles/{role.json['objectId']}", master=True).json
    assert (found["name"], found["ACL"], found["description"]) == ("Admins", acl, "role Admins")


def test_a_trigger_of_users_sees_the_password(api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    seen(api)
    assert api.post("/users", {"username": "grace", "password": "hopper9"}).status == 201
    assert seen(api) == [{"password": "hopper9"}]
    assert api.post("/login", {"username": "grace", "password": "hopper9"}).status == 200
    said = [record.getMessage() for record in caplog.records if record.getMessage().startswith("beforeSave")]
    assert not any("hopper9" in line for line in said)


def test_what_permissions_forbid_never_reaches_the_trigger(api: ApiClient) -> None:
    private, _ = saved(api, "Private", {"ACL": {}})
    seen(api)
    assert api.put(f"/classes/Private/{private}", {"n": 1}).error == (101, "Object not found.")
    assert seen(api) == []


def test_an_after_trigger_cannot_refuse(api: ApiClient) -> None:
    failing, told = saved(api, "Failing", {"n": 1})
    assert (told, stored(api, "Failing", failing)) == ({}, {"n": 1})


def test_what_an_after_trigger_sets_is_shown_and_not_stored(api: ApiClient) -> None:
    shown, told = saved(api, "Shown", {"hidden": 1})
    assert told == {"extra": {"a": 1}, "hidden": DELETE}
    assert stored(api, "Shown", shown) == {"hidden": 1}


def test_saving_in_an_after_trigger_is_awaited(api: ApiClient) -> None:
    again, told = saved(api, "SavedAgain", {"n": 1})
    assert told == {"again": True}
    assert stored(api, "SavedAgain", again) == {"n": 1, "again": True}


@pytest.mark.parametrize(
    ("what", "told"), [("text", {}), ("empty", {}), ("object", {"other": 1}), ("json", {"foo": "json"})]
)
def test_what_an_after_trigger_returns(what: str, told: dict[str, Any], api: ApiClient) -> None:
    reply = api.post("/classes/Body", {"what": what}).json
    assert ("objectId" in reply) is (what != "json")
    assert {key: value for key, value in reply.items() if key not in {"objectId", "createdAt"}} == told


def test_the_context_goes_from_trigger_to_trigger(api: ApiClient) -> None:
    headers = {"X-Parse-Cloud-Context": '{"from": "client"}'}
    first = api.post("/classes/Context", {"n": 1}, headers=headers).json
    assert first["context"] == {"from": "client", "added": 1}
    second = api.post("/classes/Context", {"whole": True}).json
    assert second["context"] == {"whole": True}
    batch = [{"method": "POST", "path": "/parse/classes/Context", "body": {"n": n}} for n in range(2)]
    replies = api.post("/batch", {"requests": batch}, headers=headers).json
    assert [each["success"]["context"] for each in replies] == [{"from": "client", "added": 1}] * 2


def test_deletes(api: ApiClient) -> None:
    seen(api)
    kept, _ = saved(api, "Kept", {"keep": True})
    assert api.delete(f"/classes/Kept/{kept}").error == (141, "it stays")
    assert stored(api, "Kept", kept) == {"keep": True}
    gone, _ = saved(api, "Kept", {"name": "first"})
    assert api.delete(f"/classes/Kept/{gone}").json == {}
    assert seen(api) == [{"deleted": "first"}]
    complaining, _ = saved(api, "Kept", {"name": "second", "complain": True})
    assert api.delete(f"/classes/Kept/{complaining}").error == (77, "it is gone")
    assert api.get(f"/classes/Kept/{complaining}").status == 404
    assert api.delete("/classes/Kept/nobody").error == (101, "Object not found for delete.")


def test_files_have_real_addresses_inside_and_outside(api: ApiClient) -> None:
    url = f"http://api.example/parse/files/{api.application.id}/a.txt"
    file = {"__type": "File", "name": "a.txt", "url": url}
    attached, told = saved(api, "Attached", {"file": file})
    assert told == {"copy": file, "addresses": [url, None]}
    assert updated(api, "Attached", attached, {"n": 1})["addresses"] == [url, url]
    found = stored(api, "Attached", attached)
    assert (found["file"], found["copy"], found["found"]) == (file, file, url)
    where = {"copy": file}
    assert len(api.get("/classes/Attached", query={"where": where}).json["results"]) == 1
