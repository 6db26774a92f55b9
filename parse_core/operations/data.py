"""The operations that change a stored value: set, unset, numbers and arrays (`contract/objects.md` §11.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from parse_core.operations.base import MISSING, Missing, Operation
from parse_core.schema.classes import Field
from parse_core.store.sql import Sql, json_param
from parse_core.values.scalars import Json, identity, number


@dataclass(frozen=True, slots=True)
class Set(Operation):
    """Replaces the value; JSON null is a value."""

    name: ClassVar[str] = "Set"
    value: Json

    def field(self, inferred: Field | None) -> Field | None:
        return inferred

    def apply(self, current: Json | Missing) -> Json:
        return self.value

    def sql(self, current: Sql) -> Sql:
        return json_param(self.value)


@dataclass(frozen=True, slots=True)
class Unset(Operation):
    """Removes the field; on a new object it merely stays absent."""

    name: ClassVar[str] = "Delete"


@dataclass(frozen=True, slots=True)
class Increment(Operation):
    """Adds to a number as JavaScript does (IEEE double); missing and null count as 0."""

    name: ClassVar[str] = "Increment"
    echoed: ClassVar[bool] = True
    amount: int | float

    def field(self, inferred: Field | None) -> Field:
        return Field("Number")

    def apply(self, current: Json | Missing) -> Json:
        counts = isinstance(current, (int, float)) and not isinstance(current, bool)
        total = float(self.amount) + (current if counts else 0)  # type: ignore[operator]
        return number(total)

    def sql(self, current: Sql) -> Sql:
        return Sql("parse.add_number(") + current + Sql(", %s::float8)", (float(self.amount),))


@dataclass(frozen=True, slots=True)
class ArrayOperation(Operation):
    """What the three array operations share: the objects, and the SQL function of the same meaning."""

    function: ClassVar[str]
    echoed: ClassVar[bool] = True
    objects: list[Json]

    def field(self, inferred: Field | None) -> Field:
        return Field("Array")

    def sql(self, current: Sql) -> Sql:
        return Sql(f"parse.{self.function}(") + current + Sql(", ") + json_param(self.objects) + Sql(")")


class Add(ArrayOperation):
    """Appends all, in order, duplicates kept."""

    __slots__ = ()
    name: ClassVar[str] = "Add"
    function: ClassVar[str] = "array_add"

    def apply(self, current: Json | Missing) -> Json:
        return [*_array(current), *self.objects]


class AddUnique(ArrayOperation):
    """Appends those that are not there yet, each once; what was there keeps its order and its duplicates."""

    __slots__ = ()
    name: ClassVar[str] = "AddUnique"
    function: ClassVar[str] = "array_add_unique"

    def apply(self, current: Json | Missing) -> Json:
        if current is MISSING:
            return list(self.objects)  # a new object stores what was sent
        items = list(_array(current))
        present = set(map(identity, items))
        for item in self.objects:
            if (key := identity(item)) not in present:
                present.add(key)
                items.append(item)
        return items


class Remove(ArrayOperation):
    """Takes out every equal element; a missing array becomes an empty one."""

    __slots__ = ()
    name: ClassVar[str] = "Remove"
    function: ClassVar[str] = "array_remove"

    def apply(self, current: Json | Missing) -> Json:
        gone = set(map(identity, self.objects))
        return [item for item in _array(current) if identity(item) not in gone]


@dataclass(frozen=True, slots=True)
class SetOnInsert(Operation):
    """Sets the value on a new object, leaves an existing one alone."""

    name: ClassVar[str] = "SetOnInsert"
    echoed: ClassVar[bool] = True
    value: Json

    def field(self, inferred: Field | None) -> Field | None:
        return inferred

    def apply(self, current: Json | Missing) -> Json | Missing:
        return self.value if current is MISSING else current

    def sql(self, current: Sql) -> Sql:
        return current


def _array(current: Json | Missing) -> list[Json]:
    return current if isinstance(current, list) else []
