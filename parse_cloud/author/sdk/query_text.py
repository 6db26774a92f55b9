"""Texts in regular expressions."""

from __future__ import annotations

import re
from typing import Final

_MODIFIERS: Final = ((re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s"), (re.VERBOSE, "x"))


def quoted(text: str) -> str:
    """A regular expression for exactly this text. Raises `TypeError` for what is none."""
    if not isinstance(text, str):
        raise TypeError("The value being searched for must be a string.")
    return "\\Q" + text.replace("\\E", "\\E\\\\E\\Q") + "\\E"


def modifiers_of(pattern: re.Pattern[str]) -> str:
    """The letters for the flags of a compiled expression."""
    return "".join(letter for flag, letter in _MODIFIERS if pattern.flags & flag)
