"""What is asked of the caller and the parameters before user code runs (`contract/cloud.md` §3).

`declaration.py` checks a validator when it is declared, `rules.py` and `fields.py` hold it against a call, and
`rate_limits.py` puts its limit in force.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from parse_cloud.kinds import OF_USERS, Failure, Kind
from parse_cloud.validators.declaration import check_rules
from parse_core.errors import ErrorCode, ParseError

if TYPE_CHECKING:
    from parse_cloud.handlers import Handler
    from parse_cloud.invocations import Invocation

REFUSED: Final = int(ErrorCode.VALIDATION_ERROR)
_SAYS_NOTHING: Final = "Validation failed."
# Of these only a rate limit counts, or nothing at all.
_UNASKED: Final = OF_USERS | {Kind.AFTER_LOGOUT, Kind.JOB, Kind.ON_LIVE_QUERY_EVENT}


@dataclass(frozen=True, slots=True)
class Validator:
    """A validator as it was declared: a function, or rules by the reference's names (`requireUser`, `fields` …).

    In `rules` types are Python's (`str`, `float`, `bool`, `list`, `dict`, `datetime`) and functions are callables that
    get wire JSON; each origin translates its own. A function form gets the invocation and raises `Failure`.

    Raises `IllegalRegistration` for rules that nobody could follow.
    """

    rules: Mapping[str, Any] | None = None
    function: Callable[[Invocation], None] | None = None

    def __post_init__(self) -> None:
        if self.rules is not None:
            check_rules(self.rules)


def validate(handler: Handler, invocation: Invocation) -> None:
    """Raises `Failure` (142) for a caller or parameters that the handler's validator does not let through.

    Defaults and constants of its fields are put in place on the way.
    """
    from parse_cloud.validators.rules import check  # which needs invocations, and they the kinds of handlers

    validator = handler.validator
    if validator is None or handler.kind in _UNASKED:
        return
    try:
        if validator.function is not None:
            validator.function(invocation)
        if validator.rules is not None:
            check(validator.rules, invocation)
    except Failure as failure:
        raise failure.settled(REFUSED, _SAYS_NOTHING) from failure
    except ParseError:
        raise
    except Exception as error:
        raise Failure(str(error)).settled(REFUSED, _SAYS_NOTHING) from error


def is_skipped(handler: Handler, invocation: Invocation) -> bool:
    """Whether the handler does not run because the master key was sent (rule 0); functions always run."""
    validator = handler.validator
    if validator is None or validator.rules is None or handler.kind is Kind.FUNCTION or handler.kind in _UNASKED:
        return False
    return bool(validator.rules.get("skipWithMasterKey")) and invocation.master
