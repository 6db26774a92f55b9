"""The audit log: who changed what, without the values (`contract/cloud.md` §14). The option `auditLog` turns it on.

A line is JSON: `{"time", "key", "ip", "user", "operation", "path", "class", "object", "keys", "code", "request"}`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from parse_core.context import Level
from parse_core.errors import HttpError, ParseError
from parse_core.logs.recording import about
from parse_core.values.scalars import iso, now

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.rest.calls import Call

log = logging.getLogger("parse_core.audit")

# Whoever changes these is told of, whatever the key.
ALWAYS: Final = frozenset({"schemas", "config", "hooks", "jobs", "cloud_code", "push", "files", "purge"})
MOST_KEYS: Final = 100
KEYS: Final = {
    Level.CLIENT: "client",
    Level.MASTER: "master",
    Level.READ_ONLY: "read-only master",
    Level.MAINTENANCE: "maintenance",
}


def concerns(call: Call) -> bool:
    """Whether a call is one that the audit log tells of."""
    if call.method in ("GET", "HEAD") or not call.context.options.audit_log:
        return False
    return call.context.principal.is_privileged or call.path.partition("/")[0].lower() in ALWAYS


def audited(call: Call, arguments: Mapping[str, str], answer: Callable[[], Any]) -> Any:
    """What `answer` gives, after a line that tells how it ended."""
    code: int | None = None
    try:
        given = answer()
        code = getattr(given, "status", getattr(given, "status_code", 200))
        return given
    except ParseError as error:
        code = int(error.body(sanitize=False)["code"])
        raise
    except HttpError as error:
        code = error.status
        raise
    finally:
        _write(call.context.application, _line(call, arguments, code))


def _line(call: Call, arguments: Mapping[str, str], code: int | None) -> dict[str, Any]:
    context = call.context
    line = {
        "time": iso(now()),
        "key": KEYS[context.principal.level],
        "ip": context.client_address,
        "user": context.principal.user_id,
        "operation": call.method,
        "path": f"/{call.path}",
        "class": arguments.get("class_name"),
        "object": arguments.get("object_id"),
        "keys": sorted(call.parameters)[:MOST_KEYS],
        "code": 1 if code is None else code,
        "request": context.request_id,
    }
    return {name: value for name, value in line.items() if value is not None}


def _write(application: Application, line: dict[str, Any]) -> None:
    text = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    path = application.options.audit_log
    if not isinstance(path, str):
        log.warning("%s", text.decode().rstrip(), extra=about(application, request_id=line.get("request")))
        return
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, text)
        finally:
            os.close(file)
    except OSError:
        log.exception("the audit log %s cannot be written: %s", path, text.decode().rstrip())
