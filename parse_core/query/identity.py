"""When two values are the same: operands in the form they are compared in, and equality as a hashable key.

Deep and independent of key order; numbers by value and never across kinds; pointers by class and id, files by name,
points by their coordinates, dates by instant. `parse.identity` is the twin in SQL.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from math import isfinite
from typing import Final

import orjson

from parse_core.errors import InvalidJson
from parse_core.values.scalars import Document, Json, normal_iso

MISSING: Final = object()  # the value of a field that is not there; equal to null

# What tells one typed object from another; anything else in it does not count.
_TELLING: Final[dict[str, tuple[str, ...]]] = {
    "Pointer": ("__type", "className", "objectId"),
    "File": ("__type", "name"),
    "GeoPoint": ("__type", "latitude", "longitude"),
}
# Typed objects whose kept members are scalars: jsonb containment of such a one is equality.
_FLAT: Final = frozenset({"Pointer", "File", "GeoPoint", "Date", "Bytes"})
_BIGGEST: Final = 2**63 - 1


def operand_form(value: Json) -> Json:
    """An operand as it is compared: reduced to what tells it apart, dates normalised, polygons closed.

    Raises `InvalidJson` for what JSON in the database cannot hold.
    """
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is bool or value is None:
        return value
    if kind is int:
        return value if abs(value) <= _BIGGEST else float(value)
    if kind is float:
        return value if isfinite(value) else None
    result: Json
    if kind is list:
        result = []
        for item in value:
            result.append(operand_form(item))
        return result
    if value.get("__type") == "Pointer":
        return {name: operand_form(value.get(name)) for name in _TELLING["Pointer"]}
    result = {}
    for name, item in value.items():
        result[_text(name)] = operand_form(item)
    return _typed_form(result) if "__type" in result else result


def _typed_form(value: Document) -> Document:
    typed = value["__type"]
    if typed == "Date":
        iso = normal_iso(value.get("iso"))
        return value if iso is None else {"__type": "Date", "iso": iso}
    if typed == "Polygon":
        points = value.get("coordinates")
        if isinstance(points, list) and points and points[0] != points[-1]:
            return {"__type": "Polygon", "coordinates": [*points, points[0]]}
    return _reduced(value)


def _reduced(value: Document) -> Document:
    typed = value.get("__type")
    telling = _TELLING.get(typed) if isinstance(typed, str) else None
    return value if telling is None else {name: value.get(name) for name in telling}


def _text(value: str) -> str:
    if "\0" in value:
        message = "Invalid JSON: NUL character"
        raise InvalidJson(message)
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def shown(value: Json) -> str:
    """A refused operand as its error shows it: JSON text."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # what only Python can hold: a lone surrogate, an integer beyond 64 bits
        return json.dumps(value, separators=(",", ":"))


def key(value: Json) -> Hashable:
    """Equal for equal values, and hashable, so that a long list of operands is one set."""
    kind = type(value)
    if kind is str or kind is int or kind is float:
        return value  # type: ignore[no-any-return]
    if value is None or value is MISSING:
        return None
    if kind is bool:
        return (bool, value)  # True equals 1 in Python
    if kind is list:
        return tuple([key(item) for item in value])
    if value.get("__type") == "Pointer":
        return (dict, key(value.get("className")), key(value.get("objectId")))
    return frozenset([(name, key(item)) for name, item in _reduced(value).items()])


def is_flat(value: Json) -> bool:
    """Whether jsonb containment of the value is equality: a scalar, or a typed object made of scalars."""
    if not isinstance(value, (dict, list)):
        return True
    if isinstance(value, list) or str(value.get("__type")) not in _FLAT:
        return False
    return not any(isinstance(member, (dict, list)) for member in value.values())
