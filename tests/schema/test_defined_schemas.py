"""The option `schema`: what becomes of classes when an application is configured (`contract/objects.md` §23)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from parse_core.application import Application, applications
from parse_core.errors import InternalError
from parse_core.options import ConfigurationError, Options, SchemaOptions
from parse_core.schema import migration
from parse_core.schema.defined import parse_definitions
from parse_core.schema.migration import migrate, present_plan
from parse_core.state import Readiness
from parse_core.store.sql import Sql
from tests.schema.conftest import OPTIONS
from tests.support.client import ApiClient

CLOSED: dict[str, Any] = {"find": {}, "count": {}, "get": {}, "create": {}, "update": {}, "delete": {}, "addField": {}}
DEFAULTS = {"objectId", "createdAt", "updatedAt", "ACL"}
TITLE = {"type": "String"}


def define(*definitions: Mapping[str, Any], **options: Any) -> Application:
    return applications.configure({**OPTIONS, "schema": {"definitions": list(definitions), **options}})


def options_of(*definitions: Mapping[str, Any], **options: Any) -> SchemaOptions:
    parsed = Options.parse({**OPTIONS, "schema": {"definitions": list(definitions), **options}}).schema
    assert parsed is not None
    return parsed


def shown(api: ApiClient, name: str) -> Any:
    return api.get(f"/schemas/{name}", master=True).json


@dataclass(frozen=True)
class Case:
    """A class as it was defined, how it is defined then, and what it has afterwards besides the default fields."""

    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict)
    indexes: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


CASES = (
    Case("a field is added", {}, {"fields": {"title": TITLE}}, {"title": TITLE}),
    Case("a field that is not defined stays", {"fields": {"title": TITLE}}, {}, {"title": TITLE}),
    Case(
        "a field that is not defined goes where that is allowed",
        {"fields": {"title": TITLE}},
        {},
        {},
        options={"deleteExtraFields": True},
    ),
    Case(
        "a field of another type stays as it is",
        {"fields": {"title": TITLE}},
        {"fields": {"title": {"type": "Number"}, "n": {"type": "Number"}}},
        {"title": TITLE, "n": {"type": "Number"}},
    ),
    Case(
        "a field of another type is made anew where that is allowed",
        {"fields": {"title": TITLE}},
        {"fields": {"title": {"type": "Number"}}},
        {"title": {"type": "Number"}},
        options={"recreateModifiedFields": True},
    ),
    Case(
        "a pointer to another class is another type",
        {"fields": {"to": {"type": "Pointer", "targetClass": "_User"}}},
        {"fields": {"to": {"type": "Pointer", "targetClass": "_Role"}}},
        {"to": {"type": "Pointer", "targetClass": "_Role"}},
        options={"recreateModifiedFields": True},
    ),
    Case(
        "a relation is made anew with its links",
        {"fields": {"to": {"type": "Relation", "targetClass": "_User"}}},
        {"fields": {"to": {"type": "Relation", "targetClass": "_Role"}}},
        {"to": {"type": "Relation", "targetClass": "_Role"}},
        options={"recreateModifiedFields": True},
    ),
    Case(
        "options of a field are those of the definition",
        {"fields": {"title": {**TITLE, "required": True, "defaultValue": "a"}}},
        {"fields": {"title": {**TITLE, "defaultValue": "b"}}},
        {"title": {**TITLE, "defaultValue": "b"}},
    ),
    Case("definitions of default fields mean nothing", {}, {"fields": {"createdAt": {"type": "Wrong"}}}),
    Case(
        "an index is added, changed and dropped",
        {"fields": {"title": TITLE}, "indexes": {"old": {"title": 1}, "same": {"title": 1}, "other": {"title": 1}}},
        {"fields": {"title": TITLE}, "indexes": {"new": {"title": 1}, "same": {"title": 1}, "other": {"title": -1}}},
        {"title": TITLE},
        {"_id_": {"_id": 1}, "new": {"title": 1}, "same": {"title": 1}, "other": {"title": -1}},
    ),
    Case(
        "an index that is not defined stays where that is asked",
        {"fields": {"title": TITLE}, "indexes": {"old": {"title": 1}}},
        {"fields": {"title": TITLE}},
        {"title": TITLE},
        {"_id_": {"_id": 1}, "old": {"title": 1}},
        options={"keepUnknownIndexes": True},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_class_becomes_what_it_is_defined_as_and_a_second_run_does_nothing(case: Case, api: ApiClient) -> None:
    define({"className": "Post", **case.before})
    define({"className": "Post", **case.after}, **case.options)
    post = shown(api, "Post")
    assert {name: declared for name, declared in post["fields"].items() if name not in DEFAULTS} == case.fields
    if case.indexes is not None:
        assert post["indexes"] == case.indexes
    version = api.application.schemas["Post"].version
    define({"className": "Post", **case.after}, **case.options)
    api.application.schemas.refresh()
    assert api.application.schemas["Post"].version == version


def test_values_of_deleted_fields_go_and_rows_have_a_new_version(api: ApiClient) -> None:
    define({"className": "Post", "fields": {"title": TITLE, "n": {"type": "Number"}}})
    api.post("/classes/Post", {"title": "x", "n": 1}, master=True)
    api.post("/classes/Post", {"n": 2}, master=True)
    define({"className": "Post", "fields": {"n": {"type": "Number"}}}, deleteExtraFields=True)
    rows = api.application.database.fetch(
        Sql("SELECT data->>'n', data ? 'title', version FROM app_schema.\"Post\" ORDER BY 1")
    )
    assert rows == [("1", False, 2), ("2", False, 1)]


def test_permissions_are_those_of_the_definition_and_never_let_clients_add_fields(api: ApiClient) -> None:
    api.post("/schemas/Other", {}, master=True)
    define({"className": "Post", "classLevelPermissions": {"find": {"*": True}, "addField": {"*": True}}})
    assert shown(api, "Post")["classLevelPermissions"] == {**CLOSED, "find": {"*": True}, "protectedFields": {}}
    define({"className": "Post"})
    assert shown(api, "Post")["classLevelPermissions"] == {**CLOSED, "protectedFields": {}}
    other = shown(api, "Other")["classLevelPermissions"]
    assert (other["addField"], other["find"]) == ({}, {"*": True})
    assert api.post("/classes/Other", {"new": 1}).error == (119, "Permission denied")


def test_sessions_are_there_and_classes_are_never_dropped(api: ApiClient) -> None:
    define({"className": "Post"})
    define({"className": "Game"})
    names = {each["className"] for each in api.get("/schemas", master=True).json["results"]}
    assert {"_User", "_Role", "_Session", "Post", "Game"} <= names


def test_a_lock_is_told_of_before_the_kind_of_key(api: ApiClient) -> None:
    define({"className": "Post"}, lockSchemas=True)
    locked = (119, "Cannot perform this operation when schemas options is used.")
    for how in ({"master": True}, {"read_only": True}):
        assert api.post("/schemas/Game", {}, **how).error == locked
        assert api.put("/schemas/Post", {}, **how).error == locked
    assert api.delete("/schemas/Post", read_only=True).error == (119, "Permission denied")
    assert api.delete("/schemas/Post", master=True).status == 200


def test_hooks_run_once_around_it(api: ApiClient) -> None:
    seen: list[tuple[str, bool]] = []

    def note(moment: str) -> Any:
        return lambda: seen.append((moment, api.application.schemas["Post"].exists))

    define({"className": "Post"}, beforeMigration=note("before"), afterMigration=note("after"))
    assert seen == [("before", False), ("after", True)]


def test_hooks_may_be_named(api: ApiClient) -> None:
    define({"className": "Post"}, beforeMigration="tests.schema.definitions_module.note_that_it_began")
    from tests.schema import definitions_module

    assert definitions_module.began == 1


@pytest.mark.parametrize(
    ("definitions", "text"),
    [
        ([{"className": "Post"}, {"className": "Post"}], '"Post" more than once'),
        ([{"fields": {}}], "definitions[0] must be an object with a className"),
        (["Post"], "definitions[0] must be an object with a className"),
        ([{"className": "Post", "fields": []}], "definitions[0] must be an object with a className"),
    ],
)
def test_what_is_no_list_of_definitions_is_refused(definitions: Any, text: str, api: ApiClient) -> None:
    with pytest.raises(ConfigurationError, match=text.replace("[", r"\[").replace("]", r"\]")):
        define(*definitions)


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        ({"className": "Po-st"}, "Invalid classname: Po-st"),
        ({"className": "Post", "fields": {"a-b": TITLE}}, "Post: invalid field name: a-b"),
        ({"className": "Post", "fields": {"a": {"type": "Wrong"}}}, "Post: invalid field type: Wrong"),
        ({"className": "Post", "indexes": {"i": {"a": 1}}}, "Post: Field a does not exist, cannot add index."),
        ({"className": "Post", "classLevelPermissions": {"see": {}}}, "Post: see is not a valid operation"),
    ],
)
def test_a_definition_that_cannot_be_brought_about_stops_the_application(
    definition: Any, text: str, api: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        define({"className": "Game"}, definition, strict=True)
    assert f"Failed to run migrations: {text}" in caplog.text or text in caplog.text
    assert api.get("/health").status == 503
    assert api.get("/classes/Game").error == (1, "Invalid server state: error")
    define({"className": "Game"})
    assert api.get("/health").status == 200


def test_nothing_is_done_when_something_cannot_be(api: ApiClient) -> None:
    define({"className": "Good"}, {"className": "Bad", "fields": {"a": {"type": "Wrong"}}})
    api.application.part(Readiness).state = "ok"
    assert shown(api, "Good")["code"] == 103


def test_a_database_that_fails_is_asked_again(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("parse_core.schema.migration.time.sleep", pauses.append)
    failures = iter([InternalError(), InternalError(), None])

    def failing(*arguments: Any) -> Any:
        failure = next(failures)
        if failure is not None:
            raise failure
        return present_plan(*arguments)

    monkeypatch.setattr(migration, "present_plan", failing)
    define({"className": "Post"})
    assert (pauses, shown(api, "Post")["className"]) == ([1.0, 2.0], "Post")


def test_drift_is_told_where_nothing_may_be_done_about_it(api: ApiClient) -> None:
    api.post("/schemas/Extra", {}, master=True)
    define({"className": "Post", "fields": {"title": TITLE, "old": TITLE}})
    application = define({"className": "Post", "fields": {"title": {"type": "Number"}}})
    options = application.options.schema
    assert options is not None
    assert present_plan(application, parse_definitions(options)).drift == (
        "field Post.old is not defined",
        "field Post.title is String, defined as Number",
        "class Extra is not defined",
    )


def test_a_plan_says_all_and_changes_nothing(api: ApiClient) -> None:
    define({"className": "Post", "fields": {"old": TITLE}, "indexes": {"i": {"old": 1}}})
    wanted = parse_definitions(
        options_of(
            {
                "className": "Post",
                "fields": {"title": {**TITLE, "required": True}},
                "classLevelPermissions": {"find": {"*": True}},
            },
            deleteExtraFields=True,
        )
    )
    assert present_plan(api.application, wanted).lines == [
        "- field Post.old: String (with its values)",
        '- index Post.i: {"old":1}',
        '+ field Post.title: String {"required":true}',
        '~ permission Post.find: {"*":true}',
    ]
    assert "old" in shown(api, "Post")["fields"]
    assert migrate(api.application, wanted).lines
    assert migrate(api.application, wanted).lines == []
