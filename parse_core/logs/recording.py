"""What an application keeps of the records of Python's logging, and where."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from parse_core.adapters import adapter_of
from parse_core.logs import levels
from parse_core.logs.files import LogAdapter, LogFiles
from parse_core.logs.masking import masked

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.options import Options
    from parse_core.values.scalars import Document

ABOUT: Final = (
    "functionName", "className", "triggerType", "user", "params", "error", "url", "method", "body", "result",
    "status", "request_id", "jobName", "code",
)  # fmt: skip


class Log:
    """The log of one application as its options have it: `application.part(Log)`."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._made_for: Options | None = None
        self._adapter: LogAdapter | None = None
        self._level = logging.INFO

    @property
    def adapter(self) -> LogAdapter | None:
        """What takes the lines: the option `loggerAdapter`, files, or nothing."""
        self._keep_up()
        return self._adapter

    @property
    def level(self) -> int:
        """The least important level that is logged."""
        self._keep_up()
        return self._level

    @property
    def tells_requests(self) -> bool:
        """Whether every request is logged."""
        return self.level <= levels.NUMBERS["verbose"]

    def write(self, record: logging.LogRecord) -> None:
        """Takes a record of this application."""
        adapter = self.adapter
        level = getattr(record, "counts_as", None) or levels.name(record.levelno)
        if adapter is None or levels.number(level) < self._level:
            return
        about = {name: masked(getattr(record, name)) for name in ABOUT if getattr(record, name, None) is not None}
        message = masked(record.getMessage())
        if record.exc_info and record.exc_info[1] is not None:
            about["error"] = masked(_shown(record.exc_info[1]))
        adapter.log(level, message, {**about, "application": self._application.id})

    def _keep_up(self) -> None:
        options = self._application.options
        if options is self._made_for:
            return
        self._made_for = options
        self._level = levels.number("verbose" if options.verbose else options.log_level)
        if isinstance(self._adapter, LogFiles):
            self._adapter.close()
        self._adapter = self._made(options)

    @staticmethod
    def _made(options: Options) -> LogAdapter | None:
        if options.logger_adapter is not None:
            refusal = "loggerAdapter must have a method log(level, message, meta)."
            return adapter_of(options.logger_adapter, LogAdapter, refusal)  # type: ignore[type-abstract]  # a protocol
        wanted = settings.PARSE_LOG_FILES or options.set_explicitly("logsFolder")
        if options.logs_folder in (None, "", "null") or not wanted:
            return None
        return LogFiles(Path(str(options.logs_folder)), options.max_log_files)


def _shown(error: BaseException) -> str:
    """As Python shows it; of one that cannot be shown, its kind. What user code raises may raise something again."""
    try:
        return repr(error)
    except BaseException:  # noqa: BLE001
        return type(error).__name__


def about(application: Application, **details: Any) -> Document:
    """The `extra` of a line that belongs to an application."""
    return {"application": application.id, **details}
