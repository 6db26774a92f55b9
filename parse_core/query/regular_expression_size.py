"""How large a pattern is once its repetitions are written out, which is what engines do before they look at any text.

`((a{255}){255}){255}` has twenty characters and takes gigabytes: a pattern is measured before an engine sees it.
"""

from __future__ import annotations

from typing import Final

MAX_SIZE: Final = 5_000  # parts of a pattern that repeats any; twenty milliseconds of PostgreSQL's time


class Size:
    """The measure of the pattern read so far, part by part."""

    def __init__(self) -> None:
        self._groups = [0]  # the sizes of what is read, and of the open groups in it
        self._last = 0

    def add(self) -> None:
        """One more character, class or sign."""
        self._groups[-1] += 1
        self._last = 1

    def open_group(self) -> None:
        """What follows is inside a group."""
        self._groups.append(0)

    def close_group(self) -> None:
        """The group is over, and may be repeated as a whole."""
        self._last = self._groups.pop() + 1
        self._groups[-1] += self._last

    def repeat(self, times: int) -> bool:
        """Whether the last part may be there so many times."""
        self._groups[-1] += self._last * max(times - 1, 0)
        return times < 2 or self._groups[-1] <= MAX_SIZE
