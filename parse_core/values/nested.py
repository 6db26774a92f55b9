"""The one walk over a value that a client sends to be stored: checks its keys and gives it in stored form.

At any depth: keys without `$` and `.` (121), dates in the output form, integral floats as integers, files with their
address as a marker, operations flattened to the value they would leave (`contract/objects.md` §10, §11.3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from parse_core.errors import IncorrectType, InvalidJson, InvalidNestedKey
from parse_core.values.scalars import Document, Json, normal_iso, number

MAX_DEPTH = 200  # of a stored value; PostgreSQL and Python both stop somewhere above
_MISSING: Any = object()


def is_index(step: str) -> bool:
    """Whether a step of a dotted path can be a place in an array: ASCII digits, as the database sees it."""
    return step.isdecimal() and step.isascii()


@dataclass(frozen=True, slots=True)
class FileAddresses:
    """How File values are stored: `marker` stands for the base of their URLs until a response leaves the server.

    `check(url)` refuses a URL of a foreign host with `FileSaveError` (`contract/objects.md` §8.4).
    """

    marker: str
    check: Callable[[str], None]

    def stored(self, value: Document) -> Document:
        """`{"__type": "File", "name": …, "url": marker + name}`; only the name is a client's to say."""
        name, url = value.get("name"), value.get("url")
        if not isinstance(name, str) or not name:
            message = "This is not a valid File"
            raise IncorrectType(message)
        if isinstance(url, str) and url:
            self.check(url)
        return {"__type": "File", "name": name, "url": self.marker + quote(name, safe="!'()*~")}


def stored_form(value: Json, files: FileAddresses, depth: int = 0) -> Json:
    """The value as it is stored, nothing of it shared with the argument where it changed.

    Raises `InvalidNestedKey` (121), `InvalidJson` (107) when nested deeper than `MAX_DEPTH`, `IncorrectType` (111).
    """
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is float:
        return number(value)
    if depth > MAX_DEPTH:
        message = f"Values may be nested at most {MAX_DEPTH} levels deep"
        raise InvalidJson(message)
    if kind is list:
        return [stored_form(item, files, depth + 1) for item in value]
    typed = value.get("__type")
    if typed == "Date":
        iso = normal_iso(value.get("iso"))
        return value if iso is None else {**value, "iso": iso}
    if typed == "File":
        return files.stored(value)
    stored = {}
    for key, item in value.items():
        if "$" in key or "." in key:
            raise InvalidNestedKey
        kept = _flattened(item) if type(item) is dict and "__op" in item else item
        if kept is not _MISSING:
            stored[key] = stored_form(kept, files, depth + 1)
    return stored


def _flattened(operation: Document) -> Json:
    """What an operation inside a replaced value leaves: the value it would have on a new object."""
    name = operation["__op"]
    if name == "Delete":
        return _MISSING
    if name in ("Increment", "SetOnInsert"):
        return operation.get("amount")
    if name in ("Add", "AddUnique"):
        return operation.get("objects", [])
    if name == "Remove":
        return []
    return operation
