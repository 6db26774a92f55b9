"""What user code is given as parameters, and what its results become (`contract/cloud.md` §2.2, §2.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from parse_cloud import ACL, File, GeoPoint, Object, ParseError, Polygon, Relation
from parse_cloud.author.sdk.decoding import decode, decode_parameters
from parse_cloud.author.sdk.encoding import encode_result

ISO = "2026-01-31T12:00:00.000Z"
WHEN = datetime(2026, 1, 31, 12, tzinfo=UTC)
TIMES = {"createdAt": ISO, "updatedAt": ISO}
POINTER = {"__type": "Pointer", "className": "Post", "objectId": "p1"}
FILE = {"__type": "File", "name": "a.txt", "url": "http://api.example/files/a.txt"}


def found(**fields: Any) -> Object:
    return Object.from_json({"className": "Post", "objectId": "p1", **TIMES, **fields})


def changed_in_place() -> Object:
    post = found(tags=["a"])
    post["tags"].append("b")
    return post


@dataclass(slots=True)
class Point:
    x: int
    y: int


class Plain:
    def __init__(self) -> None:
        self.shown, self._hidden = 1, 2


class Refusal(Exception):
    def __init__(self) -> None:
        super().__init__("no")
        self.reason = "because"


WHOLE = {"__type": "Object", "className": "Post", "objectId": "p1", **TIMES, "title": "x"}

RESULTS: list[tuple[str, Callable[[], Any], Any]] = [
    ("nothing", lambda: None, None),
    ("texts and numbers", lambda: ["x", 1, 1.5, True, None], ["x", 1, 1.5, True, None]),
    ("no number", lambda: [float("nan"), float("inf"), -float("inf")], [None, None, None]),
    ("a saved object", lambda: found(title="x"), WHOLE),
    ("in a list", lambda: [found(title="x")], [WHOLE]),
    ("one with changes", lambda: found(title="x").set("title", "y"), POINTER),
    ("one with changes in place", changed_in_place, POINTER),
    ("one without data", lambda: Object.without_data("Post", "p1"), POINTER),
    (
        "itself in itself",
        lambda: found(title={"__type": "Object", "className": "Post", "objectId": "p1", "title": "x"}),
        {**WHOLE, "title": POINTER},
    ),
    (
        "another one in an object",
        lambda: found(title="x", author={"__type": "Object", "className": "Author", "objectId": "a1", "name": "Ann"}),
        {**WHOLE, "author": {"__type": "Object", "className": "Author", "objectId": "a1", "name": "Ann"}},
    ),
    ("a date", lambda: WHEN, {"__type": "Date", "iso": ISO}),
    ("a place", lambda: {"at": GeoPoint(1, 2)}, {"at": {"__type": "GeoPoint", "latitude": 1, "longitude": 2}}),
    (
        "an area",
        lambda: Polygon([(0, 0), (0, 1), (1, 1)]),
        {"__type": "Polygon", "coordinates": [[0, 0], [0, 1], [1, 1]]},
    ),
    ("names that are no texts", lambda: {1: "a", None: "b"}, {"1": "a", "None": "b"}),
    ("more than 64 bits", lambda: [2**63 - 1, 2**63, -(2**200)], [2**63 - 1, 2.0**63, -(2.0**200)]),
    ("half a character", lambda: {"\ud800": "x\udfff"}, {"\ufffd": "x\ufffd"}),
    ("bytes", lambda: b"\x00\xff", {"__type": "Bytes", "base64": "AP8="}),
    ("a file", lambda: File.from_json(FILE), FILE),
    ("a relation", lambda: Relation(None, None, "Post"), {"__type": "Relation", "className": "Post"}),
    ("an access list", lambda: ACL({"*": {"read": True}}), {"*": {"read": True}}),
    ("what is REST JSON already", lambda: {"a": dict(POINTER)}, {"a": POINTER}),
    ("a tuple and a set", lambda: ((1, 2), {3}), [[1, 2], [3]]),
    ("an instance", Plain, {"shown": 1}),
    ("a dataclass", lambda: Point(1, 2), {"x": 1, "y": 2}),
    ("an exception", Refusal, {"reason": "because"}),
    ("an exception without attributes", lambda: ValueError("x"), {}),
]


@pytest.mark.parametrize(("make", "json"), [case[1:] for case in RESULTS], ids=[case[0] for case in RESULTS])
def test_a_result_becomes_rest_json(make: Callable[[], Any], json: Any) -> None:
    assert encode_result(make()) == json


def test_an_unsaved_object_cannot_be_a_result() -> None:
    with pytest.raises(ParseError) as refused:
        encode_result([Object("Post")])
    assert (refused.value.code, refused.value.message) == (141, "Cannot create a pointer to an unsaved ParseObject")


def test_a_result_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ParseError) as refused:
        encode_result(endless)
    assert refused.value.code == 141


def test_objects_that_contain_each_other_end_in_pointers() -> None:
    one = found(title="x")
    other = Object.from_json({"className": "Post", "objectId": "p2", "title": "y"})
    one.state.values.put("other", other)
    other.state.values.put("other", one)
    assert encode_result(one)["other"] == {
        "__type": "Object",
        "className": "Post",
        "objectId": "p2",
        "title": "y",
        "other": POINTER,
    }


def test_parameters_are_decoded_at_any_depth_and_only_what_should_be() -> None:
    left = {
        "at": {"__type": "GeoPoint", "latitude": 1, "longitude": 2},
        "bytes": {"__type": "Bytes", "base64": "AA=="},
        "whole": {"__type": "Object", "className": "Post", "objectId": "p1"},
        "area": {"__type": "Polygon", "coordinates": []},
        "related": {"__type": "Relation", "className": "Post"},
        "nothing": None,
    }
    decoded = decode_parameters({**left, "deep": [[{"when": {"__type": "Date", "iso": ISO}}], POINTER], "file": FILE})
    assert {key: decoded[key] for key in left} == left
    assert decoded["deep"][0][0]["when"] == WHEN
    assert (type(decoded["deep"][1]), decoded["deep"][1].id) == (Object, "p1")
    assert (type(decoded["file"]), decoded["file"].url) == (File, FILE["url"])


MALFORMED: list[Any] = [
    {"__type": "Date", "iso": "yesterday"},
    {"__type": "Date"},
    {"__type": "Bytes", "base64": "***"},
    {"__type": "Bytes", "base64": 3},
    {"__type": "GeoPoint", "latitude": 100, "longitude": 0},
    {"__type": "GeoPoint"},
    {"__type": "Polygon", "coordinates": [[0, 0]]},
    {"__type": "Polygon", "coordinates": 3},
    {"__type": "Pointer"},
    {"__type": "File"},
    {"__type": "Unknown", "a": 1},
    {"__type": 3},
]


@pytest.mark.parametrize("value", MALFORMED, ids=str)
def test_what_is_not_what_it_says_stays_a_dictionary(value: Any) -> None:
    assert decode(value) == value
