"""What the query builders of client libraries send, of one object each: in SQL, in memory, and over HTTP.

Clients hold objects against the same conditions for live queries, so both faces have to say the same of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import psycopg
import pytest

from parse_core.application import applications
from parse_core.schema.classes import DEFAULT_FIELDS
from parse_core.values.scalars import Document, Json, pointer
from tests.objects.worlds import World
from tests.query.places import point, polygon
from tests.query.rows import CLIENT, FIELDS, Rows, date, document
from tests.support.client import ApiClient

BORN, LATER = date("1984-03-04T10:00:00.000Z"), date("1984-03-04T10:00:00.001Z")
HALIFAX, BERN = point(44.6488, -63.5752), point(46.948, 7.4474)
PERSON: Final = document("ada", n=31, s="Ada", b=False, d=BORN, g=HALIFAX, p=pointer("P", "p1"), f=None,
                         a=["red", "blue"], o={"x": "read", "y": {"z": 1}, "born": BORN, "home": HALIFAX})  # fmt: skip
FRIENDS: Final = document("bea", a=[pointer("P", "p1"), pointer("P", "p2")], n=None, g=None, s="Route\\E 7 \\Q (a+b)")
NUMBERS: Final = document("few", a=[3, 1, 2], n=0, s="", o={}, poly=polygon((0, 0), (0, 2), (2, 2), (2, 0)))
SPOT: Final = document("bern", g=BERN, poly=polygon((10, 10), (10, 15), (15, 15), (15, 10)), a=[])
ALL: Final = (PERSON, FRIENDS, NUMBERS, SPOT)


def radians(center: Json, distance: float) -> Json:
    return {"$nearSphere": center, "$maxDistance": distance}


def box(first: tuple[float, float], second: tuple[float, float]) -> Json:
    return {"$within": {"$box": [point(*first), point(*second)]}}


def corners(*found: tuple[float, float]) -> Json:
    return {"$geoWithin": {"$polygon": [point(*each) for each in found]}}


# Each with the objects that satisfy it
ASKED: Final[list[tuple[Json, str]]] = [
    # nothing at all
    ({}, "ada bea few bern"),
    # equality of each kind, and of kinds that only look alike
    ({"objectId": {"$eq": "ada"}}, "ada"),
    ({"n": {"$eq": 31}, "s": {"$eq": "Ada"}}, "ada"),
    ({"n": 31, "s": "Ada", "d": BORN, "g": HALIFAX, "b": False}, "ada"),
    ({"n": 31, "s": "Ada", "d": BORN, "g": HALIFAX, "b": True}, ""),
    ({"s": "ada"}, ""),
    ({"n": "31"}, ""),
    ({"n": "{$lt:99}"}, ""),
    ({"s": '{"$eq":"Ada"}'}, ""),
    ({"d": LATER}, ""),
    ({"g": point(44.6488, -63.5753)}, ""),
    ({"g": {"$ne": HALIFAX}}, "bea few bern"),
    ({"p": pointer("P", "p1")}, "ada"),
    ({"p": pointer("P", "p3")}, ""),
    ({"a": "blue"}, "ada"),
    ({"a": "green"}, ""),
    ({"a": pointer("P", "p2")}, "bea"),
    ({"a": pointer("P", "p3")}, ""),
    # order; more than one bound; the last moment before and after
    ({"n": {"$lt": 32}}, "ada few"),
    ({"n": {"$lt": 31}}, "few"),
    ({"n": {"$lte": 31}}, "ada few"),
    ({"n": {"$lte": 30}}, "few"),
    ({"n": {"$gt": 31}}, ""),
    ({"n": {"$gt": 30}}, "ada"),
    ({"n": {"$gte": 31}}, "ada"),
    ({"n": {"$gte": 32}}, ""),
    ({"n": {"$ne": 31}}, "bea few bern"),
    ({"n": {"$ne": 40}}, "ada bea few bern"),
    ({"n": {"$gt": 0, "$lt": 40}, "s": {"$exists": True}}, "ada"),
    ({"d": {"$lt": LATER}, "o.born": {"$lt": LATER}}, "ada"),
    ({"d": {"$lte": BORN}, "o.born": {"$lte": BORN}}, "ada"),
    ({"d": {"$gte": BORN}, "o.born": {"$gte": BORN}}, "ada"),
    ({"d": {"$gt": BORN}}, ""),
    ({"o.born": {"$gt": BORN}}, ""),
    ({"d": BORN, "o.born": BORN}, "ada"),
    ({"d": "1984-03-04T11:00:00+01:00"}, "ada"),
    # existence
    ({"s": {"$exists": True}}, "ada bea few"),
    ({"s": {"$exists": False}}, "bern"),
    ({"n": {"$exists": True}, "y": {"$exists": True}}, ""),
    ({"nowhere": {"$exists": False}}, "ada bea few bern"),
    ({"nowhere": {"$exists": True}}, ""),
    # one of several
    ({"s": {"$in": ["Bob", "Ada"]}}, "ada"),
    ({"s": {"$in": ["Bob", "Cem"]}}, ""),
    ({"s": {"$nin": ["Bob", "Cem"]}}, "ada bea few bern"),
    ({"s": {"$nin": ["Bob", "Ada"]}}, "bea few bern"),
    ({"p": {"$in": [pointer("P", "p1"), pointer("P", "p9")]}}, "ada"),
    ({"p": {"$in": [pointer("P", "p8"), pointer("P", "p9")]}}, ""),
    ({"p": {"$nin": [pointer("P", "p8"), pointer("P", "p9")]}}, "ada bea few bern"),
    ({"p": {"$nin": [pointer("P", "p1"), pointer("P", "p9")]}}, "bea few bern"),
    ({"p": {"$in": ["p1", "p9"]}}, "ada"),
    ({"p": {"$nin": ["p1", "p9"]}}, "bea few bern"),
    ({"a": {"$in": [pointer("P", "p9"), pointer("P", "p2")]}}, "bea"),
    ({"a": {"$in": [pointer("P", "p8"), pointer("P", "p9")]}}, ""),
    ({"a": {"$nin": [pointer("P", "p2")]}}, "ada few bern"),
    # all, and nothing but
    ({"a": {"$all": ["blue", "red"]}}, "ada"),
    ({"a": {"$all": ["blue", "green"]}}, ""),
    ({"nowhere": {"$all": [1, 2]}}, ""),
    ({"y": {"$all": ["x"]}}, ""),
    ({"a": {"$containedBy": [1, 2, 3, 4]}}, "few bern"),
    ({"a": {"$containedBy": [1, 2, 4]}}, "bern"),
    ({"a": {"$containedBy": ["red", "blue", "green"]}}, "ada bern"),
    ({"a": {"$all": [{"$regex": "^\\Qre\\E"}, {"$regex": "^\\Qblue\\E"}]}}, "ada"),
    ({"a": {"$all": [{"$regex": "^\\Qre\\E"}, {"$regex": "^\\Qlue\\E"}]}}, ""),
    # logic, whatever the order of its branches
    ({"$or": [{"s": "Bob"}, {"s": "Ada"}]}, "ada"),
    ({"$or": [{"s": "Ada"}, {"s": "Bob"}]}, "ada"),
    ({"$or": [{"s": "Bob"}, {"s": "Cem"}]}, ""),
    ({"$and": [{"s": "Ada"}, {"n": 31}]}, "ada"),
    ({"$and": [{"s": "Ada"}, {"n": 40}]}, ""),
    ({"$nor": [{"s": "Ada"}, {"s": "Bob"}]}, "bea few bern"),
    ({"$nor": [{"s": "Cem"}, {"s": "Bob"}]}, "ada bea few bern"),
    # texts that begin, end, contain; characters that mean something in patterns, the marks of quoting among them
    ({"s": {"$regex": "^\\QAd\\E"}}, "ada"),
    ({"s": {"$regex": "^\\Qda\\E"}}, ""),
    ({"s": {"$regex": "\\Qda\\E$"}}, "ada"),
    ({"s": {"$regex": "\\Qad\\E$"}}, ""),
    ({"s": {"$regex": "\\Q(a+b)\\E"}}, "bea"),
    ({"s": {"$regex": "(a+b)$"}}, ""),
    ({"s": {"$regex": "A.a"}}, "ada"),
    ({"s": {"$regex": "A[^d]a"}}, ""),
    ({"s": {"$regex": "\\QRoute\\E\\\\E\\Q 7\\E"}}, "bea"),
    ({"s": {"$regex": "\\QRoute\\E\\\\E\\Qx 7\\E"}}, ""),
    ({"s": {"$regex": "\\Q7 \\Q (a\\E"}}, "bea"),
    ({"s": {"$regex": "\\Q7 \\Q a\\E"}}, ""),
    # places: anywhere, within so many radians, in boxes whose corners come in any order, in polygons and around points
    ({"g": {"$nearSphere": point(20, 20)}}, "bern ada"),
    ({"g": radians(BERN, 0.3)}, "bern"),
    ({"g": radians(point(0, -140), 0.3)}, ""),
    ({"g": box((40, -70), (50, -60))}, "ada"),
    ({"g": box((50, -60), (40, -70))}, "ada"),
    ({"g": box((40, -60), (50, -70))}, "ada"),
    ({"g": box((0, -60), (10, -70))}, ""),
    ({"g": corners((45, -64), (45, -63), (44, -63), (44, -64))}, "ada"),
    ({"g": corners((45, -62), (45, -61), (44, -61), (44, -62))}, ""),
    ({"poly": {"$geoIntersects": {"$point": point(1, 1)}}}, "few"),
    ({"poly": {"$geoIntersects": {"$point": point(12, 11)}}}, "bern"),
    ({"poly": {"$geoIntersects": {"$point": point(5, 5)}}}, ""),
    # inside of objects
    ({"o.x": "read"}, "ada"),
    ({"o.nope": "read"}, ""),
    ({"o.x": "sent"}, ""),
    ({"o.x": {"$ne": "read"}}, "bea few bern"),
    ({"o.nope": {"$ne": "read"}}, "ada bea few bern"),
    ({"o.x": {"$ne": "sent"}}, "ada bea few bern"),
    ({"o.x": {"$exists": True}}, "ada"),
    ({"o.nope": {"$exists": True}}, ""),
    ({"nowhere.x": {"$exists": True}}, ""),
    ({"o.x": {"$exists": False}}, "bea few bern"),
    ({"o.nope": {"$exists": False}}, "ada bea few bern"),
    ({"nowhere.x": {"$exists": False}}, "ada bea few bern"),
    ({"o.x": "read", "o.y": {"$exists": False}}, ""),
    ({"o.y.z": {"$gte": 1}}, "ada"),
]  # fmt: skip


@pytest.fixture(scope="module")
def people(connection: psycopg.Connection[Any]) -> Rows:
    return Rows.of(connection, ALL)


@pytest.fixture(scope="module")
def api(database_url: str) -> Iterator[ApiClient]:
    world = World.make(allowCustomObjectId=True)
    columns = {name: f"{column.type}<{column.target_class or ''}" for name, column in FIELDS.items()}
    world.define("Person", **{name: text for name, text in columns.items() if name not in DEFAULT_FIELDS})
    api = ApiClient(world.application)
    for each in ALL:
        reply = api.post("/classes/Person", {k: v for k, v in each.items() if not k.endswith("edAt")}, master=True)
        assert reply.status == 201, reply.body
    yield api
    applications.remove(world.application.id)


@pytest.mark.parametrize(("where", "expected"), ASKED, ids=[str(where)[:90] for where, _ in ASKED])
def test_it_is_found_by_every_way(people: Rows, api: ApiClient, where: Json, expected: str) -> None:
    assert " ".join(people.in_sql(where, CLIENT)) == expected
    assert " ".join(people.in_memory(where, CLIENT)) == expected
    reply = api.get("/classes/Person", query={"where": where, "count": 1})
    assert reply.status == 200, reply.body
    assert " ".join(each["objectId"] for each in reply.json["results"]) == expected
    assert reply.json["count"] == len(expected.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"n": {"$lt": 40, "$gt": 3}, "s": {"$exists": True}}, {"s": {"$exists": True}, "n": {"$gt": 3, "$lt": 40}}),
        ({"s": {"$in": ["Ada", "Bob", ""]}}, {"s": {"$in": ["", "Bob", "Ada"]}}),
        ({"$or": [{"s": "Ada", "n": 31}, {"a": 3}]}, {"$or": [{"a": 3}, {"n": 31, "s": "Ada"}]}),
        ({"o": {"x": 1, "y": 2}}, {"o": {"y": 2.0, "x": 1}}),
    ],
)
def test_conditions_that_mean_the_same_find_the_same(people: Rows, one: Json, other: Json) -> None:
    assert people.in_sql(one, CLIENT) == people.in_sql(other, CLIENT)
    assert people.in_memory(one, CLIENT) == people.in_memory(other, CLIENT)


def test_objects_of_other_classes_are_never_found(api: ApiClient) -> None:
    documents: list[Document] = api.get("/classes/Other", query={"where": {}}, master=True).json["results"]
    assert documents == []
