"""Class-level permissions as definitions: what may be stored and how it is shown (`contract/objects.md` §15, §15.4).

What they mean for a request is `parse_core/permissions`' part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from parse_core.errors import InvalidJson
from parse_core.schema.classes import DEFAULT_FIELDS, Field
from parse_core.schema.system_class import caller_class
from parse_core.values.scalars import Document, Json

OPERATIONS: Final = ("find", "count", "get", "create", "update", "delete", "addField")
COLUMN_GROUPS: Final = ("readUserFields", "writeUserFields")
DEFAULT: Final[Mapping[str, Json]] = {
    "ACL": {"*": {"read": True, "write": True}},
    **{operation: {"*": True} for operation in OPERATIONS},
    "protectedFields": {"*": []},
}
_CLOSED: Final[Mapping[str, Json]] = {**{operation: {} for operation in OPERATIONS}, "protectedFields": {}}
_GENERATED_ID: Final = re.compile(r"[A-Za-z0-9]+")
_CUSTOM_ID: Final = re.compile(r".+")


def shown(permissions: Mapping[str, Json] | None) -> Document:
    """As `/schemas` answers: the default where none are stored, closed operations filled in where some are."""
    return dict(DEFAULT) if permissions is None else {**_CLOSED, **permissions}


def check_permissions(permissions: Json, fields: Mapping[str, Field], *, custom_ids: bool) -> None:
    """Raises `InvalidJson` (107) naming the first thing in a permission object that cannot be.

    `fields` are the columns the class will have; with `custom_ids` any text may be a user id.
    """
    if not isinstance(permissions, dict):
        message = f"'{as_text(permissions)}' is not a valid value for class level permissions - must be an object"
        raise InvalidJson(message)
    check = _Check(fields, _CUSTOM_ID if custom_ids else _GENERATED_ID)
    for operation, entry in permissions.items():
        if operation in COLUMN_GROUPS:
            check.column_group(operation, entry)
        elif operation not in _CHECKS:
            message = f"{operation} is not a valid operation for class level permissions"
            raise InvalidJson(message)
        elif not isinstance(entry, (dict, list)):
            message = (
                f"'{as_text(entry)}' is not a valid value for class level permissions {operation} - must be an object"
            )
            raise InvalidJson(message)
        else:
            _CHECKS[operation](check, operation, entry)


@dataclass(frozen=True, slots=True)
class _Check:
    """The checks of one permission object, by kind of entry."""

    fields: Mapping[str, Field]
    user_id: re.Pattern[str]

    def column_group(self, operation: str, entry: Json) -> None:
        if not isinstance(entry, list):
            message = (
                f"'{as_text(entry)}' is not a valid value for class level permissions {operation} - must be an array"
            )
            raise InvalidJson(message)
        self._columns(operation, entry)

    def operation(self, operation: str, entry: Json) -> None:
        for key, value in _entries(entry):
            self._key(key, ("*", "requiresAuthentication", "pointerFields"))
            if key == "pointerFields":
                self._pointer_fields(operation, value)
            elif value is not True:
                message = f"'{as_text(value)}' is not a valid value for class level permissions acl {operation}:{key}"
                raise InvalidJson(message)

    def default_acl(self, _operation: str, entry: Json) -> None:
        for key, flags in _entries(entry):
            self._key(key, ("*", "requiresAuthentication"))
            if not isinstance(flags, dict):
                message = f"'{as_text(flags)}' is not a valid value for class level permissions acl"
                raise InvalidJson(message)
            unknown = [name for name in flags if name not in ("read", "write")]
            if unknown:
                message = f"'{','.join(unknown)}' is not a valid key for class level permissions acl"
                raise InvalidJson(message)
            malformed = [as_text(value) for value in flags.values() if not isinstance(value, bool)]
            if malformed:
                message = f"'{','.join(malformed)}' is not a valid value for class level permissions acl"
                raise InvalidJson(message)

    def protected_fields(self, _operation: str, entry: Json) -> None:
        for key, names in _entries(entry):
            if not key.startswith("userField:"):
                self._key(key, ("*", "authenticated"))
            if not isinstance(names, list):
                message = f"'{as_text(names)}' is not a valid value for protectedFields[{key}] - expected an array."
                raise InvalidJson(message)
            for name in names:
                self._protected(key, name)

    def _protected(self, key: str, name: Json) -> None:
        if isinstance(name, str) and name in DEFAULT_FIELDS:
            message = f"Default field '{name}' can not be protected"
            raise InvalidJson(message)
        if not isinstance(name, str) or name not in self.fields:
            message = f"Field '{as_text(name)}' in protectedFields:{key} does not exist"
            raise InvalidJson(message)

    def _pointer_fields(self, operation: str, value: Json) -> None:
        if not isinstance(value, list):
            message = f"'{as_text(value)}' is not a valid value for {operation}[pointerFields] - expected an array."
            raise InvalidJson(message)
        self._columns(operation, value)

    def _columns(self, operation: str, names: list[Json]) -> None:
        for name in names:
            column = self.fields.get(name) if isinstance(name, str) else None
            points = column is not None and column.type == "Pointer" and column.target_class == caller_class()
            if not points and (column is None or column.type != "Array"):
                message = f"'{as_text(name)}' is not a valid column for class level pointer permissions {operation}"
                raise InvalidJson(message)

    def _key(self, key: str, words: tuple[str, ...]) -> None:
        if key not in words and not key.startswith("role:") and self.user_id.fullmatch(key) is None:
            message = f"'{key}' is not a valid key for class level permissions"
            raise InvalidJson(message)


_CHECKS: Final[Mapping[str, Callable[[_Check, str, Json], None]]] = {
    **dict.fromkeys(OPERATIONS, _Check.operation),
    "ACL": _Check.default_acl,
    "protectedFields": _Check.protected_fields,
}


def _entries(entry: Json) -> Iterator[tuple[str, Json]]:
    """The pairs of an object; an array, which old clients send for "nobody", has its positions as keys."""
    if isinstance(entry, dict):
        yield from entry.items()
    else:
        yield from ((str(position), value) for position, value in enumerate(entry))


def as_text(value: Json) -> str:
    """A JSON value as refusals quote it: `null`, `a,b`, `[object Object]`."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list):
        return ",".join("" if item is None else as_text(item) for item in value)
    return "[object Object]" if isinstance(value, dict) else str(value)
