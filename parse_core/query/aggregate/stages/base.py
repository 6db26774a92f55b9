"""What a stage is: it takes the rows that the stages before it left, and gives those for the next one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Final

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.pipeline import Pipeline
from parse_core.query.aggregate.rows import Rows
from parse_core.registry import Registry
from parse_core.values.scalars import Json

LARGEST: Final = 2**53  # of a number of documents


class Stage(ABC):
    """One `$name` of a pipeline."""

    name: ClassVar[str]

    @abstractmethod
    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        """The rows after this stage. Raises `InvalidQuery` (102) for a specification that cannot be."""

    def refusal(self, why: str) -> InvalidQuery:
        """The error for a specification that cannot be."""
        return InvalidQuery(f"{self.name} {why}")

    def number(self, raw: Json, *, least: int) -> int:
        """A whole number, `least` at least."""
        is_number = isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) <= LARGEST
        if not is_number or raw != int(raw) or raw < least:
            raise self.refusal(f"needs a whole number that is not below {least}")
        return int(raw)

    def text(self, raw: Json) -> str:
        """A text that is not empty."""
        if not isinstance(raw, str) or not raw:
            raise self.refusal("needs a text where there is none")
        return raw


stages: Registry[Stage] = Registry("aggregation stage")


def register(cls: type[Stage]) -> type[Stage]:
    """Class decorator: makes one instance the owner of its name."""
    stages.add(cls.name, cls())
    return cls
