"""JSON on the wire, the `__type` objects of the protocol, times and ids (`contract/objects.md` §10, §11.1)."""

from __future__ import annotations

import re
import string
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from os import urandom
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any  # any JSON value; code outside `values` and the parsers takes more precise types
Document: TypeAlias = dict[str, Any]  # one object in wire format

MAX_ID: Final = 255  # characters of an objectId that a client chooses; links and rows are found by it
ALWAYS_RETURNED: Final = frozenset({"objectId", "createdAt", "updatedAt", "ACL"})
_ALPHABET: Final = string.ascii_letters + string.digits
_EXACT: Final = 2.0**63 - 1024  # the largest double that is a 64-bit integer
_ISO = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,](?P<fraction>[0-9]{1,18}))?"
    r"\s*(?P<zone>Z|z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def type_name(value: Json) -> str | None:
    """The `__type` of a typed JSON object, else None."""
    if isinstance(value, dict):
        name = value.get("__type")
        return name if isinstance(name, str) else None
    return None


def pointer(class_name: str, object_id: str) -> Document:
    """`{"__type": "Pointer", "className": …, "objectId": …}`."""
    return {"__type": "Pointer", "className": class_name, "objectId": object_id}


def date_value(moment: datetime) -> Document:
    """`{"__type": "Date", "iso": "2026-01-31T12:00:00.000Z"}`."""
    return {"__type": "Date", "iso": iso(moment)}


def now() -> datetime:
    """The present time in UTC, cut to the milliseconds the protocol knows."""
    present = datetime.now(UTC)
    return present.replace(microsecond=present.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """The one output form of times: UTC, three decimals, `Z`; fixed width, so text sorts as time."""
    utc = moment.astimezone(UTC) if moment.tzinfo is not UTC else moment
    return f"{utc.isoformat(timespec='milliseconds')[:23]}Z"


def parse_iso(text: str) -> datetime | None:
    """The moment an ISO-8601 text names (date only: midnight UTC; no zone: UTC; cut to ms), None when it is none."""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{match['day']}T{match['clock'] or '00:00'}")
        milliseconds = int(((match["fraction"] or "") + "000")[:3])
        moment = moment.replace(microsecond=milliseconds * 1000, tzinfo=UTC)
        return moment - _offset(match["zone"])
    except (ValueError, OverflowError):
        return None


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in "Zz":
        return timedelta()
    sign = -1 if zone[0] == "-" else 1
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if minutes > 59 or hours > 23:
        raise ValueError(zone)
    return sign * timedelta(hours=hours, minutes=minutes)


def normal_iso(text: Json) -> str | None:
    """A date text in output form, None when it is not a date."""
    if not isinstance(text, str):
        return None
    moment = parse_iso(text)
    return None if moment is None else iso(moment)


def new_object_id(size: int = 10) -> str:
    """A fresh random objectId of `size` letters and digits, each equally likely."""
    letters = ""
    while len(letters) < size:
        # One draw of bytes for all letters: those beyond the largest multiple of 62 would favour some.
        letters += "".join([_ALPHABET[byte % 62] for byte in urandom(size + 6) if byte < 248])
    return letters[:size]


def number(value: float) -> int | float:
    """A number as JSON shows it: without a fraction that is none. Beyond 64 bits it stays a double, as it came."""
    return int(value) if abs(value) <= _EXACT and value.is_integer() else value


def identity(value: Json) -> Hashable:
    """Equal for values that the protocol takes for the same, and hashable, so that many are looked up in a set.

    Deep and independent of key order; pointers by class and id alone; a boolean never equals a number.
    """
    kind = type(value)
    if kind is bool:
        return (bool, value)
    if kind is list:
        return tuple([identity(item) for item in value])
    if kind is not dict:
        return value  # type: ignore[no-any-return]
    if value.get("__type") == "Pointer":
        return (dict, identity(value.get("className")), identity(value.get("objectId")))
    return frozenset([(name, identity(item)) for name, item in value.items()])


def equal(left: Json, right: Json) -> bool:
    """Deep equality of JSON values as the protocol means it (`identity`)."""
    return identity(left) == identity(right)
