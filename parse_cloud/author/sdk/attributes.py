"""The fields of an object, as they are with pending changes applied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from parse_cloud.author.sdk.acl import ACL
from parse_cloud.author.sdk.encoding import Encodable
from parse_cloud.author.sdk.relation import Relation
from parse_cloud.author.sdk.state import State
from parse_core.operations.base import MISSING

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object


class Attributes(Encodable):
    """Fields as a mapping: `post["title"]`, `"title" in post`, `post.get("title", "none")`."""

    __slots__ = ()
    state: State
    class_name: str
    read_only: ClassVar[frozenset[str]] = frozenset()
    kept_on_fetch: ClassVar[tuple[str, ...]] = ()  # what no answer mentions, and is known all the same

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
        self._object.set("ACL", acl)

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

    def _attached(self, key: str, relation: Relation) -> Relation:
        if relation.parent is None:
            relation.parent, relation.key = self._object, key
        return relation

    @property
    def _object(self) -> Object:
        return cast("Object", self)
