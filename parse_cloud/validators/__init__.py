"""What is asked of the caller and the parameters before user code runs (`contract/cloud.md` §3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from parse_cloud.kinds import Failure, Kind
from parse_core.errors import ErrorCode, ParseError

if TYPE_CHECKING:
    from parse_cloud.handlers import Handler
    from parse_cloud.invocations import Invocation

REFUSED: Final = int(ErrorCode.VALIDATION_ERROR)


@dataclass(frozen=True, slots=True)
class Validator:
    """A validator as it was declared: a function, or rules by the reference's names (`requireUser`, `fields` …).

    In `rules` types are Python's (`str`, `float`, `bool`, `list`, `dict`, `datetime`) and functions are callables that
    get wire JSON; each origin translates its own. A function form gets the invocation and raises `Failure`.
    """

    rules: Mapping[str, Any] | None = None
    function: Callable[[Invocation], None] | None = None


def validate(handler: Handler, invocation: Invocation) -> None:
    """Raises `Failure` (142) for a caller or parameters that the handler's validator does not let through."""
    validator = handler.validator
    if validator is None or validator.function is None:
        return
    try:
        validator.function(invocation)
    except Failure as failure:
        raise failure.settled(REFUSED, "Validation failed.") from failure
    except ParseError:
        raise
    except Exception as error:
        raise Failure(str(error)).settled(REFUSED, "Validation failed.") from error


def is_skipped(handler: Handler, invocation: Invocation) -> bool:
    """Whether the handler does not run because the master key was sent (rule 0); functions always run."""
    validator = handler.validator
    if validator is None or validator.rules is None or handler.kind is Kind.FUNCTION:
        return False
    return bool(validator.rules.get("skipWithMasterKey")) and invocation.master
