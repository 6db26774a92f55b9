"""Patterns for paths as rate limits write them: `/functions/:name`, `/users{/*path}`.

The grammar is that of path-to-regexp 8: `:name` is one segment, `*name` one or more, braces make a part optional, a
backslash takes the next character as it is, names may be quoted. Matching ignores case and a slash at the end.
"""

from __future__ import annotations

import re
from functools import lru_cache

_NAME = re.compile(r"[^\W\d]\w*|\"(?:[^\"\\]|\\.)+\"")
_RESERVED = frozenset("()[]+?!}")


class InvalidRoutePattern(ValueError):
    """The text is no route pattern; says where it stops being one."""


@lru_cache(maxsize=1024)
def route_pattern(text: str) -> re.Pattern[str]:
    """What `fullmatch` a path must give. Raises `InvalidRoutePattern`."""
    body, _ = _sequence(text, 0, nested=False)
    return re.compile(f"(?is:{body})/?")


def _sequence(text: str, at: int, *, nested: bool) -> tuple[str, int]:
    """The regular expression from `at` to the end, or to the brace that closes this part, and where that is."""
    parts: list[str] = []
    while at < len(text):
        character = text[at]
        if character == "{":
            inner, at = _sequence(text, at + 1, nested=True)
            parts.append(f"(?:{inner})?")
        elif character == "}" and nested:
            return "".join(parts), at + 1
        elif character in ":*":
            at = _name(text, at + 1)
            parts.append("[^/]+" if character == ":" else ".+")
        elif character == "\\":
            if at + 1 == len(text):
                raise InvalidRoutePattern(f"Unexpected end after \\ at index {at + 1}")
            parts.append(re.escape(text[at + 1]))
            at += 2
        elif character in _RESERVED:
            raise InvalidRoutePattern(f"Unexpected {character} at index {at}")
        else:
            parts.append(re.escape(character))
            at += 1
    if nested:
        raise InvalidRoutePattern(f"Unexpected end at index {at}, expected }}")
    return "".join(parts), at


def _name(text: str, at: int) -> int:
    """Where the name that starts at `at` ends."""
    found = _NAME.match(text, at)
    if found is None:
        raise InvalidRoutePattern(f"Missing parameter name at index {at}")
    return found.end()
