"""Conditions on objects of other classes: sub-queries, selected values and relations, inside one statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest

from parse_core.errors import ParseError
from parse_core.query.ast import EVERYTHING, NOTHING, IdIs
from parse_core.query.parse import parse_where
from parse_core.query.scope import ParseScope, SubSelect
from parse_core.schema.classes import DEFAULT_FIELDS, ClassSchema, Field
from parse_core.store.database import Database
from parse_core.store.sql import Row, Sql
from parse_core.store.tables import create_join_table
from parse_core.values.scalars import Json, pointer
from tests.query.rows import MASTER, Rows, date, document

CITY_FIELDS = {**DEFAULT_FIELDS, "name": Field("String"), "size": Field("Number"), "tags": Field("Array"),
               "o": Field("Object"), "mayor": Field("Pointer", "Person")}  # fmt: skip
PERSON_FIELDS = {**DEFAULT_FIELDS, "home": Field("String"), "city": Field("Pointer", "City"), "been": Field("Array"),
                 "o": Field("Object"), "likes": Field("Relation", "City"), "born": Field("Date")}  # fmt: skip


@dataclass(frozen=True)
class World:
    """Two classes, asked without restrictions except that the owner `hidden` is nobody's to read."""

    people: Rows
    cities: Rows
    database: Database

    def subquery(
        self,
        class_name: str,
        where: Json,
        scope: ParseScope,
        redirect_key: str | None = None,
        key: str | None = None,
    ) -> SubSelect:
        schema = self.schema(class_name)
        return SubSelect(schema, parse_where(where, schema, scope), executor=self.database)

    def owner(self, class_name: str, object_id: str, key: str) -> SubSelect:
        condition = NOTHING if object_id == "hidden" else IdIs(object_id)
        return SubSelect(self.schema(class_name), condition, executor=self.database)

    def schema(self, class_name: str) -> ClassSchema:
        found = {"Person": self.people.schema, "City": self.cities.schema}.get(class_name)
        return found or ClassSchema(class_name, "query_tests", class_name, DEFAULT_FIELDS, exists=False)

    @property
    def scope(self) -> ParseScope:
        return replace(MASTER, subqueries=self)


@pytest.fixture(scope="module")
def world(connection: psycopg.Connection[Any], database_url: str) -> Iterator[World]:
    def city(name: str) -> Json:
        return pointer("City", name)

    cities = Rows.of(
        connection,
        [
            document("rome", name="Rome", size=3, tags=["old", "big"], o={"k": 7}, mayor=pointer("Person", "ann")),
            document("oslo", name="Oslo", size=1, tags=["cold"], o={"k": [8, 9]}),
            document("lima", name="Lima", size=10),
        ],
        CITY_FIELDS,
    )
    cities.schema = replace(cities.schema, name="City")
    people = Rows.of(
        connection,
        [
            document("ann", home="Rome", city=city("rome"), been=[city("oslo"), "x"], o={"c": city("lima"), "n": 7}),
            document("bob", home="Oslo", city=city("oslo"), been=[city("lima"), city("rome")], o={"n": 9}),
            document("cem", home="old", been=[], born=date("2020-01-01")),
            document("hidden", city=pointer("City", "gone")),
        ],
        PERSON_FIELDS,
    )
    people.schema = replace(people.schema, name="Person")
    join = people.schema.join_table("likes")
    for statement in create_join_table(join):
        connection.execute(statement.text)
    links = [("ann", "rome"), ("ann", "lima"), ("bob", "lima"), ("bob", "gone"), ("hidden", "oslo"), ("dead", "oslo")]
    with connection.cursor() as cursor:
        cursor.executemany((Sql("INSERT INTO ") + join + Sql(" VALUES (%s, %s)")).text, links)
    database = Database(lambda: database_url, max_connections=1)
    yield World(people, cities, database)
    database.close()


def in_query(**where: Json) -> Json:
    return {"$inQuery": {"className": "City", "where": where}}


def not_in_query(**where: Json) -> Json:
    return {"$notInQuery": {"className": "City", "where": where}}


def select(key: str, *, name: str = "$select", class_name: str = "City", **where: Json) -> Json:
    return {name: {"query": {"className": class_name, "where": where}, "key": key}}


PEOPLE: list[tuple[Json, str]] = [
    ({"city": in_query(size={"$gt": 2})}, "ann"),
    ({"city": in_query()}, "ann bob"),
    ({"city": in_query(size=99)}, ""),
    ({"city": not_in_query(size={"$gt": 2})}, "bob cem hidden"),
    ({"city": not_in_query(size=99)}, "ann bob cem hidden"),
    ({"city": {**in_query(name="Rome"), "$in": ["oslo"]}}, "ann bob"),
    ({"city": {**not_in_query(name="Rome"), "$nin": ["oslo"]}}, "cem hidden"),
    ({"been": in_query(name={"$in": ["Rome", "Oslo"]})}, "ann bob"),
    ({"been": in_query(name="Oslo")}, "ann"),
    ({"been": not_in_query(name="Oslo")}, "bob cem hidden"),
    ({"o.c": in_query(name="Lima")}, "ann"),
    ({"home": in_query()}, ""),
    ({"$or": [{"city": in_query(name="Rome")}, {"home": "old"}]}, "ann cem"),
    ({"city": {"$inQuery": {"className": "Nowhere", "where": {"x": 1}}}}, ""),
    ({"city": {"$notInQuery": {"className": "Nowhere", "where": {"x": 1}}}}, "ann bob cem hidden"),
    ({"city": {"$inQuery": {"className": "Person", "where": {}}}}, ""),
    ({"objectId": {"$inQuery": {"className": "Person", "where": {"home": "Oslo"}}}}, "bob"),
    ({"city": in_query(mayor={"$inQuery": {"className": "Person", "where": {"city": in_query(size=3)}}})}, "ann"),
    ({"home": select("name")}, "ann bob"),
    ({"home": select("name", size=1)}, "bob"),
    ({"home": select("name", name="$dontSelect")}, "cem hidden"),
    ({"home": select("tags")}, "cem"),
    ({"o.n": select("o.k")}, "ann bob"),
    ({"home": select("nosuch")}, ""),
    ({"home": select("nosuch", name="$dontSelect")}, "ann bob cem hidden"),
    ({"home": select("name", class_name="Nowhere")}, ""),
    ({"objectId": select("mayor.objectId")}, "ann"),
    ({"city": select("objectId", name="$select", size=3)}, "ann"),
    ({"home": {**select("name", size=1), **select("name", name="$dontSelect", size=3)}}, "bob"),
    ({"home": {"$in": ["old"], **select("name", size=1)}}, "bob cem"),
    ({"likes": pointer("City", "lima")}, "ann bob"),
    ({"likes": pointer("City", "gone")}, "bob"),
    ({"likes": pointer("Other", "lima")}, ""),
    ({"likes": {"$in": [pointer("City", "rome"), pointer("City", "oslo")]}}, "ann hidden"),
    ({"likes": {"$ne": pointer("City", "rome")}}, "bob cem hidden"),
    ({"likes": {"$nin": [pointer("City", "rome"), pointer("City", "oslo")]}}, "bob cem"),
    ({"likes": {"$all": [pointer("City", "rome"), pointer("City", "lima")]}}, "ann"),
    ({"likes": in_query(size=10)}, "ann bob"),
    ({"likes": not_in_query(size=10)}, "cem hidden"),
    ({"likes": None}, ""),
    ({"likes": "lima"}, ""),
    ({"likes": {"$in": []}}, ""),
    ({"likes": {"$exists": True}}, ""),
    ({"likes": {"$exists": False}}, ""),
    ({"likes": {"$gt": 1}}, ""),
    ({"likes": {"$regex": "l"}}, ""),
    ({"$nor": [{"likes": pointer("City", "rome")}]}, "bob cem hidden"),
    ({"likes": pointer("City", "lima"), "objectId": "bob"}, "bob"),
]


def related(owner: str, key: str = "likes", class_name: str = "Person") -> Json:
    return {"object": pointer(class_name, owner), "key": key}


CITIES: list[tuple[Json, str]] = [
    ({"$relatedTo": related("ann")}, "rome lima"),
    ({"$relatedTo": related("bob")}, "lima"),
    ({"$relatedTo": related("hidden")}, ""),
    ({"$relatedTo": related("dead")}, ""),
    ({"$relatedTo": related("nobody")}, ""),
    ({"$relatedTo": related("ann", "nosuch")}, ""),
    ({"$relatedTo": related("ann", "city")}, ""),
    ({"$relatedTo": related("ann", class_name="Nowhere")}, ""),
    ({"$relatedTo": related("ann"), "size": {"$gt": 5}}, "lima"),
    ({"$relatedTo": related("ann"), "objectId": {"$in": ["rome", "oslo"]}}, "rome"),
    ({"$or": [{"$relatedTo": related("ann")}, {"name": "Oslo"}]}, "rome oslo lima"),
    ({"$relatedTo": related("ann"), "$or": [{"name": "Rome"}, {"name": "Oslo"}]}, "rome"),
    ({"$nor": [{"$relatedTo": related("ann")}]}, "oslo"),
]
# What only the database knows: the links of the very object that is looked at.
IN_SQL_ONLY = frozenset({"likes"})


@pytest.mark.parametrize(("where", "expected"), PEOPLE)
def test_people_are_found(world: World, where: Json, expected: str) -> None:
    assert " ".join(world.people.in_sql(where, world.scope)) == expected
    if not any(name in str(where) for name in IN_SQL_ONLY):
        assert " ".join(world.people.in_memory(where, world.scope)) == expected


@pytest.mark.parametrize(("where", "expected"), CITIES)
def test_related_cities_are_found(world: World, where: Json, expected: str) -> None:
    assert " ".join(world.cities.in_sql(where, world.scope)) == expected
    assert " ".join(world.cities.in_memory(where, world.scope)) == expected


def test_a_limited_subquery_yields_its_first_rows(world: World) -> None:
    limited = SubSelect(world.cities.schema, EVERYTHING, limit=2)
    statement = limited.rows(Row("s"), Row("s").object_id)
    assert [row[0] for row in world.database.fetch(statement)] == ["rome", "oslo"]


REFUSED: list[tuple[Json, int, str]] = [
    ({"city": {"$inQuery": {"className": "City"}}}, 102, "improper usage of $inQuery"),
    ({"city": {"$inQuery": {"where": {}}}}, 102, "improper usage of $inQuery"),
    ({"city": {"$inQuery": 5}}, 102, "improper usage of $inQuery"),
    ({"city": {"$notInQuery": {"className": 5, "where": {}}}}, 102, "improper usage of $notInQuery"),
    ({"home": {"$select": {"key": "name"}}}, 102, "improper usage of $select"),
    ({"home": {"$select": {"query": {"where": {}}, "key": "name"}}}, 102, "improper usage of $select"),
    ({"home": {"$select": {"query": {"className": "City"}, "key": ""}}}, 102, "improper usage of $select"),
    ({"home": {"$dontSelect": {"query": {"className": "City"}, "key": "k", "x": 1}}}, 102,
     "improper usage of $dontSelect"),
    ({"$relatedTo": 5}, 107, "improper usage of $relatedTo"),
    ({"$relatedTo": {"object": {"className": "Person", "objectId": "ann"}, "key": "likes"}}, 107,
     "improper usage of $relatedTo"),
    ({"$relatedTo": {"object": pointer("Person", "ann"), "key": {"$ne": 1}}}, 107, "improper usage of $relatedTo"),
    ({"city": in_query(**{"-x": 1})}, 105, "Invalid key name: -x"),
    ({"city": in_query(city=in_query(city=in_query()))}, 102,
     "Subquery nesting depth exceeds maximum allowed depth of 2"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "code", "message"), REFUSED)
def test_a_malformed_subquery_is_refused(world: World, where: Json, code: int, message: str) -> None:
    scope = ParseScope(subqueries=world, subquery_depth=2)
    with pytest.raises(ParseError) as caught:
        parse_where(where, world.people.schema, scope)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_internal_columns_are_as_closed_inside_a_subquery(world: World) -> None:
    where = {"city": in_query(_session_token="x")}
    with pytest.raises(ParseError, match="Invalid key name: _session_token"):
        parse_where(where, world.people.schema, ParseScope(subqueries=world))
    parse_where(where, world.people.schema, world.scope)


def test_conditions_are_counted_through_subqueries(world: World) -> None:
    conditions = {"$or": [{"name": str(number)} for number in range(300)]}
    where = {"$or": [{"city": in_query(**conditions)} for _ in range(5)]}
    with pytest.raises(ParseError, match="at most 1000 conditions"):
        parse_where(where, world.people.schema, world.scope)
