"""What is malformed, not for the caller or too much is refused with the contract's code and text."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import orjson
import pytest

from parse_core.errors import ParseError
from parse_core.query.ast import EVERYTHING
from parse_core.query.parse import parse_where
from parse_core.query.scope import ParseScope
from parse_core.store.sql import Row
from parse_core.values.scalars import Json
from tests.query.rows import CLIENT, LIMITED, MASTER, Rows, date

REFUSED = [
    ({"-x": 1}, 105, "Invalid key name: -x"),
    ({"a-b": 1}, 105, "Invalid key name: a-b"),
    ({".x": 1}, 105, "Invalid key name: .x"),
    ({"": 1}, 105, "Invalid key name: "),
    ({"n\n": 1}, 105, "Invalid key name: n\n"),
    ({"$where": "1"}, 105, "Invalid key name: $where"),
    ({"$expr": {}}, 105, "Invalid key name: $expr"),
    ({"a.b'); select pg_sleep(3);--": 1}, 105, "Invalid key name: a.b'); select pg_sleep(3);--"),
    ({"_hashed_password": "x"}, 105, "Invalid key name: _hashed_password"),
    ({"_created_at": "x"}, 105, "Invalid key name: _created_at"),
    ({"_email_verify_token": "x"}, 105, "Invalid key name: _email_verify_token"),
    ({"_rperm": "x"}, 105, "Invalid key name: _rperm"),
    ({"ACL": {}}, 102, "Cannot query on ACL."),
    ({"a": [1, None, "x", {"q": 1}, [2]]}, 107, "You cannot use 1,,x,[object Object],2 as a query parameter."),
    ({"nosuch": []}, 107, "You cannot use  as a query parameter."),
    ({"n": {"$foo": 1}}, 107, "bad constraint: $foo"),
    ({"n": {"$not": {"$gt": 1}}}, 107, "bad constraint: $not"),
    ({"n": {"$elemMatch": {}}}, 107, "bad constraint: $elemMatch"),
    ({"n": {"$size": 1}}, 107, "bad constraint: $size"),
    ({"n": {"$": 1}}, 107, "bad constraint: $"),
    ({"n": {"$in": 1}}, 107, "bad $in value"),
    ({"n": {"$nin": {"0": 1}}}, 107, "bad $nin value"),
    ({"n": {"$all": 1}}, 107, "bad $all value"),
    ({"n": {"$containedBy": 1}}, 107, "bad $containedBy: should be an array"),
    ({"n": {"$gt": {"q": 1}}}, 107, 'bad atom: {"q":1}'),
    ({"n": {"$lt": [1]}}, 107, "bad atom: [1]"),
    ({"d": "garbage"}, 107, "bad date: garbage"),
    ({"d": {"$gt": "12/31/2020"}}, 107, "bad date: 12/31/2020"),
    ({"d": {"$in": [date("2020-13-01")]}}, 107, "bad date: 2020-13-01"),
    ({"createdAt": {"__type": "Date"}}, 107, "bad date: None"),
    ({"n": {"$eq": {"$relativeTime": "now"}}}, 107,
     "$relativeTime can only be used with the $lt, $lte, $gt, and $gte operators"),
    ({"a": {"$all": [{"$regex": "^\\Qx\\E"}, 1]}}, 107,
     'All $all values must be of regex type or none: [{"$regex":"^\\\\Qx\\\\E"},1]'),
    ({"a": {"$all": [{"$regex": "x"}]}}, 107, 'All $all values must be of regex type or none: [{"$regex":"x"}]'),
    ({"s": "a\0b"}, 107, "Invalid JSON: NUL character"),
    ({"s": {"$in": [{"\0": 1}]}}, 107, "Invalid JSON: NUL character"),
    ({"s": {"$regex": 5}}, 102, "$regex value must be a string"),
    ({"s": {"$regex": {"$regex": "a"}}}, 102, "$regex value must be a string"),
    ({"s": {"$options": "i"}}, 102, "$regex value must be a string"),
    ({"s": {"$regex": "a", "$options": 1}}, 102, "$options value must be a string"),
    ({"s": {"$regex": "a", "$options": ""}}, 102, "Bad $options value for query: "),
    ({"s": {"$regex": "a", "$options": "ig"}}, 102, "Bad $options value for query: ig"),
    ({"s": {"$regex": "[abc)"}}, 102, "Invalid regular expression"),
    ({"s": {"$regex": "(?<"}}, 102, "Invalid regular expression"),
    ({"s": {"$regex": "a" * 20_000}}, 102, "Invalid regular expression"),
    ({"$or": []}, 102, "Bad $or format - use an array value."),
    ({"$or": [5]}, 102, "Bad $or format - use an array value."),
    ({"$and": []}, 102, "Bad $and format - use an array value."),
    ({"$nor": []}, 102, "Bad $nor format - use an array of at least 1 value."),
    ({"$or": 5}, 102, "$or must be an array"),
    ({"$or": {"length": 1, "0": {}}}, 102, "$or must be an array"),
    ({"$or": [{"$or": [{"-x": 1}]}]}, 105, "Invalid key name: -x"),
    ([{"n": 1}], 107, "where parameter is not valid JSON"),
    (5, 107, "where parameter is not valid JSON"),
    ("{}", 107, "where parameter is not valid JSON"),
]  # fmt: skip
REFUSED_FOR_MASTER = [
    ({"$or": 5}, 102, "Bad $or format - use an array value."),
    ({"$and": {}}, 102, "Bad $and format - use an array value."),
    ({"$nor": "x"}, 102, "Bad $nor format - use an array of at least 1 value."),
    ({"_hashed_password": "x"}, 105, "Invalid key name: _hashed_password"),
    ({"_updated_at": "x"}, 105, "Invalid key name: _updated_at"),
    ({"_rperm.x": "x"}, 105, "Invalid key name: _rperm.x"),
]
DEEP = {"$or": [{"$and": [{"$nor": [{"n": 1}]}]}]}
REFUSED_FOR_LIMITED = [
    (DEEP, 102, "Query condition nesting depth exceeds maximum allowed depth of 2"),
    ({"s": {"$regex": "a"}}, 102, "$regex operator is not allowed"),
    ({"a": {"$all": [{"$regex": "^\\Qx\\E"}]}}, 102, "$regex operator is not allowed"),
]


def refusal(matrix: Rows, where: Json, scope: ParseScope) -> tuple[int, str]:
    with pytest.raises(ParseError) as caught:
        parse_where(where, matrix.schema, scope)
    assert caught.value.status == 400
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(("where", "code", "message"), REFUSED)
def test_refused(matrix: Rows, where: Json, code: int, message: str) -> None:
    assert refusal(matrix, where, CLIENT) == (code, message)


@pytest.mark.parametrize(("where", "code", "message"), REFUSED_FOR_MASTER)
def test_refused_for_the_master_key_too(matrix: Rows, where: Json, code: int, message: str) -> None:
    assert refusal(matrix, where, MASTER) == (code, message)


@pytest.mark.parametrize(("where", "code", "message"), REFUSED_FOR_LIMITED)
def test_refused_beyond_limits(matrix: Rows, where: Json, code: int, message: str) -> None:
    assert refusal(matrix, where, LIMITED) == (code, message)
    parse_where(where, matrix.schema, MASTER)


def test_clients_do_not_read_which_logic_was_malformed(matrix: Rows) -> None:
    with pytest.raises(ParseError) as caught:
        parse_where({"$or": 5}, matrix.schema, CLIENT)
    assert caught.value.body(sanitize=True) == {"code": 102, "error": "Permission denied"}


@pytest.mark.parametrize("where", [None, {}, []])
def test_no_condition_holds_for_everything(matrix: Rows, where: Json) -> None:
    assert parse_where(where, matrix.schema, CLIENT) is EVERYTHING


POINTER = '{"__type":"Pointer","className":"P","objectId":"AbCdEfGhIj"}'
NESTS: dict[str, Callable[[int], str]] = {
    "or": lambda size: _levels('{"$or":[', "]}", size, "{}"),
    "and nor": lambda size: _levels('{"$and":[{"$nor":[', "]}]}", size, "{}"),
    "not": lambda size: _levels('{"n":{"$not":', "}}", size, "1"),
    "elemMatch": lambda size: _levels('{"a":{"$elemMatch":', "}}", size, "{}"),
    "object operand": lambda size: '{"o":' + _levels('{"k":', "}", size, "1") + "}",
    "array operand": lambda size: '{"a":{"$eq":' + _levels("[", "]", size, "1") + "}}",
    "in of arrays": lambda size: '{"a":{"$in":[' + _levels("[", "]", size, "1") + "]}}",
    "inQuery": lambda size: _levels('{"p":{"$inQuery":{"className":"P","where":', "}}}", size, "{}"),
    "wide or": lambda size: '{"$or":[' + ",".join(['{"n":1}'] * (size // 8)) + "]}",
    "wide empty or": lambda size: '{"$or":[' + ",".join(["{}"] * (size // 3)) + "]}",
    "wide keys": lambda size: "{" + ",".join(f'"k{number}":1' for number in range(size // 12)) + "}",
    "wide in of numbers": lambda size: '{"n":{"$in":[' + ",".join(["1"] * (size // 2)) + "]}}",
    "wide in of arrays": lambda size: '{"n":{"$in":[' + ",".join(["[]"] * (size // 3)) + "]}}",
    "wide all": lambda size: '{"a":{"$all":[' + ",".join(["{}"] * (size // 3)) + "]}}",
    "long text": lambda size: '{"s":"' + "x" * size + '"}',
    "long regex": lambda size: '{"s":{"$regex":"' + "(a+)+" * (size // 5) + '$"}}',
    "in of pointers": lambda size: '{"p":{"$in":[' + ",".join([POINTER] * (size // len(POINTER))) + "]}}",
    "in of ids": lambda size: '{"objectId":{"$in":[' + ",".join(['"AbCdEfGhIj"'] * (size // 13)) + "]}}",
    "long key": lambda size: '{"' + "a." * (size // 2) + '":1}',
}


def _levels(opening: str, closing: str, size: int, inside: str) -> str:
    times = size // len(opening + closing)
    return opening * times + inside + closing * times


def _decoded(text: str) -> Json:
    """The JSON as Python values, also where the decoder of requests would refuse the depth."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


@pytest.mark.parametrize("size", [1_000, 30_000, 250_000, 1_000_000])
@pytest.mark.parametrize("kind", NESTS)
@pytest.mark.parametrize("scope", [CLIENT, LIMITED, MASTER], ids=["client", "limited", "master"])
def test_big_conditions_are_answered_at_once(matrix: Rows, kind: str, size: int, scope: ParseScope) -> None:
    where = _decoded(NESTS[kind](size))
    start = time.thread_time()
    with suppress(ParseError):
        parse_where(where, matrix.schema, scope).sql(Row())
    assert time.thread_time() - start < 0.1


@pytest.mark.parametrize("levels", [300, 10_000, 300_000])
def test_depth_is_refused_without_recursion(matrix: Rows, levels: int) -> None:
    where: Json = {"n": 1}
    for _ in range(levels):
        where = {"$or": [where]}
    assert refusal(matrix, where, MASTER) == (102, "Query condition nesting depth exceeds maximum allowed depth of 100")
    assert refusal(matrix, where, LIMITED) == (102, "Query condition nesting depth exceeds maximum allowed depth of 2")
    while where:  # taken apart by hand: freeing it would recurse, too
        where = where.pop("$or", [None])[0] if isinstance(where, dict) else None


def test_the_deepest_allowed_logic_works_in_both_faces(matrix: Rows) -> None:
    where: Json = {"n": 1}
    for _ in range(98):
        where = {"$or": [where]}
    assert matrix.in_sql(where, MASTER) == matrix.in_memory(where, MASTER) == ["A"]
