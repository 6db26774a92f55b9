"""What a process knows of a class: immutable values, replaced as a whole when the class changes.

`ClassSchema` is what every step after routing works with. The registry (`schema/cache.py`) hands them out and
`schema/changes.py` makes new ones; nobody edits one in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

from parse_core.store.sql import Sql, identifier
from parse_core.values.scalars import Json

CLASS_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,119}")
FIELD_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}")
# Steps that mean the same to PostgreSQL's operators and to conditions: it would count from the end by "-1".
_PLAIN_PATH: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]{1,9}))+")
MAX_NAME: Final = 1_000  # characters of the name of a place: a field and the path below it
JOIN_NAME: Final = re.compile(r"_Join:(?P<field>[A-Za-z][A-Za-z0-9_]*):(?P<owner>[A-Za-z_][A-Za-z0-9_]*)")
RESERVED_CLASS_NAMES: Final = frozenset({"length", "className"})

P = TypeVar("P")
_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a class: `type` is a name of the field type registry, `options` the rest of its declaration.

    `options` holds `required`, `defaultValue` and any unknown key, which is stored and returned unchanged
    (`contract/objects.md` §18.5).
    """

    type: str
    target_class: str | None = None
    options: Mapping[str, Json] = field(default_factory=lambda: _EMPTY)

    @property
    def required(self) -> bool:
        """Whether a write without a value is refused."""
        return bool(self.options.get("required"))

    @property
    def default(self) -> Json:
        """The declared default, None when there is none."""
        return self.options.get("defaultValue")

    def __str__(self) -> str:
        """As error messages name it: `String`, `Pointer<_User>`."""
        return f"{self.type}<{self.target_class}>" if self.target_class else self.type

    def declaration(self) -> dict[str, Json]:
        """As `/schemas` shows and storage keeps it: `{"type": "Pointer", "targetClass": "_User", "required": true}`."""
        target = {"targetClass": self.target_class} if self.target_class else {}
        return {"type": self.type, **target, **self.options}

    @classmethod
    def from_declaration(cls, declaration: Mapping[str, Json]) -> Field:
        """The inverse of `declaration`."""
        options = {key: value for key, value in declaration.items() if key not in ("type", "targetClass")}
        return cls(declaration["type"], declaration.get("targetClass"), MappingProxyType(options))


DEFAULT_FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {"objectId": Field("String"), "createdAt": Field("Date"), "updatedAt": Field("Date"), "ACL": Field("ACL")}
)


@dataclass(frozen=True)
class ClassSchema:
    """A class of one application as of one version of its registry.

    `fields` includes the default and system columns. `permissions` is the stored class-level permission object (None:
    never set, everybody may do everything). `exists` is False for a class nobody has created: it has default columns
    and no table, finds nothing and can be written to, which creates it.
    """

    name: str
    namespace: str  # the PostgreSQL schema of the application
    table: str  # the table's name in it
    fields: Mapping[str, Field]
    permissions: Mapping[str, Json] | None = None
    indexes: Mapping[str, Mapping[str, Json]] = field(default_factory=lambda: _EMPTY)
    version: int = 0
    exists: bool = True
    _parts: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def part(self, cls: Callable[[ClassSchema], P]) -> P:
        """The one `cls` of this version of the class: what a higher layer compiled from it, made on first use."""
        found = self._parts.get(cls)
        if found is None:
            found = self._parts[cls] = cls(self)
        return cast("P", found)

    @cached_property
    def relation(self) -> Sql:
        """The qualified table, ready for a FROM."""
        return identifier(self.namespace, self.table)

    def join_table(self, relation_field: str) -> Sql:
        """The qualified join table (`owning_id`, `related_id`) of a Relation field."""
        return identifier(self.namespace, table_name(f"_Join:{relation_field}:{self.name}"))

    @cached_property
    def relation_fields(self) -> Mapping[str, str]:
        """Relation field → target class."""
        return {name: f.target_class or "" for name, f in self.fields.items() if f.type == "Relation"}

    @cached_property
    def pointer_fields(self) -> Mapping[str, str]:
        """Pointer field → target class."""
        return {name: f.target_class or "" for name, f in self.fields.items() if f.type == "Pointer"}

    @cached_property
    def has_everything_index(self) -> bool:
        """Whether equality on any field has an index, which a declaration can switch off."""
        return not any(index.get("$everything") is False for index in self.indexes.values())

    @cached_property
    def sorted_fields(self) -> Mapping[str, bool]:
        """The fields whose values a declared index sorts; True where one of all objects begins with the field."""
        found: dict[str, bool] = {}
        for index in self.indexes.values():
            names = [name.removeprefix("_p_") for name, kind in index.items() if sorts(name, kind)]
            for place, name in enumerate(names):
                found[name] = found.get(name, False) or (place == 0 and "$where" not in index)
        return MappingProxyType(found)

    @cached_property
    def keyed_paths(self) -> Mapping[str, bool]:
        """The paths below fields that an index of all objects begins with, and whether it sorts them descending."""
        found: dict[str, bool] = {}
        for index in self.indexes.values():
            first = next((name for name, kind in index.items() if sorts(name, kind)), "")
            if _PLAIN_PATH.fullmatch(first) and "$where" not in index and index.get("$unique") is not True:
                kind = index[first]
                found.setdefault(first, isinstance(kind, (int, float)) and kind < 0)
        return MappingProxyType(found)

    @cached_property
    def located_fields(self) -> frozenset[str]:
        """The GeoPoint fields that an index of all objects finds by place, whichever kind the index names."""
        entries = (
            (name, kind) for index in self.indexes.values() if "$where" not in index for name, kind in index.items()
        )
        points = {name for name, field in self.fields.items() if field.type == "GeoPoint"}
        return frozenset(name for name, kind in entries if name in points and kind != "text")

    @cached_property
    def guarded_fields(self) -> Mapping[str, Field]:
        """The fields a create must look at although the client did not send them: with a default, or required."""
        return {name: f for name, f in self.fields.items() if f.required or f.default is not None}


def sorts(name: str, kind: Json) -> bool:
    """Whether an entry of a declared index sorts by the field; `$unique` and its like are no fields."""
    return not name.startswith("$") and kind not in ("text", "2dsphere", "2d")


def table_name(class_name: str) -> str:
    """The table of a class: its own name while PostgreSQL's 63 bytes allow, else cut and made unique by a digest."""
    if len(class_name) <= 63:
        return class_name
    from hashlib import sha256

    return f"{class_name[:50]}~{sha256(class_name.encode()).hexdigest()[:12]}"
