"""Queries from inside: each method against stored objects, and what it asks of the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from parse_cloud import GeoPoint, Object, ParseError, Polygon, Query
from parse_core.application import Application
from parse_core.objects.find_request import parse_find, parse_get
from parse_core.objects.requests import FindRequest

BERLIN, BONN, ROME = GeoPoint(52.52, 13.4), GeoPoint(50.73, 7.1), GeoPoint(41.9, 12.5)
AREA = Polygon([(50, 5), (50, 15), (55, 15), (55, 5)])


@pytest.fixture(autouse=True)
def cities(application: Application) -> dict[str, Object]:
    germany, italy = Object("Country", name="Germany", code="de"), Object("Country", name="Italy", code="it")
    rows = [
        Object(
            "City", name="Berlin", size=3700, at=BERLIN, tags=["big", "capital"], country=germany, code="de", o={"x": 1}
        ),
        Object("City", name="Bonn", size=330, at=BONN, tags=["old", "capital"], country=germany, code="de", o={"x": 2}),
        Object("City", name="Rome", size=2800, at=ROME, tags=["big", "old", "capital"], country=italy, code="xx"),
        Object("City", name="nowhere", area=AREA, since=datetime(2026, 1, 1, tzinfo=UTC)),
    ]
    Object.save_all(rows)
    rows[3].relation("twins").add(rows[:2]).save()
    return {row["name"]: row for row in rows}


def cities_query() -> Query[Object]:
    return Query("City")


def germany() -> Query[Object]:
    return Query("Country").equal_to("name", "Germany")


Ask = Callable[[Query[Object]], object]
ALL = ["Berlin", "Bonn", "Rome", "nowhere"]

CONDITIONS: list[tuple[str, Ask, list[str]]] = [
    ("equal_to", lambda q: q.equal_to("size", 330), ["Bonn"]),
    ("equal_to an element", lambda q: q.equal_to("tags", "old"), ["Bonn", "Rome"]),
    ("equal_to several", lambda q: q.equal_to({"tags": "old", "size": 330}), ["Bonn"]),
    ("equal_to within", lambda q: q.equal_to("o.x", 2), ["Bonn"]),
    ("equal_to none", lambda q: q.equal_to("size", None), ["nowhere"]),
    ("not_equal_to", lambda q: q.not_equal_to("size", 330), ["Berlin", "Rome", "nowhere"]),
    ("less_than", lambda q: q.less_than("size", 2800), ["Bonn"]),
    ("less_than_or_equal_to", lambda q: q.less_than_or_equal_to("size", 2800), ["Bonn", "Rome"]),
    ("greater_than", lambda q: q.greater_than("size", 2800), ["Berlin"]),
    ("greater_than_or_equal_to", lambda q: q.greater_than_or_equal_to("size", 2800), ["Berlin", "Rome"]),
    ("between", lambda q: q.greater_than("size", 330).less_than("size", 3700), ["Rome"]),
    ("a moment", lambda q: q.less_than("since", datetime(2026, 2, 1, tzinfo=UTC)), ["nowhere"]),
    ("contained_in", lambda q: q.contained_in("size", {330, 2800}), ["Bonn", "Rome"]),
    ("not_contained_in", lambda q: q.not_contained_in("size", [330, 2800]), ["Berlin", "nowhere"]),
    ("contained_by", lambda q: q.contained_by("tags", ["big", "capital", "x"]), ["Berlin"]),
    ("contains_all", lambda q: q.contains_all("tags", ["old", "big"]), ["Rome"]),
    ("contains_all_starting_with", lambda q: q.contains_all_starting_with("tags", ["ca", "ol"]), ["Bonn", "Rome"]),
    ("contains_all_starting_with one", lambda q: q.contains_all_starting_with("tags", "bi"), ["Berlin", "Rome"]),
    ("exists", lambda q: q.exists("area"), ["nowhere"]),
    ("does_not_exist", lambda q: q.does_not_exist("area"), ["Berlin", "Bonn", "Rome"]),
    ("matches", lambda q: q.matches("name", "^B.*n$"), ["Berlin", "Bonn"]),
    ("matches with modifiers", lambda q: q.matches("name", "^BONN$", "i"), ["Bonn"]),
    ("matches a compiled one", lambda q: q.matches("name", re.compile("^b", re.IGNORECASE)), ["Berlin", "Bonn"]),
    ("starts_with", lambda q: q.starts_with("name", "Bo"), ["Bonn"]),
    ("starts_with, modified", lambda q: q.starts_with("name", "bo", "i"), ["Bonn"]),
    ("ends_with", lambda q: q.ends_with("name", "ome"), ["Rome"]),
    ("contains", lambda q: q.contains("name", "o"), ["Bonn", "Rome", "nowhere"]),
    ("contains what means something else", lambda q: q.contains("name", "."), []),
    ("full_text", lambda q: q.full_text("name", "rome"), ["Rome"]),
    ("matches_query", lambda q: q.matches_query("country", germany()), ["Berlin", "Bonn"]),
    ("does_not_match_query", lambda q: q.does_not_match_query("country", germany()), ["Rome", "nowhere"]),
    ("matches_key_in_query", lambda q: q.matches_key_in_query("code", "code", Query("Country")), ["Berlin", "Bonn"]),
    (
        "does_not_match_key_in_query",
        lambda q: q.does_not_match_key_in_query("code", "code", Query("Country")),
        ["Rome", "nowhere"],
    ),
    ("near", lambda q: q.near("at", BONN).limit(2), ["Bonn", "Berlin"]),
    ("within_kilometers", lambda q: q.within_kilometers("at", BONN, 600), ["Bonn", "Berlin"]),
    (
        "within_kilometers, unsorted",
        lambda q: q.within_kilometers("at", (50.73, 7.1), 600, sorted=False),
        ["Berlin", "Bonn"],
    ),
    ("within_miles", lambda q: q.within_miles("at", BONN, 100), ["Bonn"]),
    ("within_radians", lambda q: q.within_radians("at", BERLIN, 0.1), ["Berlin", "Bonn"]),
    ("within_geo_box", lambda q: q.within_geo_box("at", (50, 5), (53, 14)), ["Berlin", "Bonn"]),
    ("within_polygon", lambda q: q.within_polygon("at", [(50, 5), (50, 15), (55, 15), (55, 5)]), ["Berlin", "Bonn"]),
    ("polygon_contains", lambda q: q.polygon_contains("area", BERLIN), ["nowhere"]),
    ("a pointer", lambda q: q.equal_to("country", germany().first()), ["Berlin", "Bonn"]),
    ("an equality stays beside others", lambda q: q.equal_to("size", 330).less_than("size", 100), []),
    ("an equality takes the place of others", lambda q: q.less_than("size", 100).equal_to("size", 330), ["Bonn"]),
    ("where", lambda q: q.where(size__gte=400, tags="old"), ["Rome"]),
    ("where, within", lambda q: q.where(o__x=1), ["Berlin"]),
    ("where, within, compared", lambda q: q.where(o__x__gt=1), ["Bonn"]),
    ("where … in", lambda q: q.where(size__in=[330], name__not_in=["Rome"]), ["Bonn"]),
    ("where … exists", lambda q: q.where(area__exists=False, size__exists=True, name__startswith="R"), ["Rome"]),
    ("where … contains", lambda q: q.where(name__contains="o", size__lte=330), ["Bonn"]),
    ("where … endswith", lambda q: q.where(name__endswith="lin"), ["Berlin"]),
    (
        "where … all",
        lambda q: q.where(tags__all=["old", "big"], tags__contained_by=["old", "big", "capital"]),
        ["Rome"],
    ),
    ("where … in_query", lambda q: q.where(country__in_query=germany(), name__ne="Bonn"), ["Berlin"]),
    ("where … near", lambda q: q.where(at__near=ROME).limit(1), ["Rome"]),
    ("a condition of REST's", lambda q: q.condition("size", "$gt", 3000), ["Berlin"]),
]


@pytest.mark.parametrize(("ask", "names"), [case[1:] for case in CONDITIONS], ids=[case[0] for case in CONDITIONS])
def test_a_condition_finds_what_it_says(ask: Ask, names: list[str]) -> None:
    query = cities_query()
    if "$nearSphere" not in str((ask(query), query.conditions)[1]):
        query.ascending("name")
    assert [row["name"] for row in query.find()] == names


JOINED: list[tuple[str, Callable[[], Query[Object]], list[str]]] = [
    (
        "or_",
        lambda: Query.or_(cities_query().equal_to("size", 330), cities_query().equal_to("size", 2800)),
        ["Bonn", "Rome"],
    ),
    (
        "and_",
        lambda: Query.and_(cities_query().equal_to("tags", "old"), cities_query().equal_to("tags", "big")),
        ["Rome"],
    ),
    ("nor", lambda: Query.nor(cities_query().exists("size"), cities_query().equal_to("name", "x")), ["nowhere"]),
    (
        "one of them with more",
        lambda: Query.or_(cities_query().equal_to("tags", "old"), cities_query().exists("area")).less_than(
            "size", 1000
        ),
        ["Bonn"],
    ),
]


@pytest.mark.parametrize(("query", "names"), [case[1:] for case in JOINED], ids=[case[0] for case in JOINED])
def test_several_queries_are_one(query: Callable[[], Query[Object]], names: list[str]) -> None:
    assert [row["name"] for row in query().ascending("name").find()] == names


def test_queries_that_are_joined_are_of_one_class() -> None:
    with pytest.raises(ValueError, match="All queries must be for the same class"):
        Query.or_(Query("A"), Query("B"))
    with pytest.raises(ValueError, match="At least one query"):
        Query.or_()


SHAPES: list[tuple[str, Ask, list[str]]] = [
    ("ascending", lambda q: q.ascending("name"), ALL),
    ("descending", lambda q: q.descending("name"), ALL[::-1]),
    ("by two", lambda q: q.ascending("code").add_descending("name"), ["nowhere", "Bonn", "Berlin", "Rome"]),
    ("by two at once", lambda q: q.descending("code, name"), ["Rome", "Bonn", "Berlin", "nowhere"]),
    ("add_ascending", lambda q: q.descending("code").add_ascending("name"), ["Rome", "Berlin", "Bonn", "nowhere"]),
    ("the last order counts", lambda q: q.descending("size").ascending("name"), ALL),
    ("limit", lambda q: q.ascending("name").limit(2), ["Berlin", "Bonn"]),
    ("limit 0", lambda q: q.limit(0), []),
    ("no limit any more", lambda q: q.ascending("name").limit(2).limit(-1), ALL),
    ("skip", lambda q: q.ascending("name").skip(3), ["nowhere"]),
    ("hint and comment", lambda q: q.ascending("name").hint("_id_").comment("why"), ALL),
    ("read_preference", lambda q: q.ascending("name").read_preference("SECONDARY", "PRIMARY"), ALL),
]


@pytest.mark.parametrize(("ask", "names"), [case[1:] for case in SHAPES], ids=[case[0] for case in SHAPES])
def test_order_and_pages(ask: Ask, names: list[str]) -> None:
    query = cities_query()
    ask(query)
    assert [row["name"] for row in query.find()] == names


def test_which_fields_come_with_the_objects(cities: dict[str, Object]) -> None:
    berlin = cities_query().equal_to("name", "Berlin")
    selected = berlin.copy().select("name", ["size"]).first()
    assert selected is not None
    assert sorted(selected) == ["createdAt", "name", "size", "twins", "updatedAt"]  # relations are always told of
    assert selected.id == cities["Berlin"].id
    without = berlin.copy().exclude("tags").first()
    assert without is not None
    assert ("tags" in without, "size" in without) == (False, True)
    plain, included, everything = (
        berlin.first(),
        berlin.copy().include("country").first(),
        berlin.copy().include_all().first(),
    )
    assert plain is not None
    assert included is not None
    assert everything is not None
    assert [row["country"].is_data_available() for row in (plain, included, everything)] == [False, True, True]
    assert included["country"]["name"] == "Germany"


def test_a_text_search_sorts_by_how_well_it_fits() -> None:
    Object.save_all([Object("Text", body="parse parse parse"), Object("Text", body="parse server of another kind")])
    rows = Query("Text").full_text("body", "parse", language="en", case_sensitive=False).sort_by_text_score().find()
    assert len(rows) == 2
    with pytest.raises(TypeError, match="Unknown option: colour"):
        Query("Text").full_text("body", "parse", colour="red")
    with pytest.raises(ValueError, match="A search term is required"):
        Query("Text").full_text("body", "")


def test_what_a_relation_holds_is_found(cities: dict[str, Object]) -> None:
    rows = cities_query().related_to(cities["nowhere"], "twins").ascending("name").find()
    assert [row["name"] for row in rows] == ["Berlin", "Bonn"]
    again = Object.without_data("City", cities["nowhere"].id).relation("twins").query().descending("name").find()
    assert [row["name"] for row in again] == ["Bonn", "Berlin"]


def test_one_object_is_asked_for(cities: dict[str, Object]) -> None:
    bonn_id = cities["Bonn"].id or ""
    assert cities_query().get(bonn_id)["name"] == "Bonn"
    assert cities_query().equal_to("size", 1).first() is None
    with pytest.raises(ParseError) as refused:
        cities_query().equal_to("name", "Rome").get("nobody")
    assert (refused.value.code, refused.value.message) == (101, "Object not found.")


def test_counting_and_whether_there_is_any() -> None:
    assert (cities_query().count(), cities_query().equal_to("tags", "old").count()) == (4, 2)
    found = cities_query().with_count().limit(1).find()
    assert (len(found), found.total) == (1, 4)
    assert cities_query().find().total is None
    assert (cities_query().equal_to("size", 330).exists_any(), cities_query().equal_to("size", 1).exists_any()) == (
        True,
        False,
    )


def test_results_as_json() -> None:
    (row,) = cities_query().equal_to("name", "Bonn").select("at").find_json()
    assert row["at"] == {"__type": "GeoPoint", "latitude": 50.73, "longitude": 7.1}


def test_how_the_database_finds_is_explained() -> None:
    plan = cities_query().explain().find(use_master_key=True)
    assert plan
    assert not isinstance(plan[0], Object)


def test_different_values_and_pipelines() -> None:
    assert sorted(cities_query().exists("tags").distinct("tags")) == ["big", "capital", "old"]
    assert sorted(cities_query().equal_to("name", "Rome").distinct("size")) == [2800]
    (row,) = cities_query().less_than("size", 3000).aggregate([{"$group": {"_id": None, "sum": {"$sum": "$size"}}}])
    assert row["sum"] == 3130
    assert cities_query().aggregate({"$match": {"name": "Bonn"}})[0]["name"] == "Bonn"
    (since,) = cities_query().exists("since").aggregate([{"$project": {"since": 1}}])
    assert since["since"] == datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ParseError) as refused:
        cities_query().distinct("size", use_master_key=False)
    assert refused.value.code == ParseError.OPERATION_FORBIDDEN


def test_a_query_as_json_and_back() -> None:
    query = cities_query().greater_than("size", 1).ascending("a").add_descending("b").include("x", "y.z").select("k")
    query.exclude("e").limit(5).skip(6).with_count().comment("c").hint("h").read_preference("PRIMARY").watch("w")
    parameters = {
        "where": {"size": {"$gt": 1}},
        "order": "a,-b",
        "include": "x,y.z",
        "keys": "k",
        "excludeKeys": "e",
        "limit": 5,
        "skip": 6,
        "count": 1,
        "comment": "c",
        "hint": "h",
        "readPreference": "PRIMARY",
        "watch": "w",
    }
    assert query.to_json() == parameters
    assert Query.from_json("City", parameters).to_json() == parameters
    assert cities_query().equal_to("a", 1).with_json({"where": {"b": 1}}).to_json() == {"where": {"b": 1}}


MISUSED: list[tuple[str, Callable[[], object], type[Exception], str]] = [
    ("no class", lambda: Query(3), TypeError, "A ParseQuery must be constructed with a ParseObject or class name."),  # type: ignore[call-overload]
    ("limit", lambda: Query("A").limit("3"), TypeError, "You can only set the limit to a numeric value"),  # type: ignore[arg-type]
    ("skip", lambda: Query("A").skip(-1), ValueError, "You can only skip by a positive number"),
    ("contains", lambda: Query("A").contains("a", 3), TypeError, "The value being searched for must be a string."),  # type: ignore[arg-type]
    (
        "comment",
        lambda: Query("A").comment(3),  # type: ignore[arg-type]
        TypeError,
        "The value of a comment to be sent with this query must be a string.",
    ),
    (
        "each with a limit",
        lambda: Query("A").limit(3).each(),
        ValueError,
        "Cannot iterate on a query with sort, skip, or limit.",
    ),
]


@pytest.mark.parametrize(("run", "error", "text"), [case[1:] for case in MISUSED], ids=[case[0] for case in MISUSED])
def test_a_query_that_cannot_be_is_refused(run: Callable[[], object], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as refused:
        run()
    assert str(refused.value) == text


def test_a_query_that_is_cancelled_finds_nothing_once() -> None:
    query = cities_query()
    assert query.cancel().find() == []
    assert len(query.find()) == 4
    assert list(query.cancel().each()) == []
    rows = query.each(batch_size=1)
    next(rows)
    query.cancel()
    assert list(rows) == []


def test_live_queries_say_that_they_are_not_there() -> None:
    with pytest.raises(ParseError) as refused:
        cities_query().subscribe()
    assert refused.value.code == ParseError.COMMAND_UNAVAILABLE


# --- On their way to the database

FINDS: list[tuple[str, FindRequest]] = [
    ("nothing", parse_find("City", {})),
    ("conditions", parse_find("City", {"where": {"size": {"$gt": 1}, "$or": [{"a": 1}, {"b": {"$exists": False}}]}})),
    (
        "everything",
        parse_find(
            "City",
            {
                "where": {"a": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}},
                "order": "a,-b",
                "keys": "a,b.c",
                "excludeKeys": "d",
                "include": "x.y,z",
                "limit": 7,
                "skip": 3,
                "count": 1,
                "explain": True,
                "comment": "why",
            },
        ),
    ),
    ("limit 0", parse_find("City", {"limit": 0})),
    ("include everything", parse_find("City", {"includeAll": True})),
    ("a get", parse_get("City", "x1", {"include": "a", "keys": "b"})),
    ("a redirect and a cursor", parse_find("City", {"redirectClassNameForKey": "country", "cursor": True})),
]


@pytest.mark.parametrize("request_", [case[1] for case in FINDS], ids=[case[0] for case in FINDS])
def test_a_search_that_a_handler_leaves_alone_goes_on_as_it_came(request_: FindRequest) -> None:
    assert Query.from_find(request_).to_find(request_) == request_


def test_a_handler_changes_a_search() -> None:
    asked = parse_find("City", {"where": {"a": 1}, "limit": 7, "skip": 2, "keys": "k"})
    query = Query.from_find(asked)
    query.equal_to("b", 2).limit(3).descending("a").exclude("x").include("c").select("m")
    found = query.to_find(asked)
    assert (found.where, found.limit, found.order, found.exclude_keys) == ({"a": 1, "b": 2}, 3, ("-a",), ("x",))
    assert (found.include, found.keys, found.skip) == (("c",), ("k", "m"), 2)
    assert asked.where == {"a": 1}


def test_a_handler_cannot_take_options_away_by_emptying_them() -> None:
    asked = parse_find("City", {"limit": 7, "order": "a", "keys": "k"})
    found = Query.from_find(asked).limit(0).to_find(asked)
    assert found.limit == 7
    found = Query("City").equal_to("b", 1).to_find(asked)
    assert (found.where, found.limit, found.order, found.keys) == ({"b": 1}, 7, ("a",), ("k",))


def test_handlers_see_the_limit_that_applies() -> None:
    assert Query.from_find(parse_find("City", {})).to_json() == {"where": {}, "limit": 100}
    asked = parse_get("City", "x1", {})
    assert Query.from_find(asked).to_json() == {"where": {"objectId": "x1"}}
    assert Query("City").equal_to("objectId", "x2").to_find(asked).object_id == "x2"
    found = Query.from_find(asked).equal_to("size", 3).to_find(asked)
    assert (found.object_id, found.where) == ("x1", {"size": 3})


def test_any_value_can_be_in_a_condition(cities: dict[str, Object]) -> None:
    values: dict[str, Any] = {
        "when": datetime(2026, 1, 1, tzinfo=UTC),
        "point": BONN,
        "data": b"x",
        "to": cities["Bonn"],
    }
    assert Query("City").equal_to(values).conditions == {
        "when": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"},
        "point": {"__type": "GeoPoint", "latitude": 50.73, "longitude": 7.1},
        "data": {"__type": "Bytes", "base64": "eA=="},
        "to": cities["Bonn"].to_pointer(),
    }
    with pytest.raises(ParseError):
        Query("City").equal_to("to", Object("City"))
