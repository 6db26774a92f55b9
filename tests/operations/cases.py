"""What each operation does to a stored value: one table for both faces (`contract/objects.md` §11.3).

`before` MISSING: the field is unset. `after` MISSING: it is unset afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from parse_core.operations.base import MISSING, Operation
from parse_core.operations.data import Add, AddUnique, Increment, Remove, Set, SetOnInsert, Unset
from parse_core.values.scalars import pointer

P1, P2 = pointer("Post", "p1"), pointer("Post", "p2")
P1_WITH_EXTRAS = {**P1, "title": "ignored"}


@dataclass(frozen=True)
class Case:
    name: str
    before: Any
    operation: Operation
    after: Any

    def __str__(self) -> str:
        return self.name


CASES = [
    Case("a set replaces the whole value", {"a": 1}, Set({"b": 2}), {"b": 2}),
    Case("null is a value", 1, Set(None), None),
    Case("an unset removes", 1, Unset(), MISSING),
    Case("an increment adds", 3, Increment(4), 7),
    Case("an increment can go below zero", 3, Increment(-4), -1),
    Case("a fraction stays a fraction", 1, Increment(0.5), 1.5),
    Case("a sum that is whole is an integer", 1.5, Increment(0.5), 2),
    Case("an increment adds as IEEE doubles do", 0.1, Increment(0.2), 0.30000000000000004),
    Case("a missing number counts as zero", MISSING, Increment(5), 5),
    Case("a null number counts as zero", None, Increment(5), 5),
    Case("a large number grows", 9007199254740992, Increment(2), 9007199254740994),
    Case("add appends in order", [1, 2], Add([3, 1]), [1, 2, 3, 1]),
    Case("add keeps its own duplicates", [], Add([1, 1]), [1, 1]),
    Case("add to null makes an array", None, Add([1]), [1]),
    Case("add of nothing changes nothing", [1], Add([]), [1]),
    Case("add unique appends what is not there", [1, 2], AddUnique([2, 3]), [1, 2, 3]),
    Case("add unique keeps order and duplicates that were there", [2, 1, 2], AddUnique([3, 1]), [2, 1, 2, 3]),
    Case("add unique adds each once", [0], AddUnique([5, 5, 4, 5]), [0, 5, 4]),
    Case(
        "add unique compares objects deeply",
        [{"a": 1, "b": [1]}],
        AddUnique([{"b": [1], "a": 1}]),
        [{"a": 1, "b": [1]}],
    ),
    Case("add unique compares numbers by value", [1], AddUnique([1.0]), [1]),
    Case("add unique tells a boolean from a number", [1], AddUnique([True]), [1, True]),
    Case("add unique compares pointers by class and id", [P1_WITH_EXTRAS], AddUnique([P1, P2]), [P1_WITH_EXTRAS, P2]),
    Case("add unique takes null as an element", [1], AddUnique([None, None]), [1, None]),
    Case("remove takes every equal element", [1, 2, 1, 3], Remove([1]), [2, 3]),
    Case("remove of several", ["a", "b", "c"], Remove(["c", "a"]), ["b"]),
    Case("remove compares pointers by class and id", [P1, P2], Remove([P1_WITH_EXTRAS]), [P2]),
    Case(
        "remove compares objects deeply",
        [{"a": {"b": 1}}, {"a": {"b": 2}}],
        Remove([{"a": {"b": 1}}]),
        [{"a": {"b": 2}}],
    ),
    Case("remove from a missing array leaves an empty one", MISSING, Remove([1]), []),
    Case("remove of null", [None, 1], Remove([None]), [1]),
    Case("remove of what is not there", [1], Remove([2]), [1]),
    Case("set on insert leaves what is there", 1, SetOnInsert(9), 1),
]
