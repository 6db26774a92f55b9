"""Hidden columns of users as the maintenance key writes them (`users.md` §21)."""

from __future__ import annotations

from collections.abc import Mapping

from parse_auth.sessions import USER_CLASS
from parse_core.schema.changes import same_type, type_mismatch
from parse_core.schema.classes import Field
from parse_core.schema.fields import field_types, infer
from parse_core.values.scalars import Json


def typed(columns: Mapping[str, str], internal: Mapping[str, Json]) -> Mapping[str, Json]:
    """The columns in stored form; dates may come as bare ISO text.

    Raises `IncorrectType` (111) for a value of another type than the column's.
    """
    return {name: _typed(name, columns[name], value) if name in columns else value for name, value in internal.items()}


def _typed(name: str, kind: str, value: Json) -> Json:
    if value is None:
        return None
    if kind == "Date" and isinstance(value, str):
        value = {"__type": "Date", "iso": value}
    given, expected = infer(value), Field(kind)
    if given is None or not same_type(expected, given):
        raise type_mismatch(USER_CLASS, name, expected, given)
    return field_types[kind].normal(value) if isinstance(value, dict) else value
