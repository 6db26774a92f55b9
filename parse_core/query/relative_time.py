"""Times relative to now: `"2 days 3 hours ago"`, `"in 1 week"`, `"now"` (`contract/queries.md` §8.4)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from parse_core.errors import InvalidJson
from parse_core.query.identity import shown
from parse_core.values.scalars import Json

_UNITS: Final = {
    unit: seconds
    for units, seconds in (
        ("yr yrs year years", 365 * 86_400),
        ("wk wks week weeks", 7 * 86_400),
        ("d day days", 86_400),
        ("hr hrs hour hours", 3_600),
        ("min mins minute minutes", 60),
        ("sec secs second seconds", 1),
    )
    for unit in units.split()
}
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.0*)?")


def relative_time(raw: Json, now: datetime) -> datetime:
    """The moment that a text names at `now`. Raises `InvalidJson` (107) saying what is wrong with it."""
    text = raw.lower() if isinstance(raw, str) else ""
    if text == "now":
        return now
    words = [word for word in text.split(" ") if word]
    future, past = words[:1] == ["in"], words[-1:] == ["ago"]
    if future and past:
        raise _bad(raw, "Time cannot have both 'in' and 'ago'")
    if not future and not past:
        raise _bad(raw, "Time should either start with 'in' or end with 'ago'")
    words = words[1:] if future else words[:-1]
    if len(words) % 2:
        raise _bad(raw, "Invalid time string. Dangling unit or number.")
    seconds = 0
    for number, unit in zip(words[::2], words[1::2], strict=True):
        if _INTEGER.fullmatch(number) is None:
            raise _bad(raw, f"'{number}' is not an integer.")
        if unit not in _UNITS:
            raise _bad(raw, f"Invalid interval: '{unit}'")
        seconds += int(number.partition(".")[0]) * _UNITS[unit]
    try:
        return now + timedelta(seconds=seconds if future else -seconds)
    except OverflowError:  # beyond the years 1 to 9999: as far as times go
        return (
            datetime.max.replace(tzinfo=now.tzinfo)
            if future == (seconds > 0)
            else datetime.min.replace(tzinfo=now.tzinfo)
        )


def _bad(raw: Json, info: str) -> InvalidJson:
    text = raw if isinstance(raw, str) else shown(raw)
    return InvalidJson(f"bad $relativeTime ({text}) value. {info}")
