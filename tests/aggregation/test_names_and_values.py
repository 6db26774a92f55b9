"""What fields and values are called on the way in and out, raw modes, and what no pipeline reaches."""

from __future__ import annotations

from typing import Any, Final

import orjson
import pytest

from parse_core.errors import InvalidKeyName, ParseError
from tests.aggregation.data import date, run
from tests.objects.worlds import World, pointer

HIDDEN: Final = ("_hashed_password", "_email_verify_token", "_rperm", "_wperm", "_acl", "_tombstone", "_nope")
TIME: Final = "2026-01-31T12:00:00.000Z"


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize(
    "stage",
    [
        lambda path: {"$project": {"x": f"${path}"}},
        lambda path: {"$group": {"_id": f"${path}"}},
        lambda path: {"$group": {"_id": {"x": f"${path}.y"}}},
        lambda path: {"$group": {"_id": None, "x": {"$push": f"${path}"}}},
        lambda path: {"$addFields": {"x": {"$substr": [f"${path}", 0, 1]}}},
        lambda path: {"$match": {path: {"$regex": "^s"}}},
        lambda path: {"$match": {"$expr": {"$gt": [f"$$ROOT.{path}", "a"]}}},
        lambda path: {"$sort": {path: 1}},
        lambda path: {"$unwind": f"${path}"},
        lambda path: {"$lookup": {"from": "_User", "localField": path, "foreignField": "_id", "as": "x"}},
        lambda path: {"$lookup": {"from": "_User", "localField": "_id", "foreignField": path, "as": "x"}},
        lambda path: {"$bucket": {"groupBy": f"${path}", "boundaries": ["a", "z"]}},
        lambda path: {"$sortByCount": f"${path}"},
        lambda path: {"$replaceRoot": {"newRoot": f"${path}"}},
        lambda path: {"$facet": {"x": [{"$group": {"_id": f"${path}"}}]}},
    ],
    ids=lambda stage: str(stage("x")),
)
def test_hidden_columns_are_not_fields(world: World, stage: Any, name: str) -> None:
    with pytest.raises(InvalidKeyName) as refusal:
        run(world, "_User", [stage(name)])
    assert refusal.value.message == f"Invalid field name: {name}"


@pytest.mark.parametrize(
    "pipeline",
    [
        [],
        [{"$project": {"_hashed_password": 1, "internal": 1, "username": 1}}],
        [{"$addFields": {"all": "$$ROOT"}}],
        [{"$group": {"_id": None, "all": {"$push": "$$ROOT"}}}],
        [{"$lookup": {"from": "_User", "localField": "_id", "foreignField": "_id", "as": "same"}}],
        [{"$lookup": {"from": "_User", "pipeline": [], "as": "same"}}],
        [{"$unionWith": "_User"}],
        [{"$facet": {"all": []}}],
        [{"$replaceWith": {"all": {"$objectToArray": "$$ROOT"}}}],
    ],
    ids=str,
)
@pytest.mark.parametrize("raw", [False, True], ids=["public names", "raw"])
def test_secrets_are_in_no_document(world: World, pipeline: Any, raw: bool) -> None:
    answer = orjson.dumps(run(world, "_User", pipeline, rawFieldNames=raw, rawValues=raw)).decode()
    assert "una" in answer
    assert "secret" not in answer
    assert "_hashed_password" not in answer


def test_results_have_no_names_that_fields_cannot_have(world: World) -> None:
    made = {"$addFields": {"_made": 1, "good_one": 2, "wrong-one": 3}}
    kept = {
        "$project": {"_id": 0, "_made": 1, "good_one": 1, "wrong-one": 1, "sum": {"$add": ["$_made", "$wrong-one"]}}
    }
    (found,) = run(world, "_User", [made, kept])
    assert found == {"good_one": 2, "sum": 4}
    assert run(world, "_User", [made, kept], rawFieldNames=True) == [
        {"_made": 1, "good_one": 2, "wrong-one": 3, "sum": 4}
    ]


def test_an_acl_is_no_field(world: World) -> None:
    world.define("Closed", n="Number")
    world.put("Closed", "c", {"u1": {"read": True}}, n=1)
    assert run(world, "Closed", [{"$addFields": {"x": "$ACL"}}]) == [
        {"objectId": "c", "n": 1, "createdAt": TIME, "updatedAt": TIME}
    ]


def test_a_file_comes_with_name_and_address(world: World) -> None:
    marker = world.application.file_marker
    world.define("Filed", file="File")
    world.put("Filed", "f", file={"__type": "File", "name": "a.txt", "url": f"{marker}a.txt"})
    (found,) = run(world, "Filed", [])
    assert found["file"] == {"__type": "File", "name": "a.txt", "url": f"{marker}a.txt"}


RAW_NAMES: Final = [
    ([{"$match": {"_id": "b1"}}, {"$project": {"title": 1}}], [{"_id": "b1", "title": "Ash"}]),
    ([{"$match": {"_id": "b1"}}, {"$project": {"_id": 0, "_p_author": 1, "_created_at": 1}}],
     [{"_p_author": "Author$ann", "_created_at": TIME}]),
    ([{"$match": {"_p_author": "Author$bob"}}, {"$project": {"title": 1}}], [{"_id": "b3", "title": "Cedar"}]),
    ([{"$match": {"objectId": "b1"}}], []),
    ([{"$match": {"_id": "b1"}}, {"$project": {"_id": 0, "x": "$createdAt", "y": "$_created_at"}}],
     [{"y": date(TIME)}]),
    ([{"$group": {"_id": "$_p_author"}}, {"$match": {"_id": {"$ne": None}}}, {"$sort": {"_id": 1}}],
     [{"_id": "Author$ann"}, {"_id": "Author$bob"}]),
    ([{"$match": {"_id": "b1"}}, {"$group": {"_id": None, "objectId": {"$first": "$title"}}}],
     [{"_id": None, "objectId": "Ash"}]),
]  # fmt: skip


@pytest.mark.parametrize(("pipeline", "expected"), RAW_NAMES, ids=[str(row[0]) for row in RAW_NAMES])
def test_raw_names_are_those_of_stored_columns_both_ways(world: World, pipeline: Any, expected: Any) -> None:
    assert run(world, "Book", pipeline, rawFieldNames=True) == expected


def test_raw_values_are_extended_json_both_ways(world: World) -> None:
    stages = [{"$match": {"out": {"$gte": {"$date": "2021-01-01T00:00:00Z"}}, "pages": {"$numberInt": "300"}}},
              {"$project": {"_id": 0, "out": 1, "createdAt": 1, "n": {"$add": ["$pages", {"$numberDecimal": "0.5"}]}}},
              {"$addFields": {"at": {"$date": {"$numberLong": "1500"}}}}]  # fmt: skip
    (found,) = run(world, "Book", stages, rawValues=True)
    assert {name: value for name, value in found.items() if name != "readers"} == {
        "out": {"$date": "2021-01-15T00:00:00Z"},
        "createdAt": {"$date": "2026-01-31T12:00:00Z"},
        "at": {"$date": "1970-01-01T00:00:01.500Z"},
        "n": 300.5,
    }


def test_what_comes_out_raw_goes_in_raw(world: World) -> None:
    raw = {"rawFieldNames": True, "rawValues": True}
    for document in run(world, "Book", [], **raw):
        # A text is in no Array column but that of the test
        condition = {name: value for name, value in document.items() if value != "none"}
        (found,) = run(world, "Book", [{"$match": condition}], **raw)
        assert found == document


def test_the_application_may_make_raw_modes_the_default(database_url: str) -> None:
    world = World.make(query={"aggregationRawFieldNames": True, "aggregationRawValues": True})
    world.define("Thing", d="Date", p="Pointer<Thing>")
    world.put("Thing", "t", d=date("2020-01-01"), p=pointer("Thing", "t"))
    found = run(world, "Thing", [{"$unset": ["_created_at", "_updated_at"]}])
    assert found == [{"_id": "t", "d": {"$date": "2020-01-01T00:00:00Z"}, "_p_p": "Thing$t"}]
    assert run(world, "Thing", [{"$project": {"d": 1}}], rawFieldNames=False, rawValues=False) == [
        {"objectId": "t", "d": date("2020-01-01")}
    ]


HOSTILE: Final = [
    'a"; drop table', "a' OR 1=1 --", "a\\", "a'); select pg_sleep(3);--", "%s", "%(a)s", "{0}", "a\0b", "$", "", ".",
    "a..b",
    "a.", "é", "x" * 5000, "__proto__", "constructor.prototype", "a\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:30])
@pytest.mark.parametrize(
    "stage",
    [
        lambda name: {"$group": {"_id": {"x": f"${name}"}}},
        lambda name: {"$group": {"_id": {name: "$title"}}},
        lambda name: {"$group": {"_id": None, name: {"$sum": 1}}},
        lambda name: {"$project": {name: 1}},
        lambda name: {"$project": {"about": {name: 1}}},
        lambda name: {"$addFields": {name: "$title"}},
        lambda name: {"$addFields": {"x": f"$about.{name}"}},
        lambda name: {"$addFields": {"x": f"$${name}"}},
        lambda name: {"$addFields": {"x": {"$let": {"vars": {name: 1}, "in": 1}}}},
        lambda name: {"$match": {name: 1}},
        lambda name: {"$match": {"others": {"$elemMatch": {name: 1}}}},
        lambda name: {"$match": {"title": name}},
        lambda name: {"$sort": {name: 1}},
        lambda name: {"$unwind": f"${name}"},
        lambda name: {"$unset": name},
        lambda name: {"$count": name},
        lambda name: {"$lookup": {"from": name, "localField": name, "foreignField": name, "as": name}},
        lambda name: {"$facet": {name: []}},
        lambda name: {"$unionWith": name},
        lambda name: {"$geoNear": {"near": [0, 0], "distanceField": name, "key": name}},
        lambda name: {f"${name}": 1},
    ],
    ids=lambda stage: str(stage("x")),
)
def test_names_of_clients_are_data_or_refused(world: World, stage: Any, name: str) -> None:
    try:
        run(world, "Book", [stage(name)])
    except ParseError as error:
        refusal = error
    else:
        return
    assert refusal.code in (102, 105, 107)
    assert refusal.status == 400
