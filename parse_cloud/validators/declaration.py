"""Which rules a validator may have, and of what type they are (`contract/cloud.md` §3, registration-time checks)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from parse_cloud.kinds import IllegalRegistration

ANY: Final = "any"
_RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "requireUser": ("boolean",),
    "requireAnyUserRoles": ("array", "function"),
    "requireAllUserRoles": ("array", "function"),
    "requireMaster": ("boolean",),
    "validateMasterKey": ("boolean",),
    "skipWithMasterKey": ("boolean",),
    "requireUserKeys": ("array", "object"),
    "fields": ("array", "object"),
    "rateLimit": ("object",),
}
_OF_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "type": (ANY,),
    "constant": ("boolean",),
    "default": (ANY,),
    "options": (ANY,),
    "required": ("boolean",),
    "error": ("string",),
}
# The types of values in rules and in JSON, by the names that messages have for them.
TYPE_NAMES: Final[Mapping[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    list: "array",
    tuple: "array",
    set: "array",
    frozenset: "array",
    dict: "object",
    datetime: "date",
}


def check_rules(rules: Mapping[str, Any]) -> None:
    """Raises `IllegalRegistration` for a rule there is not, or of a type it cannot have."""
    from parse_cloud.validators.rate_limits import parse_limit

    for key, value in rules.items():
        _check(key, _RULES, value)
        if key in ("fields", "requireUserKeys") and isinstance(value, Mapping):
            for options in value.values():
                _check_field(options)
    if "rateLimit" in rules:
        parse_limit(rules["rateLimit"])


def _check_field(options: Any) -> None:
    if isinstance(options, (str, list, tuple)):
        options = dict.fromkeys(map(str, range(len(options))))  # what JavaScript takes them for
    if isinstance(options, Mapping):
        for key, value in options.items():
            _check(key, _OF_FIELDS, value)


def _check(key: str, allowed: Mapping[str, tuple[str, ...]], value: Any) -> None:
    expected = allowed.get(key)
    if expected is None:
        raise IllegalRegistration(f"{key} is not a supported parameter for Cloud Function validations.")
    actual = type_name(value)
    if actual not in expected and ANY not in expected:
        names = "|".join(expected)
        raise IllegalRegistration(
            f"Invalid type for Cloud Function validation key {key}. Expected {names}, actual {actual}"
        )


def type_name(value: Any) -> str:
    """What a value is called in messages: `array`, `function`, `string` …; null is an object, as in JavaScript."""
    for kind in type(value).__mro__:
        if kind in TYPE_NAMES:
            return TYPE_NAMES[kind]
    return "function" if callable(value) else "object"
