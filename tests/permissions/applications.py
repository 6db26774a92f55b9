"""Applications that never reach a database: all that deciding about access needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parse_core.application import Application
from parse_core.options import Options
from parse_core.store.database import Database


def application(options: Mapping[str, Any] | None = None) -> Application:
    """An application with these options, by the reference's names."""
    required = {"appId": "app", "masterKey": "master", "serverURL": "http://localhost/parse"}
    return Application("app", Options.parse({**required, **(options or {})}), Database(_unreachable))


def _unreachable() -> str:
    message = "deciding about access runs no statement"
    raise AssertionError(message)
