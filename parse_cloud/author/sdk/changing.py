"""Changing the fields of an object, until it is saved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from parse_cloud.author.sdk.acl import ACL
from parse_cloud.author.sdk.attributes import Attributes
from parse_cloud.author.sdk.decoding import decode
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.pending import IncrementOp, Op, SetOp, UnsetOp
from parse_cloud.author.sdk.pending_arrays import AddOp, AddUniqueOp, RemoveOp
from parse_cloud.author.sdk.received import op_from_json
from parse_cloud.author.sdk.relation import Relation
from parse_cloud.author.sdk.values import TIMES

_KEY: Final = re.compile(r"[A-Za-z_][0-9A-Za-z_.]*")


class Changeable(Attributes):
    """`post["title"] = "…"`, `post.increment("likes")`: changes add up, and are sent together by a save."""

    __slots__ = ()

    def set(self, key: str | Mapping[str, Any], value: Any = None) -> Self:
        """The object with a field, a path within one (`"address.city"`), or several fields set.

        Raises `ParseError` 105 for a name that cannot be one, `TypeError` for a field that is read-only, or whose value
        an operation cannot change; then nothing is set.
        """
        given = {key: value} if isinstance(key, str) else dict(key)
        identity = [given.pop(name) for name in ("objectId", "id") if name in given]
        changes = {name: self._op(name, each) for name, each in given.items() if name not in TIMES}
        self.validate({name: op.value for name, op in changes.items() if isinstance(op, SetOp)})
        self.state.change(changes)
        if identity and isinstance(identity[-1], str):
            self.id = identity[-1]
        return self

    def validate(self, values: Mapping[str, Any]) -> None:
        """Raises for values that fields may not be set to; for subclasses to say."""

    def unset(self, key: str) -> Self:
        """The object without a field."""
        return self.set(key, UnsetOp())

    def increment(self, key: str, amount: float = 1) -> Self:
        """The object with more in a number; others who do so at the same time count too."""
        return self.set(key, IncrementOp(amount))

    def decrement(self, key: str, amount: float = 1) -> Self:
        """The object with less in a number."""
        return self.set(key, IncrementOp(-amount))

    def add(self, key: str, item: Any) -> Self:
        """The object with one more element at the end of a list."""
        return self.set(key, AddOp([item]))

    def add_all(self, key: str, items: Iterable[Any]) -> Self:
        """The object with more elements at the end of a list."""
        return self.set(key, AddOp(items))

    def add_unique(self, key: str, item: Any) -> Self:
        """The object with an element in a list, unless it is there."""
        return self.set(key, AddUniqueOp([item]))

    def add_all_unique(self, key: str, items: Iterable[Any]) -> Self:
        """The object with elements in a list, but for those that are there."""
        return self.set(key, AddUniqueOp(items))

    def remove(self, key: str, item: Any) -> Self:
        """The object without an element in a list, wherever it is."""
        return self.set(key, RemoveOp([item]))

    def remove_all(self, key: str, items: Iterable[Any]) -> Self:
        """The object without some elements in a list."""
        return self.set(key, RemoveOp(items))

    def clear(self) -> Self:
        """The object without any field but those that are read-only."""
        return self.set({key: UnsetOp() for key in self.state.fields() if key not in (*TIMES, *self.read_only)})

    def __setitem__(self, key: str, value: Any) -> None:
        self.set(key, value)

    def __delitem__(self, key: str) -> None:
        self.unset(key)

    # --- What is pending

    def op(self, key: str) -> Op | None:
        """The pending change of a field or path."""
        return self.state.op(key)

    def dirty(self, key: str | None = None) -> bool:
        """Whether a field, or any, has changes that are not saved; an object without id always."""
        if self.id is None:
            return True
        keys = self.state.dirty_keys()
        return bool(keys) if key is None else key in keys

    def dirty_keys(self) -> list[str]:
        """The fields, and paths within fields, that have changes which are not saved."""
        return self.state.dirty_keys()

    def revert(self, *keys: str) -> None:
        """Takes back the changes of some fields, or all."""
        self.state.revert(keys)

    def _op(self, key: str, value: Any) -> Op:
        if key in self.read_only:
            raise TypeError(f"Cannot modify readonly attribute: {key}")
        if not _KEY.fullmatch(key):
            raise ParseError(ParseError.INVALID_KEY_NAME, f"Invalid key name: {key}")
        if isinstance(value, Op):
            return value
        if isinstance(value, dict) and isinstance(value.get("__op"), str):
            return op_from_json(value)
        if key == "ACL":
            return SetOp(value if isinstance(value, ACL) else ACL(value))
        if isinstance(value, Relation):
            return SetOp(Relation(self._object, key, value.target_class))
        if isinstance(value, dict) and "__type" in value:
            return SetOp(decode(value))
        return SetOp(value)
