"""Definitions brought about once for all workers of a server, by the process that starts them.

It leaves a mark in the environment, which the workers inherit: what applications it was, with which definitions. A
worker that finds other ones in its configuration, since that has changed, brings those about itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson

from parse_core.application import Application
from parse_core.options import Options
from parse_core.schema.defined import parse_definitions
from parse_core.schema.migration import migrate, report

if TYPE_CHECKING:
    from parse_core.store.database import Database

MARK: Final = "PARSE_CLASSES_ARE_DEFINED"


def bring_about(options: Mapping[str, Any], database: Database) -> None:
    """Brings the classes of one application to its definitions. Raises what `migrate` raises."""
    parsed = Options.parse(options)
    if parsed.schema is None:
        return
    application = Application(parsed.app_id, parsed, database)
    application.schemas.prepare()
    report(migrate(application, parse_definitions(parsed.schema)), strict=parsed.schema.strict)


def mark(brought_about: Iterable[Mapping[str, Any]]) -> None:
    """Tells the processes that this one starts."""
    os.environ[MARK] = " ".join(_digest(options) for options in brought_about)


def is_brought_about(options: Mapping[str, Any]) -> bool:
    """Whether the process that started this one has brought these definitions about."""
    return _digest(options) in os.environ.get(MARK, "").split()


def _digest(options: Mapping[str, Any]) -> str:
    return sha256(orjson.dumps([options.get("appId"), options.get("schema")], default=repr)).hexdigest()
