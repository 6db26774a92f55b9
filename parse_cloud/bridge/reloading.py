"""In development: main.js is loaded again when a file beside or below it changes (`cloudAutoReload`)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from parse_cloud.bridge.bridge import Bridge
from parse_cloud.bridge.node_process import NodeMissing
from parse_cloud.bridge.session import LoadingFailed

log = logging.getLogger("parse_cloud")

EVERY: Final = 1.0  # seconds between two looks
_WATCHED: Final = frozenset({".js", ".mjs", ".cjs", ".json"})


def watch(bridge: Bridge, main: Path) -> None:
    """Begins to look, for as long as the bridge runs this file."""
    threading.Thread(target=_watch, args=(bridge, main), name="cloud-bridge-reload", daemon=True).start()


def _watch(bridge: Bridge, main: Path) -> None:
    before = _state(main)
    while bridge.main == main:
        time.sleep(EVERY)
        now = _state(main)
        if now == before:
            continue
        before = now
        try:
            bridge.reload()
        except (LoadingFailed, NodeMissing) as error:
            log.warning("Cloud Code stays as it was, for what was written cannot be loaded: %s", error)
        else:
            log.info("Cloud Code of %s was loaded again.", main)


def _state(main: Path) -> dict[Path, int]:
    return {file: modified for file in _files(main.parent) if (modified := _modified(file))}


def _files(folder: Path) -> Iterator[Path]:
    try:
        entries = [*folder.iterdir()]
    except OSError:
        return  # removed a moment ago
    for entry in entries:
        if entry.is_dir():
            if entry.name != "node_modules" and not entry.name.startswith("."):
                yield from _files(entry)
        elif entry.suffix in _WATCHED:
            yield entry


def _modified(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0  # removed a moment ago
