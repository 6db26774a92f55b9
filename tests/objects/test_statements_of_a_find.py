"""A find is one statement, with count, sub-queries and includes; arrays of pointers take one more per class and level.

Why: `docs/decisions/0033-includes-in-the-statement-of-the-page.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from parse_core.application import applications
from tests.objects.worlds import MASTER, World, plain_users, pointer, user
from tests.support.client import ApiClient
from tests.support.scenario import Scenario, get, scenarios

MANY = 30


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    """Each `One` points to a `Two`, that to a `Three`, that to a `Four`: by a Pointer column and out of an array."""
    world = World.make()
    below = {"One": "Two", "Two": "Three", "Three": "Four", "Four": None}
    for name, target in reversed(below.items()):
        links = {"next": f"Pointer<{target}>", "others": "Array", "linked": f"Relation<{target}>"} if target else {}
        world.define(name, n="Number", kind="String", **links)
        for number in range(MANY):
            follower = (number + 1) % MANY
            to: dict[str, Any] = {}
            if target:
                to = {"next": pointer(target, f"i{follower}"), "others": [pointer(target, f"i{number}")]}
            if name == "Two":
                to["others"].append(pointer("Four", f"i{number}"))
            world.put(name, f"i{number}", {"ann": {"read": True}}, n=number, kind=f"k{number % 3}", **to)
    yield world
    applications.remove(world.application.id)


def sub(name: str, class_name: str, **where: Any) -> Any:
    return {name: {"className": class_name, "where": where}}


def chosen(name: str, class_name: str, key: str, **where: Any) -> Any:
    return {name: {"query": {"className": class_name, "where": where}, "key": key}}


RELATED = {"$relatedTo": {"object": pointer("One", "i1"), "key": "linked"}}
DEEP = sub("$inQuery", "Two", next=sub("$inQuery", "Three", next=sub("$inQuery", "Four", n={"$lt": 9})))
# What is asked, how many statements that takes, how many results it has.
ROWS: dict[str, tuple[str, dict[str, Any], int, int]] = {
    "a find": ("One", {}, 1, MANY),
    "a count alone": ("One", {"limit": 0, "count": 1, "where": {"n": {"$lt": 9}}}, 1, 0),
    "a page with its count": ("One", {"limit": 5, "count": 1, "order": "-n", "where": {"n": {"$lt": 9}}}, 1, 5),
    "a page of a cursor with its count": ("One", {"limit": 5, "count": 1, "cursor": True}, 1, 5),
    "pointers of one level": ("One", {"include": "next"}, 1, MANY),
    "pointers of three levels": ("One", {"include": "next.next.next"}, 1, MANY),
    "pointers of three levels with a count and a condition": (
        "One", {"include": "next.next.next", "count": 1, "limit": 4, "where": {"next": DEEP}}, 1, 4),
    "pointers by keys": ("One", {"keys": "next.next.next.kind"}, 1, MANY),
    "an included pointer of no row": ("Four", {"include": "next.next"}, 1, MANY),
    "a sub-query": ("One", {"where": {"next": sub("$inQuery", "Two", n={"$lt": 9})}}, 1, 9),
    "a sub-query that finds nothing": ("One", {"where": {"next": sub("$inQuery", "Two", n=-1)}}, 1, 0),
    "sub-queries in sub-queries": ("One", {"where": {"next": DEEP}}, 1, 9),
    "a negated sub-query": ("One", {"where": {"next": sub("$notInQuery", "Two", n={"$lt": 9})}}, 1, MANY - 9),
    "sub-queries in branches": (
        "One", {"where": {"$or": [{"next": sub("$inQuery", "Two", n=0)}, {"next": sub("$inQuery", "Two", n=1)},
                                  {"$and": [{"n": chosen("$select", "Four", "n", n=7)}]}]}}, 1, 3),
    "selected values": ("One", {"where": {"n": chosen("$select", "Four", "n", kind="k1")}}, 1, MANY // 3),
    "values that are not selected": ("One", {"where": {"n": chosen("$dontSelect", "Four", "n", kind="k1")}}, 1, 20),
    "selected values of a sub-query": (
        "One", {"where": {"n": chosen("$select", "Three", "n", next=sub("$inQuery", "Four", n={"$lt": 3}))}}, 1, 3),
    "related objects": ("Two", {"where": RELATED, "count": 1}, 1, 2),
    "related objects with a condition, an order and an include": (
        "Two", {"where": {**RELATED, "n": {"$gt": 2}}, "order": "-n", "include": "next.next"}, 1, 1),
    "owners of related objects": ("One", {"where": {"linked": sub("$inQuery", "Two", n=2)}}, 1, 1),
    "objects of a relation by its key": (
        "One", {"redirectClassNameForKey": "linked", "where": RELATED, "include": "next"}, 1, 2),
    "an array of pointers to one class": ("One", {"include": "others"}, 2, MANY),
    "an array of pointers to two classes": ("Two", {"include": "others"}, 3, MANY),
    "arrays of three levels": ("One", {"include": "others.others.others"}, 5, MANY),
    "pointers below an array": ("One", {"include": "others.next.next"}, 2, MANY),
    "an array below a pointer": ("One", {"include": "next.others"}, 4, MANY),
    "an array, with a count": ("One", {"include": "others", "count": 1, "limit": 3}, 2, 3),
}  # fmt: skip


@pytest.fixture(scope="module")
def linked(world: World) -> World:
    """The same, with links from the first object."""
    api = ApiClient(world.application)
    links = {"__op": "AddRelation", "objects": [pointer("Two", "i2"), pointer("Two", "i3")]}
    reply = api.put("/classes/One/i1", {"linked": links}, master=True)
    assert reply.status == 200, reply.body
    return world


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("caller", [MASTER, user("ann")], ids=["master", "a user"])
def test_a_find_runs_as_many_statements_as_its_shape_says(
    linked: World, row: tuple[str, dict[str, Any], int, int], caller: Any
) -> None:
    class_name, asked, statements, results = row
    with plain_users():
        assert len(linked.find(class_name, caller, **asked)) == results
        assert linked.statements(class_name, caller, **asked) == statements


@scenarios(
    *[
        Scenario(name, get(f"/classes/{class_name}", query=asked, master=True), statements=statements)
        for name, (class_name, asked, statements, _results) in ROWS.items()
    ]
)
def test_over_http_it_is_as_many(scenario: Scenario, linked: World) -> None:
    scenario.play(ApiClient(linked.application))
