"""Cloud Code gives nobody more than he may have unless its author says so (`contract/cloud.md` C, §4.7)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parse_cloud import FunctionRequest, Object, Query
from parse_cloud.author.cloud import Cloud
from parse_core.application import Application, applications
from parse_core.tasks import bell
from tests.auth.people import Person
from tests.hostile.conftest import OPTIONS, Configure
from tests.support.client import ApiClient


def ways(request: FunctionRequest) -> dict[str, Any]:
    """The ways to say for whom a call is made."""
    return {"nobody": {}, "caller": request.as_user(), "user": {"user": request.user}}


def callers(ann: Person, bob: Person) -> dict[str, Any]:
    """Who asks, as keyword arguments of requests."""
    return {
        "nobody": {},
        "ann": {"as_user": ann.token},
        "bob": {"as_user": bob.token},
        "master": {"master": True},
        "read-only": {"read_only": True},
        "maintenance": {"maintenance": True},
    }


def code(cloud: Cloud) -> None:
    """Functions that do what their caller asks for, in the ways there are to say for whom."""

    @cloud.function
    def write(request: FunctionRequest) -> Any:
        how = ways(request)[request.params["as"]]
        Object("Diary", title="written").save(**how)
        return "written"

    @cloud.function
    def read(request: FunctionRequest) -> Any:
        how = ways(request)[request.params["as"]]
        return [each["title"] for each in Query("Diary").find(**how)]

    @cloud.function
    def inner(request: FunctionRequest) -> Any:
        return [request.master, request.is_read_only, request.user and request.user.id, request.context]

    @cloud.function
    def outer(request: FunctionRequest) -> Any:
        how: Any = request.as_user() if request.params.get("as") == "caller" else {}
        return cloud.run("inner", **how)

    @cloud.function
    def look(request: FunctionRequest) -> Any:
        return request.user


@pytest.fixture
def diary(configure: Configure, application: Application, ann: Person) -> ApiClient:
    """A class of which each row is somebody's own, with a row of Ann's."""
    configure(cloud=code)
    api = ApiClient(application)
    api.delete("/purge/Diary", master=True)
    permissions = {name: {"requiresAuthentication": True} for name in ("find", "get", "create")}
    api.post("/schemas/Diary", {"className": "Diary", "fields": {"title": {"type": "String"}}}, master=True)
    api.put("/schemas/Diary", {"className": "Diary", "classLevelPermissions": permissions}, master=True)
    own = {"title": "dear diary", "ACL": {ann.id: {"read": True, "write": True}}}
    assert api.post("/classes/Diary", own, as_user=ann.token).status == 201
    return api


def called(api: ApiClient, name: str, body: dict[str, Any], **how: Any) -> Any:
    """The result of a function, or the code of its refusal."""
    answer = api.post(f"/functions/{name}", body, **how)
    assert answer.status < 500, answer.body
    return answer.json.get("result", answer.json.get("code"))


@pytest.mark.parametrize("who", ["nobody", "ann", "bob", "master", "read-only", "maintenance"])
def test_calls_of_code_have_the_rights_of_whom_they_name(who: str, diary: ApiClient, ann: Person, bob: Person) -> None:
    how = callers(ann, bob)[who]
    reads = {"ann": ["dear diary"], "bob": [], "master": ["dear diary"], "read-only": ["dear diary"]}
    assert called(diary, "read", {"as": "nobody"}, **how) == 101, "without a word it is nobody"
    assert called(diary, "read", {"as": "caller"}, **how) == reads.get(who, 101)
    assert called(diary, "read", {"as": "user"}, **how) == (reads[who] if who in ("ann", "bob") else 101)
    assert called(diary, "write", {"as": "nobody"}, **how) == 101
    assert called(diary, "write", {"as": "caller"}, **how) == (
        "written" if who in ("ann", "bob", "master") else 119 if who == "read-only" else 101
    )


@pytest.mark.parametrize("named", ["nobody", "caller"])
@pytest.mark.parametrize("who", ["ann", "master", "read-only"])
def test_a_function_called_by_a_function_sees_the_caller_it_was_given(
    who: str, named: str, diary: ApiClient, ann: Person, bob: Person
) -> None:
    how = callers(ann, bob)[who]
    expected: Any = {
        "ann": [False, False, ann.id, {}],
        "master": [True, False, None, {}],
        "read-only": [True, True, None, {}],
    }[who]
    headers = {"X-Parse-Cloud-Context": '{"secret": 1}'}
    assert called(diary, "outer", {"as": named}, headers=headers, **how) == (
        expected if named == "caller" else [False, False, None, {}]
    )


def finding(cloud: Cloud) -> None:
    """Finds that are answered with what the server may read."""

    @cloud.before_find("Diary")
    def everything(_request: Any) -> Any:
        if hidden:
            return list(hidden)
        return None

    @cloud.after_find("Diary")
    def touched(request: Any) -> Any:
        return request.objects


hidden: list[Object] = []


@pytest.mark.parametrize("who", ["nobody", "ann", "bob", "master"])
def test_what_a_find_is_answered_with_is_read_again_with_the_rights_of_the_caller(
    who: str, diary: ApiClient, configure: Configure, ann: Person, bob: Person
) -> None:
    configure(cloud=finding)
    how = callers(ann, bob)[who]
    (row,) = diary.get("/classes/Diary", master=True).json["results"]
    hidden[:] = [Object.from_json({"className": "Diary", **row, "title": "told by the trigger"})]
    try:
        found = diary.get("/classes/Diary", **how)
        one = diary.get(f"/classes/Diary/{row['objectId']}", **how)
    finally:
        hidden.clear()
    if who in ("ann", "master"):
        assert [each["objectId"] for each in found.json["results"]] == [row["objectId"]]
        assert one.status == 200
    elif who == "bob":
        assert (found.json["results"], one.status) == ([], 404)
    else:
        assert (found.status, one.status) == (404, 404)
    if who != "master":
        assert b"told by the trigger" not in found.body + one.body


def protecting(cloud: Cloud) -> None:
    """Triggers that look at, and change, what their class protects."""

    @cloud.before_save("Patient")
    def before(request: Any) -> None:
        request.object.set("illness", f"flu of {request.object.get('name')}")

    @cloud.after_save("Patient")
    def after(request: Any) -> None:
        request.object.set("illness", "shown by afterSave")

    @cloud.after_find("Patient")
    def found(request: Any) -> None:
        for each in request.objects:
            each.set("seen", True)


@pytest.mark.parametrize("name", ["protectedFieldsSaveResponseExempt"])
def test_no_trigger_shows_a_protected_field(diary: ApiClient, configure: Configure, ann: Person, name: str) -> None:
    configure(cloud=protecting, **{name: False})
    fields = {"name": {"type": "String"}, "illness": {"type": "String"}}
    rights: dict[str, Any] = {each: {"*": True} for each in ("find", "get", "create", "update", "count")}
    rights["protectedFields"] = {"*": ["illness"]}
    definition = {"className": "Patient", "fields": fields, "classLevelPermissions": rights}
    assert diary.post("/schemas/Patient", definition, master=True).status in (200, 400)
    made = diary.post("/classes/Patient", {"name": "ann"}, as_user=ann.token)
    path = f"/classes/Patient/{made.json['objectId']}"
    parts = [{"method": "POST", "path": "/parse/classes/Patient", "body": {"name": "b"}}]
    answers = [
        made,
        diary.put(path, {"name": "eve"}, as_user=ann.token),
        diary.post("/batch", {"requests": parts}, as_user=ann.token),
        diary.post("/batch", {"requests": parts, "transaction": True}, as_user=ann.token),
        diary.get(path, as_user=ann.token),
        diary.get("/classes/Patient", as_user=ann.token, query={"keys": "illness,name"}),
    ]
    assert [answer.status for answer in answers] == [201, 200, 200, 200, 200, 200]
    assert b"illness" not in b"".join(answer.body for answer in answers)
    assert diary.get(path, master=True).json["illness"] == "flu of eve"


def test_applications_share_no_code(configure: Configure, api: ApiClient, database_url: str) -> None:
    """Same names on one server; nothing crosses, also after one is configured anew, emptied and removed."""

    def named(name: str) -> Any:
        def setup(cloud: Cloud) -> None:
            cloud.function("who")(lambda _request: [name, Query("Shared").count(use_master_key=True)])
            cloud.before_save("Shared")(lambda request: request.object.set("by", name) and None)
            cloud.job("work")(lambda _request: name)

        return setup

    configure(cloud=named("one"))
    options = {**OPTIONS, "appId": "hostile-two", "cloud": named("two"), "masterKey": "another-master-key"}
    two = ApiClient(applications.configure(options))
    try:
        for client, name in ((api, "one"), (two, "two")):
            assert client.post("/classes/Shared", {}).json["by"] == name
            assert client.post("/functions/who", {}).json["result"] == [name, 1]
            status = client.post("/jobs/work", {}, master=True).headers["x-parse-job-status-id"]
            bell().settle(10)
            assert client.get(f"/classes/_JobStatus/{status}", master=True).json["message"] == name
            hook = {"functionName": f"hook of {name}", "url": "http://127.0.0.1:1/"}
            assert client.post("/hooks/functions", hook, master=True).status == 200
        assert [hook["functionName"] for hook in api.get("/hooks/functions", master=True).json] == ["hook of one"]
        two.application.reset()
        assert api.post("/functions/who", {}).json["result"] == ["one", 1]
        applications.configure({**options, "cloud": None})
        assert two.post("/functions/who", {}).error == (141, 'Invalid function: "who"')
        assert "by" not in two.post("/classes/Shared", {}).json
        assert api.post("/classes/Shared", {}).json["by"] == "one"
    finally:
        applications.remove("hostile-two")
    assert api.post("/functions/who", {}).json["result"] == ["one", 2]
    assert api.get("/cloud_code/jobs/data", master=True).json["jobs"] == ["work"]


@pytest.mark.parametrize("is_async", [False, True])
def test_many_calls_that_ask_at_once_wait_for_no_other_and_lose_nothing(
    configure: Configure, api: ApiClient, is_async: bool
) -> None:
    """200 calls of three queries each, and a trigger that counts, on 4 and on 32 threads, with 16 connections."""

    def setup(cloud: Cloud) -> None:
        def plain(request: FunctionRequest) -> Any:
            Query("Counter").count(use_master_key=True)
            Object("Counted").save(use_master_key=True)
            return Query("Counter").get(request.params["id"], use_master_key=True)["started"]

        async def later(request: FunctionRequest) -> Any:
            await Query("Counter").acount(use_master_key=True)
            await Object("Counted").asave(use_master_key=True)
            return (await Query("Counter").aget(request.params["id"], use_master_key=True))["started"]

        cloud.function("ask")(later if is_async else plain)

        @cloud.after_save("Counted")
        def count(_request: Any) -> None:
            (counter,) = Query("Counter").find(use_master_key=True)
            counter.increment("n")
            counter.save(use_master_key=True)

    configure(cloud=setup, databaseOptions={"maxPoolSize": 16})
    api.delete("/purge/Counter", master=True)
    counter = api.post("/classes/Counter", {"n": 0, "started": 1}, master=True).json["objectId"]
    before = []
    for threads in (4, 32):
        with ThreadPoolExecutor(threads) as pool:
            replies = list(pool.map(lambda _: api.post("/functions/ask", {"id": counter}).body, range(200)))
        assert set(replies) == {b'{"result":1}'}
        before.append(threading.active_count())
    assert api.get(f"/classes/Counter/{counter}", master=True).json["n"] == 400
    assert before[1] - before[0] < 40, "threads are of a number"
