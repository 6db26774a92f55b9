"""From Python's logging to the logs of applications: the handler that `settings.LOGGING` puts on our loggers.

A record that names its application (`extra={"application": id}`) goes to that one's log if its level is kept there; one
that names none goes to the only application there is, if there is only one. Logging is configured before anything else,
so nothing of the project is imported before there is a record.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parse_core.application import Application


class Recorder(logging.Handler):
    """The handler."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes to the application's log; what goes wrong there must not go on."""
        from parse_core.logs.recording import Log

        application = _application(getattr(record, "application", None))
        if application is None:
            return
        try:
            application.part(Log).write(record)
        except Exception:  # noqa: BLE001 (whoever logs does not care)
            self.handleError(record)


def _application(identifier: Any) -> Application | None:
    from parse_core.application import applications

    known = applications.known()
    if identifier is None:
        return next(iter(known.values())) if len(known) == 1 else None
    return known.get(identifier)
