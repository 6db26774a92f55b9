"""From a request body to checked operations: names, ids and times (`contract/objects.md` §9, §11.1, §11.4).

Nothing here looks at what is stored or at who asks, but for the maintenance key's right to internal columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from parse_core.errors import (
    IncorrectType,
    InvalidAcl,
    InvalidJson,
    InvalidKeyName,
    InvalidNestedKey,
    MissingObjectId,
    ValidationError,
)
from parse_core.operations.base import Operation
from parse_core.operations.data import Set, Unset
from parse_core.operations.parse import parse_operation
from parse_core.schema.changes import type_mismatch
from parse_core.schema.classes import DEFAULT_FIELDS, FIELD_NAME, MAX_NAME, Field
from parse_core.schema.fields import infer
from parse_core.values.acl import Acl
from parse_core.values.nested import FileAddresses, is_index
from parse_core.values.scalars import MAX_ID, Document, Json, new_object_id, parse_iso, type_name

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.objects.requests import SaveRequest

SERVER_FIELDS: Final = frozenset({"objectId", "createdAt", "updatedAt"})
RESERVED_FIELDS: Final = frozenset({"length", "className"})
INTERNAL_COLUMN: Final = re.compile(r"_[A-Za-z_]+")
MAINTAINABLE: Final = frozenset(
    {
        "_hashed_password",
        "_email_verify_token",
        "_email_verify_token_expires_at",
        "_perishable_token",
        "_perishable_token_expires_at",
        "_failed_login_count",
        "_account_lockout_expires_at",
        "_password_changed_at",
        "_password_history",
        "_rperm",
        "_wperm",
    }
)
ACL_COLUMNS: Final = frozenset({"_rperm", "_wperm"})  # of stored objects; a new one brings an ACL
MAX_KEYS: Final = 10_000  # of one write
MAX_STEPS: Final = 32  # of a dotted path: with the value at its end, what JSON libraries follow
MAX_PATHS: Final = 200  # dotted paths of one write: each is a step of the one statement
MAX_INDEX_DIGITS: Final = 4  # a dotted path may pad an array up to here, not further
MAX_PADDING: Final = 1_000_000  # places of arrays that the paths of one write may ask for


def parse_changes(body: Document, files: FileAddresses, *, creates: bool) -> dict[str, Operation]:
    """The operations of a body by field name or dotted path; ids, times and internal columns are not among them.

    Raises `InvalidKeyName` (105), `InvalidNestedKey` (121), and what operations and ACLs raise.
    """
    if len(body) > MAX_KEYS:
        message = f"one write may set at most {MAX_KEYS} fields"
        raise ValidationError(message)
    changes: dict[str, Operation] = {}
    paths: list[list[str]] = []
    for key, value in body.items():
        if key in SERVER_FIELDS or key[:1] == "_":
            continue
        if key == "ACL":
            operation = _acl_operation(value, creates=creates)
            if operation is not None:
                changes[key] = operation
            continue
        if FIELD_NAME.fullmatch(key) is None:
            if len(paths) == MAX_PATHS:
                message = f"A write may have at most {MAX_PATHS} dotted keys."
                raise InvalidKeyName(message)
            paths.append(_path(key))
        elif key in RESERVED_FIELDS:
            raise _invalid_name(key)
        changes[key] = parse_operation(value, files)
    if paths:
        _check_paths(paths, changes)
    return changes


def check_names(changes: Mapping[str, Operation]) -> None:
    """Raises what a client is told that sends changes under such names: for those of the server's own code."""
    paths: list[list[str]] = []
    for key in changes:
        if FIELD_NAME.fullmatch(key) is None:
            paths.append(_path(key))
        elif key in RESERVED_FIELDS:
            raise _invalid_name(key)
    if paths:
        _check_paths(paths, changes)


def internal_columns(context: RequestContext, body: Document, *, creates: bool) -> Mapping[str, Json]:
    """The internal columns a body sets: the maintenance key's right, so that objects can be imported; else 105."""
    found: dict[str, Json] = {}
    for key, value in body.items():
        if key[:1] != "_":
            continue
        if not context.principal.is_maintenance:
            raise _invalid_name(key)
        if key not in MAINTAINABLE or (creates and key in ACL_COLUMNS):
            message = f"Invalid field name for update: {key}"
            raise InvalidKeyName(message)
        is_delete = isinstance(value, dict) and value.get("__op") == "Delete"
        found[key] = None if is_delete else value
        if key in ACL_COLUMNS and not _is_identities(found[key]):
            message = f"{key} must be a list of texts"
            raise IncorrectType(message)
    return {key: value for key, value in found.items() if value is not None} if creates else found


def _is_identities(value: Json) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(identity, str) for identity in value))


def new_id(context: RequestContext, body: Document) -> str:
    """The id of the object a create makes.

    Raises `InvalidKeyName` (105) when a client may not choose ids, `MissingObjectId` (104), `IncorrectType` (111).
    """
    given = body.get("objectId")
    if not context.options.allow_custom_object_id:
        if given:
            message = "objectId is an invalid field name."
            raise InvalidKeyName(message)
        if body.get("id"):
            message = "id is an invalid field name."
            raise InvalidKeyName(message)
        return new_object_id(context.options.object_id_size)
    if "objectId" not in body:
        return new_object_id(context.options.object_id_size)
    if given is None or given == "":
        raise MissingObjectId
    if not isinstance(given, str):
        message = f"objectId must be a string, got {type(given).__name__}"
        raise IncorrectType(message)
    if len(given) > MAX_ID:
        message = f"objectId may have at most {MAX_ID} characters"
        raise IncorrectType(message)
    return given


def times(context: RequestContext, request: SaveRequest, present: datetime) -> tuple[datetime, datetime]:
    """When a written object was created and updated: `present`, unless the maintenance key dates a new object.

    Anybody else may send dates, which count for nothing. Raises `IncorrectType` (111) for values that are no dates,
    `ValidationError` (142) for an impossible order in time.
    """
    for name in ("createdAt", "updatedAt"):
        value = request.body.get(name)
        if value is not None and type_name(value) != "Date":
            given = Field("Object") if isinstance(value, dict) else infer(value)
            raise type_mismatch(request.class_name, name, DEFAULT_FIELDS[name], given)
    if request.object_id is not None or not context.principal.is_maintenance:
        return present, present
    created = _moment(request.body.get("createdAt"))
    if created is None:
        return present, present
    updated = _moment(request.body.get("updatedAt")) or created
    if updated < created:
        message = "updatedAt cannot occur before createdAt"
        raise ValidationError(message)
    return created, updated


def _moment(value: Json) -> datetime | None:
    if value is None:
        return None
    text = value.get("iso")
    moment = parse_iso(text) if isinstance(text, str) else None
    if moment is None:
        message = "This is not a valid Date"
        raise IncorrectType(message)
    return moment


def _acl_operation(value: Json, *, creates: bool) -> Operation | None:
    if value is None:
        return None
    if isinstance(value, dict) and "__op" in value:
        if value["__op"] != "Delete":
            raise InvalidAcl
        # Unsetting the ACL locks the object instead of opening it to everybody.
        return Unset() if creates else Set({})
    return Set(Acl.parse(value).json)


def _path(key: str) -> list[str]:
    """The steps of a dotted key, its root first."""
    root, *steps = key.split(".", MAX_STEPS + 1)
    is_name = FIELD_NAME.fullmatch(root) is not None and root not in RESERVED_FIELDS
    if not is_name or not 0 < len(steps) <= MAX_STEPS or len(key) > MAX_NAME:
        raise _invalid_name(key)
    for step in steps:
        if step == "" or "$" in step:
            raise InvalidNestedKey
        if "\0" in step:
            message = "Invalid JSON: NUL character"
            raise InvalidJson(message)
    if any(len(step) > MAX_INDEX_DIGITS and is_index(step) for step in steps):
        raise _invalid_name(key)
    return [root, *steps]


def _check_paths(paths: list[list[str]], changes: Mapping[str, Operation]) -> None:
    """Raises `InvalidKeyName` (105) for arrays padded without end, and for paths that lead through what another
    operation computes: which of the two shall come first?
    """
    if sum(int(step) for path in paths for step in path[1:] if is_index(step)) > MAX_PADDING:
        raise _invalid_name(".".join(paths[0]))
    for path in paths:
        if not isinstance(changes.get(path[0]), Set | Unset | None):
            raise _invalid_name(".".join(path))
    paths = sorted(paths)
    for before, after in pairwise(paths):
        if after[: len(before)] == before:
            raise _invalid_name(".".join(after))


def _invalid_name(key: str) -> InvalidKeyName:
    return InvalidKeyName(f"Invalid field name: {key[:200]}.")
