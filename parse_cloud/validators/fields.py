"""The rule `fields`: which parameters, or fields of an object, there must be and of what kind (`cloud.md` §3)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any, Final

from parse_cloud.invocations import (
    AfterSaveCall,
    BeforeSaveCall,
    ConfigCall,
    FunctionCall,
    Invocation,
    JobRun,
    LiveCall,
    ObjectCall,
)
from parse_cloud.kinds import Failure
from parse_cloud.validators.declaration import TYPE_NAMES, type_name
from parse_core.operations.data import Set
from parse_core.values.scalars import Document, Json

_ABSENT: Final = object()


def check_fields(fields: Any, invocation: Invocation) -> None:
    """Raises `Failure` for the first field that is not as it should be.

    Defaults are put in place, and in saves what is constant goes back to what it was. Options are looked at last.
    """
    data = _data(invocation)
    if not isinstance(fields, Mapping):
        for key in fields:
            _require(key, data)
        return
    later: list[tuple[Mapping[str, Any], str, Json]] = []
    for key, rule in fields.items():
        if isinstance(rule, Mapping) and (value := _checked(key, rule, data, invocation)) is not _ABSENT:
            later.append((rule, key, value))
    for rule, key, value in later:
        check_options(rule, key, value)


def _checked(key: str, rule: Mapping[str, Any], data: Document, invocation: Invocation) -> Any:
    """The value whose options are to be looked at; `_ABSENT` when there is nothing to look at."""
    default = deepcopy(rule.get("default"))
    if default is not None and data.get(key) is None:
        data[key] = default
        _put(invocation, key, default)
    if rule.get("constant") and isinstance(invocation, BeforeSaveCall):
        _restore(invocation, key, default)
    if rule.get("required"):
        _require(key, data)
    value = data.get(key, _ABSENT)
    if value is _ABSENT and not rule.get("required"):
        return _ABSENT
    if rule.get("type") is not None:
        _check_type(key, rule["type"], value)
    return value if rule.get("options") else _ABSENT


def check_options(rule: Mapping[str, Any], key: str, value: Json) -> None:
    """Raises `Failure` for a value that is not among the options, or that their function does not like."""
    options, own_text = rule["options"], rule.get("error")
    if callable(options):
        _ask(options, key, value, own_text)
        return
    listed = list(options) if isinstance(options, (list, tuple, set, frozenset)) else [options]
    if not any(_is_same(option, value) for option in listed):
        names = ", ".join(map(_text, listed))
        raise Failure(own_text or f"Validation failed. Invalid option for {key}. Expected: {names}")


def _ask(ask: Callable[[Json], object], key: str, value: Json, own_text: str | None) -> None:
    invalid = f"Validation failed. Invalid value for {key}."
    try:
        verdict = ask(value)
    except Failure as failure:
        raise Failure(own_text or failure.text or invalid) from failure
    except Exception as error:
        raise Failure(own_text or str(error) or invalid) from error
    if verdict is not None and not verdict:
        raise Failure(own_text or invalid)


def _data(invocation: Invocation) -> Document:
    """What is looked at: parameters, or an object as it will be; of a query, nothing."""
    match invocation:
        case FunctionCall() | JobRun():
            return invocation.params
        case BeforeSaveCall() | AfterSaveCall() | ObjectCall() | ConfigCall():
            return invocation.object
        case LiveCall():
            return invocation.object or {}
        case _:
            return {}


def _put(invocation: Invocation, key: str, value: Json) -> None:
    if isinstance(invocation, BeforeSaveCall):
        _forget(invocation, key)
        invocation.changes[key] = Set(value)


def _restore(invocation: BeforeSaveCall, key: str, default: Json) -> None:
    if not invocation.is_new:
        _forget(invocation, key)
    elif default is not None:
        _put(invocation, key, default)


def _forget(invocation: BeforeSaveCall, key: str) -> None:
    for name in [name for name in invocation.changes if name == key or name.startswith(f"{key}.")]:
        del invocation.changes[name]


def _require(key: str, data: Document) -> None:
    if data.get(key) is None:
        raise Failure(f"Validation failed. Please specify data for {key}.")


def _check_type(key: str, expected: Any, value: Json) -> None:
    name = TYPE_NAMES.get(expected, str(expected)) if isinstance(expected, type) else str(expected)
    name = name if name.startswith("*") else name.lower()
    is_date = isinstance(value, datetime) and name == "date"
    if name != type_name(value) and not is_date and name not in _wire_types(value):
        raise Failure(f"Validation failed. Invalid type for {key}. Expected: {name}")


def _wire_types(value: Json) -> tuple[str, ...]:
    """What a value with a `__type` is: `("date",)`, `("pointer", "*Post")`."""
    kind = value.get("__type") if isinstance(value, Mapping) else None
    if not isinstance(kind, str):
        return ()
    return (kind.lower(), f"*{value.get('className')}") if kind in ("Pointer", "Object") else (kind.lower(),)


def _is_same(option: Any, value: Json) -> bool:
    """Equal as JSON is: `True` is not 1."""
    return bool(option == value) and isinstance(option, bool) == isinstance(value, bool)


def _text(option: Any) -> str:
    """An option as JavaScript writes it into a text."""
    if isinstance(option, str):
        return option
    if isinstance(option, float) and option.is_integer():
        return str(int(option))
    if isinstance(option, Sequence) or option is None:
        return ",".join(map(_text, option or ()))
    return json.dumps(option, default=str)
