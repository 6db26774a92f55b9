"""Log lines name the request they belong to, and tell no secrets."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import orjson

from parse_core.logs.masking import masked_text


class RequestId(logging.Filter):
    """Gives each record a `request_id`: the one it was logged with (`extra={"request_id": …}`), or a dash."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = getattr(getattr(record, "request", None), "request_id", "-")
        return True


class Lines(logging.Formatter):
    """A text per record, as people read them."""

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record, with the failure that it tells of."""
        return masked_text(super().format(record))


class JsonLines(logging.Formatter):
    """A JSON object per line, as collectors of logs like it: `{"level", "message", "timestamp", "logger", …}`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "level": record.levelname.lower(),
            "message": masked_text(record.getMessage()),
            "timestamp": f"{moment.isoformat(timespec='milliseconds')[:23]}Z",
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
        }
        if record.exc_info:
            line["stack"] = masked_text(self.formatException(record.exc_info))
        return orjson.dumps(line).decode()
