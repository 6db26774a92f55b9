"""What is checked between knowing the key of a request and serving it, in the contract's order (`objects.md` §1.3).

Each guard sees every request on its own, the parts of a batch included, and raises to refuse it. Rate limits, which go
first, see the parts of a batch together: `throttling.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parse_core.context import Level
from parse_core.errors import Forbidden

if TYPE_CHECKING:
    from parse_core.options import Options


def guard(options: Options, level: Level, method: str, path: str) -> None:
    """Lets a request pass or raises. `path` is below the mount, without slashes around it."""
    if options.route_allow_list is not None:
        route_allow_list(options, level, method, path)


def route_allow_list(options: Options, level: Level, method: str, path: str) -> None:
    """Step 11: raises `Forbidden` (119) for a client's request to a path that no entry of `routeAllowList` matches."""
    allowed = options.route_allow_list
    if allowed is None or level is not Level.CLIENT or any(pattern.fullmatch(path) for pattern in allowed):
        return
    raise Forbidden(f"Route not allowed by routeAllowList: {method} {path}")
