"""The log of user code."""

from __future__ import annotations

import json
import logging
from typing import Any, Final

from parse_cloud.invocations import Invocation
from parse_cloud.kinds import NAMED

_SILLY: Final = 5


class Log:
    """`request.log`: each method takes a text and what else is to be said, as in JavaScript or as `logging` does."""

    def __init__(self, logger: logging.Logger, invocation: Invocation) -> None:
        self._logger = logger
        self._extra: dict[str, Any] = {"application": invocation.context.application.id}
        if invocation.kind in NAMED:
            self._extra["functionName"] = invocation.name
        else:
            self._extra |= {"className": invocation.name, "triggerType": str(invocation.kind)}
        self._extra["user"] = invocation.context.principal.user_id

    def info(self, message: object, *more: object) -> None:
        """What an operator may want to know."""
        self._say(logging.INFO, message, more)

    def warn(self, message: object, *more: object) -> None:
        """What may be wrong."""
        self._say(logging.WARNING, message, more)

    warning = warn

    def error(self, message: object, *more: object) -> None:
        """What is wrong."""
        self._say(logging.ERROR, message, more)

    def verbose(self, message: object, *more: object) -> None:
        """More than most want to know."""
        self._say(logging.DEBUG, message, more)

    debug = verbose

    def silly(self, message: object, *more: object) -> None:
        """More than anybody wants to know."""
        self._say(_SILLY, message, more)

    def _say(self, level: int, message: object, more: tuple[object, ...]) -> None:
        """A text with as many places as there are values is filled in; other values follow it."""
        text = message if isinstance(message, str) else _shown(message)
        if more:
            try:
                text = text % more
            except (TypeError, ValueError):
                text = " ".join((text, *map(_shown, more)))
        self._logger.log(level, "%s", text, extra=self._extra)


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, default=repr)
    except (TypeError, ValueError, RecursionError):
        return repr(value)
