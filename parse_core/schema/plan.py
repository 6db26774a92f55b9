"""What it takes to bring the classes of a database to their definitions: worked out as a value, nothing is changed.

The rules are those of `contract/objects.md` §23. A plan holds every change ready checked, so that what it cannot do it
refuses as a whole, and it is empty for a database that is as defined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from parse_core.errors import ParseError
from parse_core.schema.changes import same_type
from parse_core.schema.class_changes import ClassChange, checked
from parse_core.schema.class_permissions import DEFAULT, shown
from parse_core.schema.defined import Definition, Definitions, server_fields, server_indexes
from parse_core.schema.describing import described
from parse_core.schema.field_definitions import parse_field
from parse_core.schema.names import check_class_name
from parse_core.schema.system_class import system_class, system_classes

if TYPE_CHECKING:
    from parse_core.options import Options, SchemaOptions
    from parse_core.schema.classes import ClassSchema, Field
    from parse_core.values.scalars import Document

DELETE: Final = {"__op": "Delete"}


class Impossible(Exception):
    """A definition that cannot be brought about; says of which class, and why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes, in the order in which they are made, and what stays different from the definitions all the same."""

    changes: tuple[ClassChange, ...] = ()
    drift: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """One line per class, field, index and permission that changes: `+ field Post.title: String`."""
        return [line for change in self.changes for line in described(change)]


def plan(
    definitions: Definitions,
    classes: Mapping[str, ClassSchema],
    unknown: Callable[[str], ClassSchema],
    options: Options,
) -> Plan:
    """The plan for a database with these `classes`; `unknown` tells of any name what a class nobody created is.

    Raises `Impossible`.
    """
    changes: list[ClassChange] = []
    drift: list[str] = []
    for definition in definitions.classes.values():
        present = classes.get(definition.name) or unknown(definition.name)
        try:
            compared = _Comparison(definition, present, definitions.options, options)
            changes.extend(compared.changes())
            drift.extend(compared.drift())
        except ParseError as error:
            message = f"{definition.name}: {error.message}"
            raise Impossible(message) from error
    others = {name: classes.get(name) or unknown(name) for name in _needed() | classes.keys()}
    for name in sorted(others.keys() - definitions.classes.keys()):
        if system_class(name).listed:
            changes.append(_closed_to_fields(others[name]))
        if name not in system_classes:
            drift.append(f"class {name} is not defined")
    return Plan(tuple(change for change in changes if not change.does_nothing), tuple(drift))


class _Comparison:
    """One class beside its definition."""

    def __init__(self, definition: Definition, present: ClassSchema, allowed: SchemaOptions, options: Options) -> None:
        self._definition = definition
        self._present = present
        self._allowed = allowed
        self._options = options
        own = server_fields(definition.name)
        self._declared = {name: declared for name, declared in definition.fields.items() if name not in own}
        self._stored = {name: field for name, field in present.fields.items() if name not in own}
        protected = server_indexes(definition.name)
        self._indexes = {name: index for name, index in definition.indexes.items() if name not in protected}
        self._stored_indexes = {name: index for name, index in present.indexes.items() if name not in protected}

    def changes(self) -> Iterator[ClassChange]:
        """What is removed, then what is added and replaced. Raises what `/schemas` would refuse it with."""
        present = self._present
        if not present.exists:
            check_class_name(present.name)
        removal = self._removal()
        if any(removal.values()):
            removed = checked(self._options, present, removal)
            yield removed
            present = removed.wanted
        yield checked(self._options, present, self._body())

    def drift(self) -> Iterator[str]:
        """What is not as defined and stays so, since nobody allowed to change it."""
        name = self._definition.name
        if not self._allowed.delete_extra_fields:
            for extra in self._extra_fields():
                yield f"field {name}.{extra} is not defined"
        if not self._allowed.recreate_modified_fields:
            for field in self._modified_fields():
                yield f"field {name}.{field} is {self._stored[field]}, defined as {self._field(field)}"
        if self._allowed.keep_unknown_indexes:
            for index in self._stored_indexes.keys() - self._indexes.keys():
                yield f"index {name}.{index} is not defined"

    def _removal(self) -> Document:
        fields = [*(self._extra_fields() if self._allowed.delete_extra_fields else ())]
        fields += self._modified_fields() if self._allowed.recreate_modified_fields else ()
        indexes = [
            name
            for name, index in self._stored_indexes.items()
            if (name not in self._indexes and not self._allowed.keep_unknown_indexes)
            or (name in self._indexes and index != self._indexes[name])
        ]
        return {"fields": dict.fromkeys(fields, DELETE), "indexes": dict.fromkeys(indexes, DELETE)}

    def _body(self) -> Document:
        left_alone = () if self._allowed.recreate_modified_fields else self._modified_fields()
        unchanged = {name for name, index in self._stored_indexes.items() if self._indexes.get(name) == index}
        body: Document = {
            "fields": {name: dict(field) for name, field in self._declared.items() if name not in left_alone},
            "indexes": {name: dict(index) for name, index in self._indexes.items() if name not in unchanged},
        }
        # Who declares classes wants no client to add to them.
        permissions = {**self._definition.permissions, "addField": {}}
        if not self._present.exists or shown(permissions) != shown(self._present.permissions):
            body["classLevelPermissions"] = permissions
        return body

    def _extra_fields(self) -> list[str]:
        return sorted(self._stored.keys() - self._declared.keys())

    def _modified_fields(self) -> list[str]:
        both = sorted(self._stored.keys() & self._declared.keys())
        return [name for name in both if not same_type(self._stored[name], self._field(name))]

    def _field(self, name: str) -> Field:
        return parse_field(self._definition.name, name, self._declared[name])


def _closed_to_fields(present: ClassSchema) -> ClassChange:
    """The class with its permissions as they are, but closed to new fields of clients.

    The permissions are not checked: what is stored may be older than today's rules.
    """
    permissions = {**(DEFAULT if present.permissions is None else present.permissions)}
    permissions["addField"] = {}
    return ClassChange(present, replace(present, permissions=MappingProxyType(permissions), exists=True))


def _needed() -> frozenset[str]:
    """The classes that are there wherever classes are declared."""
    return frozenset(name for name, declared in system_classes.items() if declared.needed_by_definitions)
