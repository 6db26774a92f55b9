"""The fields of an object: reading them, and changing them until they are saved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast

from parse_cloud.author.sdk.acl import ACL
from parse_cloud.author.sdk.decoding import decode
from parse_cloud.author.sdk.encoding import Encodable
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.pending import AddOp, AddUniqueOp, IncrementOp, Op, RemoveOp, SetOp, UnsetOp
from parse_cloud.author.sdk.received import op_from_json
from parse_cloud.author.sdk.relation import Relation
from parse_cloud.author.sdk.state import State
from parse_cloud.author.sdk.values import TIMES
from parse_core.operations.base import MISSING

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object

_KEY: Final = re.compile(r"[A-Za-z_][0-9A-Za-z_.]*")


class Attributes(Encodable):
    """Fields as a mapping: `post["title"]`, `post["title"] = "…"`, `del post["title"]`, `"title" in post`."""

    __slots__ = ()
    state: State
    class_name: str
    read_only: ClassVar[frozenset[str]] = frozenset()
    kept_on_fetch: ClassVar[tuple[str, ...]] = ()  # what no answer mentions, and is known all the same

    # --- Reading

    @property
    def id(self) -> str | None:
        """The objectId; None before the first save."""
        return self.state.id

    @id.setter  # noqa: A003 (that of the other SDKs)
    def id(self, value: str | None) -> None:
        self.state.id = value

    @property
    def created_at(self) -> datetime | None:
        """When the object was first saved, in UTC."""
        return cast("datetime | None", self.get("createdAt"))

    @property
    def updated_at(self) -> datetime | None:
        """When the object was last saved, in UTC."""
        return cast("datetime | None", self.get("updatedAt"))

    @property
    def acl(self) -> ACL | None:
        """Who may read and write the object; None: everybody. It can be changed in place."""
        acl = self.get("ACL")
        return acl if isinstance(acl, ACL) else None

    @acl.setter
    def acl(self, acl: ACL) -> None:
        """Raises `TypeError` for None: a stored object cannot lose its ACL, only be given one with public access."""
        if acl is None:
            raise TypeError("An ACL cannot be taken away; give one with public access")
        self.set("ACL", acl)

    @property
    def attributes(self) -> dict[str, Any]:
        """All fields with pending changes applied."""
        return {key: self.get(key) for key in self.state.fields()}

    def get(self, key: str, default: Any = None) -> Any:
        """A field with pending changes applied; `default` where it has no value."""
        if key in ("objectId", "id"):
            return default if self.id is None else self.id
        value = self.state.get(key)
        if value is MISSING:
            return default
        return self._attached(key, value) if isinstance(value, Relation) else value

    def has(self, key: str) -> bool:
        """Whether a field has a value other than None."""
        return self.get(key) is not None

    def relation(self, key: str) -> Relation:
        """The links of a field. Raises `TypeError` for a field that is something else."""
        value = self.get(key)
        if value is None:
            return Relation(self._object, key)
        if not isinstance(value, Relation):
            raise TypeError(f"Called relation() on non-relation field {key}")
        return value

    def __getitem__(self, key: str) -> Any:
        value = self.get(key, MISSING)
        if value is MISSING:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key, MISSING) is not MISSING

    def __iter__(self) -> Iterator[str]:
        return iter(self.state.fields())

    def keys(self) -> list[str]:
        """The fields that have a value."""
        return self.state.fields()

    def items(self) -> list[tuple[str, Any]]:
        """The fields that have a value, with it."""
        return list(self.attributes.items())

    # --- Changing

    def set(self, key: str | Mapping[str, Any], value: Any = None) -> Self:
        """The object with a field, a path within one (`"address.city"`), or several fields set.

        Raises `ParseError` 105 for a name that cannot be one, `TypeError` for a field that is read-only, or whose value
        an operation cannot change; then nothing is set.
        """
        given = {key: value} if isinstance(key, str) else dict(key)
        identity = [given.pop(name) for name in ("objectId", "id") if name in given]
        changes = {name: self._op(name, each) for name, each in given.items() if name not in TIMES}
        self.state.change(changes)
        if identity and isinstance(identity[-1], str):
            self.id = identity[-1]
        return self

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

    def _attached(self, key: str, relation: Relation) -> Relation:
        if relation.parent is None:
            relation.parent, relation.key = self._object, key
        return relation

    @property
    def _object(self) -> Object:
        return cast("Object", self)
