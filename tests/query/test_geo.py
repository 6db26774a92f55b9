"""Points, boxes, circles and polygons: the same answers with PostGIS, without it and in memory."""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import pi
from typing import Any

import pytest

from parse_core.errors import ParseError
from parse_core.query.parse import parse_where
from parse_core.store import geography
from parse_core.store.sql import Sql
from parse_core.values import geo
from parse_core.values.geo import Position
from parse_core.values.scalars import Document, Json
from tests.query.places import Places, places, plan, point, polygon
from tests.query.rows import CLIENT, document

pytestmark = pytest.mark.xdist_group("postgis")


@pytest.fixture(scope="module", params=["without PostGIS", "with PostGIS"])
def world(request: pytest.FixtureRequest) -> Iterator[Places]:
    """The places of the tables, on each kind of database."""
    fixture = "postgis_url" if request.param == "with PostGIS" else "database_url"
    with places(request.getfixturevalue(fixture)) as found:
        assert (found.scope.postgis is None) == (request.param == "without PostGIS")
        yield found


def near(latitude: float, longitude: float, **distances: float) -> Json:
    return {"$nearSphere": point(latitude, longitude), **{f"${name}": value for name, value in distances.items()}}


def within(*corners: Json) -> Json:
    return {"$geoWithin": {"$polygon": list(corners)}}


def around(center: Json, radians: float) -> Json:
    return {"$geoWithin": {"$centerSphere": [center, radians]}}


BERLIN = (52.52, 13.405)
ALL_POINTS = "oslo rome lima suva apia pole zero"
FROM_BERLIN = "oslo rome pole zero lima apia suva"
SQUARE: list[Json] = [[0, 0], [0, 60], [20, 60], [20, 0]]  # longitude first

CASES: list[tuple[Json, str]] = [
    # from near to far, within a distance
    ({"g": near(*BERLIN)}, FROM_BERLIN),
    ({"g": near(*BERLIN, maxDistance=0.2)}, "oslo rome"),
    ({"g": near(*BERLIN, maxDistanceInRadians=0.2)}, "oslo rome"),
    ({"g": near(*BERLIN, maxDistanceInKilometers=838)}, ""),
    ({"g": near(*BERLIN, maxDistanceInKilometers=839)}, "oslo"),
    ({"g": near(*BERLIN, maxDistanceInMiles=520)}, ""),
    ({"g": near(*BERLIN, maxDistanceInMiles=522)}, "oslo"),
    ({"g": near(*BERLIN, maxDistance=3, maxDistanceInMiles=522)}, "oslo"),
    ({"g": near(*BERLIN, maxDistance=10)}, FROM_BERLIN),
    ({"g": near(0, 0, maxDistance=0)}, "zero"),
    ({"g": near(0.1, 0, maxDistance=0)}, ""),
    ({"g": near(-15, 179, maxDistanceInKilometers=1200)}, "suva apia"),
    ({"g": near(-15, -179, maxDistanceInKilometers=1200)}, "suva apia"),
    ({"g": near(-15, 180, maxDistanceInKilometers=500)}, "suva"),
    ({"g": near(-15, -180, maxDistanceInKilometers=500)}, "suva"),
    ({"g": near(89, 180, maxDistanceInKilometers=200)}, "pole"),
    ({"g": near(60, 100, maxDistanceInKilometers=4500)}, "pole"),
    ({"g": near(-90, 0, maxDistance=pi)}, "suva apia lima zero rome oslo pole"),
    ({"g": {**near(*BERLIN), "$ne": point(41.9028, 12.4964)}}, "oslo pole zero lima apia suva"),
    ({"g": near(*BERLIN, maxDistance=2), "objectId": {"$in": ["zero", "rome"]}}, "rome zero"),
    # inside of logic it filters and does not sort
    ({"$or": [{"g": near(*BERLIN)}]}, ALL_POINTS),
    ({"$and": [{"g": near(*BERLIN, maxDistance=0.2)}]}, "oslo rome"),
    ({"$nor": [{"g": near(*BERLIN, maxDistance=0.2)}]}, "lima suva apia pole null zero tiny none"),
    # circles
    ({"g": around(point(*BERLIN), 0.2)}, "oslo rome"),
    ({"g": around([BERLIN[1], BERLIN[0]], 0.2)}, "oslo rome"),
    ({"g": around([179, -15], 0.2)}, "suva apia"),
    ({"g": around(point(0, 0), 0)}, "zero"),
    ({"g": around(point(0, 0), 4)}, ALL_POINTS),
    # boxes
    ({"g": {"$within": {"$box": [point(0, 0), point(60, 20)]}}}, "oslo rome zero"),
    ({"g": {"$within": {"$box": [point(60, 20), point(0, 0)]}}}, "oslo rome zero"),
    ({"g": {"$within": {"$box": [point(0, 20), point(60, 0)]}}}, "oslo rome zero"),
    ({"g": {"$within": {"$box": [point(0, 0), point(0, 0)]}}}, "zero"),
    ({"g": {"$within": {"$box": [point(-90, -180), point(90, 180)]}}}, ALL_POINTS),
    ({"g": {"$within": {"$box": [point(-20, 170), point(-10, -170)]}}}, "lima"),  # the long way round
    # polygons: open or closed, points or pairs, the border included
    ({"g": within(*SQUARE)}, "oslo rome zero"),
    ({"g": within(*SQUARE, SQUARE[0])}, "oslo rome zero"),
    ({"g": within(*[point(latitude, longitude) for longitude, latitude in SQUARE])}, "oslo rome zero"),
    ({"g": {"$geoWithin": {"$polygon": {"__type": "Polygon", "coordinates": SQUARE}}}}, "oslo rome zero"),
    ({"g": within([-10, 0], [10, 0], [0, 10])}, "zero"),
    ({"g": within([-10, -5], [10, 5], [0, 10])}, "zero"),
    ({"g": within([-10, 1], [10, 1], [0, 10])}, ""),
    ({"g": within([0, 0], [0, 50], [50, 0])}, "zero"),
    ({"g": within([-180, -90], [180, -90], [180, 90], [-180, 90])}, ALL_POINTS),
    ({"g": within([170, -30], [-170, -30], [-170, 0], [170, 0])}, "lima zero"),  # the long way round
    ({"g": within([-1, -1], [1, 1], [1, -1], [-1, 1])}, "zero"),  # crossing itself
    # polygons that hold a point
    ({"poly": {"$geoIntersects": {"$point": point(2, 7)}}}, "zero"),
    ({"poly": {"$geoIntersects": {"$point": point(7, 2)}}}, ""),
    ({"poly": {"$geoIntersects": {"$point": point(0, 0)}}}, "zero"),
    ({"poly": {"$geoIntersects": {"$point": point(5, 10)}}}, "zero"),
    ({"poly": {"$geoIntersects": {"$point": point(5, 3)}}}, "zero"),
    ({"poly": {"$geoIntersects": {"$point": point(5.000001, 3)}}}, ""),
    ({"poly": {"$geoIntersects": {"$point": point(50.0001, 8.0001)}}}, "tiny"),
    ({"poly": {"$geoIntersects": {"$point": point(50.00025, 8.00025)}}}, "tiny"),
    ({"poly": {"$geoIntersects": {"$point": point(50.0003, 8.0003)}}}, ""),
    # equality
    ({"g": point(0, 0)}, "zero"),
    ({"g": {"$in": [point(0, 0), point(90, 0), point(1, 1)]}}, "pole zero"),
    ({"g": {"$ne": point(0, 0)}}, "oslo rome lima suva apia pole null tiny none"),
    ({"g": {"$nin": [point(0, 0), point(90, 0)]}}, "oslo rome lima suva apia null tiny none"),
    ({"poly": polygon((0, 0), (0, 10), (5, 10), (5, 0))}, "zero"),
    ({"poly": {"__type": "Polygon", "coordinates": [[0, 0], [0, 10], [5, 10], [5, 0]]}}, "zero"),
    ({"poly": polygon((0, 10), (5, 10), (5, 0), (0, 0))}, ""),
    ({"poly": {"$ne": polygon((0, 0), (0, 10), (5, 10), (5, 0))}}, "oslo rome lima suva apia pole null tiny none"),
    ({"poly": {"$in": [polygon((0, 0), (0, 10), (5, 10), (5, 0)), point(0, 0)]}}, "zero"),
    # places inside of objects and arrays
    ({"o.at": near(*BERLIN)}, "oslo"),
    ({"o.all": near(-12, -77, maxDistance=0.1)}, "lima"),
    ({"o.all": {"$geoWithin": {"$centerSphere": [[0, 0], 0.1]}}}, "lima"),
    ({"a.0": near(*BERLIN)}, "rome"),
    # columns of other types, and no columns
    ({"s": near(*BERLIN)}, ""),
    ({"a": near(*BERLIN)}, ""),
    ({"nosuch": near(*BERLIN)}, ""),
    ({"poly": near(*BERLIN)}, ""),
    ({"g.latitude": near(*BERLIN)}, ""),
    ({"objectId": within(*SQUARE)}, ""),
    ({"s": {"$within": {"$box": [point(0, 0), point(60, 20)]}}}, ""),
    ({"g": {"$geoIntersects": {"$point": point(0, 0)}}}, ""),
    ({"n": {"$geoIntersects": {"$point": point(0, 0)}}}, ""),
]


def _name(value: object) -> str | None:
    return str(value)[:90] if isinstance(value, dict) else None


@pytest.mark.parametrize(("where", "expected"), CASES, ids=_name)
def test_in_sql(world: Places, where: Json, expected: str) -> None:
    assert world.in_sql(where) == expected


@pytest.mark.parametrize(("where", "expected"), CASES, ids=_name)
def test_in_memory(world: Places, where: Json, expected: str) -> None:
    assert world.in_memory(where) == expected


def test_an_explicit_order_wins(world: Places) -> None:
    where = {"g": near(*BERLIN)}
    for face in (world.in_sql, world.in_memory):
        assert face(where, "-objectId") == "zero suva rome pole oslo lima apia"
        assert face(where, "nosuch") == FROM_BERLIN


REFUSED: list[tuple[Json, int, str]] = [
    ({"$nearSphere": 5}, 107, "bad $nearSphere value"),
    ({"$nearSphere": [1, 2]}, 107, "bad $nearSphere value"),
    ({"$nearSphere": {"__type": "GeoPoint", "latitude": "1", "longitude": 2}}, 107, "bad $nearSphere value"),
    (near(0, 0, maxDistance=-1), 107, "bad $maxDistance value"),
    ({"$nearSphere": point(0, 0), "$maxDistance": "1"}, 107, "bad $maxDistance value"),
    ({"$nearSphere": point(0, 0), "$maxDistanceInMiles": None}, 107, "bad $maxDistanceInMiles value"),
    ({"$nearSphere": point(0, 0), "$maxDistanceInKilometers": True}, 107, "bad $maxDistanceInKilometers value"),
    ({"$maxDistance": 1}, 107, "bad constraint: $maxDistance"),
    ({"$within": 5}, 107, "malformatted $within arg"),
    ({"$within": {}}, 107, "malformatted $within arg"),
    ({"$within": {"$box": [point(0, 0)]}}, 107, "malformatted $within arg"),
    ({"$within": {"$box": [point(0, 0), 5]}}, 107, "malformatted $within arg"),
    ({"$within": {"$box": [point(0, 0)] * 3}}, 107, "malformatted $within arg"),
    ({"$within": {"$center": 1}}, 107, "malformatted $within arg"),
    ({"$geoWithin": 5}, 107, "bad $geoWithin value"),
    ({"$geoWithin": {"$foo": 5}}, 107, "bad $geoWithin value"),
    ({"$geoWithin": {"$centerSphere": point(0, 0)}}, 107,
     "bad $geoWithin value; $centerSphere should be an array of Parse.GeoPoint and distance"),
    ({"$geoWithin": {"$centerSphere": [point(0, 0)]}}, 107,
     "bad $geoWithin value; $centerSphere should be an array of Parse.GeoPoint and distance"),
    (around("x", 1), 107, "bad $geoWithin value; $centerSphere geo point invalid"),
    (around([1, 2, 3], 1), 107, "bad $geoWithin value; $centerSphere geo point invalid"),
    (around(point(0, 0), -1), 107, "bad $geoWithin value; $centerSphere distance invalid"),
    ({"$geoWithin": {"$centerSphere": [point(0, 0), "1"]}}, 107,
     "bad $geoWithin value; $centerSphere distance invalid"),
    (within([0, 0], [1, 1]), 107, "bad $geoWithin value; $polygon should contain at least 3 GeoPoints"),
    ({"$geoWithin": {"$polygon": {"__type": "Polygon", "coordinates": [[0, 0]]}}}, 107,
     "bad $geoWithin value; Polygon.coordinates should contain at least 3 lon/lat pairs"),
    ({"$geoWithin": {"$polygon": {"__type": "Polygon"}}}, 107,
     "bad $geoWithin value; Polygon.coordinates should contain at least 3 lon/lat pairs"),
    ({"$geoWithin": {"$polygon": 5}}, 107,
     "bad $geoWithin value; $polygon should be Polygon object or Array of Parse.GeoPoint's"),
    ({"$geoWithin": {"$polygon": point(0, 0)}}, 107,
     "bad $geoWithin value; $polygon should be Polygon object or Array of Parse.GeoPoint's"),
    (within([0, 0], [1, 1], 5), 107, "bad $geoWithin value"),
    (within([0, 0], [1, 1], [1, "1"]), 107, "bad $geoWithin value"),
    ({"$geoIntersects": {"$point": [1, 2]}}, 107, "bad $geoIntersect value; $point should be GeoPoint"),
    ({"$geoIntersects": {"$polygon": []}}, 107, "bad $geoIntersect value; $point should be GeoPoint"),
    ({"$geoIntersects": 5}, 107, "bad $geoIntersect value; $point should be GeoPoint"),
    (near(91, 0), 1, "GeoPoint latitude out of bounds: 91 > 90.0."),
    (near(0, -181), 1, "GeoPoint longitude out of bounds: -181 < -180.0."),
    (around([0, -91.5], 1), 1, "GeoPoint latitude out of bounds: -91.5 < -90.0."),
    ({"$within": {"$box": [point(0, 0), point(0, 181)]}}, 1, "GeoPoint longitude out of bounds: 181 > 180.0."),
    (within([0, 0], [181, 1], [5, 5]), 1, "GeoPoint longitude out of bounds: 181 > 180.0."),
    ({"$geoIntersects": {"$point": point(91, 0)}}, 1, "GeoPoint latitude out of bounds: 91 > 90.0."),
]  # fmt: skip


@pytest.mark.parametrize(("constraint", "code", "message"), REFUSED, ids=_name)
def test_what_is_no_place_is_refused(world: Places, constraint: Json, code: int, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_where({"g": constraint}, world.rows.schema, CLIENT)
    assert (caught.value.code, caught.value.message) == (code, message)
    assert caught.value.status == 400


def _random_places(chance: random.Random, number: int) -> list[Document]:
    return [
        document(f"p{each:03}", g=point(round(chance.uniform(-90, 90), 3), round(chance.uniform(-180, 180), 3)))
        for each in range(number)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_random_areas_hold_the_same_points_in_both_faces(world: Places, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (the same cases in each run)
    many = world.of(_random_places(chance, 300))

    def position() -> Document:
        latitude = chance.choice([chance.uniform(-90, 90), chance.uniform(80, 90), -90])
        return point(latitude, chance.choice([chance.uniform(-180, 180), 180, -180, 179.5]))

    for _ in range(60):
        corners = [position() for _ in range(chance.randrange(3, 9))]
        areas = [
            {"$nearSphere": position(), "$maxDistance": chance.uniform(0, pi)},
            {"$nearSphere": position()},
            around(position(), chance.uniform(0, 0.5)),
            {"$within": {"$box": [position(), position()]}},
            within(*corners),
        ]
        for area in areas:
            assert many.in_sql({"g": area}) == many.in_memory({"g": area}), area


def test_random_polygons_hold_the_same_points_in_both_faces(world: Places) -> None:
    chance = random.Random(5)  # noqa: S311 (the same cases in each run)
    for size in (0.001, 1, 90):
        shapes = [[(chance.uniform(0, size), chance.uniform(0, size)) for _ in range(6)] for _ in range(100)]
        many = world.of([document(f"p{place:03}", poly=polygon(*shape)) for place, shape in enumerate(shapes)])
        for _ in range(30):
            where = {"poly": {"$geoIntersects": {"$point": point(chance.uniform(0, size), chance.uniform(0, size))}}}
            assert many.in_sql(where) == many.in_memory(where)


def test_distances_are_those_of_the_sphere_to_a_millimetre(world: Places) -> None:
    chance = random.Random(6)  # noqa: S311 (the same cases in each run)
    radius = 6371 if world.scope.postgis is None else 6371 / geography.POSTGIS_RADIUS  # of what SQL gives, in km
    for _ in range(50):
        one, other = (Position(chance.uniform(-180, 180), chance.uniform(-90, 90)) for _ in range(2))
        stored = Sql("%s::jsonb", (f'{{"latitude": {one.latitude}, "longitude": {one.longitude}}}',))
        statement = Sql("SELECT ") + geography.distance(stored, other, world.scope.postgis)
        ((found,),) = world.rows.connection.execute(statement.text, statement.params)
        assert found * radius == pytest.approx(geo.angle(one, other) * 6371, abs=1e-6)


@pytest.fixture(scope="module")
def many(world: Places) -> Places:
    """20,000 points and polygons, indexed."""
    chance = random.Random(7)  # noqa: S311 (the same cases in each run)
    documents = _random_places(chance, 20_000)
    for number, each in enumerate(documents):
        each["objectId"] = f"p{number}"
        corner = (chance.uniform(-80, 80), chance.uniform(-170, 170))
        each["poly"] = polygon(corner, (corner[0] + 1, corner[1]), (corner[0], corner[1] + 1))
    found = world.of(documents)
    for index in (geography.point_index("g", world.scope.postgis), geography.polygon_index("poly")):
        statement: Any = f"CREATE INDEX ON {found.rows.schema.relation.text} {index.text}"
        found.rows.connection.execute(statement)
    found.rows.connection.execute(f"ANALYZE {found.rows.schema.relation.text}")
    return found


INDEXED: list[Json] = [
    {"g": near(*BERLIN, maxDistanceInKilometers=300)},
    {"g": near(-15, 180, maxDistanceInKilometers=300)},
    {"g": around(point(*BERLIN), 0.05)},
    {"g": {"$within": {"$box": [point(0, 0), point(3, 3)]}}},
    {"g": within([0, 0], [5, 0], [0, 5])},
    {"poly": {"$geoIntersects": {"$point": point(2, 7)}}},
]


@pytest.mark.parametrize("where", INDEXED, ids=_name)
def test_an_index_serves_it(many: Places, where: Json) -> None:
    assert "Index" in plan(many, where)
    assert "Seq Scan" not in plan(many, where)
    assert many.in_sql(where) == many.in_memory(where)


STRANGE: list[Json] = [
    None, 5, "x", [], {}, [[0, 0]], point(1e300, -1e300), point(200, 400), {"latitude": "1", "longitude": {}},
    {"__type": "GeoPoint"}, {"__type": "GeoPoint", "latitude": True, "longitude": None}, {"coordinates": "((0, 0))"},
    {"__type": "Polygon", "coordinates": []}, {"__type": "Polygon", "coordinates": [[0, 0], [1]]},
    {"__type": "Polygon", "coordinates": [[1e300, 0], [0, 1e-300], [1, 1]]}, {"coordinates": "[[0, 0], ]"},
    {"__type": "Polygon", "coordinates": [[0, 0], [0, "1"], [1, 1]]}, {"coordinates": [[[0, 0]]]},
]  # fmt: skip


def test_whatever_is_stored_is_asked_without_an_error(world: Places) -> None:
    odd = world.of([document(f"o{number}", g=each, poly=each, o={"x": each}) for number, each in enumerate(STRANGE)])
    for constraint in (
        near(0, 0),
        near(0, 0, maxDistance=1),
        around(point(0, 0), 1),
        {"$within": {"$box": [point(-90, -180), point(90, 180)]}},
        within(*SQUARE),
        {"$geoIntersects": {"$point": point(0, 0)}},
    ):
        for name in ("g", "poly", "o.x", "o", "o.x.coordinates"):
            odd.in_sql({name: constraint})
            odd.in_memory({name: constraint})
