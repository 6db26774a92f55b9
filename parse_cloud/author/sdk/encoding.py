"""From the values of user code to REST JSON.

There are two forms, which differ in what becomes of objects: a save refers to them by pointers, while results and
`to_json` carry those whole that have data and no unsaved changes (`contract/cloud.md` §2.4).
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Hashable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Final, cast
from uuid import UUID

from parse_cloud.author.sdk.error import ParseError
from parse_core.values.scalars import Document, Json, date_value


@dataclass(frozen=True, slots=True)
class Form:
    """How values are written. `whole`: objects with their data, but for those in `seen`, which are around this one.

    `lenient`: what has no form of its own is written all the same; otherwise it is refused.
    """

    whole: bool = False
    lenient: bool = False
    seen: tuple[object, ...] = ()

    def inside(self, identity: object) -> Form:
        """The form of what is within an object."""
        return Form(self.whole, self.lenient, (*self.seen, identity))


_LARGEST: Final = 2**63 - 1  # of the integers that JSON is read back to; larger ones go out as doubles

FOR_SAVING: Final = Form()
WHOLE: Final = Form(whole=True)
RESULT: Final = Form(whole=True, lenient=True)


class Encodable:
    """A value of the SDK's own: it knows its JSON."""

    __slots__ = ()

    def encoded(self, form: Form) -> Json:
        """The value as REST JSON. Raises `ParseError` for one that cannot be written yet."""
        raise NotImplementedError


def encode(value: Any, form: Form = FOR_SAVING) -> Json:
    """A value as REST JSON, sharing nothing with it.

    Raises `ParseError` for an object or file that was not saved, `TypeError` or `ValueError` for what JSON cannot hold.
    """
    kind = type(value)
    if kind is bool or value is None or (kind is int and -_LARGEST <= value <= _LARGEST):
        return value
    if kind is str:
        return value if value.isascii() else _text(value)
    if kind is list:
        return [encode(item, form) for item in value]
    if kind is dict:
        return {_name(key, form): encode(item, form) for key, item in value.items()}
    if isinstance(value, Encodable):
        return value.encoded(form)
    return _encoder(cast("Hashable", kind))(value, form)


def encode_result(value: Any) -> Json:
    """What a function returned, as the client gets it. Raises `ParseError` 141 for an unsaved object or a cycle."""
    try:
        return encode(value, RESULT)
    except RecursionError:
        raise ParseError(ParseError.SCRIPT_FAILED, "The result contains itself.") from None


def _name(key: object, form: Form) -> str:
    if not isinstance(key, str) and not form.lenient:
        raise TypeError(f"The names of an object are texts, not {key!r}")
    return _text(str(key))


def _text(text: str) -> str:
    """Half of a pair of surrogates, which no client could read, becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _number(value: Any, form: Form) -> Json:
    number = float(value)
    if math.isfinite(number):
        whole = isinstance(value, Decimal) and number.is_integer()
        return int(value) if (whole or isinstance(value, int)) and abs(number) < _LARGEST else number
    if form.lenient:
        return None
    raise ValueError(f"{value} is not a number that can be stored")


def _bytes(value: Any, _form: Form) -> Json:
    return {"__type": "Bytes", "base64": base64.b64encode(value).decode()}


def _moment(value: Any, _form: Form) -> Json:
    """A time without a zone is UTC, as everywhere in the server."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return date_value(value.replace(tzinfo=UTC) if value.tzinfo is None else value)


def _items(value: Any, form: Form) -> Json:
    return [encode(item, form) for item in value]


def _members(value: Any, form: Form) -> Json:
    return {_name(key, form): encode(item, form) for key, item in value.items()}


def _other(value: Any, form: Form) -> Json:
    """The public attributes, in a result; elsewhere nobody meant to store such a thing."""
    if not form.lenient:
        raise TypeError(f"A {type(value).__name__} cannot be stored")
    attributes: Document = dict(getattr(value, "__dict__", {}))
    if is_dataclass(value):
        attributes = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: encode(item, form) for name, item in attributes.items() if not name.startswith("_")}


_ENCODERS: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any, Form], Json]], ...]] = (
    (Enum, lambda value, form: encode(value.value, form)),
    (bool, lambda value, _form: bool(value)),
    (str, lambda value, _form: _text(str(value))),
    ((int, float, Decimal), _number),
    ((datetime, date), _moment),
    ((bytes, bytearray, memoryview), _bytes),
    (UUID, lambda value, _form: str(value)),
    (Mapping, _members),
    ((list, tuple, AbstractSet), _items),
)


@lru_cache(maxsize=512)
def _encoder(kind: Any) -> Callable[[Any, Form], Json]:
    return next((encoder for kinds, encoder in _ENCODERS if issubclass(kind, kinds)), _other)
