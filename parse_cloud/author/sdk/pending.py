"""What an object is going to do to its fields when it is saved: operations, by the rules of the other SDKs.

Two operations on one field become one (`merge`), so that a save sends at most one per field; and each can tell what the
field will hold (`apply`), as far as this side knows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parse_cloud.author.sdk.encoding import FOR_SAVING, encode
from parse_core.operations.base import MISSING, Missing
from parse_core.values.scalars import Json, number

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
