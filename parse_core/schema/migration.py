"""Bringing a database to its definitions: at the start of a process, and for `manage.py migrate_schemas`.

Processes that start at once take turns at the lock of the registry, and each works out its plan behind it: the first
one changes the classes, the others find nothing left to do.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from parse_core.errors import InternalError, WriteConflict
from parse_core.schema.changes import registry_change
from parse_core.schema.defined import Definitions, parse_definitions
from parse_core.schema.plan import Plan, plan
from parse_core.state import Readiness
from parse_core.store.database import MissingTable

if TYPE_CHECKING:
    from parse_core.application import Application

log = logging.getLogger("parse_core.schema")

PAUSES: Final = (1.0, 2.0, 3.0)  # seconds before each further attempt
MAY_PASS: Final = (InternalError, WriteConflict, MissingTable)  # what another attempt may not meet


def present_plan(application: Application, definitions: Definitions) -> Plan:
    """What a migration would do now; nothing is locked. Raises `Impossible`."""
    schemas = application.schemas
    schemas.refresh()
    classes = {name: schemas[name] for name in schemas}
    return plan(definitions, classes, schemas.unknown, application.options)


def migrate(application: Application, definitions: Definitions) -> Plan:
    """What was done: all of it in one transaction, or nothing.

    1. The hook before. 2. The plan, which is mostly empty. 3. If it is not: the plan behind the lock, and its changes.
    4. The hook after. Steps 2 and 3 are tried again when the database fails. Raises `Impossible`.
    """
    if definitions.before is not None:
        definitions.before()
    done = _attempt(application, definitions)
    if definitions.after is not None:
        definitions.after()
    return done


def _attempt(application: Application, definitions: Definitions) -> Plan:
    for pause in PAUSES:
        try:
            return _once(application, definitions)
        except MAY_PASS as error:
            log.warning("The classes could not be brought to their definitions, trying again: %r", error)
            time.sleep(pause)
    return _once(application, definitions)


def _once(application: Application, definitions: Definitions) -> Plan:
    seen = present_plan(application, definitions)
    if not seen.changes:
        return seen
    with registry_change(application) as change:
        behind_lock = plan(definitions, change.all(), application.schemas.unknown, application.options)
        for each in behind_lock.changes:
            each.apply(change)
    return behind_lock


def migrate_at_start(application: Application, **_signal: Any) -> None:
    """Brings the classes of the option `schema` about, before the application serves requests.

    Where that fails, the application answers `Invalid server state: error`; in development it is served as it is,
    unless the option is strict.
    """
    options = application.options.schema
    readiness = application.part(Readiness)
    if options is None:
        readiness.state = "ok"
        return
    readiness.state = "starting"
    try:
        report(migrate(application, parse_definitions(options)), strict=options.strict)
    except Exception as error:
        log.exception("Failed to run migrations: %s", error)  # noqa: TRY401 - the reference's words, which people search
        readiness.state = "error" if options.strict or not settings.DEBUG else "ok"
    else:
        readiness.state = "ok"


def report(done: Plan, *, strict: bool) -> None:
    """Logs what was changed, and under `strict` what stays different."""
    for line in done.lines:
        log.info("schema: %s", line)
    if strict:
        for line in done.drift:
            log.warning("schema: %s", line)
