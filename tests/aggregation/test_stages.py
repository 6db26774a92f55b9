"""What each stage makes of documents, as MongoDB would: tables of pipelines and results."""

from __future__ import annotations

from typing import Any, Final

import pytest

from parse_core.query.aggregate.accumulators import accumulators
from parse_core.query.aggregate.stages.base import stages
from parse_core.store.database import counting
from tests.aggregation.data import date, run
from tests.objects.worlds import World, pointer

ANN, BOB = pointer("Author", "ann"), pointer("Author", "bob")
TITLE: Final = {"$project": {"title": 1, "_id": 0}}


def titles(*names: str) -> list[dict[str, str]]:
    return [{"title": name} for name in names]


BY_NAME: Final = {"$sort": {"_id": 1}}
PROJECTIONS: Final = [
    ([{"$match": {"title": "Ash"}}, {"$project": {"title": 1}}], [{"objectId": "b1", "title": "Ash"}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"title": 1, "_id": 0}}], [{"title": "Ash"}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"title": True, "objectId": False}}], [{"title": "Ash"}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"_id": 0, "createdAt": 1}}],
     [{"createdAt": "2026-01-31T12:00:00.000Z"}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"_id": 0, "author": 1, "out": 1}}],
     [{"author": ANN, "out": date("2020-01-15")}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"_id": 0, "_p_author": 1}}], [{"author": ANN}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"_id": 0, "total": {"$multiply": ["$pages", "$price"]}}}],
     [{"total": 1000}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"_id": 0, "a.b": "$title", "a.c": {"$literal": 1}}}],
     [{"a": {"b": "Ash", "c": 1}}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"_id": 0, "about.isbn.n": 1}}], [{"about": {"isbn": {"n": 1}}}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"_id": 0, "about": {"lang": 1}}}], [{"about": {"lang": "en"}}]),
    ([{"$match": {"title": "Dogwood"}}, {"$project": {"_id": 0, "pages": 1, "author": 1, "about.lang": 1}}],
     [{"pages": None}]),
    ([{"$match": {"title": "Dogwood"}}, {"$project": {"about": 0, "createdAt": 0, "updatedAt": 0, "tags": 0}}],
     [{"objectId": "b4", "title": "Dogwood", "pages": None}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"about": 1}}, {"$project": {"about.isbn": 0}}],
     [{"objectId": "b1", "about": {"lang": "en"}}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"others": {"objectId": 1}}}],
     [{"objectId": "b1", "others": [{"objectId": "ann"}, {"objectId": "bob"}]}]),
    ([{"$match": {"title": "Dogwood"}}, {"$unset": ["createdAt", "updatedAt", "tags"]}],
     [{"objectId": "b4", "title": "Dogwood", "pages": None}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"about": 1}}, {"$unset": "about.isbn"}],
     [{"objectId": "b1", "about": {"lang": "en"}}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"about": 1}}, {"$addFields": {"about.n": 2, "x": {"y": 1}}}],
     [{"objectId": "b1", "about": {"lang": "en", "isbn": {"n": 1}, "n": 2}, "x": {"y": 1}}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"title": 1}}, {"$set": {"title": "$nope", "n": True}}],
     [{"objectId": "b1", "n": True}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"others": 1}}, {"$set": {"others.n": 1}}],
     [{"objectId": "b1", "others": [{**ANN, "n": 1}, {**BOB, "n": 1}]}]),
    ([{"$match": {"title": "Ash"}}, {"$replaceRoot": {"newRoot": "$about"}}], [{"lang": "en", "isbn": {"n": 1}}]),
    ([{"$match": {"title": "Ash"}}, {"$replaceWith": {"t": "$title", "_id": "$pages"}}],
     [{"objectId": 100, "t": "Ash"}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"was": "$createdAt"}}, {"$set": {"updatedAt": "$was"}}],
     [{"objectId": "b1", "was": date("2026-01-31T12:00:00.000Z"), "updatedAt": "2026-01-31T12:00:00.000Z"}]),
]  # fmt: skip
ORDER: Final = [
    ([{"$sort": {"title": -1}}, TITLE], titles("Dogwood", "Cedar", "Birch", "Ash")),
    ([{"$sort": {"pages": 1}}, TITLE], titles("Dogwood", "Ash", "Birch", "Cedar")),
    ([{"$sort": {"good": -1, "title": -1}}, TITLE], titles("Cedar", "Ash", "Birch", "Dogwood")),
    ([{"$project": {"title": 1, "x": {"$multiply": ["$price", -1]}}}, {"$sort": {"x": -1}}, TITLE],
     titles("Cedar", "Ash", "Birch", "Dogwood")),
    ([{"$sort": {"title": 1}}, {"$limit": 3}, {"$skip": 1}, TITLE], titles("Birch", "Cedar")),
    ([{"$sort": {"title": 1}}, {"$skip": 1}, {"$limit": 2}, TITLE], titles("Birch", "Cedar")),
    ([{"$sort": {"title": 1}}, {"$skip": 1}, {"$limit": 9}, {"$skip": 1}, {"$limit": 1}, TITLE], titles("Cedar")),
    ([{"$sort": {"title": 1}}, {"$limit": 2}, {"$sort": {"title": -1}}, {"$limit": 1}, TITLE], titles("Birch")),
    ([{"$sort": {"title": 1}}, {"$limit": 2}, {"$match": {"good": False}}, TITLE], titles("Birch")),
    ([{"$limit": 2}, {"$match": {"title": "Cedar"}}, TITLE], []),
    ([{"$sort": {"nope": 1}}, {"$limit": 1}, TITLE], titles("Ash")),
    ([{"$sort": {"about.lang": -1, "title": 1}}, TITLE], titles("Birch", "Ash", "Cedar", "Dogwood")),
    ([{"$skip": 9}], []),
    ([{"$sort": {"title": -1}}, {"$addFields": {"x": 1}}, {"$limit": 1}, TITLE], titles("Dogwood")),
]  # fmt: skip
GROUPS: Final = [
    ([{"$group": {"_id": "$author"}}, BY_NAME], [{"objectId": None}, {"objectId": "ann"}, {"objectId": "bob"}]),
    ([{"$group": {"_id": "$_p_author"}}, BY_NAME],
     [{"objectId": None}, {"objectId": "ann"}, {"objectId": "bob"}]),
    ([{"$group": {"_id": "$out"}}, {"$limit": 1}], [{"objectId": date("2020-01-15")}]),
    ([{"$group": {"_id": None}}], [{"objectId": None}]),
    ([{"$group": {"_id": "", "n": {"$sum": 1}}}], [{"objectId": None, "n": 4}]),
    ([{"$group": {"_id": {}, "n": {"$count": {}}}}], [{"objectId": None, "n": 4}]),
    ([{"$group": {"_id": []}}], [{"objectId": None}]),
    ([{"$match": {"title": "none"}}, {"$group": {"_id": None, "n": {"$sum": 1}}}], []),
    ([{"$group": {"_id": {"a": "$author", "g": "$good"}, "n": {"$sum": 1}}}, {"$sort": {"_id.a": 1, "_id.g": 1}}],
     [{"objectId": None, "n": 1}, {"objectId": {"a": "ann", "g": False}, "n": 1},
      {"objectId": {"a": "ann", "g": True}, "n": 1}, {"objectId": {"a": "bob", "g": True}, "n": 1}]),
    ([{"$group": {"_id": {"year": {"$year": "$out"}}, "n": {"$sum": 1}}}, BY_NAME],
     [{"objectId": {"year": None}, "n": 1}, {"objectId": {"year": 2020}, "n": 2},
      {"objectId": {"year": 2021}, "n": 1}]),
    ([{"$group": {"_id": None, "sum": {"$sum": "$pages"}, "avg": {"$avg": "$pages"}, "min": {"$min": "$pages"},
                  "max": {"$max": "$title"}, "n": {"$count": {}}}}],
     [{"objectId": None, "sum": 600, "avg": 200, "min": 100, "max": "Dogwood", "n": 4}]),
    ([{"$group": {"_id": None, "sum": {"$sum": "$title"}, "avg": {"$avg": "$title"}, "min": {"$min": "$nope"}}}],
     [{"objectId": None, "sum": 0, "avg": None, "min": None}]),
    ([{"$group": {"_id": None, "total": {"$sum": {"$multiply": ["$pages", "$price"]}}}}],
     [{"objectId": None, "total": 4250}]),
    ([{"$sort": {"title": -1}}, {"$group": {"_id": None, "all": {"$push": "$pages"}, "first": {"$first": "$title"},
                                            "last": {"$last": "$title"}}}],
     [{"objectId": None, "all": [None, 300, 200, 100], "first": "Dogwood", "last": "Ash"}]),
    ([{"$group": {"_id": None, "first": {"$last": "$author"}, "all": {"$push": "$author.objectId"}}}],
     [{"objectId": None, "first": None, "all": ["ann", "ann", "bob"]}]),
    ([{"$group": {"_id": None, "langs": {"$addToSet": "$about.lang"}}},
      {"$project": {"n": {"$size": "$langs"}}}], [{"objectId": None, "n": 2}]),
    ([{"$group": {"_id": None, "pop": {"$stdDevPop": "$pages"}, "samp": {"$stdDevSamp": "$pages"}}},
      {"$project": {"pop": {"$round": ["$pop", 2]}, "samp": 1}}], [{"objectId": None, "pop": 81.65, "samp": 100}]),
    ([{"$match": {"title": "Ash"}}, {"$group": {"_id": None, "samp": {"$stdDevSamp": "$pages"}}}],
     [{"objectId": None, "samp": None}]),
    ([{"$group": {"_id": "$good", "m": {"$mergeObjects": "$about"}}}, {"$match": {"_id": True}}],
     [{"objectId": True, "m": {"lang": "en", "isbn": {"n": 1}}}]),
    ([{"$group": {"_id": "$author", "n": {"$sum": 1}}}, {"$match": {"n": {"$gt": 1}}}], [{"objectId": "ann", "n": 2}]),
    ([{"$group": {"_id": "$author", "pages": {"$sum": "$pages"}}}, {"$group": {"_id": None, "n": {"$avg": "$pages"}}}],
     [{"objectId": None, "n": 200}]),
    ([{"$group": {"_id": "$good", "created": {"$max": "$createdAt"}}}, {"$limit": 1}, {"$unset": "_id"}],
     [{"created": date("2026-01-31T12:00:00.000Z")}]),
    ([{"$bucket": {"groupBy": "$pages", "boundaries": [0, 200, 400], "default": "none"}}],
     [{"objectId": 0, "count": 1}, {"objectId": 200, "count": 2}, {"objectId": "none", "count": 1}]),
    ([{"$match": {"pages": {"$ne": None}}}, {"$bucket": {"groupBy": "$out", "output": {"t": {"$push": "$title"}},
        "boundaries": [date("2020-01-01"), date("2020-02-01"), date("2022-01-01")]}}],
     [{"objectId": date("2020-01-01"), "t": ["Ash"]}, {"objectId": date("2020-02-01"), "t": ["Birch", "Cedar"]}]),
    ([{"$sortByCount": "$author"}],
     [{"objectId": "ann", "count": 2}, {"objectId": "bob", "count": 1}, {"objectId": None, "count": 1}]),
    ([{"$match": {"pages": {"$gt": 100}}}, {"$count": "many"}], [{"many": 2}]),
    ([{"$limit": 3}, {"$count": "n"}], [{"n": 3}]),
    ([{"$match": {"pages": 1}}, {"$count": "n"}], []),
]  # fmt: skip
UNWOUND: Final = [
    ([{"$unwind": "$tags"}, {"$project": {"_id": 0, "tags": 1}}],
     [{"tags": "x"}, {"tags": "y"}, {"tags": "y"}, {"tags": "none"}]),
    ([{"$unwind": {"path": "$tags", "preserveNullAndEmptyArrays": True}}, {"$project": {"tags": 1, "_id": 1}}],
     [{"objectId": "b1", "tags": "x"}, {"objectId": "b1", "tags": "y"}, {"objectId": "b2", "tags": "y"},
      {"objectId": "b3"}, {"objectId": "b4", "tags": "none"}]),
    ([{"$unwind": {"path": "$tags", "includeArrayIndex": "i"}}, {"$project": {"_id": 0, "tags": 1, "i": 1}}],
     [{"tags": "x", "i": 0}, {"tags": "y", "i": 1}, {"tags": "y", "i": 0}, {"tags": "none", "i": None}]),
    ([{"$unwind": "$others"}, {"$group": {"_id": "$others.objectId", "n": {"$sum": 1}}}, BY_NAME],
     [{"objectId": "ann", "n": 1}, {"objectId": "bob", "n": 1}]),
    ([{"$unwind": "$nope"}], []),
    ([{"$project": {"w": {"tags": "$tags"}, "_id": 0}}, {"$unwind": "$w.tags"}, {"$limit": 2}],
     [{"w": {"tags": "x"}}, {"w": {"tags": "y"}}]),
    ([{"$sort": {"title": -1}}, {"$unwind": "$tags"}, {"$limit": 1}, TITLE], titles("Dogwood")),
]  # fmt: skip
JOINED: Final = [
    ([{"$lookup": {"from": "Author", "localField": "author", "foreignField": "objectId", "as": "who"}},
      {"$project": {"_id": 0, "names": "$who.name"}}],
     [{"names": ["Ann"]}, {"names": ["Ann"]}, {"names": ["Bob"]}, {"names": []}]),
    ([{"$project": {"id": {"$substr": ["$_p_author", 7, -1]}}},
      {"$lookup": {"from": "test_Author", "localField": "id", "foreignField": "_id", "as": "who"}},
      {"$unwind": {"path": "$who"}}, {"$match": {"who.name": "Bob"}}, {"$project": {"n": "$who.name"}}],
     [{"objectId": "b3", "n": "Bob"}]),
    ([{"$match": {"title": "Ash"}},
      {"$lookup": {"from": "Author", "localField": "others", "foreignField": "_id", "as": "all"}},
      {"$project": {"_id": 0, "all": "$all.name"}}], [{"all": ["Ann", "Bob"]}]),
    ([{"$match": {"title": "Ash"}},
      {"$lookup": {"from": "Book", "localField": "author", "foreignField": "author", "as": "same"}},
      {"$project": {"_id": 0, "same": "$same.title"}}], [{"same": ["Ash", "Birch"]}]),
    ([{"$match": {"title": {"$in": ["Ash", "Dogwood"]}}},
      {"$lookup": {"from": "Book", "localField": "about.lang", "foreignField": "about.lang", "as": "same"}},
      {"$project": {"_id": 0, "same": "$same.title"}}], [{"same": ["Ash", "Cedar"]}, {"same": ["Dogwood"]}]),
    ([{"$match": {"title": "Ash"}},
      {"$lookup": {"from": "Author", "let": {"who": "$author.objectId"}, "as": "a", "pipeline": [
          {"$match": {"$expr": {"$ne": ["$_id", "$$who"]}}}, {"$project": {"name": 1, "_id": 0}}]}},
      {"$project": {"_id": 0, "a": 1}}], [{"a": [{"name": "Bob"}]}]),
    ([{"$lookup": {"from": "Book", "localField": "author", "foreignField": "author", "as": "n", "pipeline": [
          {"$count": "all"}]}}, {"$project": {"_id": 0, "n": "$n.all"}}],
     [{"n": [2]}, {"n": [2]}, {"n": [1]}, {"n": [1]}]),
    ([{"$match": {"title": "Ash"}}, {"$lookup": {"from": "Nope", "localField": "x", "foreignField": "y", "as": "z"}},
      {"$project": {"_id": 0, "z": 1}}], [{"z": []}]),
    ([{"$match": {"title": "Ash"}}, {"$project": {"title": 1}}, {"$unionWith": "Author"},
      {"$project": {"_id": 0, "name": 1, "title": 1}}], [{"title": "Ash"}, {"name": "Ann"}, {"name": "Bob"}]),
    ([{"$unionWith": {"coll": "Author", "pipeline": [{"$match": {"name": "Bob"}}]}}, {"$count": "n"}], [{"n": 5}]),
    ([{"$facet": {"n": [{"$count": "n"}], "top": [{"$sort": {"pages": -1}}, {"$limit": 1}, TITLE],
                  "none": [{"$match": {"title": "x"}}]}}],
     [{"n": [{"n": 4}], "top": [{"title": "Cedar"}], "none": []}]),
    ([{"$match": {"pages": {"$gt": 100}}}, {"$facet": {"a": [{"$unwind": "$tags"}, {"$count": "n"}]}},
      {"$unwind": "$a"}, {"$replaceRoot": {"newRoot": "$a"}}], [{"n": 1}]),
]  # fmt: skip
TABLE: Final = [*PROJECTIONS, *ORDER, *GROUPS, *UNWOUND, *JOINED]


def without_stubs(documents: list[Any]) -> list[Any]:
    return [{name: value for name, value in document.items() if name != "readers"} for document in documents]


@pytest.mark.parametrize(("pipeline", "expected"), TABLE, ids=[str(row[0]) for row in TABLE])
def test_a_pipeline_gives_what_mongodb_gives(world: World, pipeline: Any, expected: Any) -> None:
    with counting() as statements:
        assert without_stubs(run(world, "Book", pipeline)) == expected
    assert len(statements) == 1


def test_a_sample_is_as_large_as_asked_for(world: World) -> None:
    assert len(run(world, "Book", [{"$sample": {"size": 2}}])) == 2
    assert len(run(world, "Book", [{"$sample": {"size": 9}}, {"$match": {"pages": {"$gt": 100}}}])) == 2


def test_a_looked_up_object_goes_by_both_names(world: World) -> None:
    lookup = {"from": "Author", "localField": "author", "foreignField": "_id", "as": "who"}
    (found,) = run(world, "Book", [{"$match": {"title": "Ash"}}, {"$lookup": lookup}, {"$unwind": "$who"}])
    who, time = found["who"], date("2026-01-31T12:00:00.000Z")
    assert who["_id"] == who["objectId"] == "ann"
    assert who["_created_at"] == who["createdAt"] == time
    assert run(world, "Book", [{"$lookup": lookup}, {"$unwind": "$who"}, {"$match": {"who._id": "bob"}},
                               {"$replaceRoot": {"newRoot": "$who"}}, {"$unset": "born"}]) == [
        {"objectId": "bob", "name": "Bob", "createdAt": time["iso"], "updatedAt": time["iso"]}
    ]  # fmt: skip


def test_objects_come_with_their_relations_until_a_stage_makes_others(world: World) -> None:
    stub = {"__type": "Relation", "className": "_User"}
    assert run(world, "Book", [{"$limit": 1}, {"$project": {"title": 1}}])[0]["readers"] == stub
    assert "readers" not in run(world, "Book", [{"$group": {"_id": None}}])[0]


def test_every_stage_and_accumulator_is_in_the_tables() -> None:
    shown = str(TABLE)
    elsewhere = {"$match", "$sample", "$geoNear"}
    assert [name for name in (*stages, *accumulators) if f"'{name}'" not in shown and name not in elsewhere] == []
