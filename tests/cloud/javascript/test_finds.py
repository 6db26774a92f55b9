"""Triggers of finds and logins written in JavaScript (acceptance cases 59-70)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cloud.javascript.conftest import Serve
from tests.support.client import ApiClient

SYSTEM = {"objectId", "createdAt", "updatedAt"}


@pytest.fixture(scope="module")
def api(serve: Serve) -> ApiClient:
    return serve("finds.js")


def seen(api: ApiClient) -> list[Any]:
    noted: list[Any] = api.post("/functions/seen", {}).json["result"]
    return noted


def create(api: ApiClient, class_name: str, *rows: dict[str, Any]) -> list[str]:
    """The ids, after what the class had before is gone."""
    api.delete(f"/purge/{class_name}", master=True)
    return [api.post(f"/classes/{class_name}", row).json["objectId"] for row in rows]


def found(api: ApiClient, class_name: str, **query: Any) -> list[dict[str, Any]]:
    reply = api.get(f"/classes/{class_name}", query=query)
    assert reply.status == 200, reply.json
    return [{key: value for key, value in each.items() if key not in SYSTEM} for each in reply.json["results"]]


def test_a_trigger_sees_all_of_the_query(api: ApiClient) -> None:
    (watched,) = create(api, "Watched", {"a": 1})
    seen(api)
    asked = {"where": {"a": 1}, "order": "-a,b", "keys": "a", "excludeKeys": "b", "include": "c", "skip": 1}
    found(api, "Watched", **asked)
    expected = {**asked, "limit": 100, "count": False, "isGet": False, "triggerName": "beforeFind", "context": {}}
    assert seen(api) == [expected]
    api.get("/classes/Watched", query={"count": 1, "limit": 0})
    assert seen(api)[0]["count"] is True
    api.get(f"/classes/Watched/{watched}")
    (got,) = seen(api)
    assert (got["isGet"], got["where"]) == (True, {"objectId": watched})


def test_what_a_trigger_makes_of_the_query_is_asked(api: ApiClient) -> None:
    visible = create(api, "Visible", {"n": 1}, {"n": 2, "hidden": True})
    assert found(api, "Visible") == [{"n": 1}]
    assert found(api, "Visible", where={"n": 2}) == []
    assert api.get(f"/classes/Visible/{visible[0]}").json["n"] == 1
    assert api.get(f"/classes/Visible/{visible[1]}").error == (101, "Object not found.")
    create(api, "Another", {"n": 1}, {"n": 2})
    assert found(api, "Another") == [{"n": 2}]
    create(api, "Narrow", {"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 3, "b": 1})
    assert found(api, "Narrow") == [{"a": 3}, {"a": 2}]
    create(api, "Excluding", {"secret": 1, "open": 1})
    assert found(api, "Excluding") == [{"open": 1}]
    assert found(api, "Excluding", excludeKeys="nothing") == [{"open": 1}]
    create(api, "Zero", {"n": 1})
    assert found(api, "Zero") == [{"n": 1}]


def test_includes_and_subqueries_are_asked_about(api: ApiClient) -> None:
    (watched,) = create(api, "Watched", {"a": 1})
    pointer = {"__type": "Pointer", "className": "Watched", "objectId": watched}
    create(api, "Pointing", {"to": pointer})
    seen(api)
    found(api, "Pointing", include="to")
    assert [each["isGet"] for each in seen(api)] == [True]
    found(api, "Pointing", where={"to": {"$inQuery": {"className": "Watched", "where": {"a": 1}}}})
    assert [each["where"] for each in seen(api)] == [{"a": 1}]
    found(api, "Pointing")
    assert seen(api) == []


def test_a_trigger_refuses_lists_and_gets(api: ApiClient) -> None:
    assert api.get("/classes/Refusing").error == (141, "not today")
    assert api.get("/classes/Refusing/x").error == (141, "not today")


def test_a_trigger_answers_in_place_of_the_database(api: ApiClient) -> None:
    open_, closed = create(api, "Supplied", {"what": "a"}, {"what": "b", "ACL": {}})
    assert found(api, "Supplied", where={"what": "none"}) == []
    assert found(api, "Supplied", where={"what": "unsaved"}) == [{"made": "up", "className": "Supplied"}]
    where = {"what": "stored"}
    mine = api.get("/classes/Supplied", query={"where": where}).json["results"]
    assert [each["objectId"] for each in mine] == [open_]
    masters = api.get("/classes/Supplied", query={"where": where}, master=True).json["results"]
    assert {each["objectId"] for each in masters} == {open_, closed}
    assert found(api, "Supplied", where={"what": "text"}) == []


def test_what_is_made_of_the_results_is_sent(api: ApiClient) -> None:
    (dressed,) = create(api, "Dressed", {"n": 1, "secret": 2})
    at = {"__type": "Date", "iso": "1970-01-01T00:00:00.000Z"}
    assert found(api, "Dressed") == [{"n": 1, "at": at, "className": "Dressed"}]
    got = api.get(f"/classes/Dressed/{dressed}").json
    assert (got["at"], "secret" in got) == (at, False)
    create(api, "Filtered", {"n": 1}, {"n": 2})
    assert found(api, "Filtered", count=1) == [{"n": 2, "className": "Filtered"}]
    assert api.get("/classes/Filtered", query={"count": 1}).json["count"] == 2
    (emptied,) = create(api, "Emptied", {"n": 1})
    assert found(api, "Emptied") == []
    assert api.get(f"/classes/Emptied/{emptied}").error == (101, "Object not found.")
    create(api, "Same", {"n": 1, "b": {"__type": "Bytes", "base64": "AAE="}})
    assert found(api, "Same") == [{"n": 1, "b": {"__type": "Bytes", "base64": "AAE="}, "className": "Same"}]
    create(api, "Replacing", {"n": 0})
    assert found(api, "Replacing") == [{"n": 1, "className": "Stranger"}]
    create(api, "Plain", {"n": 0})
    assert found(api, "Plain") == [{"plain": True}]


def test_objects_that_a_trigger_fetches_are_sent_with_their_data(api: ApiClient) -> None:
    (other,) = create(api, "Other", {"name": "x", "ACL": {}})
    create(api, "Fetching", {"other": {"__type": "Pointer", "className": "Other", "objectId": other}})
    (result,) = found(api, "Fetching")
    assert (result["other"]["__type"], result["other"]["name"]) == ("Object", "x")


def test_what_is_no_list_is_refused(api: ApiClient) -> None:
    create(api, "Wrong", {"n": 1})
    assert api.get("/classes/Wrong").error == (141, "afterFind must return a list")
    create(api, "Raising", {"n": 1})
    assert api.get("/classes/Raising").error == (55, "no reading")


def test_the_context_goes_from_before_to_after(api: ApiClient) -> None:
    (context,) = create(api, "Context", {"n": 1})
    (result,) = found(api, "Context", where={"n": 1})
    assert result["context"] == {"from": "beforeFind", "isGet": False, "where": {"n": 1}}
    got = api.get(f"/classes/Context/{context}").json["context"]
    assert (got["from"], got["isGet"]) == ("beforeFind", True)


def test_logins(api: ApiClient) -> None:
    ada = {"username": "ada", "password": "secret"}
    user = api.post("/users", ada).json["objectId"]
    assert seen(api) == []
    assert api.post("/login", {**ada, "password": "wrong"}).status == 404
    assert seen(api) == []
    token = api.post("/login", ada).json["sessionToken"]
    assert seen(api) == [
        {"beforeLogin": "ada", "user": None, "isUser": True},
        {"afterLogin": True, "token": True},
    ]
    api.post("/logout", {}, as_user=token)
    assert seen(api) == [{"afterLogout": "_Session", "user": user, "token": True}]
    api.put(f"/users/{user}", {"banned": True}, master=True)
    assert api.post("/login", ada).error == (211, "banned")
    api.put(f"/users/{user}", {"banned": False, "noisy": True}, master=True)
    assert api.post("/login", ada).error == (141, "noise")
