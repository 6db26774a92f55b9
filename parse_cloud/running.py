"""Running a handler: the one way to user code, whatever it is written in and whatever made it run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from parse_cloud import log_lines
from parse_cloud.handlers import Handler
from parse_cloud.invocations import FileCall, Invocation
from parse_cloud.kinds import CONTEXT_GOES_ON, FILE, SCRIPT_FAILED, Failure, Kind
from parse_cloud.validators import is_skipped, validate
from parse_core.application import Application
from parse_core.errors import ErrorCode, ParseError

# How many handlers are around the code that runs. Whoever runs handlers in other threads or processes carries it there.
depth: Final[ContextVar[int]] = ContextVar("parse_cloud.depth", default=0)

_FIND = frozenset({Kind.BEFORE_FIND, Kind.AFTER_FIND})
_DELETE = frozenset({Kind.BEFORE_DELETE, Kind.AFTER_DELETE})


def invoke(handler: Handler, invocation: Invocation) -> bool:
    """Runs a handler; what it leaves is in the invocation's *out* attributes. False when it was skipped (§3, rule 0).

    1. Handlers nested in each other deeper than `cloudMaxDepth` are given up.
    2. The validator.
    3. The handler, unless it is skipped for the master key.
    4. What it left in its copy of the context object is what the next moments of the request see.

    Raises `Failure`, and whatever `ParseError` the handler ran into; nothing else. Says in the log how it went (§14).
    """
    with deeper(invocation.context.application):
        try:
            validate(handler, invocation)
            if is_skipped(handler, invocation):
                return False
            _run(handler, invocation)
        except ParseError as error:
            log_lines.failed(invocation, error)
            raise
    log_lines.ran(invocation)
    return True


@contextmanager
def deeper(application: Application) -> Iterator[None]:
    """The block is one handler more. Raises `Failure` (141) when that is one too many."""
    present = depth.get()
    if present >= application.options.cloud_max_depth:
        raise Failure("Cloud code recursion limit exceeded.", SCRIPT_FAILED)
    token = depth.set(present + 1)
    try:
        yield
    finally:
        depth.reset(token)


def _run(handler: Handler, invocation: Invocation) -> None:
    try:
        handler.run(invocation)
    except Failure as failure:
        raise failure.settled(*_stands_for(invocation)) from failure
    except ParseError:
        raise
    except Exception as error:
        raise Failure(str(error)).settled(*_stands_for(invocation)) from error
    if handler.kind in CONTEXT_GOES_ON:
        invocation.context.cloud.update(invocation.cloud)


def _stands_for(invocation: Invocation) -> tuple[int, str]:
    """Code and text of a handler that raises no Parse error, the text only if it raised nothing (§2.5, §4.4, §4.10)."""
    kind = invocation.kind
    if kind is Kind.FUNCTION or kind is Kind.JOB:
        return SCRIPT_FAILED, "Script failed."
    if invocation.name != FILE or not isinstance(invocation, FileCall):
        return SCRIPT_FAILED, "Script failed. Unknown error."
    if kind in _FIND:
        return SCRIPT_FAILED, f"Could not find file: {invocation.file.name}."
    if kind in _DELETE:
        return int(ErrorCode.FILE_DELETE_ERROR), "Could not delete file."
    return int(ErrorCode.FILE_SAVE_ERROR), f"Could not store file: {invocation.file.name}."
