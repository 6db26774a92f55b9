"""JSON text from clients, read as strictly as storage needs and as tolerantly as JavaScript does.

orjson reads nearly all of it. What it refuses and JavaScript's parser takes (exponents beyond a double, lone
surrogates) is read again by the standard library; NUL, which PostgreSQL cannot store, and nesting that recursive code
could not follow are refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from parse_core.errors import InvalidJson

if TYPE_CHECKING:
    from parse_core.values.scalars import Json

MAX_DEPTH = 240  # a value goes out inside a few more levels than it came in
_WRITABLE = 254  # levels that orjson writes
_TOO_DEEP = "JSON is nested too deeply."


class JsonRefused(ValueError):
    """The text is not JSON; `args[0]` says where it stops being so."""


def decode(text: bytes) -> Json:
    """The value of a JSON text; of two members with one name the last stays.

    An integer beyond 64 bits becomes a float and a number beyond a float null, as in JavaScript; a lone surrogate
    becomes U+FFFD. Raises `JsonRefused` for what is no JSON, 107 for NUL and for nesting deeper than `MAX_DEPTH`.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        value = _tolerantly(text, error)
    if b"\\u0000" in text and any("\x00" in string for string in _strings(value)):
        raise InvalidJson("NUL is not allowed in a string.")
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and _is_too_deep(value):
        raise InvalidJson(_TOO_DEEP)
    return value


def _tolerantly(text: bytes, refusal: orjson.JSONDecodeError) -> Json:
    try:
        value = json.loads(
            text.decode(), parse_constant=_refuse_constant, parse_float=_number, parse_int=_integer, strict=True
        )
    except RecursionError as error:
        raise InvalidJson(_TOO_DEEP) from error
    except ValueError:
        raise JsonRefused(str(refusal)) from refusal
    return _without_surrogates(value)


def _refuse_constant(name: str) -> Json:
    raise ValueError(name)


def _number(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _integer(digits: str) -> int | float | None:
    if len(digits) < 19:
        return int(digits)
    number = float(digits)
    return int(digits) if -(2.0**63) <= number < 2.0**64 and len(digits) <= 20 else _number(digits)


def _without_surrogates(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value


def _strings(value: Json) -> Iterator[str]:
    """Every string in a value, names included; walks without recursion."""
    pending: list[Any] = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            pending.extend(node)
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)


def _is_too_deep(value: Json) -> bool:
    """Whether more than `MAX_DEPTH` objects and lists enclose the innermost one: asked of orjson, which is quick."""
    for _ in range(_WRITABLE - MAX_DEPTH):
        value = [value]
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return True
    return False
