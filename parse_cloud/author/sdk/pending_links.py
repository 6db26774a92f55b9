"""Pending changes of relations, and the operations that only requests of clients bring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from parse_cloud.author.sdk.decoding import decode
from parse_cloud.author.sdk.encoding import FOR_SAVING, encode
from parse_cloud.author.sdk.pending import Op, SetOp, UnsetOp
from parse_core.operations.base import MISSING, Missing, Operation
from parse_core.operations.data import SetOnInsert
from parse_core.values.scalars import Json, pointer

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object


class RelationOp(Op):
    """Objects linked and unlinked, by id. `clear`: all others are unlinked first."""

    __slots__ = ("added", "clear", "removed", "target_class")

    def __init__(
        self,
        target_class: str | None = None,
        added: Iterable[str] = (),
        removed: Iterable[str] = (),
        *,
        clear: bool = False,
    ) -> None:
        self.target_class = target_class
        self.added = tuple(dict.fromkeys(added))
        self.removed = tuple(dict.fromkeys(removed))
        self.clear = clear

    @classmethod
    def of(cls, *, added: Iterable[Object] = (), removed: Iterable[Object] = ()) -> RelationOp:
        """The change for objects. Raises `ValueError` for unsaved ones, `TypeError` for several classes."""
        added, removed = list(added), list(removed)
        classes = list(dict.fromkeys(each.class_name for each in (*added, *removed)))
        if len(classes) > 1:
            raise TypeError(f"Tried to create a Relation with 2 different object types: {' and '.join(classes)}.")
        return cls(classes[0] if classes else None, map(_id, added), map(_id, removed))

    def apply(self, current: Any | Missing, owner: Object, key: str) -> Any:
        from parse_cloud.author.sdk.relation import Relation

        if current is MISSING or current is None:
            return Relation(owner, key, self.target_class)
        if not isinstance(current, Relation):
            raise TypeError("Relation cannot be applied to a non-relation field")
        self._ensure(current.target_class)
        return current if current.target_class else Relation(owner, key, self.target_class)

    def merge(self, before: Op | None) -> Op:
        from parse_cloud.author.sdk.relation import Relation

        if before is None or (isinstance(before, SetOp) and isinstance(before.value, Relation)):
            return self
        if isinstance(before, UnsetOp):
            raise TypeError("You cannot modify a relation after deleting it.")
        if not isinstance(before, RelationOp):
            raise self._refuse(before)
        self._ensure(before.target_class)
        return RelationOp(
            self.target_class or before.target_class,
            (*(each for each in before.added if each not in self.removed), *self.added),
            (*(each for each in before.removed if each not in self.added), *self.removed),
            clear=before.clear or self.clear,
        )

    def to_json(self) -> Json:
        steps = [
            {"__op": name, "objects": [pointer(self.target_class or "", each) for each in ids]}
            for name, ids in (("AddRelation", self.added), ("RemoveRelation", self.removed))
            if ids
        ]
        return steps[0] if len(steps) == 1 else {"__op": "Batch", "ops": steps}

    def _ensure(self, target_class: str | None) -> None:
        if target_class and self.target_class and target_class != self.target_class:
            raise TypeError(f"Related object must be a {target_class}, but a {self.target_class} was passed in.")


class CoreOp(Op):
    """An operation of the server's that has no counterpart among the SDK's own: `SetOnInsert`."""

    __slots__ = ("operation",)

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def apply(self, current: Any | Missing, owner: Object, key: str) -> Any | Missing:
        after = self.operation.apply(current if current is MISSING else encode(current, FOR_SAVING))
        return after if after is MISSING else decode(after)

    def merge(self, before: Op | None) -> Op:
        if before is None:
            return self
        raise self._refuse(before)

    def to_json(self) -> Json:
        if isinstance(self.operation, SetOnInsert):
            return {"__op": self.operation.name, "amount": self.operation.value}
        return self.operation.initial()


def _id(each: Object) -> str:
    if each.id is None:
        raise ValueError("You cannot add or remove an unsaved Parse Object from a relation")
    return each.id
