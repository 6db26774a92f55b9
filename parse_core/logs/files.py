"""Log files: one of a day for everything and one for errors, a JSON object per line.

Every process of an application appends to the same files; a line is one write. What is asked for is read from the end,
so that the last ten lines of a gigabyte cost what ten lines cost.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

import orjson

if TYPE_CHECKING:
    from parse_core.values.scalars import Document

BLOCK: Final = 64 * 1024  # bytes read at once from the end of a file
MOST: Final = 10_000  # lines of one answer


@runtime_checkable
class LogAdapter(Protocol):
    """The option `loggerAdapter`. With a method `query(from_, until, size, order, level)` it can be read, too."""

    def log(self, level: str, message: str, meta: Document) -> object:
        """Takes a line."""


class LogFiles:
    """The files in one folder: `parse-server.info.2026-01-31` and `parse-server.err.2026-01-31`."""

    def __init__(self, folder: Path, max_files: int | str | None = None) -> None:
        """`max_files`: how many days are kept, a number or `14d`; None: all."""
        self._folder = folder
        self._keep = _days(max_files)
        self._lock = threading.Lock()
        self._open: dict[str, int] = {}
        self._day: date | None = None

    def log(self, level: str, message: str, meta: Document) -> None:
        """Writes a line."""
        moment = datetime.now(UTC)
        stamp = f"{moment.isoformat(timespec='milliseconds')[:23]}Z"
        entry = {"level": level, "message": message, "timestamp": stamp, **meta}
        line = orjson.dumps(entry, default=repr, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)
        with self._lock:
            if self._day != moment.date():
                self._begin(moment.date())
            os.write(self._file("info"), line)
            if level == "error":
                os.write(self._file("err"), line)

    def query(
        self, *, from_: datetime, until: datetime, size: int, order: str, level: str, application: str
    ) -> list[Document]:
        """The lines of an application between two moments: the last `size` ones, or with `asc` the first."""
        days = [until.date() - timedelta(n) for n in range((until.date() - from_.date()).days + 1)]
        found: list[Document] = []
        sort = "err" if level == "error" else "info"
        for day in reversed(days) if order == "asc" else days:
            path = self._path(sort, day)
            if not path.exists():
                continue
            for line in _forwards(path) if order == "asc" else _backwards(path):
                entry = _entry(line, application)
                if entry is None or not from_ <= _moment(entry) <= until:
                    continue
                found.append(entry)
                if len(found) >= min(size, MOST):
                    return found
        return found

    def close(self) -> None:
        """Gives the files back."""
        with self._lock:
            self._close()

    def _begin(self, day: date) -> None:
        """A new day has new files; those of long ago go."""
        self._close()
        self._day = day
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._keep is None:
            return
        oldest = (day - timedelta(self._keep - 1)).isoformat()
        for path in self._folder.glob("parse-server.*.????-??-??"):
            if path.name[-10:] < oldest:
                path.unlink(missing_ok=True)

    def _close(self) -> None:
        for file in self._open.values():
            with suppress(OSError):
                os.close(file)
        self._open.clear()

    def _file(self, sort: str) -> int:
        if sort not in self._open:
            assert self._day is not None  # noqa: S101 (set by whoever writes)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._open[sort] = os.open(self._path(sort, self._day), flags, 0o600)
        return self._open[sort]

    def _path(self, sort: str, day: date) -> Path:
        return self._folder / f"parse-server.{sort}.{day.isoformat()}"


def _days(kept: int | str | None) -> int | None:
    if kept is None:
        return None
    digits = str(kept).removesuffix("d")
    return max(1, int(digits)) if digits.isdecimal() else None


def _entry(line: bytes, application: str) -> Document | None:
    """The entry of a line if it is the application's; a line cut off by a crash is none."""
    try:
        entry: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(entry, dict) or entry.pop("application", application) != application:
        return None
    return entry


def _moment(entry: Document) -> datetime:
    try:
        return datetime.fromisoformat(str(entry.get("timestamp")))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _forwards(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file, the last one first, without reading what nobody asks for."""
    with path.open("rb") as file:
        place = file.seek(0, os.SEEK_END)
        rest = b""
        while place:
            length = min(BLOCK, place)
            place -= length
            file.seek(place)
            first, *lines = (file.read(length) + rest).split(b"\n")
            yield from (line for line in reversed(lines) if line)
            rest = first
        if rest:
            yield rest
