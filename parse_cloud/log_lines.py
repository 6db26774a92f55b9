"""What the log says of user code (`contract/cloud.md` §14), at the levels of the option `logLevels`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson

from parse_cloud.invocations import (
    AfterFindCall,
    BeforeFindCall,
    BeforeSaveCall,
    FileCall,
    FunctionCall,
    Invocation,
    LiveCall,
    Nothing,
    Upload,
)
from parse_cloud.kinds import CONFIG, FILE, Kind
from parse_core.application import Application
from parse_core.errors import ParseError
from parse_core.logs import levels
from parse_core.logs.handler import Recorder
from parse_core.logs.masking import masked, masked_text
from parse_core.logs.recording import Log
from parse_core.objects.document import overlaid

log = logging.getLogger("parse_cloud.code")

LEVELS: Final = levels.NUMBERS
MAX_LENGTH: Final = 1000  # characters of one JSON text
_FUNCTION_RAN: Final = "Ran cloud function %s for user %s with:\n  Input: %s\n  Result: %s"
_FUNCTION_FAILED: Final = "Failed running cloud function %s for user %s with:\n  Input: %s\n  Error: %s"
_TRIGGER_RAN: Final = "%s triggered for %s for user %s:\n  Input: %s\n  Result: %s"
_TRIGGER_RAN_AFTER: Final = "%s triggered for %s for user %s:\n  Input: %s"
_TRIGGER_FAILED: Final = "%s failed for %s for user %s:\n  Input: %s\n  Error: %s"
_LOOKED_AT: Final = 4 * MAX_LENGTH  # characters that are masked before a text is cut: masks make it shorter
_SHOWN_AS: Final = {FILE: "Parse.File", CONFIG: "Parse.Config"}
# Said by whoever runs them: jobs by their status, live queries where they are served
_UNSAID: Final = frozenset({Kind.JOB, Kind.ON_LIVE_QUERY_EVENT})


def ran(invocation: Invocation) -> None:
    """Says that a handler went well."""
    kind, events = invocation.kind, invocation.context.options.log_levels
    if kind in _UNSAID:
        return
    if isinstance(invocation, FunctionCall):
        _say(events.cloud_function_success, _FUNCTION_RAN, invocation, lambda: (invocation.params, invocation.result))
    elif kind.startswith("after"):
        _say(events.trigger_after, _TRIGGER_RAN_AFTER, invocation, lambda: (_input(invocation),))
    else:
        _say(events.trigger_before_success, _TRIGGER_RAN, invocation, lambda: (_input(invocation), _result(invocation)))


def failed(invocation: Invocation, error: ParseError) -> None:
    """Says that a handler, or its validator, refused."""
    kind, events = invocation.kind, invocation.context.options.log_levels
    if kind in _UNSAID:
        return
    is_function = isinstance(invocation, FunctionCall)
    level = events.cloud_function_error if is_function else events.trigger_before_error
    text = _FUNCTION_FAILED if is_function else _TRIGGER_FAILED
    _say(level, text, invocation, lambda: (_input(invocation), error.body(sanitize=False)))


def _say(level: str, text: str, invocation: Invocation, parts: Callable[[], Iterable[Any]]) -> None:
    """One line; what is in it is only asked for where somebody wants it."""
    if level == "silent" or not _is_heard(invocation.context.application, number := levels.number(level)):
        return
    user = invocation.context.principal.user_id or "undefined"
    name = _SHOWN_AS.get(invocation.name, invocation.name)
    about: dict[str, Any] = {"application": invocation.context.application.id, "user": user}
    if isinstance(invocation, FunctionCall):
        about |= {"functionName": name, "params": masked(orjson.loads(_dumped(invocation.params)))}
        log.log(number, text, name, user, *map(_text, parts()), extra=about)
    else:
        about |= {"className": name, "triggerType": str(invocation.kind)}
        log.log(number, text, invocation.kind, name, user, *map(_text, parts()), extra=about)


def _is_heard(application: Application, number: int) -> bool:
    """Whether a line would be kept or printed: making one takes longer than looking at who wants it."""
    if not log.isEnabledFor(number):
        return False
    logger: logging.Logger | None = log
    while logger is not None:
        for handler in logger.handlers:
            if number >= (application.part(Log).level if isinstance(handler, Recorder) else handler.level):
                return True
        logger = logger.parent if logger.propagate else None
    return False


def _text(value: Any) -> str:
    if isinstance(value, Nothing):
        return "undefined"
    dumped = _dumped(value)
    if b'"authData"' in dumped:
        dumped = orjson.dumps(masked(orjson.loads(dumped)))
    whole = dumped.decode()
    text = masked_text(whole[:_LOOKED_AT])
    is_cut = len(whole) > _LOOKED_AT or len(text) > MAX_LENGTH
    return f"{text[:MAX_LENGTH]}... (truncated)" if is_cut else text


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value, _unusual, orjson.OPT_PASSTHROUGH_DATACLASS)
    except orjson.JSONEncodeError as error:  # what user code left; a line of the log is no reason to fail
        return orjson.dumps(f"({error})")


def _unusual(value: object) -> object:
    return f"[Buffer: {len(value.data)} bytes]" if isinstance(value, Upload) else repr(value)


def _input(invocation: Invocation) -> Any:
    match invocation:
        case BeforeSaveCall():
            return overlaid(invocation.original or {}, invocation.sent)
        case BeforeFindCall():
            return {"where": invocation.query.where or {}}
        case AfterFindCall():
            return invocation.objects
        case FunctionCall():
            return invocation.params
        case FileCall():
            return {"name": invocation.file.name, "url": invocation.file.url}
        case LiveCall():
            return invocation.details
        case _:
            return getattr(invocation, "object", {})


def _result(invocation: Invocation) -> Any:
    return {"object": invocation.object} if isinstance(invocation, BeforeSaveCall) else {}
