"""Options as JSON with the reference's names: for `--verbose`, the admin, and black-box tests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from parse_core.options.fields import Group, declarations

REDACTED = "<REDACTED>"


def described(group: Group, *, secrets: bool = False) -> dict[str, Any]:
    """The options of a group; secret ones that are set as `<REDACTED>` unless `secrets`."""
    return {
        name: REDACTED
        if declaration.secret and not secrets and getattr(group, declaration.attribute)
        else _json(getattr(group, declaration.attribute), secrets=secrets)
        for name, declaration in declarations(type(group)).items()
    }


def _json(value: Any, *, secrets: bool) -> Any:
    if isinstance(value, Group):
        return described(value, secrets=secrets)
    if isinstance(value, Mapping):
        return {str(key): _json(item, secrets=secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item, secrets=secrets) for item in value]
    if isinstance(value, re.Pattern):
        return value.pattern
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return f"<{type(value).__name__}>"
