"""What a class is to be: fields, indexes and permissions, named one after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from parse_cloud.author.sdk.encoding import encode
from parse_core.values.scalars import Document

TYPES: Final = (
    "String", "Number", "Boolean", "Bytes", "Date", "File", "GeoPoint", "Polygon", "Array", "Object", "Pointer",
    "Relation",
)  # fmt: skip
_DELETE: Final = {"__op": "Delete"}


class Fields:
    """The changes of a class. Each method gives it back, so that they can be chained."""

    def __init__(self) -> None:
        self._fields: Document = {}
        self._indexes: Document = {}
        self._permissions: Document | None = None

    def set_clp(self, permissions: Mapping[str, Any]) -> Self:
        """With class-level permissions: `{"find": {"requiresAuthentication": True}, …}`."""
        self._permissions = encode(permissions)
        return self

    def add_field(
        self,
        name: str,
        type: str = "String",  # noqa: A002 (that of the other SDKs)
        *,
        target_class: str | None = None,
        required: bool | None = None,
        default: Any = None,
    ) -> Self:
        """With a field. Raises `ValueError` for an unknown type, or a pointer or relation that leads nowhere."""
        if not name:
            raise ValueError("field name may not be null.")
        if type not in TYPES:
            raise ValueError(f"{type} is not a valid type.")
        if type in ("Pointer", "Relation") and not target_class:
            raise ValueError(f"You need to set the target_class of the {type}.")
        field = {"type": type, "targetClass": target_class, "required": required, "defaultValue": encode(default)}
        self._fields[name] = {key: value for key, value in field.items() if value is not None}
        return self

    def add_index(self, name: str, index: Mapping[str, Any]) -> Self:
        """With an index: `{"title": 1}`."""
        if not name or not index:
            raise ValueError("index and its name may not be null.")
        self._indexes[name] = dict(index)
        return self

    def delete_field(self, name: str) -> Self:
        """Without a field."""
        self._fields[name] = dict(_DELETE)
        return self

    def delete_index(self, name: str) -> Self:
        """Without an index."""
        self._indexes[name] = dict(_DELETE)
        return self

    def add_string(self, name: str, *, required: bool | None = None, default: str | None = None) -> Self:
        """With a text."""
        return self.add_field(name, "String", required=required, default=default)

    def add_number(self, name: str, *, required: bool | None = None, default: float | None = None) -> Self:
        """With a number."""
        return self.add_field(name, "Number", required=required, default=default)

    def add_boolean(self, name: str, *, required: bool | None = None, default: bool | None = None) -> Self:
        """With a truth value."""
        return self.add_field(name, "Boolean", required=required, default=default)

    def add_bytes(self, name: str, *, required: bool | None = None, default: bytes | None = None) -> Self:
        """With bytes."""
        return self.add_field(name, "Bytes", required=required, default=default)

    def add_date(self, name: str, *, required: bool | None = None, default: Any = None) -> Self:
        """With a moment."""
        return self.add_field(name, "Date", required=required, default=default)

    def add_file(self, name: str, *, required: bool | None = None, default: Any = None) -> Self:
        """With a file."""
        return self.add_field(name, "File", required=required, default=default)

    def add_geo_point(self, name: str, *, required: bool | None = None, default: Any = None) -> Self:
        """With a place."""
        return self.add_field(name, "GeoPoint", required=required, default=default)

    def add_polygon(self, name: str, *, required: bool | None = None, default: Any = None) -> Self:
        """With an area."""
        return self.add_field(name, "Polygon", required=required, default=default)

    def add_array(self, name: str, *, required: bool | None = None, default: list[Any] | None = None) -> Self:
        """With a list."""
        return self.add_field(name, "Array", required=required, default=default)

    def add_object(self, name: str, *, required: bool | None = None, default: dict[str, Any] | None = None) -> Self:
        """With a dictionary."""
        return self.add_field(name, "Object", required=required, default=default)

    def add_pointer(self, name: str, target_class: str, *, required: bool | None = None, default: Any = None) -> Self:
        """With a pointer to objects of a class."""
        return self.add_field(name, "Pointer", target_class=target_class, required=required, default=default)

    def add_relation(self, name: str, target_class: str) -> Self:
        """With links to objects of a class."""
        return self.add_field(name, "Relation", target_class=target_class)
