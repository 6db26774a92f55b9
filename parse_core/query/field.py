"""What a key of a `where` or `order` names: a field of the class, a path below it, or an internal column.

A path descends objects; a number indexes an array; any other name on an array descends into each object in it. So a
field has *leaves*, what the path leads to, and *values*: the leaves, and the elements of those that are arrays. A
condition holds if it holds for any value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from parse_core.query.identity import MISSING
from parse_core.schema.classes import ClassSchema, Field
from parse_core.schema.system_class import system_class
from parse_core.store.sql import Sql
from parse_core.values.scalars import Document, Json

INDEX: Final = re.compile(r"[0-9]{1,9}")
_DESCENDED: Final = frozenset({"Object", "Array"})
PERMISSIONS: Final = {"_rperm": "Array", "_wperm": "Array"}
ANY: Final = "*"  # the type of an internal column nobody declared


@dataclass(frozen=True, slots=True)
class FieldRef:
    """A named place in the documents of a class.

    `type` is the Parse type of the root field; None when no object can have a value there: an unknown field, or a path
    below something that is neither Object nor Array.
    """

    name: str
    root: str
    path: tuple[str, ...] = ()
    type: str | None = None
    target_class: str | None = None
    join: Sql | None = None  # of a Relation: the table of its links
    keyed: bool | None = None  # of a path with a declared index: whether that sorts descending
    sorted: bool | None = None  # whether an index of all objects begins with the field; None: no index sorts it at all

    @property
    def value_type(self) -> str | None:
        """The Parse type of the values, None when they may be of any."""
        return None if self.path or self.type == ANY else self.type

    @property
    def is_date(self) -> bool:
        """A Date column: texts that it is compared with are dates."""
        return self.type == "Date" and not self.path

    @property
    def fans_out(self) -> bool:
        """Whether the path can lead through an array to several leaves."""
        if not self.path:
            return False
        if self.type == "Object":
            return len(self.path) > 1
        return len(self.path) > 1 or INDEX.fullmatch(self.path[0]) is None

    @property
    def has_index(self) -> bool:
        """Whether a step of the path may be an array index."""
        return any(INDEX.fullmatch(step) for step in self.path)

    def leaves(self, document: Document) -> list[Json]:
        """What the path leads to in one document; `MISSING` where it leads nowhere."""
        if self.type is None:
            return [MISSING]
        found: list[Json] = [document.get(self.root, MISSING)]
        for step in self.path:
            found = [below for value in found for below in _descend(value, step)]
        return found

    def values(self, document: Document) -> Iterator[Json]:
        """The leaves, and the elements of those that are arrays."""
        for leaf in self.leaves(document):
            yield leaf
            if type(leaf) is list:
                yield from leaf


def _descend(value: Json, step: str) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value.get(step, MISSING)
    elif not isinstance(value, list):
        yield MISSING
    elif INDEX.fullmatch(step):
        yield value[int(step)] if int(step) < len(value) else MISSING
    else:
        for item in value:
            if isinstance(item, dict):
                yield item.get(step, MISSING)


def field_ref(name: str, schema: ClassSchema) -> FieldRef:
    """The place a key names, as this version of the class knows it. Says nothing about who may ask."""
    root, *path = name.split(".")
    declared = _declared(root, schema)
    if declared is None or (path and declared.type not in _DESCENDED and declared.type != ANY):
        return FieldRef(name, root, tuple(path))
    join = schema.join_table(root) if declared.type == "Relation" else None
    sorts = None if path else schema.sorted_fields.get(root)
    keyed = schema.keyed_paths.get(name) if path else None
    return FieldRef(name, root, tuple(path), declared.type, declared.target_class, join, keyed, sorts)


def _declared(root: str, schema: ClassSchema) -> Field | None:
    if not root.startswith("_"):
        return schema.fields.get(root)
    if root in PERMISSIONS:
        return Field(PERMISSIONS[root])
    return Field(system_class(schema.name).internal_fields.get(root, ANY))
