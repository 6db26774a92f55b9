r"""One reading of a client's pattern, written for PostgreSQL (an ARE) and for Python's engines at once.

The two dialects differ in little that matters for "matches or not": `\b` is `\y`, a dot that stops at line ends, `$`,
case folding beyond ASCII, hexadecimal escapes. What one of them could not say is refused.
"""

from __future__ import annotations

import re
from typing import Final

from parse_core.query.regular_expression_characters import CharacterReader, escaped, invalid
from parse_core.query.regular_expression_size import Size

END: Final = "\0"  # in Python's form, the very end of the text: RE2 and regex have different escapes for it
MAX_REPEAT: Final = 255  # what PostgreSQL allows

_QUANTIFIER: Final = re.compile(r"[*+?]|\{([0-9]{1,9})(?:,([0-9]{0,9}))?\}")
_NAMED: Final = re.compile(r"\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>")
_NAME_REFERENCE: Final = re.compile(r"k(?:<([A-Za-z0-9_]+)>|\{([A-Za-z0-9_]+)\})")
_GROUP: Final = re.compile(r"\((\?:|\?=|\?!|\?<=|\?<!|(?!\?))")
_COMMENT: Final = re.compile(r"\(\?#[^)]*\)")
_ASSERTIONS: Final = {
    "b": (r"\y", r"\b"),
    "B": (r"\Y", r"\B"),
    "A": (r"\A", r"\A"),
    "Z": (r"\Z", END),
    "z": (r"\Z", END),
}


def write(pattern: str, options: str) -> tuple[str, str]:
    r"""The pattern, without `\Q…\E`, for PostgreSQL and for Python; `i` and `m` are left for the caller to set.

    Raises `InvalidQuery` (102).
    """
    writer = _Writer(pattern, options)
    while writer.place < len(pattern):
        writer.step()
    if writer.open_groups:
        raise invalid()
    return "".join(writer.sql), "".join(writer.python)


class _Writer(CharacterReader):
    """`step` writes one construct. `atom`: what was written can be repeated."""

    def __init__(self, pattern: str, options: str) -> None:
        super().__init__(pattern, folds="i" in options)
        self.multiline = "m" in options
        self.dot_takes_all = "s" in options
        self.spaced = "x" in options
        self.atom = False
        self.open_groups: list[bool] = []  # whether each can be repeated
        self.groups = 0
        self.names: dict[str, int] = {}
        self.sql: list[str] = []
        self.python: list[str] = []
        self.size = Size()

    def write(self, sql: str, python: str | None = None, *, atom: bool) -> None:
        self.sql.append(sql)
        self.python.append(sql if python is None else python)
        self.atom = atom
        self.size.add()

    def step(self) -> None:
        character = self.pattern[self.place]
        if character in "*+?{" and (quantifier := self.take(_QUANTIFIER)):
            self.quantifier(quantifier)
        elif character == "(":
            self.group()
        elif character == "[":
            self.place += 1
            self.write(self.bracket(), atom=True)
        else:
            self.place += 1
            self.single(character)

    def single(self, character: str) -> None:
        if character == "\\":
            self.escape()
        elif character == ")":
            if not self.open_groups:
                raise invalid()
            self.write(")", atom=self.open_groups.pop())
            self.size.close_group()
        elif character == "|":
            self.write("|", atom=False)
        elif character == ".":
            self.write(*(".", "(?s:.)") if self.dot_takes_all else (r"[^\n]", r"[^\n]"), atom=True)
        elif character in "^$":
            python = END if character == "$" and not self.multiline else character
            self.write(character, python, atom=False)
        elif self.spaced and character in " \t\n\r\f\v#":
            if character == "#":
                self.place = (self.pattern.find("\n", self.place) + 1) or len(self.pattern)
        else:
            self.literal(character)

    def literal(self, character: str) -> None:
        """A character that stands for itself, in both cases where case does not count."""
        other = character.swapcase()
        if self.folds and not character.isascii() and len(other) == 1 and other != character:
            self.write(f"[{character}{other}]", atom=True)
        else:
            self.write(escaped(character), atom=True)

    def quantifier(self, match: re.Match[str]) -> None:
        least, most = match[1], match[2]
        too_many = any(bound and int(bound) > MAX_REPEAT for bound in (least, most))
        if not self.atom or too_many or (most and int(most) < int(least)):
            raise invalid()
        if not self.size.repeat(int(most or least or 1)):
            raise invalid()
        following = self.pattern[self.place : self.place + 1]
        if following == "+":
            raise invalid()
        self.place += following == "?"
        self.write(match[0] + ("?" if following == "?" else ""), atom=False)

    def group(self) -> None:
        if self.take(_COMMENT):
            return
        named = self.take(_NAMED)
        group = named or self.take(_GROUP)
        if group is None:
            raise invalid()
        captures = named is not None or not group[1]
        if captures:
            self.groups += 1
        if named is not None:
            self.names[named[1]] = self.groups
        self.open_groups.append(captures or group[1] == "?:")
        self.write("(" if captures else group[0], atom=False)
        self.size.open_group()

    def escape(self) -> None:
        """What follows a backslash outside of brackets."""
        name = self.pattern[self.place : self.place + 1]
        if name in _ASSERTIONS and name:
            self.place += 1
            sql, python = _ASSERTIONS[name]
            self.write(sql, python, atom=False)
        elif name and name in "dDwWsS":
            self.place += 1
            self.write("\\" + name, atom=True)
        elif name == "k" or (name and name in "123456789"):
            self.reference()
        else:
            self.literal(self.code_point())

    def reference(self) -> None:
        """A back-reference; kept apart from digits that follow it."""
        named = self.take(_NAME_REFERENCE)
        if named is None:
            number = int(self.pattern[self.place]) if self.pattern[self.place] != "k" else 0
            self.place += 1
        else:
            number = self.names.get(named[1] or named[2], 0)
        if not 0 < number <= min(self.groups, 9):
            raise invalid()
        self.write(rf"(?:\{number})", atom=True)
