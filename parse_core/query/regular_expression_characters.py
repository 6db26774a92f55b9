"""Characters of a client's pattern: escapes, and the classes in brackets, which both engines read alike."""

from __future__ import annotations

import re
from typing import Final

from parse_core.errors import InvalidQuery

_POSIX_CLASS: Final = re.compile(r"\[:\^?[a-z]+:\]")
_CODE_POINT: Final = re.compile(r"x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})")
_CONTROL: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b"}
_LINE_ENDS: Final = {"\n": r"\n", "\r": r"\r"}


def invalid() -> InvalidQuery:
    """The refusal of a pattern that is none, or beyond the subset."""
    return InvalidQuery("Invalid regular expression")


class CharacterReader:
    """Stands at `place` in the pattern. `folds`: case does not count."""

    def __init__(self, pattern: str, *, folds: bool) -> None:
        self.pattern = pattern
        self.folds = folds
        self.place = 0

    def take(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        """The match at this place, stepped over."""
        match = expression.match(self.pattern, self.place)
        if match is not None:
            self.place = match.end()
        return match

    def code_point(self) -> str:
        """The character an escape stands for."""
        name = self.pattern[self.place : self.place + 1]
        if coded := self.take(_CODE_POINT):
            number = int(coded[1] or coded[2] or coded[3], 16)
            if number == 0 or 0xD800 <= number <= 0xDFFF or number > 0x10FFFF:
                raise invalid()
            return chr(number)
        self.place += 1
        if name in _CONTROL and name:
            return _CONTROL[name]
        if not name or (name.isascii() and name.isalnum()):
            raise invalid()
        return name

    def bracket(self) -> str:
        """A class in brackets, whose opening one is behind; its members are rewritten one by one."""
        negated = self.pattern.startswith("^", self.place)
        self.place += negated
        members: list[str] = []
        while not members or not self.pattern.startswith("]", self.place):
            if self.place >= len(self.pattern):
                raise invalid()
            members.append(self.member())
        self.place += 1
        return ("[^" if negated else "[") + "".join(members) + "]"

    def member(self) -> str:
        """One member of a class: a named class, a range or a character."""
        named = self.take(_POSIX_CLASS)
        if named is not None:
            return named[0]
        if self.pattern[self.place] == "\\" and self.pattern[self.place + 1 : self.place + 2] in ("d", "w", "s"):
            self.place += 2
            return self.pattern[self.place - 2 : self.place]
        first = self.member_character()
        is_range = self.pattern.startswith("-", self.place) and not self.pattern.startswith("-]", self.place)
        if not is_range or self.place + 1 >= len(self.pattern):
            return self.folded(first, first)
        self.place += 1
        last = self.member_character()
        if last < first:
            raise invalid()
        return self.folded(first, last)

    def member_character(self) -> str:
        if self.place >= len(self.pattern):
            raise invalid()
        character = self.pattern[self.place]
        self.place += 1
        if character != "\\":
            return character
        if self.pattern.startswith("b", self.place):
            self.place += 1
            return "\b"
        return self.code_point()

    def folded(self, first: str, last: str) -> str:
        """A range, and beyond ASCII its other case where case does not count."""
        written = escaped(first) if first == last else f"{escaped(first)}-{escaped(last)}"
        low, high = first.swapcase(), last.swapcase()
        if (
            self.folds
            and not last.isascii()
            and len(low) == len(high) == 1
            and (low, high) != (first, last)
            and low <= high
        ):
            written += low if low == high else f"{low}-{high}"
        return written


def escaped(character: str) -> str:
    if character.isalnum() or not character.isascii():
        return character
    if character in _LINE_ENDS:
        return _LINE_ENDS[character]
    return "\\" + character if character.isprintable() else character
