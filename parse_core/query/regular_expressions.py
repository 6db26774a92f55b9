r"""Clients' regular expressions (the PCRE subset of `contract/queries.md` §8.3) for PostgreSQL and for Python.

A pattern is read once and written twice: as a PostgreSQL ARE to be used under collation C, and for RE2, or, where RE2
can't (look-around, back-references), for a backtracking engine that is stopped after `TIMEOUT`. Both writings mean the
same: classes are ASCII, `$` is the very end, case folding is Unicode, and what is left out of the subset is refused.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import re2
import regex

from parse_core.query.regular_expression_characters import invalid
from parse_core.query.regular_expression_writer import END, write

log = logging.getLogger("parse.query")

MAX_LENGTH: Final = 10_000  # characters of a pattern
TIMEOUT: Final = 0.05  # seconds for one text

_GROUPED: Final = re.compile(r"(?:[^\\(]|\\.)*+\(", re.DOTALL)
_INLINE_OPTIONS: Final = re.compile(r"\(\?([imsxu]+)\)")


@dataclass(frozen=True, slots=True)
class Expression:
    """One pattern, ready for both faces: `sql` for `text COLLATE "C" ~ sql`.

    `grouped`: it has groups, and with them even a short pattern can keep PostgreSQL busy without end.
    """

    sql: str
    search: Callable[[str], bool]
    grouped: bool = False


@lru_cache(maxsize=256)
def compiled(pattern: str, options: str = "") -> Expression:
    """The pattern under options `i m s x u` in any combination. Raises `InvalidQuery` (102) when it is malformed."""
    inline = _INLINE_OPTIONS.match(pattern)
    if inline is not None:
        pattern, options = pattern[inline.end() :], options + inline[1]
    if len(pattern) > MAX_LENGTH or not _is_storable(pattern):
        raise invalid()
    ares, python = write(_unquoted(pattern), options)
    flags = "".join(sorted({{"i": "i", "m": "w"}[option] for option in options if option in "im"}))
    prefix = f"(?{flags})" if flags else ""
    return Expression(prefix + ares, _search(python, options), _GROUPED.match(ares) is not None)


@lru_cache(maxsize=1024)
def starting_with(text: str) -> Expression:
    """What matches exactly the texts that start with `text`."""
    if not _is_storable(text):
        raise invalid()
    return Expression("^" + "".join(map(_literal, text)), lambda value: value.startswith(text))


def _is_storable(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text))


def _search(python: str, options: str) -> Callable[[str], bool]:
    flags = "".join(sorted({option for option in options if option in "im"}))
    engine_options = re2.Options()
    engine_options.log_errors = False
    try:
        automaton = re2.compile((f"(?{flags})" if flags else "") + python.replace(END, r"\z"), engine_options)
    except re2.error:
        return _backtracking(python.replace(END, r"\Z"), options)
    return lambda text: automaton.search(text) is not None


def _backtracking(python: str, options: str) -> Callable[[str], bool]:
    flags = regex.ASCII | (regex.IGNORECASE if "i" in options else 0) | (regex.MULTILINE if "m" in options else 0)
    try:
        expression = regex.compile(python, flags)
    except regex.error as error:
        raise invalid() from error

    def search(text: str) -> bool:
        try:
            return expression.search(text, timeout=TIMEOUT) is not None
        except TimeoutError:
            log.warning("a regular expression took too long on %d characters", len(text))
            return False

    return search


def _unquoted(pattern: str) -> str:
    r"""The pattern with what `\Q…\E` quotes escaped instead."""
    found: list[str] = []
    quoted = False
    place = 0
    while place < len(pattern):
        two = pattern[place : place + 2]
        if two == r"\E" or (two == r"\Q" and not quoted):
            quoted = two == r"\Q"
            place += 2
        elif not quoted and two[0] == "\\":
            found.append(two)
            place += 2
        else:
            found.append(_literal(pattern[place]) if quoted else pattern[place])
            place += 1
    return "".join(found)


def _literal(character: str) -> str:
    return character if character.isalnum() or not character.isascii() else "\\" + character
