"""How often requests may be made: the entries of `rateLimit`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from parse_core.options.errors import Refused
from parse_core.options.fields import REQUIRED, Group, option
from parse_core.options.kinds import BOOLEAN, NUMBER, STRICT_NUMBER, STRING, Kind, pattern
from parse_core.options.route_pattern import InvalidRoutePattern, route_pattern

ZONES: Final = ("global", "session", "user", "ip")
_DEFINED = "{path} must be defined"


def _check_path(value: Any) -> str:
    if value is None:
        raise Refused(_DEFINED)
    if not isinstance(value, str):
        raise Refused
    try:
        route_pattern(value)
    except InvalidRoutePattern as error:
        message = f'{{path}} "{value}" is not valid: {error}'
        raise Refused(message) from None
    return value


def _check_defined_number(value: Any) -> Any:
    if value is None:
        raise Refused(_DEFINED)
    return STRICT_NUMBER.check(value)


def _check_zone(value: Any) -> str:
    if value not in ZONES:
        raise Refused
    return str(value)


def _check_methods(value: Any) -> Any:
    if isinstance(value, str):
        return re.compile(pattern(value).pattern, re.IGNORECASE)
    if isinstance(value, re.Pattern):
        return value
    if isinstance(value, list | tuple) and all(isinstance(method, str) for method in value):
        return tuple(method.upper() for method in value)
    raise Refused


PATH = STRING.but(label="route pattern", refusal="{path} must be a string", check=_check_path, nullable=False)
AMOUNT = NUMBER.but(refusal="{path} must be a number", check=_check_defined_number, nullable=False)
ZONE = STRING.but(
    label="`global`, `session`, `user` or `ip`",
    refusal="{path} must be one of global, session, user, or ip",
    check=_check_zone,
)
METHODS = Kind("array of methods or pattern", "{path} must be an array", _check_methods)
FLAG = BOOLEAN.but(refusal="{path} must be a boolean", nullable=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class RateLimit(Group):
    """An entry of `rateLimit`."""

    env_prefix = "PARSE_SERVER_RATE_LIMIT_"
    unknown_key = 'Invalid rate limit option "{key}"'

    request_path: str = option(
        REQUIRED,
        PATH,
        "Pattern for the path below the mount: `/functions/:name`, `/users{/*path}`.",
    )
    request_time_window: float = option(REQUIRED, AMOUNT, "Milliseconds over which requests are counted.")
    request_count: int = option(REQUIRED, AMOUNT, "Requests that are allowed in them.")
    request_methods: tuple[str, ...] | re.Pattern[str] | None = option(
        None, METHODS, "HTTP methods that are counted; all when not set."
    )
    error_response_message: str = option(
        "Too many requests.", STRING.but(refusal="{path} must be a string"), "What a refused request answers."
    )
    zone: str = option("ip", ZONE, "Who shares a counter: one address, one session, one user, or everybody.")
    include_master_key: bool = option(False, FLAG, "Count requests with the master key.")
    include_internal_requests: bool = option(False, FLAG, "Count requests from the server's own host.")
    redis_url: str | None = option(None, STRING, "Redis server that holds the counters.", secret=True)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What `fullmatch` the path of a request must give."""
        return route_pattern(self.request_path)

    @cached_property
    def identity(self) -> str:
        """What tells its counters from those of other limits, in every process that has it."""
        methods = getattr(self.request_methods, "pattern", self.request_methods)
        parts = (self.request_path, methods, self.request_time_window, self.request_count, self.zone)
        return sha256(repr(parts).encode()).hexdigest()[:16]

    def counts(self, method: str) -> bool:
        """Whether requests of this method are counted."""
        if self.request_methods is None:
            return True
        if isinstance(self.request_methods, re.Pattern):
            return self.request_methods.search(method) is not None
        return method in self.request_methods
