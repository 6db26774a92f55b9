"""ACLs: who reads and who writes which object, for every kind of ACL and every verb."""

from __future__ import annotations

from typing import Any

import pytest

from tests.permissions.conftest import Callers

READ, WRITE = {"read": True}, {"write": True}
BOTH = READ | WRITE
EVERYBODY = ("anonymous", "ann", "bob", "cyd", "master", "maintenance")
KEYS = ("master", "maintenance")

MATRIX: list[tuple[str, Any, tuple[str, ...], tuple[str, ...]]] = [
    # which ACL, its readers, its writers
    ("none", None, EVERYBODY, EVERYBODY),
    ("public read", {"*": READ}, EVERYBODY, KEYS),
    ("owner only", {"ann": BOTH}, ("ann", *KEYS), ("ann", *KEYS)),
    ("locked", {}, KEYS, KEYS),
    ("public write without read", {"*": WRITE}, KEYS, EVERYBODY),
    ("owner reads, public writes", {"ann": READ, "*": WRITE}, ("ann", *KEYS), EVERYBODY),
    ("a role", {"role:Staff": BOTH}, ("cyd", *KEYS), ("cyd", *KEYS)),
    ("a role nobody has", {"role:Board": BOTH}, KEYS, KEYS),
    ("public read, owner writes", {"*": READ, "ann": BOTH}, EVERYBODY, ("ann", *KEYS)),
    ("false flags", {"*": {"read": False, "write": False}, "bob": READ}, ("bob", *KEYS), KEYS),
]
NOT_FOUND = (404, (101, "Object not found."))


@pytest.mark.parametrize(("acl", "readers"), [pytest.param(row[1], row[2], id=row[0]) for row in MATRIX])
def test_readers(callers: Callers, acl: Any, readers: tuple[str, ...]) -> None:
    body = {"n": 1} if acl is None else {"n": 1, "ACL": acl}
    object_id = callers.create("Post", body)
    for caller in EVERYBODY:
        got = callers.get(caller, f"/classes/Post/{object_id}")
        found = callers.find(caller, "Post", where={"n": 1}, count=1)
        by_id = callers.find(caller, "Post", where={"objectId": object_id})
        counted = callers.find(caller, "Post", count=1, limit=0)
        if caller in readers:
            assert got.json["n"] == 1, caller
        else:
            assert (got.status, got.error) == NOT_FOUND, caller
        expected = 1 if caller in readers else 0
        assert (len(found.json["results"]), found.json["count"]) == (expected, expected), caller
        assert len(by_id.json["results"]) == expected, caller
        assert counted.json == {"results": [], "count": expected}, caller


@pytest.mark.parametrize(("acl", "writers"), [pytest.param(row[1], row[3], id=row[0]) for row in MATRIX])
def test_writers(callers: Callers, acl: Any, writers: tuple[str, ...]) -> None:
    body = {"n": 1} if acl is None else {"n": 1, "ACL": acl}
    for caller in EVERYBODY:
        object_id = callers.create("Post", body)
        path = f"/classes/Post/{object_id}"
        updated, deleted = callers.put(caller, path, {"n": 2}), callers.delete(caller, path)
        if caller in writers:
            assert (updated.status, deleted.status) == (200, 200), caller
        else:
            assert (updated.status, updated.error) == NOT_FOUND, caller
            assert (deleted.status, deleted.error[0]) == (404, 101), caller
            assert callers.get("master", path).json["n"] == 1, caller


def test_a_null_acl_leaves_it_and_a_deleted_one_locks(callers: Callers) -> None:
    object_id = callers.create("Post", {"ACL": {"ann": BOTH}})
    path = f"/classes/Post/{object_id}"
    assert callers.put("ann", path, {"ACL": None}).status == 200
    assert callers.get("ann", path).json["ACL"] == {"ann": BOTH}
    assert callers.put("ann", path, {"ACL": {"__op": "Delete"}}).status == 200
    assert callers.get("ann", path).status == 404
    assert callers.get("master", path).json["ACL"] == {}


@pytest.mark.parametrize("acl", [{"*unresolved": READ}, "public", {"ann": None}, [], 5])
def test_what_is_no_acl_is_refused(callers: Callers, acl: Any) -> None:
    reply = callers.post("ann", "/classes/Post", {"ACL": acl})
    assert (reply.status, reply.error) == (400, (123, "Invalid ACL."))


def test_the_default_acl_of_a_class_is_given_to_new_objects_and_echoed(callers: Callers) -> None:
    acl = {"*": READ, "currentUser": BOTH}
    callers.define("Post", {"n": {"type": "Number"}}, {**OPEN, "ACL": acl})
    created = callers.post("ann", "/classes/Post", {"n": 1})
    assert created.json["ACL"] == {"*": READ, "ann": BOTH}
    path = f"/classes/Post/{created.json['objectId']}"
    assert callers.put("bob", path, {"n": 2}).status == 404
    assert callers.put("ann", path, {"n": 2, "ACL": {"bob": BOTH}}).status == 200
    assert callers.get("bob", path).json["ACL"] == {"bob": BOTH}
    assert callers.post("anonymous", "/classes/Post", {"n": 1}).json["ACL"] == {"*": READ}
    own = callers.post("ann", "/classes/Post", {"n": 1, "ACL": {"bob": READ}})
    assert "ACL" not in own.json


OPEN = {name: {"*": True} for name in ("find", "get", "count", "create", "update", "delete", "addField")}
