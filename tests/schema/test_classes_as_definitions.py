"""Classes are created, changed, listed, dropped and emptied over `/schemas` and `/purge`."""

from __future__ import annotations

from typing import Any

import pytest

from parse_core.application import Application, applications
from tests.schema.conftest import OPTIONS
from tests.support.client import ApiClient

DEFAULTS = {
    "objectId": {"type": "String"},
    "createdAt": {"type": "Date"},
    "updatedAt": {"type": "Date"},
    "ACL": {"type": "ACL"},
}
OPERATIONS = ("find", "count", "get", "create", "update", "delete", "addField")
OPEN: Any = {
    "ACL": {"*": {"read": True, "write": True}},
    **{operation: {"*": True} for operation in OPERATIONS},
    "protectedFields": {"*": []},
}
CLOSED: Any = {**{operation: {} for operation in OPERATIONS}, "protectedFields": {}}
FIELDS: Any = {
    "string": {"type": "String", "required": True, "defaultValue": "x"},
    "number": {"type": "Number", "defaultValue": 0},
    "boolean": {"type": "Boolean", "defaultValue": False},
    "date": {"type": "Date", "defaultValue": {"__type": "Date", "iso": "2020-01-02T03:04:05.678Z"}},
    "object": {"type": "Object", "defaultValue": {"a": [1]}},
    "array": {"type": "Array", "defaultValue": []},
    "place": {"type": "GeoPoint"},
    "polygon": {"type": "Polygon"},
    "file": {"type": "File"},
    "bytes": {"type": "Bytes"},
    "pointer": {"type": "Pointer", "targetClass": "Unknown", "required": False},
    "relation": {"type": "Relation", "targetClass": "_User"},
    "hinted": {"type": "String", "hint": {"order": 1}},
}


def test_a_class_of_all_types_answers_its_definition(api: ApiClient) -> None:
    reply = api.post("/schemas/Game", {"className": "Game", "fields": FIELDS}, master=True)
    expected = {"className": "Game", "fields": {**DEFAULTS, **FIELDS}, "classLevelPermissions": OPEN}
    assert (reply.status, reply.json) == (200, expected)
    assert api.get("/schemas/Game", master=True).json == expected
    assert expected in api.get("/schemas", master=True).json["results"]


def test_a_default_of_null_is_no_default(api: ApiClient) -> None:
    body = {"fields": {"f": {"type": "String", "defaultValue": None}}}
    assert api.post("/schemas/Game", body, master=True).json["fields"]["f"] == {"type": "String"}


def test_permissions_are_stored_as_given_and_shown_filled_in(api: ApiClient) -> None:
    given = {"find": {"*": True}, "get": {"role:A": True, "ann": True}, "update": [], "writeUserFields": []}
    created = api.post("/schemas/Game", {"classLevelPermissions": given}, master=True)
    assert created.json["classLevelPermissions"] == {**CLOSED, **given}
    closed = api.put("/schemas/Game", {"classLevelPermissions": {}}, master=True)
    assert closed.json["classLevelPermissions"] == CLOSED
    reset = api.put("/schemas/Game", {"classLevelPermissions": None}, master=True)
    assert reset.json["classLevelPermissions"] == OPEN


def test_a_modification_of_nothing_answers_the_class_as_it_is(api: ApiClient) -> None:
    before = api.post("/schemas/Game", {"fields": FIELDS, "indexes": {"i": {"string": 1}}}, master=True)
    bodies: list[Any] = [{}, {"fields": {}}, {"indexes": {}}, {"className": "Game"}, {"fields": DEFAULTS}]
    for body in bodies:
        assert api.put("/schemas/Game", body, master=True).json == before.json


def test_options_of_a_field_are_replaced_as_a_whole(api: ApiClient) -> None:
    api.post("/schemas/Game", {"fields": {"f": {"type": "String", "required": True, "x": 1}}}, master=True)
    changed = api.put("/schemas/Game", {"fields": {"f": {"type": "String", "defaultValue": "a"}}}, master=True)
    assert changed.json["fields"]["f"] == {"type": "String", "defaultValue": "a"}
    assert api.put("/schemas/Game", {"fields": {"f": {"type": "String"}}}, master=True).json["fields"]["f"] == {
        "type": "String"
    }


def test_a_deleted_field_takes_its_values_with_it_and_may_come_back_as_another_type(api: ApiClient) -> None:
    object_id = api.post("/classes/Game", {"f": "text", "kept": 1}, master=True).json["objectId"]
    deleted = api.put("/schemas/Game", {"fields": {"f": {"__op": "Delete"}, "g": {"type": "Number"}}}, master=True)
    assert deleted.json["fields"] == {**DEFAULTS, "kept": {"type": "Number"}, "g": {"type": "Number"}}
    assert "f" not in api.get(f"/classes/Game/{object_id}", master=True).json
    assert api.put("/schemas/Game", {"fields": {"f": {"type": "Number"}}}, master=True).status == 200
    assert api.put(f"/classes/Game/{object_id}", {"f": 5}, master=True).status == 200
    assert api.get(f"/classes/Game/{object_id}", master=True).json["f"] == 5


def test_a_deleted_relation_forgets_its_links(api: ApiClient) -> None:
    target = api.post("/classes/Tag", {}, master=True).json["objectId"]
    link = {"__op": "AddRelation", "objects": [{"__type": "Pointer", "className": "Tag", "objectId": target}]}
    owner = api.post("/classes/Game", {"tags": link}, master=True).json["objectId"]
    api.put("/schemas/Game", {"fields": {"tags": {"__op": "Delete"}}}, master=True)
    api.put("/schemas/Game", {"fields": {"tags": {"type": "Relation", "targetClass": "Tag"}}}, master=True)
    pointer = {"__type": "Pointer", "className": "Game", "objectId": owner}
    where = {"$relatedTo": {"object": pointer, "key": "tags"}}
    assert api.get("/classes/Tag", query={"where": where}, master=True).json == {"results": []}


def test_one_geo_point_may_take_the_place_of_another(api: ApiClient) -> None:
    api.post("/schemas/Game", {"fields": {"g1": {"type": "GeoPoint"}}}, master=True)
    swap = {"fields": {"g1": {"__op": "Delete"}, "g2": {"type": "GeoPoint"}}}
    assert api.put("/schemas/Game", swap, master=True).json["fields"] == {**DEFAULTS, "g2": {"type": "GeoPoint"}}


def test_a_system_class_takes_further_fields_but_keeps_its_own(api: ApiClient) -> None:
    added = api.put("/schemas/_User", {"fields": {"nickname": {"type": "String"}}}, master=True)
    assert added.json["fields"]["nickname"] == {"type": "String"}
    refused = api.put("/schemas/_User", {"fields": {"username": {"__op": "Delete"}}}, master=True)
    assert refused.error == (136, "field username cannot be changed")
    assert api.put("/schemas/_User", {"fields": {"nickname": {"__op": "Delete"}}}, master=True).status == 200


def test_indexes_are_listed_with_the_primary_key_and_leave_permissions_alone(api: ApiClient) -> None:
    closed = {"fields": {"a": {"type": "String"}, "p": {"type": "Pointer", "targetClass": "_User"}}}
    api.post("/schemas/Game", {**closed, "classLevelPermissions": {"find": {"*": True}}}, master=True)
    added = api.put("/schemas/Game", {"indexes": {"i": {"a": 1, "_p_p": -1, "createdAt": 1}}}, master=True).json
    assert added["indexes"] == {"_id_": {"_id": 1}, "i": {"a": 1, "_p_p": -1, "createdAt": 1}}
    assert added["classLevelPermissions"] == {**CLOSED, "find": {"*": True}}
    both = {"indexes": {"i": {"__op": "Delete"}, "j": {"b": "text"}}, "fields": {"b": {"type": "String"}}}
    assert api.put("/schemas/Game", both, master=True).json["indexes"] == {"_id_": {"_id": 1}, "j": {"b": "text"}}
    other = api.post("/schemas/Other", {"indexes": {"j": {"objectId": 1}}}, master=True)
    assert other.json["indexes"]["j"] == {"objectId": 1}


def test_a_class_with_objects_is_not_dropped_until_it_is_emptied(api: ApiClient) -> None:
    for _ in range(3):
        api.post("/classes/Game", {"f": 1}, master=True)
    assert api.delete("/schemas/Game", master=True).error == (
        255,
        "Class Game is not empty, contains 3 objects, cannot drop schema.",
    )
    purged = api.delete("/purge/Game", master=True)
    assert (purged.status, purged.json, purged.moments) == (200, {}, {})
    assert api.get("/schemas/Game", master=True).json["fields"]["f"] == {"type": "Number"}
    dropped = api.delete("/schemas/Game", master=True)
    assert (dropped.status, dropped.json) == (200, {})
    assert api.post("/schemas/Game", {"fields": {"f": {"type": "Boolean"}}}, master=True).status == 200


@pytest.mark.parametrize("path", ["/schemas/Nowhere", "/purge/Nowhere", "/purge/_Nowhere"])
def test_dropping_or_emptying_what_is_not_there_succeeds(api: ApiClient, path: str) -> None:
    reply = api.delete(path, master=True)
    assert (reply.status, reply.json) == (200, {})


@pytest.mark.parametrize("name", ["a-b", "_GlobalConfig", "_Join:users:_Role"])
def test_dropping_what_can_be_no_class_is_refused(api: ApiClient, name: str) -> None:
    assert api.delete(f"/schemas/{name}", master=True).error[0] == 103


def test_names_are_case_sensitive(api: ApiClient) -> None:
    api.post("/schemas/Game", {}, master=True)
    assert api.get("/schemas/game", master=True).error == (103, "Class game does not exist.")


def test_a_process_sees_at_once_what_another_one_defined(api: ApiClient, application: Application) -> None:
    there = Application(application.id, application.options, application.database)
    assert not there.schemas["Game"].exists
    api.post("/schemas/Game", {"fields": {"f": {"type": "String"}}}, master=True)
    there.schemas.refresh()
    assert there.schemas["Game"].fields["f"].type == "String"


REQUESTS = [
    ("GET", "/schemas", "read"),
    ("GET", "/schemas/_User", "read"),
    ("POST", "/schemas", "create a schema"),
    ("POST", "/schemas/Game", "create a schema"),
    ("PUT", "/schemas/_User", "update a schema"),
    ("DELETE", "/schemas/_User", "delete a schema"),
    ("DELETE", "/purge/_User", "purge a schema"),
]


@pytest.mark.parametrize(("method", "path", "what"), REQUESTS)
def test_only_the_master_key_may(api: ApiClient, method: str, path: str, what: str) -> None:
    for how in ({}, {"maintenance": True}, {"headers": {"X-Parse-Master-Key": "wrong"}}):
        reply = api.request(method, path, {}, **how)
        assert (reply.status, reply.json) == (403, {"error": "Permission denied"})
    reply = api.request(method, path, {}, read_only=True)
    if what == "read":
        assert reply.status == 200
    else:
        assert (reply.status, reply.error) == (400, (119, "Permission denied"))


@pytest.mark.parametrize(("method", "path", "what"), REQUESTS)
def test_the_log_tells_what_the_read_only_key_may_not(
    application: Application, method: str, path: str, what: str
) -> None:
    detailed = ApiClient(applications.configure({**OPTIONS, "enableSanitizedErrorResponse": False}))
    if what != "read":
        reply = detailed.request(method, path, {}, read_only=True)
        assert reply.error == (119, f"read-only masterKey isn't allowed to {what}.")


def test_locked_schemas_are_neither_created_nor_modified(application: Application) -> None:
    api = ApiClient(applications.configure({**OPTIONS, "schema": {"lockSchemas": True}}))
    locked = (119, "Cannot perform this operation when schemas options is used.")
    assert api.post("/schemas/Game", {}, master=True).error == locked
    assert api.put("/schemas/_User", {}, master=True).error == locked
    assert api.delete("/schemas/Game", master=True).status == 200
