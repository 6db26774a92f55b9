"""Indexes declared through `/schemas` are indexes of PostgreSQL, and go with what they are about."""

from __future__ import annotations

from typing import Any

import pytest

from parse_core.application import Application
from parse_core.store.sql import Sql
from tests.support.client import ApiClient

TYPES = {
    "s": "String",
    "n": "Number",
    "b": "Boolean",
    "d": "Date",
    "a": "Array",
    "o": "Object",
    "g": "GeoPoint",
    "poly": "Polygon",
    "f": "File",
}
FIELDS = {name: {"type": kind} for name, kind in TYPES.items()} | {"p": {"type": "Pointer", "targetClass": "Other"}}
DUPLICATE = (137, "A duplicate value for a field with unique values was provided")


@pytest.fixture(autouse=True)
def game(api: ApiClient) -> None:
    api.post("/schemas/Game", {"fields": FIELDS}, master=True)


def declare(api: ApiClient, **indexes: Any) -> Any:
    reply = api.put("/schemas/Game", {"indexes": indexes}, master=True)
    assert reply.status == 200, reply.body
    return reply.json["indexes"]


def built(application: Application, table: str = "Game") -> list[str]:
    """What the declared indexes of a table are, without its name."""
    rows = application.database.fetch(
        Sql(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = to_regclass(%s)"
            " AND indexrelid::regclass::text LIKE '%%:index:%%' ORDER BY 1",
            (f'{application.namespace}."{table}"',),
        )
    )
    return [definition for (definition,) in rows]


def has_everything(application: Application) -> bool:
    rows = application.database.fetch(
        Sql("SELECT to_regclass(%s) IS NOT NULL", (f'{application.namespace}."Game:data"',))
    )
    return bool(rows[0][0])


KINDS: list[tuple[dict[str, Any], str]] = [
    ({"s": 1}, """USING btree (((data ->> 's'::text)) COLLATE "C" NULLS FIRST, sequence)"""),
    ({"n": -1}, "DESC NULLS LAST, sequence)"),
    ({"_p_p": 1}, "-> 'p'::text) ->> 'objectId'::text"),
    ({"p": 1, "createdAt": -1}, "->> 'createdAt'::text"),
    ({"objectId": 1}, "USING btree (object_id, sequence)"),
    ({"updatedAt": "hashed"}, "->> 'updatedAt'::text"),
    ({"o.a": 1}, "parse.order_key(data, '{o,a}'::text[], false)"),
    ({"a": -1}, "parse.order_key(data, '{a}'::text[], true)"),
    ({"s": "text"}, "USING gin (parse.search_vector("),
    ({"s": "text", "$language": "it"}, "'italian'::regconfig"),
    ({"g": "2dsphere"}, "USING gist ("),
    ({"poly": "2dsphere"}, "USING gist (parse.geo_bounds("),
    ({"s": 1, "$unique": True}, "CREATE UNIQUE INDEX"),
    ({"s": 1, "$where": {"b": True}}, """WHERE (data @> '{"b": true}'::jsonb)"""),
    ({"o.a": 1, "$unique": True}, "WHERE ((data #>> '{o,a}'::text[]) IS NOT NULL)"),
]


@pytest.mark.parametrize(("index", "definition"), KINDS)
def test_every_kind_is_built(api: ApiClient, application: Application, index: Any, definition: str) -> None:
    assert declare(api, i=index)["i"] == index
    found = built(application)
    assert any(definition in each for each in found)
    # What is inside of objects may be several values, and rows where it is have an index of their own.
    assert len(found) == (2 if index == {"o.a": 1} else 1)


def test_a_field_on_places_and_texts_may_stand_with_sorting_ones(api: ApiClient, application: Application) -> None:
    declare(api, i={"s": "text", "n": 1, "g": "2dsphere", "d": -1})
    assert sorted(each.split("USING ")[1].split()[0] for each in built(application)) == ["btree", "gin", "gist"]


def test_indexes_go_with_what_they_are_about(api: ApiClient, application: Application) -> None:
    declare(api, one={"s": 1}, two={"s": 1, "n": 1}, three={"n": 1}, four={"o.a": 1})
    assert len(built(application)) == 4 + 1
    declare(api, one={"__op": "Delete"})
    assert len(built(application)) == 3 + 1
    reply = api.put("/schemas/Game", {"fields": {"n": {"__op": "Delete"}, "o": {"__op": "Delete"}}}, master=True)
    assert reply.json["indexes"] == {"_id_": {"_id": 1}}
    assert built(application) == []


def test_a_new_class_comes_with_its_indexes(api: ApiClient, application: Application) -> None:
    body = {"fields": {"s": {"type": "String"}}, "indexes": {"i": {"s": 1}}}
    assert api.post("/schemas/Fresh", body, master=True).status == 200
    assert len(built(application, "Fresh")) == 1


def test_long_class_names_do_not_share_indexes(api: ApiClient, application: Application) -> None:
    for last in "xy":
        name = "C" * 100 + last
        body = {"fields": {"s": {"type": "String"}}, "indexes": {"i": {"s": 1}}}
        assert api.post(f"/schemas/{name}", body, master=True).status == 200


def test_two_declarations_of_one_kind_are_one_index(api: ApiClient, application: Application) -> None:
    declare(api, one={"s": 1}, two={"s": 1})
    assert len(built(application)) == 1
    declare(api, one={"__op": "Delete"})
    assert len(built(application)) == 1


def test_a_unique_index_refuses_without_detail(api: ApiClient, application: Application) -> None:
    declare(api, i={"s": 1, "p": 1, "$unique": True})
    other = {"__type": "Pointer", "className": "Other", "objectId": "x"}
    assert api.post("/classes/Game", {"s": "a", "p": other}).status == 201
    refused = api.post("/classes/Game", {"s": "a", "p": other})
    assert (refused.status, refused.error) == (400, DUPLICATE)
    bodies: list[Any] = [{"s": "a"}, {"s": "a"}, {"p": other}, {"p": other}]
    for body in bodies:
        assert api.post("/classes/Game", body).status == 201


def test_a_unique_index_below_objects_lets_those_without_be(api: ApiClient, application: Application) -> None:
    declare(api, i={"o.a": 1, "$unique": True})
    bodies: list[Any] = [{}, {}, {"o": {}}, {"o": {"a": 1}}]
    assert [api.post("/classes/Game", body).status for body in bodies] == [201] * 4
    assert api.post("/classes/Game", {"o": {"a": 1}}).error == DUPLICATE


def test_a_unique_index_of_some_objects(api: ApiClient, application: Application) -> None:
    declare(api, i={"s": 1, "$unique": True, "$where": {"b": True}})
    for body in ({"s": "a", "b": False}, {"s": "a", "b": False}, {"s": "a", "b": True}):
        assert api.post("/classes/Game", body).status == 201
    assert api.post("/classes/Game", {"s": "a", "b": True}).error == DUPLICATE


def test_objects_that_are_not_unique_refuse_the_index_and_nothing_is_left(
    api: ApiClient, application: Application
) -> None:
    for _ in range(2):
        api.post("/classes/Game", {"s": "a"})
    body = {"fields": {"more": {"type": "String"}}, "indexes": {"i": {"s": 1, "$unique": True}, "j": {"n": 1}}}
    assert api.put("/schemas/Game", body, master=True).error == DUPLICATE
    after = api.get("/schemas/Game", master=True).json
    assert "more" not in after["fields"]
    assert "indexes" not in after
    assert built(application) == []


REFUSED = [
    ({"no": 1}, "Field no does not exist, cannot add index."),
    ({"no.a": 1}, "Field no does not exist, cannot add index."),
    ({"s.a": 1}, "Field s.a does not exist, cannot add index."),
    ({"_p_s": 1}, "Field _p_s does not exist, cannot add index."),
    ({"$other": 1}, "Field $other does not exist, cannot add index."),
    ({"s": 1, "$unique": "yes"}, "Index i has an invalid option."),
    ({"s": 1, "$where": 1}, "Index i has an invalid option."),
    ({"s": 1, "$everything": False}, "Index i has an invalid option."),
    ({"$everything": True}, "Index i has an invalid option."),
    ({"s": 1, "$where": {"n": {"$no": 1}}}, "Index i has an invalid $where: bad constraint: $no"),
]


@pytest.mark.parametrize(("index", "message"), REFUSED)
def test_what_cannot_be_an_index_is_refused(api: ApiClient, index: Any, message: str) -> None:
    reply = api.put("/schemas/Game", {"indexes": {"i": index}}, master=True)
    assert reply.status == 400
    assert reply.error[0] == 102
    assert reply.error[1].replace("no.a", "no") == message


def test_a_condition_that_looks_at_other_rows_is_refused(api: ApiClient) -> None:
    where = {"a": {"$containedBy": [1]}}
    assert api.put("/schemas/Game", {"indexes": {"i": {"s": 1, "$where": where}}}, master=True).error[0] == 102


def test_hostile_names_and_values_stay_texts(api: ApiClient, application: Application) -> None:
    key = 'o.it\'s "here" \\ 100%s, }'
    declare(api, i={key: 1}, j={"s": 1, "$where": {"s": "it's \\ 100%s %%"}})
    assert len(built(application)) == 2


def test_the_index_on_everything_can_be_switched_off_and_on(api: ApiClient, application: Application) -> None:
    api.post("/classes/Game", {"s": "a"})
    assert declare(api, off={"$everything": False})["off"] == {"$everything": False}
    assert not has_everything(application)
    assert len(api.get("/classes/Game", query={"where": {"s": "a"}}).json["results"]) == 1
    declare(api, off={"__op": "Delete"})
    assert has_everything(application)


EQUAL: list[tuple[Any, int]] = [
    ({"s": "a"}, 1),
    ({"s": 1}, 0),
    ({"s": {"$in": ["a", 1, None]}}, 3),
    ({"s": {"$ne": "a"}}, 3),
    ({"s": {"$nin": ["a", "b"]}}, 2),
    ({"s": None}, 2),
    ({"n": 1}, 1),
    ({"n": 1.0}, 1),
    ({"n": {"$in": [1, 2.5, "x", True]}}, 2),
    ({"n": True}, 0),
    ({"b": True}, 1),
    ({"b": {"$in": [True, False]}}, 2),
    ({"b": "true"}, 0),
    ({"d": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}}, 1),
    ({"d": "2026-01-01"}, 1),
    ({"p": {"__type": "Pointer", "className": "Other", "objectId": "x"}}, 1),
    ({"p": {"__type": "Pointer", "className": "Else", "objectId": "x"}}, 0),
    ({"p": "x"}, 1),
    ({"s": "a", "n": 1}, 1),
]


@pytest.mark.parametrize(("where", "count"), EQUAL)
@pytest.mark.parametrize("kind", ["none", "each", "together", "some"])
def test_conditions_mean_the_same_with_an_index(api: ApiClient, where: Any, count: int, kind: str) -> None:
    if kind == "each":
        declare(api, **{name: {name: 1} for name in "snbdp"}, off={"$everything": False})
    elif kind != "none":
        some = {"$where": {"b": True}} if kind == "some" else {}
        declare(api, i={"d": 1, "s": 1, "n": -1, "p": 1, "b": 1, **some})
    other = {"__type": "Pointer", "className": "Other", "objectId": "x"}
    moment = {"__type": "Date", "iso": "2026-01-01T00:00:00Z"}
    for body in ({"s": "a", "n": 1, "b": True, "d": moment, "p": other}, {"s": "b", "n": 2.5, "b": False}, {}):
        api.post("/classes/Game", body)
    api.post("/classes/Game", {"s": None})
    found = api.get("/classes/Game", query={"where": where})
    assert len(found.json["results"]) == count
