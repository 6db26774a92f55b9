"""Query strings: nested names, values that are JSON, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from parse_core.errors import ParseError
from parse_core.rest import query_string
from tests.support.client import ApiClient
from tests.support.scenario import Scenario, get, post, scenarios

NESTED: list[tuple[str, dict[str, Any]]] = [
    ("a=1", {"a": "1"}),
    ("a=", {"a": ""}),
    ("a", {"a": ""}),
    ("a=1&a=2", {"a": ["1", "2"]}),
    ("a[]=1", {"a": ["1"]}),
    ("a[]=1&a[]=2", {"a": ["1", "2"]}),
    ("a[b]=1", {"a": {"b": "1"}}),
    ("where[username][$regex]=x", {"where": {"username": {"$regex": "x"}}}),
    ("where[score][$in][]=1&where[score][$in][]=2", {"where": {"score": {"$in": ["1", "2"]}}}),
    ("a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
    ("where%5Bx%5D=%C3%A9", {"where": {"x": "é"}}),
    ("a=x+y%2B", {"a": "x y+"}),
    ("where%3D=1", {"where=": "1"}),
    ("[a]=1", {"[a]": "1"}),
    ("a[b=1", {"a[b": "1"}),
    ("a]b=1", {"a]b": "1"}),
    ("a[b]c=1", {"a[b]c": "1"}),
    ("a=1&a[b]=2", {"a": "1"}),
    ("a[b]=1&a=2", {"a": {"b": "1"}}),
    ("a=%ff", {"a": "\ufffd"}),
    ("__proto__[x]=1", {"__proto__": {"x": "1"}}),
]


@pytest.mark.parametrize(("text", "parameters"), NESTED)
def test_names_nest_by_brackets(text: str, parameters: dict[str, Any]) -> None:
    assert query_string.parse(text) == parameters


DECODED: list[tuple[Any, Any]] = [
    ("1", 1),
    ("1.5", 1.5),
    ("true", True),
    ("null", None),
    ('{"a":1}', {"a": 1}),
    ('"1"', "1"),
    ("abc", "abc"),
    ("", ""),
    ("-createdAt", "-createdAt"),
    (["1"], 1),
    (["1", "2"], ["1", "2"]),
    ({"a": "1"}, {"a": "1"}),
]


@pytest.mark.parametrize(("text", "value"), DECODED)
def test_values_at_the_top_are_json_where_they_can_be(text: Any, value: Any) -> None:
    assert query_string.decoded({"x": text}) == {"x": value}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" + "[b]" * 33 + "=1", 102),
        ("a" + "[b]" * 100_000 + "=1", 102),
        ("&".join(f"a{n}=1" for n in range(1001)), 102),
        ("a=%00", 107),
        ("%00=1", 107),
        ('a="\\u0000"', 107),
    ],
)
def test_hostile_query_strings_are_refused(text: str, code: int) -> None:
    with pytest.raises(ParseError) as refusal:
        query_string.decoded(query_string.parse(text))
    assert refusal.value.code == code


@pytest.mark.usefixtures("echo")
@scenarios(
    Scenario(
        "on GET",
        get("/echo?limit=1&order=a"),
        has={"parameters": {"limit": 1, "order": "a"}, "query": {"limit": "1", "order": "a"}},
    ),
    Scenario("not on POST", post("/echo?limit=1", {"a": 1}), has={"parameters": {"a": 1}, "query": {"limit": "1"}}),
    Scenario(
        "merged with a body, and before it",
        post("/echo?limit=1", {"_method": "GET", "limit": 2, "skip": "3"}),
        has={"parameters": {"limit": 1, "skip": "3"}},
    ),
)
def test_parameters_of_a_get_come_from_query_and_body(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


def test_a_find_by_query_string(api: ApiClient) -> None:
    for score in (1, 2, 3):
        api.post("/classes/Score", {"score": score, "player": f"p{score}"})
    for query in (
        'where={"score":{"$gt":1}}&order=-score',
        "where[player][$in][]=p2&where[player][$in][]=p3&order=-score",
    ):
        reply = api.get("/classes/Score", query=query)
        assert [row["score"] for row in reply.json["results"]] == [3, 2]
    assert len(api.get("/classes/Score", query="limit[]=1").json["results"]) == 1
