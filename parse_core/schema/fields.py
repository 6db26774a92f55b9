"""What each Parse type accepts on a write: one class per type, found by its name or by a value's JSON form.

`infer` tells the type a value implies for a new field; `FieldType.normal` checks a value against a known type and gives
it as it is stored. How a type compares and sorts in SQL is `query`'s part. `contract/objects.md` §10.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import ClassVar, Final

from parse_core.errors import IncorrectType, InvalidGeometry, InvalidJson
from parse_core.registry import Registry
from parse_core.schema.classes import Field
from parse_core.values.scalars import Json, normal_iso, type_name

field_types: Registry[type[FieldType]] = Registry("field type")


class FieldType:
    """One Parse type. Subclasses register themselves by `name`."""

    name: ClassVar[str]
    # JSON null and "unset" are the same for these (`contract/objects.md` §10, null storage)
    null_unsets: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        field_types.add(cls.name, cls)

    @classmethod
    def normal(cls, value: Json) -> Json:
        """The value as stored. Raises `IncorrectType` "This is not a valid <type>" for a malformed one."""
        return value


def invalid(name: str) -> IncorrectType:
    """The refusal of a malformed typed value."""
    return IncorrectType(f"This is not a valid {name}")


class StringType(FieldType):
    name = "String"


class NumberType(FieldType):
    name = "Number"


class BooleanType(FieldType):
    name = "Boolean"


class ArrayType(FieldType):
    name = "Array"


class ObjectType(FieldType):
    name = "Object"


class AclType(FieldType):
    name = "ACL"


class RelationType(FieldType):
    """A placeholder in documents; the links live in a join table."""

    name = "Relation"


class DateType(FieldType):
    """Any ISO-8601 form comes in; the one output form is stored."""

    name = "Date"

    @classmethod
    def normal(cls, value: Json) -> Json:
        iso = normal_iso(value.get("iso"))
        if iso is None:
            raise invalid("Date")
        return {"__type": "Date", "iso": iso}


class PointerType(FieldType):
    """Extra keys are dropped: a pointer is its class and id."""

    name = "Pointer"
    null_unsets = True

    @classmethod
    def normal(cls, value: Json) -> Json:
        class_name, object_id = value.get("className"), value.get("objectId")
        if not isinstance(class_name, str) or not class_name or not isinstance(object_id, str) or not object_id:
            raise invalid("Pointer")
        return {"__type": "Pointer", "className": class_name, "objectId": object_id}


class FileType(FieldType):
    """Only the name is a client's to say; the address is made when the object leaves the server."""

    name = "File"
    null_unsets = True

    @classmethod
    def normal(cls, value: Json) -> Json:
        if not isinstance(value.get("name"), str) or not value["name"]:
            raise invalid("File")
        return {key: value[key] for key in ("__type", "name", "url") if key in value}


class BytesType(FieldType):
    name = "Bytes"

    @classmethod
    def normal(cls, value: Json) -> Json:
        base64 = value.get("base64")
        if not isinstance(base64, str) or not base64:
            raise invalid("Bytes")
        try:
            b64decode(base64, validate=True)
        except (Base64Error, ValueError) as error:
            raise invalid("Bytes") from error
        return {"__type": "Bytes", "base64": base64}


class GeoPointType(FieldType):
    name = "GeoPoint"
    null_unsets = True

    @classmethod
    def normal(cls, value: Json) -> Json:
        latitude, longitude = value.get("latitude"), value.get("longitude")
        if not (_coordinate(latitude, 90) and _coordinate(longitude, 180)):
            raise invalid("GeoPoint")
        return {"__type": "GeoPoint", "latitude": latitude, "longitude": longitude}


class PolygonType(FieldType):
    """Stored closed: the first point is repeated at the end."""

    name = "Polygon"

    @classmethod
    def normal(cls, value: Json) -> Json:
        points = value.get("coordinates")
        if not isinstance(points, list):
            raise invalid("Polygon")
        if len(points) < 3:
            message = "Polygon must have at least 3 values"
            raise InvalidJson(message)
        for point in points:
            if not isinstance(point, list) or len(point) != 2 or not all(_number(part) for part in point):
                raise invalid("Polygon")
            if not (_coordinate(point[0], 90) and _coordinate(point[1], 180)):
                axis, worth = ("latitude", point[0]) if abs(point[0]) > 90 else ("longitude", point[1])
                bound = 90.0 if axis == "latitude" else 180.0
                sign = ">" if worth > 0 else "<"
                message = f"GeoPoint {axis} out of bounds: {worth} {sign} {'-' if worth < 0 else ''}{bound}."
                raise InvalidGeometry(message)
        closed = points if points[0] == points[-1] else [*points, points[0]]
        if len({tuple(point) for point in closed}) < 3:
            message = "GeoJSON: Loop must have at least 3 different vertices"
            raise InvalidGeometry(message)
        return {"__type": "Polygon", "coordinates": closed}


def _number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _coordinate(value: Json, bound: int) -> bool:
    return _number(value) and -bound <= value <= bound


# What the values of these JSON kinds imply; they are stored as they come.
PLAIN_FIELDS: Final[Mapping[type, Field]] = {
    str: Field("String"),
    bool: Field("Boolean"),
    int: Field("Number"),
    float: Field("Number"),
    list: Field("Array"),
}
_OBJECT: Final = Field("Object")


def infer(value: Json) -> Field | None:
    """The field a JSON value implies; None for null, which implies nothing.

    Raises `IncorrectType` for an object whose `__type` is no type of the protocol, or lacks what the type needs.
    """
    if value is None:
        return None
    plain = PLAIN_FIELDS.get(type(value))
    if plain is not None:
        return plain
    typed = type_name(value)
    if typed is None:
        if "__type" in value:
            raise invalid(str(value["__type"]))
        return _OBJECT
    if typed in ("Pointer", "Relation"):
        target = value.get("className")
        if not isinstance(target, str) or not target:
            raise invalid(typed)
        return Field(typed, target)
    if typed not in _TYPED:
        raise invalid(typed)
    return Field(typed)


_TYPED = frozenset({"Date", "File", "GeoPoint", "Polygon", "Bytes"})
