"""Where the API is mounted: the process's path, and those that applications of the configuration have of their own."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from django.conf import settings

from parse_core.configuration import configured
from parse_core.options import ConfigurationError


@cache
def mounts() -> tuple[str, ...]:
    """Paths like `/parse`, or `/`; one that begins with another comes before it. Read once, at the start."""
    paths = {settings.PARSE_MOUNT_PATH}
    with suppress(ConfigurationError):  # which the system checks tell of
        paths.update(str(options.get("mountPath") or "/parse") for options in configured())
    return tuple(sorted(("/" + path.strip("/") for path in paths), key=len, reverse=True))
