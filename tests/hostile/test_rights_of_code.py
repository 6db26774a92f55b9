"""Cloud Code gives nobody more than he may have unless its author says so (`contract/cloud.md` C, §4.7)."""

from __future__ import annotations

from typing import Any

import pytest

from parse_cloud import FunctionRequest, Object, Query
from parse_cloud.author.cloud import Cloud
from parse_core.application import Application
from tests.auth.people import Person
from tests.hostile.conftest import Configure
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
