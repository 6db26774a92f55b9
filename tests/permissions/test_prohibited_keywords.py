"""`requestKeywordDenylist`: no depth, breadth or neighbour hides a prohibited word."""

from __future__ import annotations

from typing import Any

import pytest

from parse_core.context import RequestContext
from parse_core.errors import InvalidKeyName
from parse_core.permissions.keywords import check_keywords
from tests.permissions.applications import application

DEFAULT: Any = None
CONSTRUCTOR = '{"key":"constructor"}'


def nested(depth: int, innermost: Any) -> Any:
    for _ in range(depth):
        innermost = [{"a": innermost}]
    return innermost


@pytest.mark.parametrize(
    ("denylist", "payload", "entry"),
    [
        pytest.param(DEFAULT, {"x": {"constructor": 1}}, CONSTRUCTOR, id="a key in an object"),
        pytest.param(DEFAULT, {"a": [{"__proto__": 1}]}, '{"key":"__proto__"}', id="a key inside an array"),
        pytest.param(DEFAULT, {"a": {"b": 1}, "__proto__": {}}, '{"key":"__proto__"}', id="after a nested value"),
        pytest.param(DEFAULT, {"__proto__": {}, "a": {"b": 1}}, '{"key":"__proto__"}', id="before a nested value"),
        pytest.param(DEFAULT, {f"k{i}": {"n": i} for i in range(1000)} | {"z": {"constructor": 1}}, CONSTRUCTOR,
                     id="behind a thousand siblings"),
        pytest.param(DEFAULT, nested(5000, {"constructor": 1}), CONSTRUCTOR, id="five thousand levels down"),
        pytest.param(DEFAULT, {"a.constructor.b": 1}, CONSTRUCTOR, id="a segment of a dotted key"),
        pytest.param(DEFAULT, {"my_constructor_x": 1}, CONSTRUCTOR, id="a part of a key"),
        pytest.param(DEFAULT, {"_bsontype": "Code"}, '{"key":"_bsontype","value":"Code"}', id="one pair"),
        pytest.param([{"key": "^secret$"}], {"a.secret": 1}, '{"key":"^secret$"}', id="an anchored key as a segment"),
        pytest.param([{"value": "aValue[123]*"}], {"n": ["x", "aValue321"]}, '{"value":"aValue[123]*"}',
                     id="a value pattern in an array"),
        pytest.param(["foo"], {"a.foo": 1}, '"foo"', id="a text alone is a key"),
        pytest.param([{"value": True}], {"a": {"b": True}}, '{"value":true}', id="a value that is no text"),
        pytest.param([{"key": "a"}, {"key": "b"}], {"b": 1, "n": {"a": 1}}, '{"key":"a"}', id="two entries"),
    ],
)  # fmt: skip
def test_is_refused_naming_the_entry(denylist: Any, payload: Any, entry: str) -> None:
    with pytest.raises(InvalidKeyName) as refusal:
        check_keywords(context(denylist), payload)
    assert refusal.value.body(sanitize=True) == {
        "code": 105,
        "error": f"Prohibited keyword in request data: {entry}.",
    }


@pytest.mark.parametrize(
    ("denylist", "payload"),
    [
        pytest.param(DEFAULT, {"_bsontype": "Foo"}, id="only the key of a pair"),
        pytest.param(DEFAULT, {"x": "Code"}, id="only the value of a pair"),
        pytest.param(DEFAULT, {"_bsontype": {"x": "Code"}}, id="key and value of different pairs"),
        pytest.param(DEFAULT, {"x": "constructor"}, id="a key pattern in a value"),
        pytest.param([{"value": True}], {"a": 1, "b": "true"}, id="an equal-looking value of another type"),
        pytest.param([], {"constructor": 1}, id="an empty list"),
    ],
)
def test_passes(denylist: Any, payload: Any) -> None:
    check_keywords(context(denylist), payload)


def context(denylist: Any) -> RequestContext:
    return RequestContext(application({} if denylist is DEFAULT else {"requestKeywordDenylist": denylist}))
