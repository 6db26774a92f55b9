"""How authors declare what is asked of callers: keyword arguments, a dictionary with the reference's names, a function.

All three become a `Validator`, which knows wire JSON only; functions among the rules get decoded values.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypedDict

Options = Any  # a value, a list of them, or a function of the value
RoleNames = Sequence[str] | Callable[..., Sequence[str] | Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Field:
    """What is asked of one parameter, or one field of an object.

    `type`: `str`, `int`, `float`, `bool`, `list`, `dict`, `datetime`, or a class of the SDK. `options`: the only value,
    a list of those allowed, or a function of the value (also async), whose false answer refuses it; `error` is the text
    then. `constant` holds for objects: the field keeps its first value.
    """

    type: Any = None
    required: bool | None = None
    default: Any = None
    constant: bool | None = None
    options: Options = None
    error: str | None = None

    def rules(self) -> dict[str, Any]:
        """By the reference's names, what is not said left out."""
        members = {
            name: getattr(self, name) for name in ("type", "required", "default", "constant", "options", "error")
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`count` requests in `window` milliseconds, of one `zone`: `ip`, `user`, `session` or `global`."""

    count: int
    window: float
    zone: str | None = None
    message: str | None = None
    include_master_key: bool | None = None
    include_internal_requests: bool | None = None
    redis_url: str | None = None

    def rules(self) -> dict[str, Any]:
        """By the reference's names."""
        members = {name: getattr(self, attribute) for attribute, name in _RATE_LIMIT.items()}
        return {name: value for name, value in members.items() if value is not None}


class RateLimitZone:
    """Whose requests a limit counts together."""

    IP: Final = "ip"
    USER: Final = "user"
    SESSION: Final = "session"
    GLOBAL: Final = "global"


class Rules(TypedDict, total=False):
    """The keyword arguments of decorators; each has the name of the reference's rule in snake_case."""

    require_user: bool
    require_master: bool
    validate_master_key: bool
    skip_with_master_key: bool
    require_user_keys: Sequence[str] | Mapping[str, Field | Mapping[str, Any]]
    require_any_user_roles: RoleNames
    require_all_user_roles: RoleNames
    fields: Sequence[str] | Mapping[str, Field | Mapping[str, Any]]
    rate_limit: RateLimit | Mapping[str, Any]


class How(Rules, total=False):
    """All keyword arguments of the decorators of triggers and functions; `timeout` is in seconds."""

    validator: Mapping[str, Any] | Callable[[Any], object] | None
    timeout: float | None


_RATE_LIMIT: Final = {
    "count": "requestCount",
    "window": "requestTimeWindow",
    "zone": "zone",
    "message": "errorResponseMessage",
    "include_master_key": "includeMasterKey",
    "include_internal_requests": "includeInternalRequests",
    "redis_url": "redisUrl",
}
NAMES: Final = {
    "require_user": "requireUser",
    "require_master": "requireMaster",
    "validate_master_key": "validateMasterKey",
    "skip_with_master_key": "skipWithMasterKey",
    "require_user_keys": "requireUserKeys",
    "require_any_user_roles": "requireAnyUserRoles",
    "require_all_user_roles": "requireAllUserRoles",
    "fields": "fields",
    "rate_limit": "rateLimit",
}
_OF_FIELDS: Final = ("requireUserKeys", "fields")
_OF_ROLES: Final = ("requireAnyUserRoles", "requireAllUserRoles")


@dataclass(frozen=True, slots=True)
class Wire:
    """How rules are told in wire JSON. `encode` is for values, `taking` makes a function of wire JSON out of an
    author's, `asking` one without arguments; `types` gives the name of a class of the SDK.
    """

    encode: Callable[[Any], Any]
    taking: Callable[[Callable[..., Any]], Callable[..., Any]]
    asking: Callable[[Callable[..., Any]], Callable[..., Any]]
    type_of: Callable[[Any], Any]

    def rules(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """Rules by the reference's names; keywords in snake_case are theirs, what nobody knows stays for the check."""
        named = {NAMES.get(name, name): value for name, value in declared.items()}
        return {name: self._rule(name, value) for name, value in named.items()}

    def _rule(self, name: str, value: Any) -> Any:
        if isinstance(value, RateLimit):
            return value.rules()
        if name in _OF_FIELDS and isinstance(value, Mapping):
            return {key: self._field(rule) for key, rule in value.items()}
        if name in _OF_ROLES and callable(value):
            return self.asking(value)
        if isinstance(value, (tuple, set, frozenset)):
            return list(value)
        return value

    def _field(self, rule: Any) -> Any:
        rule = rule.rules() if isinstance(rule, Field) else rule
        if not isinstance(rule, Mapping):
            return {"type": self.type_of(rule)} if isinstance(rule, type) else rule
        told = dict(rule)
        if "type" in told:
            told["type"] = self.type_of(told["type"])
        if callable(told.get("options")):
            told["options"] = self.taking(told["options"])
        for name in ("options", "default"):
            if name in told and not callable(told[name]):
                told[name] = self.encode(told[name])
        return told


_BY_NAME: Final = {
    "string": str,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
    "date": datetime,
}
_SAME: Final = {int: float, tuple: list, date: datetime}


_OF_THE_SDK: Final = "parse_cloud.author.sdk."


def plain_type(declared: Any) -> Any:
    """A type as validators know it: `int` is a number; the names of a pasted JavaScript object are understood."""
    if isinstance(declared, str):
        return _BY_NAME.get(declared.lower(), declared)
    if not isinstance(declared, type):
        return declared
    class_name = getattr(declared, "class_name", None)
    if isinstance(class_name, str):
        return f"*{class_name}"
    if declared.__module__.startswith(_OF_THE_SDK):  # `File`, `GeoPoint`: as the `__type` of their JSON
        return "Pointer" if declared.__name__ == "Object" else declared.__name__
    return _SAME.get(declared, declared)
