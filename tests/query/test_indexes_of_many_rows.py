"""At 100,000 rows each kind of condition and order is answered by its index, declared through `/schemas`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from parse_core.application import Application, applications
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json, pointer
from tests.support.client import ApiClient

pytestmark = pytest.mark.slow

ROWS = 100_000
FIELDS = {
    "n": {"type": "Number"},
    "few": {"type": "Number"},
    "s": {"type": "String"},
    "b": {"type": "Boolean"},
    "d": {"type": "Date"},
    "a": {"type": "Array"},
    "o": {"type": "Object"},
    "g": {"type": "GeoPoint"},
    "area": {"type": "Polygon"},
    "text": {"type": "String"},
    "p": {"type": "Pointer", "targetClass": "Other"},
}
INDEXES = {
    "number": {"n": 1},
    "text": {"text": "text"},
    "german": {"text": "text", "$language": "de"},
    "simple": {"text": "text", "$language": "none"},
    "string": {"s": -1},
    "compound": {"_p_p": 1, "createdAt": -1},
    "date": {"d": 1},
    "below": {"o.k": 1},
    "text below": {"o.t": -1},
    "date below": {"o.w": 1, "n": 1},
    "in elements": {"a.k": 1},
    "place": {"g": "2dsphere"},
    "area": {"area": "2dsphere"},
    "newest": {"updatedAt": -1},
    "some": {"few": 1, "n": 1, "$where": {"b": True}},
}
FILL = """
    INSERT INTO {table} (object_id, data)
    SELECT 'o' || i, jsonb_build_object(
        'objectId', 'o' || i, 'createdAt', moment, 'updatedAt', moment,
        'n', i % 20000, 'few', i % 50, 's', 's' || i % 20000, 'b', i % 100 = 0,
        'd', jsonb_build_object('__type', 'Date', 'iso', moment),
        'a', jsonb_build_array('t' || i % 20000, i % 7, jsonb_build_object('k', i % 20000)), 'o', jsonb_build_object(
            'k', i % 20000, 'j', i % 20000, 't', 't' || i % 20000,
            'w', jsonb_build_object('__type', 'Date', 'iso', moment)),
        'p', jsonb_build_object('__type', 'Pointer', 'className', 'Other', 'objectId', 'p' || i % 200),
        'g', jsonb_build_object(
            '__type', 'GeoPoint', 'latitude', i % 180 - 90, 'longitude', i * 7 % 36000 / 100.0 - 180),
        'area', jsonb_build_object('__type', 'Polygon', 'coordinates', jsonb_build_array(
            jsonb_build_array(i % 170 - 85, i % 350 - 175), jsonb_build_array(i % 170 - 84, i % 350 - 175),
            jsonb_build_array(i % 170 - 84, i % 350 - 174), jsonb_build_array(i % 170 - 85, i % 350 - 175))),
        'text', 'w' || i % 5000 || ' common')
    FROM generate_series(1, 100000) i,
        to_char(timestamp '2026-01-01' + i * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS.000"Z"') moment
"""


@pytest.fixture(scope="module")
def api(database_url: str) -> Iterator[ApiClient]:
    """An application with 100,000 objects of one class, put straight into its table."""
    application = applications.configure({"appId": "many", "masterKey": "master", "serverURL": "http://api.example/"})
    api = ApiClient(application)
    api.post("/schemas/Thing", {"fields": FIELDS}, master=True)
    table = f'{application.namespace}."Thing"'
    with application.database.unlimited() as executor:
        executor.fetch(Sql(FILL.format(table=table).replace("%", "%%")))
        executor.fetch(Sql(f"ANALYZE {table}"))
    reply = api.put("/schemas/Thing", {"indexes": INDEXES}, master=True)
    assert reply.status == 200, reply.body
    yield api
    api.delete("/purge/Thing", master=True)
    api.delete("/schemas/Thing", master=True)
    applications.remove("many")


def used(api: ApiClient, **query: Json) -> set[str]:
    """The indexes that the plan of a find by the master names, by what of them is declared."""
    query = {"explain": True, "limit": 100, **query}
    reply = api.get("/classes/Thing", query=query, master=True)
    assert reply.status == 200, reply.body
    names = declared_names(api.application)
    return {names.get(name, name.removeprefix("Thing:")) for name in _indexes(reply.json["results"])}


def _indexes(plan: Any) -> Iterator[str]:
    if isinstance(plan, list):
        for each in plan:
            yield from _indexes(each)
    elif isinstance(plan, dict):
        if "Index Name" in plan:
            yield plan["Index Name"]
        yield from _indexes(list(plan.values()))


def declared_names(application: Application) -> dict[str, str]:
    """The names of declared indexes by those they have in PostgreSQL."""
    rows = application.database.fetch(
        Sql(
            "SELECT c.relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid"
            " WHERE indrelid = to_regclass(%s)",
            (f'{application.namespace}."Thing"',),
        )
    )
    marks = {
        "some": "'few'",
        "date below": "{o,w}",
        "number": "'n'",
        "german": "'german'::regconfig",
        "simple": "'simple'::regconfig",
        "text": "search_vector",
        "string": "'s'",
        "compound": "'p'",
        "date": "'d'",
        "several": " <> ",
        "below": "{o,k}",
        "text below": "{o,t}",
        "in elements": "{a,k}",
        "place": "'g'",
        "area": "geo_bounds",
        "newest": "'updatedAt'",
    }
    return {
        name: next(declared for declared, mark in marks.items() if mark in definition)
        for name, definition in rows
        if ":index:" in name
    }


NEAR = {"__type": "GeoPoint", "latitude": 10, "longitude": 20}
FAR = {"__type": "GeoPoint", "latitude": 12, "longitude": 22}
CONDITIONS: list[tuple[Json, str]] = [
    ({"n": 7}, "number"),
    ({"n": {"$in": [7, 8, 9]}}, "number"),
    ({"n": {"$gt": 100, "$lte": 110}}, "number"),
    ({"s": "s7"}, "string"),
    ({"s": {"$gte": "s999"}}, "string"),
    ({"s": {"$regex": "^\\Qs1999\\E"}}, "string"),
    ({"d": {"$gt": {"__type": "Date", "iso": "2026-03-11T00:00:00.000Z"}}}, "date"),
    ({"p": pointer("Other", "p7")}, "compound"),
    ({"p": "p7", "createdAt": {"$lt": "2026-01-02T00:00:00.000Z"}}, "compound"),
    ({"updatedAt": {"$gt": "2026-03-11T00:00:00.000Z"}}, "newest"),
    ({"b": True, "few": 0, "n": 100}, "some"),
    ({"text": {"$text": {"$search": {"$term": "w7"}}}}, "text"),
    ({"text": {"$text": {"$search": {"$term": "w7", "$language": "german"}}}}, "german"),
    ({"text": {"$text": {"$search": {"$term": "w7 -w8", "$language": "none", "$caseSensitive": True}}}}, "simple"),
    ({"g": {"$nearSphere": NEAR, "$maxDistanceInKilometers": 100}}, "place"),
    ({"g": {"$within": {"$box": [NEAR, FAR]}}}, "place"),
    ({"g": {"$geoWithin": {"$centerSphere": [NEAR, 0.01]}}}, "place"),
    ({"area": {"$geoIntersects": {"$point": NEAR}}}, "area"),
    ({"o.k": 7}, "data"),
    ({"o.k": {"$in": [7, 8]}}, "data"),
    ({"o.k": {"$gt": 100, "$lte": 110}}, "below"),
    ({"o.k": {"$lt": 5}}, "below"),
    ({"o.k": {"$gte": 19990}}, "below"),
    ({"o.t": {"$gt": "t9998"}}, "text below"),
    ({"o.w": {"$lt": {"__type": "Date", "iso": "2026-01-01T00:10:00.000Z"}}}, "date below"),
    ({"a.k": {"$gt": 19990}}, "in elements"),
    ({"o.j": 7}, "data"),
    ({"a": "t7"}, "data"),
    ({"a": {"$all": ["t7", 1]}}, "data"),
    ({"$or": [{"a": "t7"}, {"o.j": 8}]}, "data"),
    ({"objectId": "o7"}, "pkey"),
    ({"objectId": {"$in": ["o7", "o8"]}}, "pkey"),
]


@pytest.mark.parametrize(("where", "index"), CONDITIONS, ids=[orjson.dumps(where).decode() for where, _ in CONDITIONS])
def test_a_condition_uses_its_index(api: ApiClient, where: Json, index: str) -> None:
    assert index in used(api, where=where)


ORDERS: list[tuple[Json, str, str]] = [
    ({}, "n", "number"),
    ({}, "-n", "number"),
    ({}, "-s", "string"),
    ({}, "s", "string"),
    ({}, "d", "date"),
    ({}, "-updatedAt", "newest"),
    ({}, "o.k", "below"),
    ({}, "objectId", "pkey"),
    ({}, "", "order"),
    ({"p": "p7"}, "-createdAt", "compound"),
    ({}, "p,-createdAt", "compound"),
    ({"b": True, "few": 0}, "n", "some"),
    ({"g": {"$nearSphere": NEAR, "$maxDistanceInKilometers": 100}}, "", "place"),
]


@pytest.mark.parametrize(("where", "order", "index"), ORDERS)
def test_an_order_uses_its_index(api: ApiClient, where: Json, order: str, index: str) -> None:
    query = {"where": where, "order": order} if order else {"where": where}
    assert index in used(api, **query)


@pytest.mark.parametrize(("order", "index"), [("n", "number"), ("-updatedAt", "newest"), ("", "order")])
def test_a_page_by_cursor_begins_in_the_index(api: ApiClient, order: str, index: str) -> None:
    query = {"order": order} if order else {}
    first = api.get("/classes/Thing", query={"cursor": "true", "limit": 100, **query}, master=True).json
    reply = api.get("/classes/Thing", query={"after": first["next"], "explain": True, **query}, master=True)
    assert "Index Cond" in reply.body.decode()
    assert index in used(api, after=first["next"], **query)


def test_unselective_conditions_are_not_sorted_out_of_all_rows(api: ApiClient) -> None:
    assert used(api, where={"a": 1}) == {"order"}


@pytest.mark.parametrize(
    "where", [{"o.k": 7}, {"o.k": {"$in": [7, 8]}}, {"o.t": "t7"}, {"$or": [{"o.k": 7}, {"n": 9}]}]
)
def test_without_the_index_on_everything_declared_ones_answer_equality(
    without_everything: ApiClient, where: Json
) -> None:
    assert used(without_everything, where=where) & {"below", "text below"}


@pytest.fixture(scope="module")
def without_everything(api: ApiClient) -> Iterator[ApiClient]:
    assert api.put("/schemas/Thing", {"indexes": {"off": {"$everything": False}}}, master=True).status == 200
    yield api
    assert api.put("/schemas/Thing", {"indexes": {"off": {"__op": "Delete"}}}, master=True).status == 200
