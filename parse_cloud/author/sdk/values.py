"""What the server is known to hold of an object: its REST JSON, decoded field by field as user code looks at it.

Lists, dictionaries and ACLs that were handed out may be changed in place; each is then compared with what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from parse_cloud.author.sdk.acl import ACL
from parse_cloud.author.sdk.decoding import decode
from parse_cloud.author.sdk.encoding import FOR_SAVING, encode
from parse_cloud.author.sdk.error import ParseError
from parse_core.operations.base import MISSING, Missing
from parse_core.values.scalars import Document, Json, parse_iso

TIMES = frozenset({"createdAt", "updatedAt"})


class Values:
    """Fields by name; `MISSING` where there is none."""

    __slots__ = ("_decoded", "_given", "_wire")

    def __init__(self, wire: Document | None = None) -> None:
        """`wire` becomes these values' own."""
        self._wire: Document = {} if wire is None else wire
        self._decoded: dict[str, Any] = {}
        self._given: dict[str, bytes | None] = {}  # changeable values as they were; None: not even then to be written

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._wire, *self._decoded)))

    def __bool__(self) -> bool:
        return bool(self._wire or self._decoded)

    def get(self, key: str) -> Any | Missing:
        """The value, the same one each time."""
        if key in self._decoded:
            return self._decoded[key]
        if key not in self._wire:
            return MISSING
        value = decode_field(key, self._wire[key])
        self._hold(key, value)
        return value

    def put(self, key: str, value: Any | Missing) -> None:
        """Takes a value of user code for what the server holds now."""
        self._wire.pop(key, None)
        self._decoded.pop(key, None)
        self._given.pop(key, None)
        if value is not MISSING:
            self._hold(key, value)

    def put_wire(self, key: str, value: Json) -> None:
        """Takes REST JSON for what the server holds now."""
        self.put(key, MISSING)
        self._wire[key] = value

    def forget(self, key: str) -> None:
        """Undoes what was changed in place."""
        if key in self._given:
            given = self._given.pop(key)
            del self._decoded[key]
            if key not in self._wire and given is not None:
                self._wire[key] = orjson.loads(given)

    def changed_in_place(self) -> dict[str, Any]:
        """The values that are not any more what they were when they were handed out."""
        return {key: self._decoded[key] for key, given in self._given.items() if given != _written(self._decoded[key])}

    def copy(self) -> Values:
        """The values as they are, sharing none that can be changed."""
        copied = Values(dict(self._wire))
        for key, value in self._decoded.items():
            if key not in self._given:
                copied.put(key, value)
            elif key not in copied._wire:
                copied.put_wire(key, encode(value, FOR_SAVING))
        return copied

    def _hold(self, key: str, value: Any) -> None:
        self._decoded[key] = value
        if isinstance(value, (list, dict, ACL)):
            self._given[key] = _written(value)


def decode_field(key: str, value: Json) -> Any:
    """A field of an object as user code knows it."""
    if key in TIMES and isinstance(value, str):
        return parse_iso(value) or value
    if key == "ACL" and isinstance(value, dict):
        try:
            return ACL(value)
        except TypeError:
            return dict(value)
    return decode(value)


def _written(value: Any) -> bytes | None:
    try:
        return orjson.dumps(encode(value, FOR_SAVING))
    except (ParseError, TypeError, ValueError):
        return None
