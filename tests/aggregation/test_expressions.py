"""What each expression operator gives, as MongoDB would: tables of expression and value."""

from __future__ import annotations

from typing import Any, Final

import pytest

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.expressions.base import operators
from tests.aggregation.data import date, run
from tests.objects.worlds import World, pointer

MISSING: Final = object()  # the field is not there
KINDS: Final[dict[str, Any]] = {
    "n": 5, "half": 2.5, "zero": 0, "neg": -7, "s": "Straße", "word": "Word", "empty": "", "t": True, "f": False,
    "nul": None, "a": [3, 1, 2], "words": ["b", "a"], "none": [], "o": {"x": 1, "y": {"z": "deep"}},
    "d": date("2021-03-04T05:06:07.089Z"), "sunday": date("2021-01-03"), "p": pointer("Author", "ann"),
    "objs": [{"k": 1, "q": "one"}, {"k": 2}, 7],
}  # fmt: skip
TYPES: Final = {
    "n": "Number", "half": "Number", "zero": "Number", "neg": "Number", "s": "String", "word": "String",
    "empty": "String", "t": "Boolean", "f": "Boolean", "nul": "Number", "a": "Array", "words": "Array",
    "none": "Array", "o": "Object", "d": "Date", "sunday": "Date", "p": "Pointer<Author>", "objs": "Array",
}  # fmt: skip


@pytest.fixture(scope="module")
def kinds(world: World) -> World:
    world.define("Kinds", **TYPES)
    world.put("Kinds", "k", **KINDS)
    return world


def value(world: World, expression: Any) -> Any:
    (document,) = run(world, "Kinds", [{"$addFields": {"value": expression}}])
    return document.get("value", MISSING)


PATHS: Final = [
    ("$n", 5),
    ("$o.y.z", "deep"),
    ("$o.nope", MISSING),
    ("$nope", MISSING),
    ("$nul", None),
    ("$objs.k", [1, 2]),
    ("$objs.q", ["one"]),
    ("$a.x", []),
    ("$a.0", []),
    ("$_id", "k"),
    ("$objectId", "k"),
    ("$createdAt", date("2026-01-31T12:00:00.000Z")),
    ("$_updated_at", date("2026-01-31T12:00:00.000Z")),
    ("$p", pointer("Author", "ann")),
    ("$_p_p", "Author$ann"),
    ("$$ROOT.n", 5),
    ("$$CURRENT.o.x", 1),
    ("$$REMOVE", MISSING),
    ({"a": "$n", "b": "$nope", "c": {"d": 1}}, {"a": 5, "c": {"d": 1}}),
    (["$n", "$nope"], [5, None]),
    (date("2020-01-01"), date("2020-01-01")),
    ({"$date": "2020-01-01T00:00:00Z"}, date("2020-01-01")),
    ({"$literal": "$n"}, "$n"),
    ({"$literal": {"$add": [1]}}, {"$add": [1]}),
]
ARITHMETIC: Final = [
    ({"$add": ["$n", 1, 2]}, 8),
    ({"$add": [0.1, 0.2]}, 0.30000000000000004),
    ({"$add": []}, 0),
    ({"$add": ["$n", "$nul"]}, None),
    ({"$add": ["$n", "$nope"]}, None),
    ({"$add": ["$d", 1000]}, date("2021-03-04T05:06:08.089Z")),
    ({"$subtract": ["$n", "$half"]}, 2.5),
    ({"$subtract": ["$d", date("2021-03-04")]}, 18367089),
    ({"$subtract": ["$d", 89]}, date("2021-03-04T05:06:07.000Z")),
    ({"$subtract": ["$nul", 1]}, None),
    ({"$multiply": ["$n", "$half", 2]}, 25),
    ({"$multiply": ["$nope", 2]}, None),
    ({"$divide": ["$n", 2]}, 2.5),
    ({"$divide": [10, 5]}, 2),
    ({"$divide": [1, 3]}, 0.3333333333333333),
    ({"$divide": ["$nul", 0]}, None),
    ({"$mod": ["$neg", 3]}, -1),
    ({"$mod": [5.5, 2]}, 1.5),
    ({"$abs": "$neg"}, 7),
    ({"$ceil": "$half"}, 3),
    ({"$floor": "$half"}, 2),
    ({"$floor": "$nope"}, None),
    ({"$round": "$half"}, 2),
    ({"$round": [3.5]}, 4),
    ({"$round": [2.345, 2]}, 2.34),
    ({"$round": [-2.5, 0]}, -2),
    ({"$round": [1234, -2]}, 1200),
    ({"$trunc": [-2.78, 1]}, -2.7),
    ({"$sqrt": 9}, 3),
    ({"$pow": [2, 10]}, 1024),
]
LOGIC: Final = [
    ({"$eq": ["$n", 5.0]}, True),
    ({"$eq": ["$n", "5"]}, False),
    ({"$eq": ["$nul", None]}, True),
    ({"$eq": ["$nope", None]}, False),
    ({"$lt": ["$nope", None]}, True),
    ({"$eq": ["$o", {"y": {"z": "deep"}, "x": 1}]}, True),
    ({"$eq": ["$p", pointer("Author", "ann")]}, True),
    ({"$ne": ["$n", 5]}, False),
    ({"$gt": ["$n", "$half"]}, True),
    ({"$gt": ["$word", 1000]}, True),
    ({"$gt": ["$o", "text"]}, True),
    ({"$gt": ["$a", "$o"]}, True),
    ({"$gt": ["$t", "$a"]}, True),
    ({"$gt": ["$d", "$t"]}, True),
    ({"$gt": ["$t", "$f"]}, True),
    ({"$lt": ["$word", "a"]}, True),
    ({"$lt": [[1, 2], [1, 3]]}, True),
    ({"$lt": [[1, 2], [1, 2, 0]]}, True),
    ({"$gte": ["$d", date("2021-03-04T05:06:07.089Z")]}, True),
    ({"$cmp": ["$n", 6]}, -1),
    ({"$cmp": ["$n", 5]}, 0),
    ({"$and": ["$t", "$n", "$empty", "$o"]}, True),
    ({"$and": ["$t", "$zero"]}, False),
    ({"$and": []}, True),
    ({"$and": ["$f", {"$divide": ["$n", "$zero"]}]}, False),
    ({"$or": ["$nul", "$nope", "$f"]}, False),
    ({"$or": ["$f", "$neg"]}, True),
    ({"$or": []}, False),
    ({"$not": ["$nope"]}, True),
    ({"$not": "$t"}, False),
    ({"$cond": ["$f", 1, "$n"]}, 5),
    ({"$cond": {"if": "$t", "then": "yes", "else": "no"}}, "yes"),
    ({"$cond": ["$t", "$nope", 1]}, MISSING),
    ({"$ifNull": ["$nul", "$nope", "last"]}, "last"),
    ({"$ifNull": ["$n", "last"]}, 5),
    ({"$switch": {"branches": [{"case": "$f", "then": 1}, {"case": "$t", "then": 2}], "default": 3}}, 2),
    ({"$switch": {"branches": [{"case": "$f", "then": 1}], "default": "$n"}}, 5),
]
TEXT: Final = [
    ({"$concat": ["$word", "-", "$s"]}, "Word-Straße"),
    ({"$concat": ["$word", "$nope"]}, None),
    ({"$substr": ["$word", 1, 2]}, "or"),
    ({"$substr": ["$word", 1, -1]}, "ord"),
    ({"$substr": ["$_p_p", 7, -1]}, "ann"),
    ({"$substr": ["$nope", 0, 1]}, ""),
    ({"$substr": ["$n", 0, 1]}, "5"),
    ({"$substrBytes": ["$s", 0, 6]}, "Straß"),
    ({"$substrCP": ["$s", 4, 2]}, "ße"),
    ({"$substrCP": ["$word", 9, 2]}, ""),
    ({"$toLower": "$word"}, "word"),
    ({"$toUpper": "$s"}, "STRAßE"),
    ({"$toLower": "$nope"}, ""),
    ({"$trim": {"input": " \t x y\n"}}, "x y"),
    ({"$trim": {"input": "--x-", "chars": "-"}}, "x"),
    ({"$ltrim": {"input": "  x "}}, "x "),
    ({"$trim": {"input": "$nope"}}, None),
    ({"$split": ["a-b-", "-"]}, ["a", "b", ""]),
    ({"$split": ["$nope", "-"]}, None),
    ({"$strLenCP": "$s"}, 6),
    ({"$strLenBytes": "$s"}, 7),
    ({"$indexOfCP": ["$s", "ß"]}, 4),
    ({"$indexOfCP": ["$s", "x"]}, -1),
    ({"$replaceAll": {"input": "a.a", "find": ".", "replacement": "+"}}, "a+a"),
    ({"$replaceOne": {"input": "aba", "find": "a", "replacement": ""}}, "ba"),
    ({"$regexMatch": {"input": "$word", "regex": "^wo", "options": "i"}}, True),
    ({"$regexMatch": {"input": "$nope", "regex": "x"}}, False),
]
ARRAYS: Final = [
    ({"$size": "$a"}, 3),
    ({"$size": [[1, 2]]}, 2),
    ({"$arrayElemAt": ["$a", 0]}, 3),
    ({"$arrayElemAt": ["$a", -1]}, 2),
    ({"$arrayElemAt": ["$a", 3]}, MISSING),
    ({"$arrayElemAt": ["$nope", 0]}, None),
    ({"$first": "$a"}, 3),
    ({"$last": "$a"}, 2),
    ({"$in": [2, "$a"]}, True),
    ({"$in": ["2", "$a"]}, False),
    ({"$slice": ["$a", 2]}, [3, 1]),
    ({"$slice": ["$a", -2]}, [1, 2]),
    ({"$slice": ["$a", 1, 1]}, [1]),
    ({"$slice": ["$a", -9, 1]}, [3]),
    ({"$slice": ["$nope", 1]}, None),
    ({"$concatArrays": ["$a", "$words"]}, [3, 1, 2, "b", "a"]),
    ({"$concatArrays": ["$a", "$nul"]}, None),
    ({"$reverseArray": "$a"}, [2, 1, 3]),
    ({"$range": [0, 6, 2]}, [0, 2, 4]),
    ({"$range": [3, 0, -1]}, [3, 2, 1]),
    ({"$range": [3, 3]}, []),
    ({"$isArray": "$a"}, True),
    ({"$isArray": ["$n"]}, False),
    ({"$filter": {"input": "$a", "cond": {"$gt": ["$$this", 1]}}}, [3, 2]),
    ({"$filter": {"input": "$a", "as": "x", "cond": {"$gt": ["$$x", 1]}, "limit": 1}}, [3]),
    ({"$filter": {"input": "$nope", "cond": True}}, None),
    ({"$map": {"input": "$a", "in": {"$add": ["$$this", "$n"]}}}, [8, 6, 7]),
    ({"$map": {"input": "$objs", "as": "o", "in": "$$o.q"}}, ["one", None, None]),
    ({"$map": {"input": "$none", "in": 1}}, []),
    ({"$map": {"input": "$nul", "in": 1}}, None),
    ({"$map": {"input": "$a", "as": "x", "in": {"$map": {"input": "$words", "in": {"$concat": [
        {"$toString": "$$x"}, "$$this"]}}}}}, [["3b", "3a"], ["1b", "1a"], ["2b", "2a"]]),
    ({"$reduce": {"input": "$a", "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}}, 6),
    ({"$reduce": {"input": "$words", "initialValue": "", "in": {"$concat": ["$$value", "$$this"]}}}, "ba"),
    ({"$reduce": {"input": "$none", "initialValue": "$n", "in": 1}}, 5),
    ({"$reduce": {"input": "$nope", "initialValue": 0, "in": 1}}, None),
    ({"$let": {"vars": {"x": {"$add": ["$n", 1]}}, "in": {"$multiply": ["$$x", "$$x"]}}}, 36),
    ({"$sum": "$a"}, 6),
    ({"$avg": ["$n", "$half", "$word"]}, 3.75),
    ({"$max": ["$n", "$nul", "$word"]}, "Word"),
    ({"$min": "$a"}, 1),
    ({"$setIsSubset": [[1], "$a"]}, True),
    ({"$setEquals": [[1, 2, 3, 3], "$a"]}, True),
]  # fmt: skip
DATES: Final = [
    ({"$year": "$d"}, 2021),
    ({"$month": "$d"}, 3),
    ({"$dayOfMonth": "$d"}, 4),
    ({"$dayOfYear": "$d"}, 63),
    ({"$dayOfWeek": "$d"}, 5),
    ({"$dayOfWeek": "$sunday"}, 1),
    ({"$week": "$d"}, 9),
    ({"$week": date("2021-01-02")}, 0),
    ({"$week": "$sunday"}, 1),
    ({"$isoWeek": "$sunday"}, 53),
    ({"$isoWeekYear": "$sunday"}, 2020),
    ({"$isoDayOfWeek": "$sunday"}, 7),
    ({"$hour": "$d"}, 5),
    ({"$minute": "$d"}, 6),
    ({"$second": "$d"}, 7),
    ({"$millisecond": "$d"}, 89),
    ({"$year": "$nope"}, None),
    ({"$year": {"date": "$d"}}, 2021),
    ({"$hour": {"date": "$d", "timezone": "+02:30"}}, 7),
    ({"$hour": {"date": "$d", "timezone": "America/New_York"}}, 0),
    ({"$dateToString": {"date": "$d"}}, "2021-03-04T05:06:07.089Z"),
    ({"$dateToString": {"date": "$d", "format": "%d.%m.%Y %H:%M:%S,%L %j %u %w %V %G %U %z %%"}},
     "04.03.2021 05:06:07,089 063 4 5 09 2021 09 +0000 %"),
    ({"$dateToString": {"date": "$nope", "onNull": "never"}}, "never"),
    ({"$dateToString": {"date": "$nope"}}, None),
    ({"$year": "$createdAt"}, 2026),
]  # fmt: skip
CONVERSION: Final = [
    ({"$toString": "$n"}, "5"),
    ({"$toString": "$half"}, "2.5"),
    ({"$toString": "$t"}, "true"),
    ({"$toString": "$d"}, "2021-03-04T05:06:07.089Z"),
    ({"$toString": "$nul"}, None),
    ({"$toInt": "$half"}, 2),
    ({"$toInt": "12"}, 12),
    ({"$toInt": "$t"}, 1),
    ({"$toDouble": "1.5e1"}, 15),
    ({"$toLong": date("1970-01-01T00:00:01.500Z")}, 1500),
    ({"$toDate": 1500}, date("1970-01-01T00:00:01.500Z")),
    ({"$toDate": "2021-03-04"}, date("2021-03-04")),
    ({"$toDate": "2021-03-04T05:06:07.089+01:00"}, date("2021-03-04T04:06:07.089Z")),
    ({"$toBool": "$zero"}, False),
    ({"$type": "$d"}, "date"),
    ({"$type": "$nope"}, "missing"),
    ({"$mergeObjects": ["$o", {"x": 9, "w": 0}, "$nope"]}, {"x": 9, "y": {"z": "deep"}, "w": 0}),
    ({"$objectToArray": "$o"}, [{"k": "x", "v": 1}, {"k": "y", "v": {"z": "deep"}}]),
    ({"$arrayToObject": [[["a", 1], ["b", 2]]]}, {"a": 1, "b": 2}),
    ({"$arrayToObject": [[{"k": "a", "v": 1}]]}, {"a": 1}),
    ({"$objectToArray": "$nul"}, None),
]
TABLE: Final = [*PATHS, *ARITHMETIC, *LOGIC, *TEXT, *ARRAYS, *DATES, *CONVERSION]


@pytest.mark.parametrize(("expression", "expected"), TABLE, ids=[str(row[0]) for row in TABLE])
def test_an_expression_gives_what_mongodb_gives(kinds: World, expression: Any, expected: Any) -> None:
    assert value(kinds, expression) == expected


REFUSED: Final = [
    ({"$add": ["$n", "$word"]}, "$add only supports numeric types, not string"),
    ({"$add": ["$d", "$d"]}, "only one date allowed in an $add expression"),
    ({"$divide": ["$n", "$zero"]}, "can't $divide by zero"),
    ({"$mod": ["$n", 0]}, "can't $mod by zero"),
    ({"$sqrt": "$neg"}, "$sqrt's argument must be a non-negative number"),
    ({"$concat": ["$word", "$n"]}, "$concat only supports strings, not number"),
    ({"$toLower": "$a"}, "$toLower can't convert from array to String"),
    ({"$strLenCP": "$nope"}, "$strLenCP requires a string argument, found: missing"),
    ({"$size": "$nope"}, "The argument to $size must be an array, but was of type: missing"),
    ({"$in": [1, "$n"]}, "$in requires an array as a second argument, found: number"),
    ({"$map": {"input": "$n", "in": 1}}, "$map needs an argument that is an array, not number"),
    ({"$slice": ["$a", 0, 0]}, "Third argument to $slice must be positive"),
    ({"$year": "$word"}, "$year can't convert from string to Date"),
    ({"$year": {"date": "$d", "timezone": "x y"}}, "$year: unrecognized time zone identifier"),
    ({"$toInt": "5.5"}, "Failed to parse number in $convert: $toInt"),
    ({"$toDate": "tomorrow"}, "Error parsing date string in $convert: $toDate"),
    ({"$mergeObjects": ["$n"]}, "$mergeObjects requires object inputs, not number"),
    ({"$switch": {"branches": [{"case": "$f", "then": 1}]}},
     "$switch could not find a matching branch, and no default was specified"),
    ({"$dateToString": {"date": "$d", "format": "%q"}}, "Invalid format character in $dateToString: %q"),
    ({"$foo": 1}, "Unsupported aggregation operator: $foo"),
    ({"$function": {"body": "x"}}, "Unsupported aggregation operator: $function"),
    ({"$accumulator": {}}, "Unsupported aggregation operator: $accumulator"),
    ({"$subtract": [1]}, "$subtract does not take 1 arguments"),
    ({"$cond": [1, 2]}, "$cond needs 'if', 'then' and 'else'"),
    ({"$filter": {"input": "$a"}}, "$filter needs the argument 'cond'"),
    ({"$add": [1], "$subtract": [2]}, "An object representing an expression must have exactly one field"),
    ("$$nope", "Use of undefined variable: nope"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "message"), REFUSED, ids=[str(row[0]) for row in REFUSED])
def test_what_an_operator_does_not_take_is_refused_with_a_reason(kinds: World, expression: Any, message: str) -> None:
    with pytest.raises(InvalidQuery) as refusal:
        value(kinds, expression)
    assert refusal.value.message == message


def test_numbers_beyond_a_double_are_refused(kinds: World) -> None:
    with pytest.raises(InvalidQuery):
        value(kinds, {"$pow": [1e300, "$n"]})


def test_every_registered_operator_is_in_the_table() -> None:
    shown = str(TABLE)
    rarely_needed = {"$exp", "$ln", "$log10", "$rtrim", "$setUnion", "$setIntersection", "$setDifference", "$lte"}
    assert [name for name in operators if f"'{name}'" not in shown and name not in rarely_needed] == []
