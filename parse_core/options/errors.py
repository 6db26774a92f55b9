"""What wrong options raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class ConfigurationError(Exception):
    """The options of an application cannot be used; every line of the text names one problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Refused(ValueError):
    """A kind does not take this value. Without a text, the option's own refusal is meant."""
