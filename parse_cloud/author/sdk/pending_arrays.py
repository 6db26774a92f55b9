"""Pending changes of lists: elements more, and elements fewer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from parse_cloud.author.sdk.encoding import FOR_SAVING, encode
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.pending import Op, SetOp, UnsetOp
from parse_core.operations.base import MISSING, Missing
from parse_core.values.scalars import Json, identity

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object


class ArrayOp(Op):
    """What the three operations on arrays share."""

    __slots__ = ("objects",)
    name: str

    def __init__(self, objects: Iterable[Any]) -> None:
        self.objects = list(objects)

    def apply(self, current: Any | Missing, owner: Object, key: str) -> list[Any]:
        return self._applied(_items(current))

    def merge(self, before: Op | None) -> Op:
        if before is None:
            return self
        if isinstance(before, SetOp):
            return SetOp(self._applied(_items(before.value)))
        if isinstance(before, UnsetOp):
            return self._after_unset()
        if not isinstance(before, ArrayOp) or before.name != self.name:
            raise self._refuse(before)
        return self._after_same(before)

    def to_json(self) -> Json:
        return {"__op": self.name, "objects": encode(self.objects, FOR_SAVING)}

    def _applied(self, items: list[Any]) -> list[Any]:
        raise NotImplementedError

    def _after_unset(self) -> Op:
        return SetOp(self._applied([]))

    def _after_same(self, before: ArrayOp) -> Op:
        return type(self)(self._applied(before.objects))


class AddOp(ArrayOp):
    """More elements at the end."""

    __slots__ = ()
    name = "Add"

    def _applied(self, items: list[Any]) -> list[Any]:
        return [*items, *self.objects]


class AddUniqueOp(ArrayOp):
    """More elements at the end, but for those that are there."""

    __slots__ = ()
    name = "AddUnique"

    def __init__(self, objects: Iterable[Any]) -> None:
        super().__init__(without_repetition(objects))

    def _applied(self, items: list[Any]) -> list[Any]:
        present = {same(item) for item in items}
        return [*items, *(item for item in self.objects if same(item) not in present)]


class RemoveOp(ArrayOp):
    """Fewer elements: every one that equals one of these."""

    __slots__ = ()
    name = "Remove"

    def __init__(self, objects: Iterable[Any]) -> None:
        super().__init__(without_repetition(objects))

    def _applied(self, items: list[Any]) -> list[Any]:
        gone = {same(item) for item in self.objects}
        return [item for item in items if same(item) not in gone]

    def _after_unset(self) -> Op:
        return UnsetOp()

    def _after_same(self, before: ArrayOp) -> Op:
        return RemoveOp([*before.objects, *self.objects])


def same(value: Any) -> object:
    """Equal for values that the server takes for the same element; an unsaved object is only itself."""
    try:
        return identity(encode(value, FOR_SAVING))
    except ParseError:
        return id(value)


def without_repetition(values: Iterable[Any]) -> list[Any]:
    """Each value once, where it came first."""
    found: dict[object, Any] = {}
    for value in values:
        found.setdefault(same(value), value)
    return list(found.values())


def _items(value: Any | Missing) -> list[Any]:
    if value is MISSING or value is None:
        return []
    if isinstance(value, (list, tuple)):
        return list(value)
    raise TypeError("Cannot change the elements of a value that is not a list")
