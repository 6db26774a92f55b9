"""What is asked of the caller and the parameters before user code runs (`contract/cloud.md` §3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parse_cloud.invocations import Invocation


@dataclass(frozen=True, slots=True)
class Validator:
    """A validator as it was declared: a function, or rules by the reference's names (`requireUser`, `fields` …).

    In `rules` types are Python's (`str`, `float`, `bool`, `list`, `dict`, `datetime`) and functions are callables that
    get wire JSON; each origin translates its own. A function form gets the invocation and raises `Failure`.
    """

    rules: Mapping[str, Any] | None = None
    function: Callable[[Invocation], None] | None = None
