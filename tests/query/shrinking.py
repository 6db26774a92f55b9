"""The smallest condition on the smallest document that still shows what a random one has shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy

from parse_core.values.scalars import Json

KEPT = frozenset({"objectId", "createdAt", "updatedAt"})


def smallest(value: Json, fails: Callable[[Json], bool]) -> Json:
    """The value with as much left out as can be while it `fails`."""
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in _smaller(value):
            if fails(smaller):
                value, shrunk = smaller, True
                break
    return value


def _smaller(value: Json) -> Iterator[Json]:
    """The value without one of its parts, or with a part in place of the whole that holds it."""
    if isinstance(value, dict):
        typed = "__type" in value
        for name in value:
            if name not in KEPT and not typed:
                yield {other: each for other, each in value.items() if other != name}
        for name, each in value.items():
            for smaller in () if typed else _smaller(each):
                yield {**value, name: smaller}
    elif isinstance(value, list):
        for place in range(len(value)):
            yield [*value[:place], *value[place + 1 :]]
        for place, each in enumerate(value):
            for smaller in _smaller(each):
                yield [*value[:place], deepcopy(smaller), *value[place + 1 :]]
