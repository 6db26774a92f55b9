"""`$geoNear`: distances as MongoDB tells them."""

from __future__ import annotations

from math import radians
from typing import Any, Final

import orjson
import pytest

from parse_core.errors import InvalidQuery
from parse_core.store.database import counting
from parse_core.store.sql import Sql
from tests.aggregation.data import date, run
from tests.objects.worlds import World
from tests.support.client import ApiClient

RADIUS: Final = 6_378_100  # metres, as MongoDB counts
POINT: Final = {"type": "Point", "coordinates": [1, 1]}


def point(latitude: float, longitude: float) -> dict[str, Any]:
    return {"__type": "GeoPoint", "latitude": latitude, "longitude": longitude}


@pytest.fixture(scope="module")
def places(world: World) -> World:
    world.define("Place", value="Number", location="GeoPoint", date="Date")
    for value in (3, 1, 2):
        world.put("Place", f"p{value}", value=value, location=point(value, 1), date=date(f"2020-01-0{value}"))
    world.put("Place", "nowhere", value=9)
    return world


def near(world: World, **options: Any) -> list[tuple[Any, Any]]:
    stage = {"near": POINT, "key": "location", "spherical": True, "distanceField": "dist", **options}
    return [(found["value"], found["dist"]) for found in run(world, "Place", [{"$geoNear": stage}])]


def degrees(number: float) -> Any:
    return pytest.approx(radians(number), abs=1e-12)


def test_a_geojson_point_gives_metres(places: World) -> None:
    expected = [(1, 0), (2, pytest.approx(radians(1) * RADIUS)), (3, pytest.approx(radians(2) * RADIUS))]
    assert near(places) == expected
    assert near(places, near=point(1, 1)) == expected
    assert near(places, key=None) == expected


def test_a_pair_gives_radians(places: World) -> None:
    assert near(places, near=[1, 1]) == [(1, 0), (2, degrees(1)), (3, degrees(2))]


def test_distances_may_be_bounded_and_multiplied(places: World) -> None:
    assert near(places, near=[1, 1], maxDistance=radians(1.5)) == [(1, 0), (2, degrees(1))]
    assert near(places, near=[1, 1], minDistance=radians(1.5)) == [(3, degrees(2))]
    assert near(places, maxDistance=1000) == [(1, 0)]
    (_, (_, dist), _) = near(places, near=[1, 1], distanceMultiplier=6371)
    assert dist == pytest.approx(radians(1) * 6371)


def test_only_what_satisfies_the_query_counts(places: World) -> None:
    found = near(places, query={"date": {"$gte": "2020-01-02T00:00:00.000Z"}})
    assert [value for value, _ in found] == [2, 3]


def test_further_stages_see_the_distance(places: World) -> None:
    stage = {"near": [1, 1], "key": "location", "distanceField": "far.dist", "includeLocs": "far.at"}
    pipeline = [{"$geoNear": stage}, {"$skip": 1}, {"$limit": 1}, {"$project": {"_id": 0, "far": 1}}]
    assert run(places, "Place", pipeline) == [{"far": {"dist": degrees(1), "at": point(2, 1)}}]


@pytest.mark.parametrize(
    "options",
    [{"near": None}, {"near": [1]}, {"near": ["1", 1]}, {"near": [181, 0]}, {"near": {"type": "Point"}},
     {"distanceField": None}, {"maxDistance": -1}, {"maxDistance": "far"}, {"query": {"$where": "1"}}, {"other": 1}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_refused(places: World, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidQuery):
        near(places, **options)


def test_an_index_finds_what_is_within_a_distance(places: World) -> None:
    places.define("Town", at="GeoPoint")
    for number in range(300):
        places.put("Town", f"t{number}", at=point(number % 90, number % 170))
    stage = {"near": POINT, "key": "at", "distanceField": "dist", "maxDistance": 300_000}
    with counting() as ran:
        found = run(places, "Town", [{"$geoNear": stage}])
    assert [each["objectId"] for each in found] == ["t1", "t2", "t0"]
    assert " <@ box(" in ran.statements[0] or "st_dwithin" in ran.statements[0]


@pytest.fixture(scope="module")
def towns(world: World) -> World:
    """Thousands of towns with an index on their places, of which each has two, and some towns that are nowhere."""
    world.define("Spot", at="GeoPoint", n="Number")
    values = """ (object_id, data) SELECT 's' || i, jsonb_build_object(
        'objectId', 's' || i, 'createdAt', '2026-01-01T00:00:00.000Z', 'updatedAt', '2026-01-01T00:00:00.000Z', 'n', i,
        'at', CASE WHEN i % 9 > 0 THEN jsonb_build_object('__type', 'GeoPoint',
            'latitude', i / 2 * 7 % 181 - 90, 'longitude', i / 2 * 13 % 361 - 180) END)
        FROM generate_series(1, 4000) AS i"""
    relation = world.application.schemas["Spot"].relation
    world.application.database.fetch(Sql("INSERT INTO ") + relation + Sql(values.replace("%", "%%")))
    reply = ApiClient(world.application).put("/schemas/Spot", {"indexes": {"place": {"at": "2dsphere"}}}, master=True)
    assert reply.status == 200, reply.body
    return world


NEAREST: Final[list[list[Any]]] = [
    [{"$limit": 10}],
    [{"$skip": 7}, {"$limit": 10}],
    [{"$project": {"n": 1}}, {"$skip": 1}, {"$addFields": {"m": "$n"}}, {"$limit": 3}],
    [{"$limit": 9000}],
    [{"$skip": 3550}, {"$limit": 10}],
]


@pytest.mark.parametrize("behind", NEAREST, ids=str)
@pytest.mark.parametrize(
    "options",
    [{}, {"query": {"n": {"$gt": 3700}}}, {"minDistance": 3_000_000}, {"maxDistance": 1e6}, {"query": {"n": -5}}],
)
@pytest.mark.parametrize("center", [(1, 1), (90, 0), (-17, 180), (5, -179.9)])
def test_the_nearest_are_those_that_reading_everything_finds(
    towns: World, behind: list[Any], options: dict[str, Any], center: tuple[float, float]
) -> None:
    stage = {"$geoNear": {"near": point(*center), "distanceField": "far.away", "key": "at", **options}}
    everything = run(towns, "Spot", [stage, {"$match": {}}, *behind])
    with counting() as ran:
        assert run(towns, "Spot", [stage, *behind]) == everything
    assert len(ran) == 1


def test_the_nearest_are_found_through_the_index(towns: World) -> None:
    stage = {"$geoNear": {"near": POINT, "distanceField": "far", "key": "at"}}
    assert "Seq Scan" in orjson.dumps(run(towns, "Spot", [stage], explain=True)).decode()
    assert "Seq Scan" not in orjson.dumps(run(towns, "Spot", [stage, {"$limit": 5}], explain=True)).decode()


def test_pipelines_in_a_pipeline_have_their_own_nearest(towns: World) -> None:
    stage = {"$geoNear": {"near": POINT, "distanceField": "far", "key": "at"}}
    others = {"$unionWith": {"coll": "Spot", "pipeline": [stage, {"$limit": 3}]}}
    nearest = [each["objectId"] for each in run(towns, "Spot", [stage, {"$limit": 3}])]
    found = run(towns, "Spot", [stage, {"$limit": 2}, others])
    assert [each["objectId"] for each in found] == [*nearest[:2], *nearest]
