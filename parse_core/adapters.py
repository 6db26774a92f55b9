"""From the value of an adapter option to the object it stands for (`contract/config.md` §9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.utils.module_loading import import_string

P = TypeVar("P")

_PLACES = ("module", "class", "adapter")


def adapter_of(value: Any, protocol: type[P], refusal: str) -> P:
    """The adapter: an object as it is, a class or callable called with its options, a dotted path imported first.

    `protocol` is a runtime-checkable one. Raises `ImportError`, and `TypeError` with the text of `refusal` for what has
    not its methods.
    """
    options: Mapping[str, Any] = {}
    if isinstance(value, Mapping):
        options = value.get("options") or {}
        value = next((value[name] for name in _PLACES if name in value), None)
    if isinstance(value, str):
        value = import_string(value)
    if not isinstance(value, protocol) or isinstance(value, type):
        value = value(**options) if callable(value) else value
    if not isinstance(value, protocol):
        raise TypeError(refusal)
    return value
