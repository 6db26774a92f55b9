"""Class-level permissions over HTTP: which permission guards which request, and what each form of entry decides."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import pytest

from tests.permissions.conftest import Callers, user
from tests.support.client import Reply

Answer = Literal["allowed", "forbidden", "sign in", "not there", "empty"]
OPERATIONS = ("find", "get", "count", "create", "update", "delete", "addField")
OPEN: dict[str, Any] = {name: {"*": True} for name in OPERATIONS}
FIELDS = {
    "n": {"type": "Number"},
    "owner": {"type": "Pointer", "targetClass": "_User"},
    "editors": {"type": "Array"},
}
OBJECT = {"n": 1, "owner": user("ann"), "editors": [user("bob"), "text", None]}
REQUESTS = {
    "get": ("GET", "/classes/Post/x", {}),
    "find": ("GET", "/classes/Post", {}),
    "find by a condition": ("GET", "/classes/Post", {"where": {"n": 1}}),
    "find by objectId": ("GET", "/classes/Post", {"where": {"objectId": "x"}}),
    "count": ("GET", "/classes/Post", {"count": 1}),
    "count alone": ("GET", "/classes/Post", {"count": 1, "limit": 0}),
    "create": ("POST", "/classes/Post", {"n": 2}),
    "create with a new field": ("POST", "/classes/Post", {"n": 2, "new": 1}),
    "update": ("PUT", "/classes/Post/x", {"n": 2}),
    "update with a new field": ("PUT", "/classes/Post/x", {"new": 1}),
    "update with a new relation": (
        "PUT",
        "/classes/Post/x",
        {"tags": {"__op": "AddRelation", "objects": [{"__type": "Pointer", "className": "Tag", "objectId": "t"}]}},
    ),
    "create with a new field and a wrong type": ("POST", "/classes/Post", {"n": "text", "new": 1}),
    "update with a new field and a wrong type": ("PUT", "/classes/Post/x", {"n": "text", "new": 1}),
    "create with a new null": ("POST", "/classes/Post", {"n": 2, "new": None}),
    "update inside a field": ("PUT", "/classes/Post/x", {"editors.0": "a"}),
    "unset an unknown field": ("PUT", "/classes/Post/x", {"new": {"__op": "Delete"}}),
    "delete": ("DELETE", "/classes/Post/x", {}),
}
EVERY_REQUEST = tuple(name for name in REQUESTS if "wrong" not in name)
ADDING_AMISS = ("create with a new field and a wrong type", "update with a new field and a wrong type")
ADDING = ("create with a new field", "update with a new field", "update with a new relation", "create with a new null")


class Case(NamedTuple):
    """With these permissions, these callers get this answer to these requests."""

    why: str
    permissions: dict[str, Any]
    requests: tuple[str, ...]
    answers: dict[str, Answer]


def everywhere(entry: dict[str, Any]) -> dict[str, Any]:
    """Permissions with the same entry for every operation."""
    return dict.fromkeys(OPERATIONS, entry)


CASES = [
    Case("no entry is open to anybody", {}, EVERY_REQUEST, {"anonymous": "forbidden", "ann": "forbidden"}),
    Case("the keys are above permissions", {}, EVERY_REQUEST, {"master": "allowed", "maintenance": "allowed"}),
    Case("everything is open", OPEN, EVERY_REQUEST, {"anonymous": "allowed", "ann": "allowed"}),
    Case("an empty array is nobody", {**OPEN, "find": []}, ("find",), {"ann": "forbidden", "anonymous": "forbidden"}),
    Case(
        "find without get",
        {**OPEN, "get": {}},
        ("get", "find by objectId"),
        {"ann": "forbidden"},
    ),
    Case("find without get", {**OPEN, "get": {}}, ("find", "find by a condition", "count"), {"ann": "allowed"}),
    Case("get without find", {**OPEN, "find": {}}, ("find", "find by a condition", "count"), {"ann": "forbidden"}),
    Case("get without find", {**OPEN, "find": {}}, ("get", "find by objectId", "count alone"), {"ann": "allowed"}),
    Case("find without count", {**OPEN, "count": {}}, ("count", "count alone"), {"ann": "forbidden"}),
    Case("find without count", {**OPEN, "count": {}}, ("find",), {"ann": "allowed"}),
    Case("no new fields", {**OPEN, "addField": {}}, ADDING, {"ann": "forbidden", "anonymous": "forbidden"}),
    Case("a right is looked at before types", {**OPEN, "addField": {}}, ADDING_AMISS, {"ann": "forbidden"}),
    Case(
        "no new fields",
        {**OPEN, "addField": {}},
        ("create", "update", "update inside a field", "unset an unknown field"),
        {"ann": "allowed"},
    ),
    Case(
        "a user and a role",
        everywhere({"ann": True, "role:Staff": True}),
        EVERY_REQUEST,
        {"ann": "allowed", "cyd": "allowed", "bob": "forbidden", "anonymous": "forbidden"},
    ),
    Case(
        "requiresAuthentication",
        everywhere({"requiresAuthentication": True}),
        EVERY_REQUEST,
        {"anonymous": "sign in", "ann": "allowed", "bob": "allowed"},
    ),
    Case(
        "requiresAuthentication beside a pointer still filters rows",
        everywhere({"requiresAuthentication": True, "pointerFields": ["owner"]}),
        ("get", "update", "delete"),
        {"anonymous": "sign in", "ann": "allowed", "bob": "not there"},
    ),
    Case(
        "a pointer of the operation",
        {**OPEN, "get": {"pointerFields": ["owner"]}, "find": {"pointerFields": ["owner"]}},
        ("get",),
        {"ann": "allowed", "bob": "not there", "anonymous": "not there"},
    ),
    Case(
        "a pointer of the operation",
        {**OPEN, "get": {"pointerFields": ["owner"]}, "find": {"pointerFields": ["owner"]}},
        ("find", "find by objectId", "find by a condition"),
        {"ann": "allowed", "bob": "empty", "anonymous": "empty"},
    ),
    Case(
        "an array of pointers",
        {**OPEN, "get": {"pointerFields": ["editors"]}, "update": {"pointerFields": ["editors"]}},
        ("get", "update"),
        {"bob": "allowed", "ann": "not there", "anonymous": "not there"},
    ),
    Case(
        "no pointer fields at all is nobody",
        {**OPEN, "find": {"pointerFields": []}},
        ("find",),
        {"ann": "forbidden"},
    ),
    Case(
        "readUserFields",
        {"readUserFields": ["owner", "editors"]},
        ("get",),
        {"ann": "allowed", "bob": "allowed", "cyd": "not there", "anonymous": "not there"},
    ),
    Case(
        "readUserFields",
        {"readUserFields": ["owner"]},
        ("find", "count", "count alone"),
        {"ann": "allowed", "bob": "empty", "anonymous": "empty"},
    ),
    Case(
        "readUserFields give no writes",
        {"readUserFields": ["owner"]},
        ("create", "update", "delete"),
        {"ann": "forbidden"},
    ),
    Case(
        "writeUserFields",
        {"writeUserFields": ["owner"]},
        ("update", "delete", "update with a new field"),
        {"ann": "allowed", "bob": "not there", "anonymous": "not there"},
    ),
    Case("writeUserFields never create", {"writeUserFields": ["owner"]}, ("create",), {"ann": "forbidden"}),
    Case(
        "a pointer for addField is for updates alone",
        {**OPEN, "addField": {"pointerFields": ["owner"]}},
        ("update with a new field", "update with a new relation"),
        {"ann": "allowed", "bob": "not there"},
    ),
    Case(
        "a pointer for addField is for updates alone",
        {**OPEN, "addField": {"pointerFields": ["owner"]}},
        ("create with a new field",),
        {"ann": "forbidden", "bob": "forbidden"},
    ),
    Case(
        "holders of the key are not filtered",
        {**OPEN, "get": {"role:Staff": True, "pointerFields": ["owner"]}},
        ("get",),
        {"ann": "allowed", "cyd": "allowed", "bob": "not there"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.why}: {', '.join(case.requests)}"[:80])
def test_decision(callers: Callers, case: Case) -> None:
    callers.define("Post", FIELDS, case.permissions)
    for request in case.requests:
        for caller, answer in case.answers.items():
            callers.delete("master", "/purge/Post")
            callers.create("Post", {**OBJECT, "objectId": "x"})
            reply = ask(callers, caller, request)
            assert answer_of(reply) == answer, (request, caller, reply.body)
            forget_new_fields(callers)


def ask(callers: Callers, caller: str, request: str) -> Reply:
    method, path, body = REQUESTS[request]
    how = callers.how(caller)
    if method == "GET":
        return callers.api.get(path, query=body, **how)
    return callers.api.request(method, path, body, **how)


def answer_of(reply: Reply) -> str:
    """The answer by the words of the table; refusals by their whole form."""
    if reply.status in (200, 201):
        body = reply.json
        if "count" in body:
            return "allowed" if body["count"] else "empty"
        return "empty" if body.get("results") == [] else "allowed"
    words: dict[Any, str] = {
        (400, (119, "Permission denied")): "forbidden",
        (404, (101, "Permission denied")): "sign in",
        (404, (101, "Object not found.")): "not there",
        (404, (101, "Object not found for delete.")): "not there",
    }
    return words.get((reply.status, reply.error), str(reply.body))


def forget_new_fields(callers: Callers) -> None:
    fields = callers.get("master", "/schemas/Post").json["fields"]
    added = {name: {"__op": "Delete"} for name in ("new", "tags") if name in fields}
    if added:
        callers.put("master", "/schemas/Post", {"fields": added})


def test_the_first_creation_of_a_class_needs_no_right_to_add_fields(callers: Callers) -> None:
    assert callers.post("anonymous", "/classes/Fresh", {"a": 1}).status == 201


def test_the_own_condition_is_joined_to_that_of_the_pointer(callers: Callers) -> None:
    callers.define("Post", FIELDS, {"readUserFields": ["owner"]})
    callers.create("Post", OBJECT)
    assert len(callers.find("ann", "Post", where={"owner": user("ann")}).json["results"]) == 1
    assert callers.find("ann", "Post", where={"owner": user("bob")}).json["results"] == []
    assert callers.find("bob", "Post", where={"owner": user("ann")}).json["results"] == []


def test_the_pointer_need_not_be_among_the_keys(callers: Callers) -> None:
    callers.define("Post", FIELDS, {"readUserFields": ["owner"]})
    callers.create("Post", {**OBJECT, "objectId": "x"})
    result = callers.find("ann", "Post", keys="n").json["results"][0]
    assert set(result) == {"objectId", "createdAt", "updatedAt", "n"}


def test_a_pointer_column_that_is_gone_opens_nothing(callers: Callers) -> None:
    callers.define("Post", FIELDS, {"readUserFields": ["owner"]})
    callers.create("Post", OBJECT)
    callers.put("master", "/schemas/Post", {"fields": {"owner": {"__op": "Delete"}}})
    assert callers.find("ann", "Post").json["results"] == []
    callers.put("master", "/schemas/Post", {"fields": {"owner": {"type": "Pointer", "targetClass": "Other"}}})
    assert callers.find("ann", "Post").json["results"] == []


def test_a_refused_write_leaves_no_field_behind(callers: Callers) -> None:
    callers.define("Post", FIELDS, {**OPEN, "addField": {"pointerFields": ["owner"]}})
    object_id = callers.create("Post", OBJECT)
    assert callers.put("bob", f"/classes/Post/{object_id}", {"new": 1}).status == 404
    assert "new" not in callers.get("master", "/schemas/Post").json["fields"]


def test_refusals_are_worded_for_operators(callers: Callers, configure: Any) -> None:
    configure(enableSanitizedErrorResponse=False)
    callers.define("Post", FIELDS, {"get": {"requiresAuthentication": True}})
    assert callers.find("ann", "Post").error == (119, "Permission denied for action find on class Post.")
    assert callers.get("anonymous", "/classes/Post/x").error == (
        101,
        "Permission denied, user needs to be authenticated.",
    )


@pytest.mark.parametrize("caller", ["anonymous", "ann"])
def test_a_class_nobody_created_is_closed_unless_clients_may_create_classes(
    callers: Callers, configure: Any, caller: str
) -> None:
    configure(allowClientClassCreation=False, enableSanitizedErrorResponse=False)
    refused = (119, "This user is not allowed to access non-existent class: Nowhere")
    assert callers.post(caller, "/classes/Nowhere", {"a": 1}).error == refused
    assert callers.find(caller, "Nowhere").error == refused
    assert callers.get(caller, "/classes/Nowhere/x").error == refused
    assert callers.put(caller, "/classes/Nowhere/x").error == refused
    assert callers.delete(caller, "/classes/Nowhere/x").error == refused
    assert callers.find("master", "Nowhere").json == {"results": []}
    assert callers.find(caller, "_Product").json == {"results": []}
    assert callers.post("master", "/classes/Nowhere", {"a": 1}).status == 201


def test_the_read_only_key_reads_everything_and_writes_nothing(callers: Callers) -> None:
    callers.define("Post", FIELDS, {})
    callers.create("Post", {**OBJECT, "objectId": "x", "ACL": {}})
    assert callers.get("read_only", "/classes/Post/x").status == 200
    assert callers.find("read_only", "Post").json["results"][0]["n"] == 1
    for method, path in (("POST", "/classes/Post"), ("PUT", "/classes/Post/x"), ("DELETE", "/classes/Post/x")):
        reply = callers.api.request(method, path, {}, read_only=True)
        assert (reply.status, reply.error) == (400, (119, "Permission denied"))
