"""Validators of Python code, told in wire JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from parse_cloud.author.python_handler import PythonHandler, RanOn
from parse_cloud.author.rules import Wire, plain_type
from parse_cloud.author.sdk.decoding import decode
from parse_cloud.author.sdk.encoding import encode
from parse_cloud.kinds import OF_USERS, Kind
from parse_cloud.validators import Validator

if TYPE_CHECKING:
    from parse_core.application import Application

# Kinds that take none; of those in _RATE_LIMITED only the limit counts (§3).
_WITHOUT: Final = frozenset({Kind.AFTER_LOGIN, Kind.AFTER_LOGOUT, Kind.JOB, Kind.ON_LIVE_QUERY_EVENT})
_RATE_LIMITED: Final = OF_USERS - _WITHOUT


def validator_of(application: Application, kind: Kind, declared: Any, keywords: Mapping[str, Any]) -> Validator | None:
    """The validator of a handler, None if nothing is asked of its callers.

    Raises `TypeError` for two forms at once and for kinds that take none, and what `Validator` refuses.
    """
    if declared is None and not keywords:
        return None
    if kind in _WITHOUT:
        raise TypeError(f"{kind} takes no validator")
    if declared is not None and keywords:
        raise TypeError("A validator is given either by `validator=` or by keywords")
    if callable(declared):
        return None if kind in _RATE_LIMITED else Validator(function=_function(application, kind, declared))
    rules = _wire(application).rules(keywords if declared is None else _mapping(declared))
    if kind in _RATE_LIMITED:
        rules = {name: rule for name, rule in rules.items() if name == "rateLimit"}
    return Validator(rules) if rules else None


def _mapping(declared: Any) -> Mapping[str, Any]:
    if not isinstance(declared, Mapping):
        raise TypeError(f"A validator is a dictionary or a function, not {declared!r}")
    return declared


def _function(application: Application, kind: Kind, function: Callable[..., Any]) -> Callable[..., None]:
    """The validator gets the very request that its handler will get; what it returns does not count."""
    return PythonHandler(application, kind, function, None).validate


def _wire(application: Application) -> Wire:
    def taking(function: Callable[..., Any]) -> Callable[[Any], Any]:
        return lambda value: RanOn(application).run(function, decode(value))

    def asking(function: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: RanOn(application).run(function)

    return Wire(encode, taking, asking, plain_type)
