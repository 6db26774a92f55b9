"""Loads Cloud Code again when its files change (`cloudAutoReload`), for development.

The files are looked at once a second, in every process by itself. Django's own reloader, which would start the whole
server anew, is told to leave these files alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.utils.autoreload import file_changed

if TYPE_CHECKING:
    from parse_cloud.author.loading import Loaded

log = logging.getLogger("parse_cloud")

INTERVAL: Final = 1.0  # seconds
Times = dict[Path, int]


class Watcher:
    """The thread that looks, for all applications of the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[Loaded, Times] = {}
        self._thread: threading.Thread | None = None

    def watch(self, loaded: Loaded) -> None:
        """Looks at the files of an application from now on."""
        with self._lock:
            self._seen[loaded] = times(loaded)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="cloud-code-reload", daemon=True)
                self._thread.start()

    def forget(self, loaded: Loaded) -> None:
        """Looks no more."""
        with self._lock:
            self._seen.pop(loaded, None)

    def look(self) -> None:
        """Loads again what has changed since the last look; what fails leaves the former code in force."""
        for loaded in self._changed():
            try:
                loaded.reload()
            except Exception as failure:
                log.error("%s The former code stays in force.", failure, exc_info=failure.__cause__)  # noqa: TRY400

    def knows(self, path: Path) -> bool:
        """Whether a file is one of those looked at."""
        with self._lock:
            watched = [place for loaded in self._seen for source in loaded.sources for place in source.places]
        return any(path == place or place in path.parents for place in watched)

    def _changed(self) -> Iterator[Loaded]:
        with self._lock:
            before = dict(self._seen)
        for loaded, seen in before.items():
            now = times(loaded)
            if now == seen:
                continue
            with self._lock:
                still = loaded in self._seen
                if still:
                    self._seen[loaded] = now
            if still:
                yield loaded

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(INTERVAL):
            try:
                self.look()
            except Exception:
                log.exception("The files of Cloud Code could not be looked at")


def times(loaded: Loaded) -> Times:
    """The files of an application's code, with when each was changed."""
    return {
        file: file.stat().st_mtime_ns
        for source in loaded.sources
        for place in source.places
        for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place])
        if file.is_file()
    }


watcher: Final = Watcher()


def leave_to_us(file_path: Path, **_signal: Any) -> bool | None:
    """Tells Django's reloader that a file is none of its business."""
    return watcher.knows(Path(file_path)) or None


def connect() -> None:
    """Listens to Django's reloader."""
    file_changed.connect(leave_to_us)
