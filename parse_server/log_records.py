"""Log lines name the request they belong to."""

from __future__ import annotations

import logging


class RequestId(logging.Filter):
    """Gives each record a `request_id`: the one it was logged with (`extra={"request_id": …}`), or a dash."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = getattr(getattr(record, "request", None), "request_id", "-")
        return True
