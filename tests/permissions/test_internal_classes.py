"""What the server keeps for itself is closed to clients, whatever the way in (`hostile.md` §3, `objects.md` §17)."""

from __future__ import annotations

from typing import Any

import pytest

from parse_core.schema.system_class import system_classes
from tests.permissions.conftest import Callers

ALWAYS_CLOSED = [
    "_Join:users:_Role",
    "_Join%3Ausers%3A_Role",
    "_Join:roles:_Role",
    "_SCHEMA",
    "_Foo",
    "__proto__",
    "_Hooks",
    "_JobStatus",
    "_PushStatus",
    "_JobSchedule",
    "_Audience",
    "_GlobalConfig",
    "_GraphQLConfig",
    "_Idempotency",
]
REQUESTS: list[tuple[str, str, Any]] = [
    ("GET", "", {}),
    ("GET", "", {"count": 1, "limit": 0}),
    ("GET", "/x", {}),
    ("POST", "", {"owningId": "r", "relatedId": "ann"}),
    ("PUT", "/x", {"relatedId": "ann"}),
    ("DELETE", "/x", {}),
]
CLOSED = (400, (119, "Permission denied"))


@pytest.mark.parametrize("name", ALWAYS_CLOSED)
@pytest.mark.parametrize("caller", ["anonymous", "ann"])
def test_every_verb_of_a_client_is_refused(callers: Callers, name: str, caller: str) -> None:
    for method, rest, body in REQUESTS:
        how = {"query": body} if method == "GET" else {"body": body}
        reply = callers.api.request(method, f"/classes/{name}{rest}", **how, **callers.how(caller))
        assert (reply.status, reply.error) == CLOSED, (method, rest)


def test_the_list_above_is_complete() -> None:
    closed = {name for name, declared in system_classes.items() if declared.master_only}
    assert closed <= {*ALWAYS_CLOSED}


@pytest.mark.parametrize("name", ["_Hooks", "_GlobalConfig", "_Idempotency"])
def test_a_batch_is_no_way_in(callers: Callers, name: str) -> None:
    path = f"/parse/classes/{name}"
    reply = callers.post("ann", "/batch", {"requests": [{"method": "POST", "path": path, "body": {"a": 1}}]})
    assert reply.json == [{"error": {"code": 119, "error": "Permission denied"}}]


@pytest.mark.parametrize("name", ["_JobStatus", "_GlobalConfig", "_Session", "Closed"])
def test_neither_is_an_include_or_a_sub_query(callers: Callers, name: str) -> None:
    callers.define("Closed", {"a": {"type": "Number"}}, {})
    callers.define("Box", {"p": {"type": "Pointer", "targetClass": name}})
    callers.create("Box", {"p": {"__type": "Pointer", "className": name, "objectId": "x"}})
    where = {"p": {"$inQuery": {"className": name, "where": {"a": 1}}}}
    for query in ({"include": "p"}, {"where": where}):
        reply = callers.find("anonymous", "Box", **query)
        expected = (400, (209, "Permission denied")) if name == "_Session" else CLOSED
        assert (reply.status, reply.error) == expected, query


@pytest.mark.parametrize("name", ["_JobStatus", "_GlobalConfig", "Closed"])
def test_neither_is_the_way_over_a_relation(callers: Callers, name: str) -> None:
    callers.define("Closed", {"a": {"type": "Number"}}, {})
    callers.define("Box", {"links": {"type": "Relation", "targetClass": name}})
    reply = callers.find("ann", "Box", redirectClassNameForKey="links")
    assert (reply.status, reply.error) == CLOSED


def test_the_texts_for_operators_name_verb_and_class(callers: Callers, configure: Any) -> None:
    configure(enableSanitizedErrorResponse=False)
    verbs = [("GET", "", "find"), ("GET", "/x", "get"), ("POST", "", "create"), ("PUT", "/x", "update")]
    for name in ("_GlobalConfig", "_Join:users:_Role"):
        for method, rest, verb in verbs:
            reply = callers.api.request(method, f"/classes/{name}{rest}", {} if method != "GET" else None)
            assert reply.error == (
                119,
                f"Clients aren't allowed to perform the {verb} operation on the {name} collection.",
            )


def test_links_are_written_through_their_owner_alone(callers: Callers) -> None:
    for method, rest in (("POST", ""), ("PUT", "/x"), ("DELETE", "/x")):
        reply = callers.api.request(method, f"/classes/_Join:users:_Role{rest}", {}, master=True)
        assert (reply.status, reply.error) == CLOSED


def test_the_owner_s_relation_opens_only_to_those_who_may_read_the_owner(callers: Callers) -> None:
    tag = callers.create("Tag", {"n": 1})
    link = {"__op": "AddRelation", "objects": [{"__type": "Pointer", "className": "Tag", "objectId": tag}]}
    owner = callers.create("Post", {"tags": link, "ACL": {"ann": {"read": True}}})
    where = {"$relatedTo": {"object": {"__type": "Pointer", "className": "Post", "objectId": owner}, "key": "tags"}}
    seen = {name: len(callers.find(name, "Tag", where=where).json["results"]) for name in ("ann", "bob", "master")}
    assert seen == {"ann": 1, "bob": 0, "master": 1}


def test_definitions_of_what_is_kept_inside_are_shown_but_not_listed(callers: Callers) -> None:
    shown = callers.get("master", "/schemas/_Idempotency").json
    assert shown["fields"]["reqId"] == {"type": "String"}
    assert shown["classLevelPermissions"] == {}
    listed = {schema["className"] for schema in callers.get("master", "/schemas").json["results"]}
    assert {"_User", "_Role"} <= listed
    assert "_Idempotency" not in listed
