"""When a `_JobSchedule` is due (`contract/cloud.md` §6): pure arithmetic on UTC times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from parse_core.values.scalars import parse_iso

if TYPE_CHECKING:
    from parse_core.values.scalars import Document, Json

DAY: Final = timedelta(days=1)
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?Z?")
ALL_DAYS: Final = (True,) * 7
LOOK_BACK: Final = 8  # days: every weekday that may be allowed, and today


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job shall run. `days` begins with Sunday; `clock` and `repeat` are durations, of a UTC day."""

    start: datetime
    clock: timedelta | None = None
    repeat: timedelta | None = None
    days: tuple[bool, ...] = ALL_DAYS

    @classmethod
    def parse(cls, row: Document) -> Schedule | None:
        """The schedule of a row; None if it says no time that can be read."""
        start = parse_iso(str(row.get("startAfter", "")))
        if start is None:
            return None
        minutes = row.get("repeatMinutes")
        repeats = isinstance(minutes, (int, float)) and not isinstance(minutes, bool) and minutes >= 1
        return cls(
            start,
            _clock(row.get("timeOfDay")),
            timedelta(minutes=float(minutes)) if repeats else None,  # type: ignore[arg-type]
            _days(row.get("daysOfWeek")),
        )

    def due(self, now: datetime) -> datetime | None:
        """The last moment up to now at which the job should have begun; None if there was none yet."""
        if self.repeat is None:
            first = self._first()
            return first if first is not None and first <= now else None
        if self.clock is None:
            return self._on_grid(now)
        for back in range(LOOK_BACK):
            day = _midnight(now) - back * DAY
            if self._is_allowed(day) and (slot := self._last_of(day, now)) is not None:
                return slot
        return None

    def _first(self) -> datetime | None:
        if self.clock is None:
            return self.start
        days = (_midnight(self.start) + ahead * DAY for ahead in range(LOOK_BACK))
        slots = (day + self.clock for day in days if self._is_allowed(day))
        return next((slot for slot in slots if slot >= self.start), None)

    def _last_of(self, day: datetime, now: datetime) -> datetime | None:
        """The last slot of a day, from its clock time in steps, that is neither in the future nor before the start."""
        assert self.clock is not None  # noqa: S101 (asked by `due`)
        assert self.repeat is not None  # noqa: S101
        begin = day + self.clock
        end = min(now, day + DAY - timedelta(microseconds=1))
        if end < begin:
            return None
        slot = begin + (end - begin) // self.repeat * self.repeat
        return slot if slot >= self.start else None

    def _on_grid(self, now: datetime) -> datetime | None:
        """The last step from the start that falls on an allowed day."""
        assert self.repeat is not None  # noqa: S101
        if now < self.start:
            return None
        for end in self._ends(now):
            slot = self.start + (end - self.start) // self.repeat * self.repeat
            if self._is_allowed(slot):
                return slot
        return None

    def _ends(self, now: datetime) -> Iterator[datetime]:
        yield now
        for back in range(LOOK_BACK):
            end = _midnight(now) - back * DAY - timedelta(microseconds=1)
            if end >= self.start:
                yield end

    def _is_allowed(self, day: datetime) -> bool:
        return self.days[(day.weekday() + 1) % 7]


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _clock(text: Json) -> timedelta | None:
    match = _CLOCK.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        return None
    return timedelta(hours=int(match[1]), minutes=int(match[2]), seconds=int(match[3] or 0))


def _days(flags: Json) -> tuple[bool, ...]:
    """Seven flags, as the Dashboard writes them; anything else allows every day."""
    if not isinstance(flags, list) or len(flags) != 7 or not any(map(_is_set, flags)):
        return ALL_DAYS
    return tuple(map(_is_set, flags))


def _is_set(flag: Json) -> bool:
    return flag in (1, "1", "true") or flag is True
