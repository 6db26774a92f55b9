"""The rulings of `contract/queries.md` §7 and §8 once more, as short as they can be said: what a condition must find.

Slow and without errors, it shares nothing with the faces that are held against it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from parse_core.values.scalars import Document, Json

MISSING: Final = object()
_COMPARED: Final = {"$lt": operator.lt, "$lte": operator.le, "$gt": operator.gt, "$gte": operator.ge}
_OBJECTS: Final = ("Object", "Array")  # the columns that paths lead into


def holds(document: Document, name: str, kind: str | None, called: str, operand: Any) -> bool:
    """Whether an object satisfies `{name: {called: operand}}`; `kind` is the type of the column, None for no column."""
    ends = list(leaves(document, name, kind))
    values = [*ends, *(each for leaf in ends if isinstance(leaf, list) for each in leaf)]
    match called:
        case "$eq":
            return _equal(values, operand, kind, name)
        case "$in":
            listed = [each for one in operand for each in (one if isinstance(one, list) else [one])]
            return any(_equal(values, each, kind, name) for each in listed)
        case "$all":
            return bool(operand) and all(each != {} and _equal(values, each, kind, name) for each in operand)
        case "$ne":
            return not holds(document, name, kind, "$eq", operand)
        case "$nin":
            return not holds(document, name, kind, "$in", operand)
        case "$exists":
            return any(leaf is not MISSING for leaf in ends) is bool(operand)
        case "$containedBy":
            wanted = [canonical(each) for each in operand]
            return any(isinstance(leaf, list) and all(canonical(each) in wanted for each in leaf) for leaf in ends)
        case "$regex":
            return any(isinstance(value, str) and re.search(operand, value) for value in values)
        case "$lt" | "$lte" | "$gt" | "$gte":
            return _ordered(values, called, operand, kind, name)
    raise NotImplementedError(called)


def leaves(document: Document, name: str, kind: str | None) -> Iterator[Any]:
    """What a path leads to, `MISSING` where there is nothing."""
    root, *path = name.split(".")
    if kind is None or (path and kind not in _OBJECTS):
        yield MISSING
        return
    found: list[Any] = [document.get(root, MISSING)]
    for step in path:
        found = [below for each in found for below in _below(each, step)]
    yield from found


def _below(value: Any, step: str) -> Iterator[Any]:
    if isinstance(value, list):
        if step.isdigit():
            yield value[int(step)] if int(step) < len(value) else MISSING
        else:
            yield from (each.get(step, MISSING) for each in value if isinstance(each, dict))
    else:
        yield value.get(step, MISSING) if isinstance(value, dict) else MISSING


def _equal(values: list[Any], operand: Any, kind: str | None, name: str) -> bool:
    if operand is None:
        return any(value is MISSING or value is None for value in values)
    wanted = canonical(_as_column(operand, kind, name))
    return any(value is not MISSING and canonical(value) == wanted for value in values)


def _ordered(values: list[Any], called: str, operand: Any, kind: str | None, name: str) -> bool:
    if operand is None:
        return called in ("$lte", "$gte") and _equal(values, None, kind, name)
    sort, right = canonical(operand)[:2]
    if kind == "Pointer" and "." not in name:  # pointers are ordered by their ids
        values = [value["objectId"] for value in values if isinstance(value, dict)]
    ordered = [canonical(value)[1] for value in values if value is not MISSING and canonical(value)[0] == sort]
    return any(_COMPARED[called](left, right) for left in ordered)


def _as_column(operand: Json, kind: str | None, name: str) -> Json:
    """An operand as it is meant on some columns: an id is a pointer to an object of the column's class."""
    if kind == "Pointer" and "." not in name and isinstance(operand, str):
        return {"__type": "Pointer", "className": "P", "objectId": operand}
    return operand


def canonical(value: Any) -> tuple[Any, ...]:
    """What is equal to all values that mean the same, and to no other."""
    if value is None:
        return ("null",)
    if isinstance(value, bool):
        return ("flag", value)
    if isinstance(value, int | float):
        return ("number", float(value))
    if isinstance(value, str):
        return ("text", value)
    if isinstance(value, list):
        return ("array", *map(canonical, value))
    match value.get("__type"):
        case "Date":
            return ("Date", datetime.fromisoformat(value["iso"]))
        case "Pointer":
            return ("Pointer", value["className"], value["objectId"])
        case "File":
            return ("File", value["name"])
        case "Polygon":
            corners = value["coordinates"]
            return ("Polygon", canonical(corners if corners[0] == corners[-1] else [*corners, corners[0]]))
    return ("object", frozenset((name, canonical(each)) for name, each in value.items()))
