"""The conditions of `$match`: on the class itself, where they find its indexes, and on what a stage made."""

from __future__ import annotations

from typing import Any, Final

import pytest

from parse_core.errors import InvalidKeyName, InvalidQuery
from parse_core.schema.classes import DEFAULT_FIELDS
from tests.aggregation.data import date, run
from tests.objects.worlds import World, pointer
from tests.query.cases import MATRIX_CASES
from tests.query.rows import FIELDS, MATRIX

ANN = pointer("Author", "ann")
TABLE: Final = [
    ({}, "Ash Birch Cedar Dogwood"),
    ({"title": "Ash"}, "Ash"),
    ({"title": {"$eq": "Ash"}}, "Ash"),
    ({"title": {"$ne": "Ash"}}, "Birch Cedar Dogwood"),
    ({"pages": {"$gt": 100}}, "Birch Cedar"),
    ({"pages": {"$gt": 100, "$lt": 300}}, "Birch"),
    ({"pages": {"$gte": 200}, "price": {"$lte": 10}}, "Cedar"),
    ({"pages": "100"}, ""),
    ({"pages": None}, "Dogwood"),
    ({"pages": {"$exists": True}}, "Ash Birch Cedar Dogwood"),
    ({"author": {"$exists": False}}, "Dogwood"),
    ({"author": {"$in": [None]}}, "Dogwood"),
    ({"pages": {"$in": [100, None]}}, "Ash Dogwood"),
    ({"pages": {"$nin": [100, None]}}, "Birch Cedar"),
    ({"_id": "b1"}, "Ash"),
    ({"objectId": {"$in": ["b1", "b3"]}}, "Ash Cedar"),
    ({"author": "ann"}, "Ash Birch"),
    ({"author": ANN}, "Ash Birch"),
    ({"author": pointer("Other", "ann")}, ""),
    ({"_p_author": "Author$ann"}, "Ash Birch"),
    ({"_p_author": {"$regex": "^Author\\$b"}}, "Cedar"),
    ({"author": {"$nin": ["ann"]}}, "Cedar Dogwood"),
    ({"createdAt": {"$gte": "2026-01-31T12:00:00.000Z"}}, "Ash Birch Cedar Dogwood"),
    ({"_created_at": {"$gt": date("2026-01-31T12:00:00.000Z")}}, ""),
    ({"updatedAt": {"$date": "2026-01-31T12:00:00Z"}}, "Ash Birch Cedar Dogwood"),
    ({"out": "2020-01-15T00:00:00.000Z"}, "Ash"),
    ({"out": {"$lt": {"$date": "2020-03-01"}}}, "Ash Birch"),
    ({"out": {"$gt": date("2020-03-01")}}, "Cedar"),
    ({"title": {"$regex": "^[ab]", "$options": "i"}}, "Ash Birch"),
    ({"tags": "y"}, "Ash Birch"),
    ({"tags": ["x", "y"]}, "Ash"),
    ({"tags": {"$all": ["x", "y"]}}, "Ash"),
    ({"tags": {"$size": 0}}, "Cedar"),
    ({"tags": {"$size": 2}}, "Ash"),
    ({"tags": {"$not": {"$size": 2}}}, "Birch Cedar Dogwood"),
    ({"tags": {"$elemMatch": {"$gt": "w", "$lt": "y"}}}, "Ash"),
    ({"others": {"$elemMatch": {"objectId": "bob", "className": "Author"}}}, "Ash"),
    ({"others": {"$elemMatch": {"$or": [{"objectId": "x"}, {"objectId": "ann"}]}}}, "Ash"),
    ({"others": {"$elemMatch": {"nope": None, "objectId": {"$not": {"$eq": "ann"}}}}}, "Ash"),
    ({"about.lang": "en"}, "Ash Cedar"),
    ({"about.isbn.n": {"$lt": 2}}, "Ash"),
    ({"about": {"lang": "fr"}}, "Birch"),
    ({"$or": [{"title": "Ash"}, {"pages": 300}]}, "Ash Cedar"),
    ({"$and": [{"good": True}, {"about.lang": "en"}, {"$nor": [{"title": "Ash"}]}]}, "Cedar"),
    ({"$nor": [{"good": True}]}, "Birch Dogwood"),
    ({"pages": {"$not": {"$gt": 100}}}, "Ash Dogwood"),
    ({"$expr": {"$gt": ["$pages", {"$multiply": ["$price", 15]}]}}, "Birch Cedar"),
    ({"good": True, "$expr": {"$eq": [{"$size": "$tags"}, 2]}}, "Ash"),
    ({"$comment": "why", "title": "Ash"}, "Ash"),
    ({"nope": 1}, ""),
    ({"nope": None, "title": "Ash"}, "Ash"),
    ({"nope": {"$size": 1}}, ""),
]  # fmt: skip
# After these stages the same conditions are asked of documents in the statement, not of rows of the class
BEFORE: Final[dict[str, list[Any]]] = {
    "the class": [],
    "a page of the class": [{"$limit": 100}],
    "computed documents": [{"$addFields": {"computed": {"$toString": "$pages"}}}],
    "unwound documents": [{"$addFields": {"two": [1]}}, {"$unwind": "$two"}, {"$sort": {"title": 1}}],
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize(("condition", "expected"), TABLE, ids=[str(row[0]) for row in TABLE])
def test_a_condition_holds_wherever_it_stands(world: World, condition: Any, expected: str, before: list[Any]) -> None:
    found = run(world, "Book", [*before, {"$match": condition}])
    assert " ".join(document["title"] for document in found) == expected


@pytest.fixture(scope="module")
def matrix(world: World) -> World:
    """The rows of the semantics matrix (`contract/queries.md` §8.2)."""
    columns = {name: f"{column.type}<{column.target_class or ''}" for name, column in FIELDS.items()}
    world.define("Matrix", **{name: text for name, text in columns.items() if name not in DEFAULT_FIELDS})
    for document in MATRIX:
        values = {name: value for name, value in document.items() if name != "objectId"}
        world.put("Matrix", document["objectId"], **values)
    return world


# Names without a part are refused here, and ids that stages made are no longer those of objects
UNCOMMON: Final = ("'o.'", "'o..x'", "'T'")
COMMON_CASES: Final = [case for case in MATRIX_CASES if not any(text in str(case) for text in UNCOMMON)]


@pytest.mark.parametrize("before", [[], [{"$addFields": {"x": 1}}]], ids=["the class", "computed documents"])
@pytest.mark.parametrize(("where", "expected"), COMMON_CASES, ids=[str(row[0]) for row in COMMON_CASES])
def test_the_conditions_of_where_hold_in_pipelines(matrix: World, where: Any, expected: str, before: list[Any]) -> None:
    found = run(matrix, "Matrix", [*before, {"$match": where}])
    assert " ".join(document["objectId"] for document in found) == expected


REFUSED: Final = [
    ({"pages": {"$foo": 1}}, InvalidQuery, "Unsupported aggregation operator: $foo"),
    ({"$where": "1"}, InvalidQuery, "Unsupported aggregation operator: $where"),
    ({"author": {"$inQuery": {"className": "Author", "where": {}}}}, InvalidQuery,
     "Unsupported aggregation operator: $inQuery"),
    ({"$or": []}, InvalidQuery, "$or must be a nonempty array"),
    ({"$and": {"a": 1}}, InvalidQuery, "$and must be a nonempty array"),
    ({"tags": {"$size": -1}}, InvalidQuery, "$size needs a whole number that is not negative"),
    ({"tags": {"$not": 1}}, InvalidQuery, "$not needs a constraint"),
    ({"pages": {"$gt": 1, "plain": 2}}, InvalidQuery, "A constraint of $match cannot have plain keys beside operators"),
    ({"title": {"$regex": "["}}, InvalidQuery, "Invalid regular expression"),
    ([1], InvalidQuery, "the match filter must be an expression in an object"),
    ({"ACL": {}}, InvalidQuery, "Cannot query on ACL."),
    ({"_rperm": "x"}, InvalidKeyName, "Invalid field name: _rperm"),
    ({"_hashed_password": {"$regex": "^a"}}, InvalidKeyName, "Invalid field name: _hashed_password"),
    ({"a-b": 1}, InvalidKeyName, "Invalid field name: a-b"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "error", "message"), REFUSED, ids=[str(row[0]) for row in REFUSED])
def test_a_condition_that_cannot_be_is_refused(world: World, condition: Any, error: Any, message: str) -> None:
    with pytest.raises(error) as refusal:
        run(world, "Book", [{"$match": condition}])
    assert refusal.value.message == message
