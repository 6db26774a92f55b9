"""`/scriptlog`: the log of an application, for the master key (`contract/cloud.md` §10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from parse_core.errors import ErrorCode, ParseError
from parse_core.logs.files import LogFiles
from parse_core.logs.recording import Log
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import routes
from parse_core.values.scalars import parse_iso

if TYPE_CHECKING:
    from parse_core.values.scalars import Json

WEEK: Final = timedelta(days=7)
LINES: Final = 10


class NoLog(ParseError):
    """Logger adapter is not available"""

    code = ErrorCode.PUSH_MISCONFIGURED  # 115, as the reference


class ScriptLogView(ParseView):
    """The last lines, or those of some time."""

    master_only = True

    def get(self, call: Call) -> Answer:
        """`[{"level", "message", "timestamp", …}, …]`, the newest first."""
        adapter = call.context.application.part(Log).adapter
        if adapter is None:
            raise NoLog
        query = cast("Callable[..., Any] | None", getattr(adapter, "query", None))
        if query is None:
            raise NoLog("Querying logs is not supported with this adapter")
        asked = call.query
        until = _moment(asked.get("until")) or datetime.now(UTC)
        options = {
            "from_": _moment(asked.get("from")) or until - WEEK,
            "until": until,
            "size": _size(asked.get("n")) or _size(asked.get("size")) or LINES,
            "order": "asc" if asked.get("order") == "asc" else "desc",
            "level": "error" if asked.get("level") == "error" else "info",
        }
        if isinstance(adapter, LogFiles):
            options["application"] = call.context.application.id
        return Answer(list(query(**options)))


def _moment(text: Json) -> datetime | None:
    return parse_iso(text) if isinstance(text, str) else None


def _size(text: Json) -> int | None:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 7 else None


routes.add("scriptlog", ScriptLogView)
