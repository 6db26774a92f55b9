"""What an object is going to do to its fields when it is saved: operations, by the rules of the other SDKs.

Two operations on one field become one (`merge`), so that a save sends at most one per field; and each can tell what the
field will hold (`apply`), as far as this side knows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from parse_cloud.author.sdk.encoding import FOR_SAVING, encode
from parse_cloud.author.sdk.error import ParseError
from parse_core.operations.base import MISSING, Missing
from parse_core.values.scalars import Document, Json, identity, number

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object


class Op:
    """One pending change of one field."""

    __slots__ = ()

    def apply(self, current: Any | Missing, owner: Object, key: str) -> Any | Missing:
        """The value after the change; `MISSING` when there is none then. Never changes `current`."""
        raise NotImplementedError

    def merge(self, before: Op | None) -> Op:
        """This change after a former one, as one. Raises `TypeError` where they do not go together."""
        raise NotImplementedError

    def to_json(self) -> Json:
        """The change as a save sends it. Raises `ParseError` when it refers to what is not saved."""
        raise NotImplementedError

    def _refuse(self, before: Op) -> TypeError:
        return TypeError(f"Cannot merge {type(self).__name__} with the previous {type(before).__name__}")


class SetOp(Op):
    """Another value."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def apply(self, current: Any | Missing, owner: Object, key: str) -> Any:
        return self.value

    def merge(self, before: Op | None) -> Op:
        return self

    def to_json(self) -> Json:
        return encode(self.value, FOR_SAVING)


class UnsetOp(Op):
    """No value."""

    __slots__ = ()

    def apply(self, current: Any | Missing, owner: Object, key: str) -> Missing:
        return MISSING

    def merge(self, before: Op | None) -> Op:
        return self

    def to_json(self) -> Json:
        return {"__op": "Delete"}


class IncrementOp(Op):
    """A number more."""

    __slots__ = ("amount",)

    def __init__(self, amount: float) -> None:
        """Raises `TypeError` for what is not a number."""
        if isinstance(amount, bool) or not isinstance(amount, (int, float)):
            raise TypeError("Cannot increment by a non-numeric amount.")
        self.amount = amount

    def apply(self, current: Any | Missing, owner: Object, key: str) -> float:
        return self._added_to(current)

    def merge(self, before: Op | None) -> Op:
        if before is None:
            return self
        if isinstance(before, SetOp):
            return SetOp(self._added_to(before.value))
        if isinstance(before, UnsetOp):
            return SetOp(self.amount)
        if isinstance(before, IncrementOp):
            return IncrementOp(self._added_to(before.amount))
        raise self._refuse(before)

    def to_json(self) -> Json:
        return {"__op": "Increment", "amount": self.amount}

    def _added_to(self, current: Any | Missing) -> float:
        if current is MISSING or current is None:
            return self.amount
        if isinstance(current, bool) or not isinstance(current, (int, float)):
            raise TypeError("Cannot increment a non-numeric value.")
        total = current + self.amount
        return number(total) if type(total) is float else total


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


def applied_at(current: Any | Missing, steps: list[str], op: Op, owner: Object) -> Any | Missing:
    """The value of a field after a change at a path within it; lists and dictionaries on the way are copied."""
    if not steps:
        return op.apply(current, owner, "")
    step, rest = steps[0], steps[1:]
    if isinstance(current, list) or (step.isdecimal() and not isinstance(current, dict)):
        items = list(current) if isinstance(current, list) else []
        if not step.isdecimal():
            return items
        items += [None] * (int(step) + 1 - len(items))
        before = MISSING if items[int(step)] is None else items[int(step)]
        value = applied_at(before, rest, op, owner)
        items[int(step)] = None if value is MISSING else value
        return items
    members: Document = dict(current) if isinstance(current, dict) else {}
    value = applied_at(members.get(step, MISSING), rest, op, owner)
    if value is MISSING:
        members.pop(step, None)
    else:
        members[step] = value
    return members
