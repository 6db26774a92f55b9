"""Reading what a condition ranks: places from near to far, texts from the best answer on, each in one statement."""

from __future__ import annotations

from typing import Any

import pytest

from parse_core.errors import InvalidQuery
from parse_core.values.scalars import Json
from tests.objects.worlds import MASTER, World, user


def point(latitude: float, longitude: float) -> Json:
    return {"__type": "GeoPoint", "latitude": latitude, "longitude": longitude}


@pytest.fixture(scope="module")
def world(database_url: str) -> World:
    world = World.make()
    world.define("Shop", place="GeoPoint", about="String", owner="Pointer<Owner>", likes="Relation<Owner>")
    world.define("Owner", name="String")
    world.put("Owner", "ann", name="Ann")
    owner = {"__type": "Pointer", "className": "Owner", "objectId": "ann"}
    world.put("Shop", "rome", place=point(41.9, 12.5), about="Coffee and cream, and cake", owner=owner)
    world.put("Shop", "oslo", place=point(59.9, 10.8), about="coffee")
    world.put("Shop", "bonn", place=point(50.7, 7.1), about="Coffee beans", acl={"bob": {"read": True}})
    world.put("Shop", "none", about="tea")
    return world


NEAR = {"place": {"$nearSphere": point(52.5, 13.4)}}
COFFEE = {"about": {"$text": {"$search": {"$term": "coffee"}}}}


@pytest.mark.parametrize(
    ("parameters", "ids"),
    [
        ({"where": NEAR}, ["oslo", "rome"]),
        ({"where": NEAR, "order": "objectId"}, ["oslo", "rome"]),
        ({"where": NEAR, "order": "-objectId"}, ["rome", "oslo"]),
        ({"where": NEAR, "limit": 1, "skip": 1}, ["rome"]),
        ({"where": NEAR, "include": "owner"}, ["oslo", "rome"]),
        ({"where": COFFEE, "order": "$score"}, ["oslo", "rome"]),
        ({"where": COFFEE, "order": "-$score"}, ["oslo", "rome"]),
        ({"where": COFFEE, "order": "-objectId,$score"}, ["rome", "oslo"]),
        ({"where": {**COFFEE, **NEAR}, "order": "$score", "keys": "$score"}, ["oslo", "rome"]),
        ({"order": "$score"}, ["rome", "oslo", "none"]),
        ({"order": "$score", "keys": "$score,about"}, ["rome", "oslo", "none"]),
    ],
)
def test_one_statement_finds_and_ranks(world: World, parameters: dict[str, Any], ids: list[str]) -> None:
    assert world.ids("Shop", **parameters) == ids
    assert world.statements("Shop", **parameters) == 1


def test_acls_hold_for_ranked_rows(world: World) -> None:
    assert world.ids("Shop", user("bob"), where=NEAR) == ["bonn", "oslo", "rome"]
    assert world.ids("Shop", MASTER, where=COFFEE) == ["rome", "oslo", "bonn"]


def test_scores_are_shown_where_keys_ask_for_them(world: World) -> None:
    best, other = world.find("Shop", where=COFFEE, order="$score", keys="$score")
    assert set(best) == {"objectId", "createdAt", "updatedAt", "likes", "score"}
    assert best["score"] > other["score"] > 0
    (result,) = world.find("Shop", where={**COFFEE, "objectId": "rome"}, keys="about,$score,owner", include="owner")
    assert result["score"] > 0
    assert result["owner"]["name"] == "Ann"
    assert "score" not in world.find("Shop", where=COFFEE)[0]
    assert "score" not in world.find("Shop", keys="$score")[0]


def test_what_is_near_is_counted(world: World) -> None:
    assert world.count("Shop", where=NEAR, limit=1) == 2
    assert world.count("Shop", where=COFFEE, limit=0) == 2


def test_two_searches_are_refused(world: World) -> None:
    with pytest.raises(InvalidQuery, match=r"only one \$text"):
        world.find("Shop", where={"$or": [COFFEE, COFFEE]})
