"""Fields as `/schemas` and defined schemas declare them: the checks of `contract/objects.md` §18.2 and §18.3."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from parse_core.errors import IncorrectType, InvalidJson, InvalidSchemaOperation, MissingValue, NotChangeable
from parse_core.schema.changes import same_type, type_mismatch
from parse_core.schema.classes import DEFAULT_FIELDS, ClassSchema, Field
from parse_core.schema.fields import field_types, infer
from parse_core.schema.names import check_field_name, check_target_class
from parse_core.schema.system_class import system_class
from parse_core.values.scalars import Json

DECLARABLE: Final = frozenset(field_types) - {"ACL"}
DELETE: Final = "Delete"


class FieldChanges:
    """What a request does to the fields of a class: `added` and `replaced` by name, `dropped` names."""

    def __init__(self, schema: ClassSchema, submitted: Json) -> None:
        """Every check runs here, on the class as it would become. Raises 105, 107, 111, 135, 136 or 255."""
        self._schema = schema
        self.added: dict[str, Field] = {}
        self.replaced: dict[str, Field] = {}
        self.dropped: frozenset[str] = frozenset()
        declared = _objects({} if submitted is None else submitted)
        if schema.exists:
            self._check_present(declared)
        for name, declaration in declared.items():
            if declaration.get("__op") == DELETE:
                continue
            if name in schema.fields and (schema.exists or name in DEFAULT_FIELDS):
                self._replace(name, declaration)
            else:
                self._add(name, declaration)
        self._drop(declared)
        self.fields = self._resulting()

    def _check_present(self, declared: Mapping[str, Mapping[str, Json]]) -> None:
        """Before anything else, so that a request that contradicts the class is told so."""
        for name, declaration in declared.items():
            present, deletes = self._schema.fields.get(name), declaration.get("__op") == DELETE
            if present is not None and not deletes and present.type != declaration.get("type"):
                message = f"Field {name} exists, cannot update."
                raise InvalidSchemaOperation(message)
            if present is None and deletes:
                message = f"Field {name} does not exist, cannot delete."
                raise InvalidSchemaOperation(message)

    def _add(self, name: str, declaration: Mapping[str, Json]) -> None:
        check_field_name(name, self._schema.name)
        if name in system_class(self._schema.name).fields:
            raise _cannot_be_added(name)
        self.added[name] = parse_field(self._schema.name, name, declaration)

    def _replace(self, name: str, declaration: Mapping[str, Json]) -> None:
        if name in DEFAULT_FIELDS:
            if not self._schema.exists:
                raise _cannot_be_added(name)
            return
        present, given = self._schema.fields[name], parse_field(self._schema.name, name, declaration)
        if not same_type(present, given):
            raise type_mismatch(self._schema.name, name, present, given)
        self.replaced[name] = given

    def _drop(self, declared: Mapping[str, Mapping[str, Json]]) -> None:
        self.dropped = frozenset(name for name, declaration in declared.items() if declaration.get("__op") == DELETE)
        if self.dropped and not self._schema.exists:
            raise _invalid_json()
        for name in self.dropped:
            if name in DEFAULT_FIELDS or name in system_class(self._schema.name).fields:
                message = f"field {name} cannot be changed"
                raise NotChangeable(message)

    def _resulting(self) -> Mapping[str, Field]:
        """The fields the class will have. Raises `IncorrectType` (111) for a second GeoPoint."""
        kept = {name: field for name, field in self._schema.fields.items() if name not in self.dropped}
        fields = {**kept, **self.replaced, **self.added}
        points = [name for name, field in fields.items() if field.type == "GeoPoint"]
        if len(points) > 1 and any(name in self.added for name in points):
            message = (
                "currently, only one GeoPoint field may exist in an object. "
                f"Adding {points[1]} when {points[0]} already exists."
            )
            raise IncorrectType(message)
        return MappingProxyType(fields)


def parse_field(class_name: str, name: str, declaration: Mapping[str, Json]) -> Field:
    """The field of a declaration `{"type": "Pointer", "targetClass": "Post", "required": true}`.

    Raises `MissingValue` (135), `InvalidJson` (107), `InvalidClassName` (103) or `IncorrectType` (111).
    """
    type_name, target = declaration.get("type"), declaration.get("targetClass")
    if not isinstance(type_name, str):
        raise _invalid_json()
    if type_name in ("Pointer", "Relation"):
        if not target:
            message = f"type {type_name} needs a class name"
            raise MissingValue(message)
        if not isinstance(target, str):
            raise _invalid_json()
        check_target_class(target)
    elif type_name not in DECLARABLE:
        message = f"invalid field type: {type_name}"
        raise IncorrectType(message)
    else:
        target = None
    options = {key: value for key, value in declaration.items() if key not in ("type", "targetClass")}
    return _with_options(class_name, name, Field(type_name, target), options)


def _with_options(class_name: str, name: str, field: Field, options: dict[str, Json]) -> Field:
    default = options.get("defaultValue")
    if default is None:
        options.pop("defaultValue", None)
    for option, set_ in (("default value", default is not None), ("required", bool(options.get("required")))):
        if set_ and field.type == "Relation":
            message = f"The '{option}' option is not applicable for {field}"
            raise IncorrectType(message)
    if default is not None:
        implied = infer(default)
        if implied is None or not same_type(field, implied):
            message = f"schema mismatch for {class_name}.{name} default value; expected {field} but got {implied}"
            raise IncorrectType(message)
        options["defaultValue"] = field_types[field.type].normal(default)
    return Field(field.type, field.target_class, MappingProxyType(options))


def _objects(submitted: Json) -> Mapping[str, Mapping[str, Json]]:
    if not isinstance(submitted, dict) or not all(isinstance(value, dict) for value in submitted.values()):
        raise _invalid_json()
    return submitted


def _invalid_json() -> InvalidJson:
    return InvalidJson("invalid JSON")


def _cannot_be_added(name: str) -> NotChangeable:
    return NotChangeable(f"field {name} cannot be added")
