"""Links from one object to many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from parse_cloud.author.sdk.decoding import decoders
from parse_cloud.author.sdk.encoding import Encodable, Form
from parse_cloud.author.sdk.pending_links import RelationOp
from parse_core.values.scalars import Document, Json

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object
    from parse_cloud.author.sdk.query import Query


class Relation(Encodable):
    """The objects that a field of an object links to: `post.relation("likes").add(user)`, then `post.save()`."""

    __slots__ = ("key", "parent", "target_class")

    def __init__(self, parent: Object | None, key: str | None, target_class: str | None = None) -> None:
        self.parent = parent
        self.key = key
        self.target_class = target_class

    def add(self, objects: Object | Iterable[Object]) -> Object:
        """The parent, which will link to the objects when it is saved."""
        return self._change(RelationOp.of(added=_each(objects)))

    def remove(self, objects: Object | Iterable[Object]) -> Object:
        """The parent, which will not link to the objects any more when it is saved."""
        return self._change(RelationOp.of(removed=_each(objects)))

    def query(self) -> Query[Any]:
        """A query for the objects that are linked."""
        from parse_cloud.author.sdk.query import Query

        parent, key = self._place()
        if self.target_class is not None:
            return Query(self.target_class).related_to(parent, key)
        return Query(parent.class_name).related_to(parent, key).redirect_class_name_for_key(key)

    def to_json(self) -> Document:
        """`{"__type": "Relation", "className": …}`."""
        return {"__type": "Relation", "className": self.target_class}

    def encoded(self, form: Form) -> Json:
        return self.to_json()

    def _change(self, change: RelationOp) -> Object:
        parent, key = self._place()
        if change.added or change.removed:
            parent.set(key, change)
            self.target_class = change.target_class
        return parent

    def _place(self) -> tuple[Object, str]:
        if self.parent is None or self.key is None:
            raise ValueError("This Relation belongs to no object")
        return self.parent, self.key

    def __repr__(self) -> str:
        return f"<Relation {self.key} to {self.target_class}>"


def _each(objects: Object | Iterable[Object]) -> list[Object]:
    from parse_cloud.author.sdk.object import Object

    return [objects] if isinstance(objects, Object) else list(objects)


decoders.add("Relation", lambda value: Relation(None, None, value.get("className")))
