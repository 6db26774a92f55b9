"""A piece of user code that is registered, whatever it is written in."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from parse_cloud.kinds import Kind

if TYPE_CHECKING:
    from parse_cloud.validators import Validator

log = logging.getLogger("parse_cloud")


class Runs(Protocol):
    """How an origin runs its handlers: translates the invocation, waits for the user's code, puts back its effects."""

    def __call__(self, invocation: Any, /) -> None:
        """`invocation` is of the class that belongs to the kind (`parse_cloud/invocations.py`).

        Returns when the handler has. Raises `Failure` for whatever it raised.
        """


@dataclass(frozen=True, slots=True)
class Handler:
    """User code for a kind and a name (of a function or job, else of a class), with what is asked of its callers."""

    kind: Kind
    name: str
    run: Runs
    validator: Validator | None = None
    timeout: float | None = None  # seconds; None: the option `cloudFunctionTimeout`, for functions
    options: Mapping[str, object] = field(default_factory=dict)  # of the origin: `max_concurrency` of a job

    @property
    def key(self) -> tuple[Kind, str]:
        return self.kind, self.name


class Handlers:
    """The handlers of one origin, filled while its code is loaded and not changed any more afterwards."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[Kind, str], Handler] = {}
        self._of_live_queries: list[Handler] = []

    def add(self, handler: Handler) -> None:
        """Registers; of two with one name the last one counts, which is warned of."""
        if handler.kind is Kind.ON_LIVE_QUERY_EVENT:
            self._of_live_queries.append(handler)
            return
        if handler.key in self._by_key:
            log.warning(_DUPLICATE, "functions" if handler.kind is Kind.FUNCTION else handler.kind, handler.name)
        self._by_key[handler.key] = handler

    def __iter__(self) -> Iterator[Handler]:
        yield from self._by_key.values()
        yield from self._of_live_queries


_DUPLICATE = "Warning: Duplicate cloud %s exist for %s. Only the last one will be used and the others will be ignored."
