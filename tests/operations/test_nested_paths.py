"""Operations at a dotted path, on new and on stored objects alike (`contract/objects.md` §11.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from parse_core.application import Application, applications
from parse_core.context import RequestContext
from parse_core.objects.requests import SaveRequest
from parse_core.objects.save import save
from parse_core.store.sql import Sql

CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # name, stored before, update, stored after, response besides updatedAt
    ("a set keeps the siblings", {"o": {"a": 1, "b": 2}}, {"o.a": 9}, {"o": {"a": 9, "b": 2}}, {}),
    ("missing parents are made", {"o": {"a": 1}}, {"o.x.y.z": 1}, {"o": {"a": 1, "x": {"y": {"z": 1}}}}, {}),
    ("a missing root is made", {"n": 1}, {"o.a": 1}, {"n": 1, "o": {"a": 1}}, {}),
    ("an unset keeps the siblings", {"o": {"a": 1, "b": 2}}, {"o.a": {"__op": "Delete"}}, {"o": {"b": 2}}, {}),
    ("an unset deeper down", {"o": {"a": {"b": 1, "c": 2}}}, {"o.a.b": {"__op": "Delete"}}, {"o": {"a": {"c": 2}}}, {}),
    ("an unset of nothing", {"o": {"a": 1}}, {"o.x.y": {"__op": "Delete"}}, {"o": {"a": 1}}, {}),
    (
        "an increment at depth two answers nested",
        {"o": {"a": 5, "b": 1}},
        {"o.a": {"__op": "Increment", "amount": 3}},
        {"o": {"a": 8, "b": 1}},
        {"o": {"a": 8}},
    ),
    (
        "an increment at depth three, by a fraction",
        {"o": {"a": {"b": 1}}},
        {"o.a.b": {"__op": "Increment", "amount": 0.5}},
        {"o": {"a": {"b": 1.5}}},
        {"o": {"a": {"b": 1.5}}},
    ),
    (
        "two changes of one root",
        {"o": {"a": 1, "b": 1}},
        {"o.a": 2, "o.b": {"__op": "Increment", "amount": 1}},
        {"o": {"a": 2, "b": 2}},
        {"o": {"b": 2}},
    ),
    (
        "an array inside an object grows",
        {"o": {"l": [1]}},
        {"o.l": {"__op": "AddUnique", "objects": [1, 2]}},
        {"o": {"l": [1, 2]}},
        {"o": {"l": [1, 2]}},
    ),
    (
        "an index path answers with the whole array",
        {"items": [{"count": 1}, {"count": 5}]},
        {"items.0.count": {"__op": "Increment", "amount": 2}},
        {"items": [{"count": 3}, {"count": 5}]},
        {"items": [{"count": 3}, {"count": 5}]},
    ),
    ("an index beyond the end pads with nulls", {"items": [1]}, {"items.3": 9}, {"items": [1, None, None, 9]}, {}),
    ("an index into a missing array makes it", {"n": 1}, {"items.1.x": 2}, {"n": 1, "items": [None, {"x": 2}]}, {}),
    ("an unset index leaves its place", {"items": [1, 2]}, {"items.0": {"__op": "Delete"}}, {"items": [None, 2]}, {}),
    (
        "a key with quotes and backslashes",
        {"o": {}},
        {'o.a"b\\c': {"__op": "Increment", "amount": 1}},
        {"o": {'a"b\\c': 1}},
        {"o": {'a"b\\c': 1}},
    ),
    ("a key that looks like SQL", {"o": {}}, {"o.x' || (select 1) || '": 1}, {"o": {"x' || (select 1) || '": 1}}, {}),
]


@pytest.fixture(scope="module")
def application(database_url: str) -> Iterator[Application]:
    options = {
        "appId": "paths",
        "masterKey": "m",
        "serverURL": "http://localhost/parse",
        "allowClientClassCreation": True,
    }
    yield applications.configure(options)
    applications.remove("paths")


@pytest.mark.parametrize(("before", "update", "after", "response"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_update(
    application: Application,
    before: dict[str, Any],
    update: dict[str, Any],
    after: dict[str, Any],
    response: dict[str, Any],
) -> None:
    context = RequestContext(application)
    object_id = save(context, SaveRequest("Thing", before)).body["objectId"]
    body = save(context, SaveRequest("Thing", update, object_id)).body
    assert {key: value for key, value in body.items() if key != "updatedAt"} == response
    assert stored(application, object_id) == after


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"o.a": 1}, {"o": {"a": 1}}),
        ({"o.a.b": 1, "o.c": 2}, {"o": {"a": {"b": 1}, "c": 2}}),
        ({"items.1": "x"}, {"items": [None, "x"]}),
        ({"o.n": {"__op": "Increment", "amount": 2}}, {"o": {"n": 2}}),
        ({"o.gone": {"__op": "Delete"}, "o.a": 1}, {"o": {"a": 1}}),
    ],
)
def test_a_new_object_gets_the_structure_the_paths_describe(
    application: Application, body: dict[str, Any], expected: dict[str, Any]
) -> None:
    object_id = save(RequestContext(application), SaveRequest("Thing", body)).body["objectId"]
    assert stored(application, object_id) == expected


def stored(application: Application, object_id: str) -> dict[str, Any]:
    """The stored object without what every object has."""
    schema = application.schemas["Thing"]
    rows = application.database.fetch(
        Sql("SELECT wire FROM ") + schema.relation + Sql(" WHERE object_id = %s", (object_id,))
    )
    document: dict[str, Any] = orjson.loads(rows[0][0])
    return {key: value for key, value in document.items() if key not in ("objectId", "createdAt", "updatedAt")}
