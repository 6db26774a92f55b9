"""A change of a class in lines for people: what comes (`+`), goes (`-`) and becomes another (`~`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from parse_core.schema.class_permissions import shown

if TYPE_CHECKING:
    from parse_core.schema.class_changes import ClassChange
    from parse_core.schema.classes import Field


def described(change: ClassChange) -> Iterator[str]:
    """`+ class Post`, `- field Post.old: String (with its values)`, `~ permissions of Post: addField {}`…"""
    before, after = change.present, change.wanted
    if not before.exists:
        yield f"+ class {after.name}"
    for sign, name, field in _differences(before.fields, after.fields):
        yield f"{sign} field {after.name}.{name}: {_field(field)}{' (with its values)' if sign == '-' else ''}"
    for sign, name, index in _differences(before.indexes, after.indexes):
        yield f"{sign} index {after.name}.{name}: {_json(dict(index))}"
    if before.permissions != after.permissions or not before.exists:
        permissions = shown(before.permissions) if before.exists else {}
        for sign, name, entry in _differences(permissions, shown(after.permissions)):
            yield f"{sign} permission {after.name}.{name}: {_json(entry)}"


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, value in before.items():
        if name not in after:
            yield "-", name, value
    for name, value in after.items():
        if name not in before:
            yield "+", name, value
        elif before[name] != value:
            yield "~", name, value


def _field(field: Field) -> str:
    return f"{field} {_json(dict(field.options))}" if field.options else str(field)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
