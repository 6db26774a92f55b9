"""The rule `rateLimit`: how often what a handler is for may be asked for (`contract/cloud.md` §3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from parse_cloud.kinds import CONFIG, FILE, IllegalRegistration, Kind
from parse_core.options import RateLimit
from parse_core.options.parsing import Findings, parse_group
from parse_core.options.route_pattern import route_pattern

if TYPE_CHECKING:
    from parse_cloud.handlers import Handler

_METHODS: Final[Mapping[Kind, tuple[str, ...] | None]] = {
    Kind.FUNCTION: None,
    Kind.BEFORE_SAVE: ("POST", "PUT"),
    Kind.BEFORE_DELETE: ("DELETE",),
    Kind.BEFORE_FIND: ("GET",),
    Kind.BEFORE_LOGIN: ("POST", "GET"),
    Kind.BEFORE_PASSWORD_RESET_REQUEST: ("POST",),
}
# Classes that have routes of their own, beside `/classes`
_WORDS: Final = {"_User": "users", "_Session": "sessions", "_Role": "roles", "_Installation": "installations"}


@dataclass(frozen=True, kw_only=True, eq=False)
class DeclaredLimit(RateLimit):
    """A limit whose paths are known, whatever characters are in them; None: `request_path` is a pattern like any."""

    paths: str | None = None  # a regular expression

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        if self.paths is None:
            return route_pattern(self.request_path)
        return re.compile(f"(?is:{self.paths})/?")


def parse_limit(declared: Mapping[str, Any]) -> RateLimit:
    """The limit of a validator. Raises `IllegalRegistration` for a key there is not and values that cannot be."""
    findings = Findings()
    values = {"requestPath": "/functions", **declared}
    parsed = parse_group(RateLimit, values, "rateLimit", findings, lambda _attributes: None)
    if findings.problems:
        raise IllegalRegistration(findings.problems[0])
    return parsed


def limits_of(handlers: Iterable[Handler]) -> Iterator[RateLimit]:
    """The limits that handlers in force put on requests."""
    for handler in handlers:
        rules = handler.validator.rules if handler.validator is not None else None
        declared = rules.get("rateLimit") if rules else None
        if declared is not None and handler.kind in _METHODS:
            yield _limit(handler, declared)


def _limit(handler: Handler, declared: Mapping[str, Any]) -> DeclaredLimit:
    parsed = parse_limit(declared)
    values = {field.name: getattr(parsed, field.name) for field in fields(RateLimit)}
    if values["request_methods"] is None:
        values["request_methods"] = _METHODS[handler.kind]
    if "requestPath" in declared:
        return DeclaredLimit(**values)
    # Its counters are told from others' by the path, which is only a name here.
    return DeclaredLimit(**{**values, "request_path": f"{handler.kind} {handler.name}"}, paths=_paths(handler))


def _paths(handler: Handler) -> str:
    match handler.kind:
        case Kind.FUNCTION:
            return f"/functions/{re.escape(handler.name)}"
        case Kind.BEFORE_LOGIN:
            return "/login"
        case Kind.BEFORE_PASSWORD_RESET_REQUEST:
            return "/requestPasswordReset"
    if handler.name == FILE:
        return "/files(?:/.+)?"
    if handler.name == CONFIG:
        return "/config"
    roots = [f"classes/{re.escape(handler.name)}"]
    if handler.name in _WORDS:
        roots.append(_WORDS[handler.name])
    return f"/(?:{'|'.join(roots)})(?:/[^/]+)?"
