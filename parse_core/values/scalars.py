"""JSON on the wire, the `__type` objects of the protocol, times and ids (`contract/objects.md` §10, §11.1)."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime, timedelta
from os import urandom
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any  # any JSON value; code outside `values` and the parsers takes more precise types
Document: TypeAlias = dict[str, Any]  # one object in wire format

ALWAYS_RETURNED: Final = frozenset({"objectId", "createdAt", "updatedAt", "ACL"})
_ALPHABET: Final = string.ascii_letters + string.digits
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


def canonical(value: Json) -> Json:
    """The value as deep equality sees it: pointers by class and id alone, integral floats as integers."""
    if isinstance(value, dict):
        if value.get("__type") == "Pointer":
            return {key: value.get(key) for key in ("__type", "className", "objectId")}
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def equal(left: Json, right: Json) -> bool:
    """Deep equality of JSON values as the protocol means it; a boolean never equals a number."""
    return bool(_kinded(canonical(left)) == _kinded(canonical(right)))


def _kinded(value: Json) -> Json:
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, dict):
        return {key: _kinded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_kinded(item) for item in value]
    return value
