"""Fitting a write to its class: types, new fields, defaults, required values (`contract/objects.md` §10, §18.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from parse_core.errors import IncorrectType, ValidationError
from parse_core.objects.requests import Write
from parse_core.operations.base import Operation
from parse_core.operations.data import Set, Unset
from parse_core.operations.relations import LinkChange
from parse_core.schema.changes import same_type, type_mismatch
from parse_core.schema.classes import ClassSchema, Field
from parse_core.schema.fields import PLAIN_FIELDS, field_types, infer
from parse_core.schema.names import check_target_class
from parse_core.schema.system_class import system_class
from parse_core.values.nested import is_index

_NONE: Final[frozenset[str]] = frozenset()
NEW_FIELDS_LIMIT = 1000  # that one write may add to a class


@dataclass(frozen=True, slots=True)
class Fitted:
    """A write whose every operation fits its class once the class has `new_fields`."""

    write: Write
    new_fields: Mapping[str, Field]


def unknown_fields(write: Write) -> frozenset[str]:
    """The root fields a write gives values to that its class does not have; unsetting one adds nothing."""
    known = write.schema.fields
    keys = [key for key, op in write.changes.items() if key not in known and not isinstance(op, Unset)]
    return frozenset(root for key in keys if (root := key.partition(".")[0]) not in known) if keys else _NONE


def fit(write: Write) -> Fitted:
    """The write with values normalised by type, and the fields it would add to the class.

    Raises `IncorrectType` (111) naming both types or a column that the class cannot do without, `ValidationError` (142)
    for a field that is declared required and has no value.
    """
    schema, changes = write.schema, dict(write.changes)
    new_fields: dict[str, Field] = {}
    for key, operation in write.changes.items():
        known = schema.fields.get(key)
        if known is not None and _is_plain(operation, known):
            continue
        root, _, rest = key.partition(".")
        known = known or schema.fields.get(root)
        if rest:
            implied: Field | None = _root_of(rest, known)
        else:
            changes[key], implied = _fitted(schema, key, operation, known)
        if implied is None:
            continue
        if known is not None:
            if not same_type(known, implied):
                raise type_mismatch(schema.name, root, known, implied)
        elif root in new_fields and not same_type(new_fields[root], implied):
            raise type_mismatch(schema.name, root, new_fields[root], implied)
        else:
            new_fields[root] = implied
    _check_columns(schema, changes, is_new=write.is_new)
    if write.is_new:
        _apply_defaults(schema, changes)
    _check_required(schema, changes, is_new=write.is_new)
    _check_new(changes, new_fields)
    # Compared by identity: most writes are as they should be, and copying one costs more than looking.
    is_same = len(changes) == len(write.changes) and all(changes[key] is op for key, op in write.changes.items())
    return Fitted(write if is_same else replace(write, changes=changes), new_fields)


def _is_plain(operation: Operation, known: Field) -> bool:
    """Whether a value is set that fits its field and is stored as it comes: true of most, so it is asked first."""
    if type(operation) is not Set:
        return False
    plain = PLAIN_FIELDS.get(type(operation.value))
    return plain is not None and plain.type == known.type


def _fitted(schema: ClassSchema, key: str, operation: Operation, known: Field | None) -> tuple[Operation, Field | None]:
    """The operation in the form its field stores, and the field type it implies."""
    if known is not None and known.type == "Relation":
        if isinstance(operation, Unset):
            return LinkChange(known.target_class, clear=True), None
        if isinstance(operation, Set) and operation.value is None:
            return LinkChange(None), None
    if isinstance(operation, Set):
        if operation.value is None:
            unsets = known is not None and known.type in field_types and field_types[known.type].null_unsets
            return (Unset() if unsets else operation), None
        if known is not None and known.type == "ACL":
            return operation, known
        implied = infer(operation.value)
        if known is not None and implied is not None and not same_type(known, implied):
            raise type_mismatch(schema.name, key, known, implied)
        if implied is not None and type(operation.value) is dict:
            normal = field_types[implied.type].normal(operation.value)
            return (operation if normal == operation.value else Set(normal)), implied
        return operation, implied
    initial = operation.initial()
    return operation, operation.field(None if initial is None else infer(initial))


def _root_of(rest: str, known: Field | None) -> Field | None:
    """The type a dotted path asks of its root: an index means an array, unless the field is known to be an object."""
    if known is not None and known.type in ("Object", "Array"):
        return None
    return Field("Array" if is_index(rest.partition(".")[0]) else "Object")


def _apply_defaults(schema: ClassSchema, changes: dict[str, Operation]) -> None:
    roots = {key.partition(".")[0] for key in changes}
    for name, field in schema.guarded_fields.items():
        if field.default is not None and (name not in roots or isinstance(changes.get(name), Unset)):
            changes[name] = Set(field.default)


def _check_columns(schema: ClassSchema, changes: Mapping[str, Operation], *, is_new: bool) -> None:
    for name in system_class(schema.name).required_fields:
        operation = changes.get(name)
        empties = isinstance(operation, Set) and operation.value in (None, "")
        if isinstance(operation, Unset) or empties or (is_new and _is_empty(operation)):
            message = f"{name} is required."
            raise IncorrectType(message)


def _is_empty(operation: Operation | None) -> bool:
    return operation is None or operation.initial() in (None, "")


def _check_required(schema: ClassSchema, changes: Mapping[str, Operation], *, is_new: bool) -> None:
    for name, field in schema.guarded_fields.items():
        if not field.required:
            continue
        operation = changes.get(name)
        if operation is None:
            if is_new and not any(key.startswith(f"{name}.") for key in changes):
                raise _required(name)
        elif isinstance(operation, Unset) or (isinstance(operation, Set) and operation.value in (None, "")):
            raise _required(name)


def _required(name: str) -> ValidationError:
    return ValidationError(f"{name} is required")


def _check_new(changes: Mapping[str, Operation], new_fields: Mapping[str, Field]) -> None:
    points = [
        op
        for op in changes.values()
        if type(op) is Set and type(op.value) is dict and op.value.get("__type") == "GeoPoint"
    ]
    if len(points) > 1:
        message = "there can only be one geopoint field in a class"
        raise IncorrectType(message)
    for field in new_fields.values():
        if field.target_class is not None:
            check_target_class(field.target_class)  # it becomes part of the class, and of every answer with a relation
    if len(new_fields) > NEW_FIELDS_LIMIT:
        message = f"one write may add at most {NEW_FIELDS_LIMIT} fields to a class"
        raise ValidationError(message)
