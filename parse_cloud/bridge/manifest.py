"""From the list of what main.js registered to handlers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from parse_cloud.handlers import Handler, Handlers
from parse_cloud.invocations import Invocation
from parse_cloud.kinds import NAMED, IllegalRegistration, Kind, class_of
from parse_cloud.validators import Validator
from parse_core.values.scalars import Document

log = logging.getLogger("parse_cloud")

_TYPES: Final[Mapping[str, type]] = {
    "string": str,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
    "date": datetime,
}
RunsEntry = Callable[["Entry", Invocation], None]


class Entry:
    """A handler as Node listed it."""

    __slots__ = ("identifier", "kind", "name", "needs_roles", "rules", "validates")

    def __init__(self, told: Document) -> None:
        """Raises `ValueError` or `IllegalRegistration` for what nothing can be registered as."""
        self.kind = Kind(str(told.get("kind")))
        name = told.get("name")
        if not isinstance(name, str):
            raise ValueError("a handler without a name")  # noqa: TRY004 - of data, not of an argument
        self.name = name if self.kind in NAMED or self.kind is Kind.ON_LIVE_QUERY_EVENT else class_of(self.kind, name)
        self.identifier = told.get("id")
        self.validates = told.get("validatorInNode") is True
        rules = told.get("validator")
        self.rules: Document = rules if isinstance(rules, dict) else {}
        self.needs_roles = self.validates and self.rules.get("roles") is True


def handlers(told: Any, run: RunsEntry) -> Handlers:
    """The handlers of a manifest; entries that make no sense are logged and left out."""
    found = Handlers()
    for each in told if isinstance(told, list) else []:
        try:
            entry = Entry(each if isinstance(each, dict) else {})
        except (ValueError, IllegalRegistration) as error:
            log.warning("JavaScript Cloud Code registers what cannot be: %s", error)
            continue
        found.add(Handler(entry.kind, entry.name, _runner(entry, run), _validator(entry)))
    return found


def _runner(entry: Entry, run: RunsEntry) -> Callable[[Invocation], None]:
    return lambda invocation: run(entry, invocation)


def _validator(entry: Entry) -> Validator | None:
    """The rules that the server checks; all of them, unless a function among them needs Node."""
    if entry.validates:
        limit = entry.rules.get("rateLimit")
        return Validator({"rateLimit": limit}) if isinstance(limit, dict) else None
    return Validator(_typed(entry.rules)) if entry.rules else None


def _typed(rules: Document) -> dict[str, Any]:
    """The rules with Python's types in place of JavaScript's."""
    fields = rules.get("fields")
    if not isinstance(fields, dict):
        return rules
    return {**rules, "fields": {key: _field(value) for key, value in fields.items()}}


def _field(field: Any) -> Any:
    if isinstance(field, dict) and isinstance(field.get("type"), str):
        return {**field, "type": _TYPES.get(field["type"], str)}
    return field
