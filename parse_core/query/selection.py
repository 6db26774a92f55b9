"""What a read wants of each object: the names in `keys`, `excludeKeys` and `include` as one tree (`queries.md` §5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from parse_core.schema.classes import ClassSchema

EVERY_FIELD: Final = "*"


@dataclass(slots=True)
class Selection:
    """What is wanted of one object: root fields (`keys` None: all) without the excluded, and what to include where.

    `included` has an entry per field whose pointers are to be replaced. For a field that holds objects or arrays, the
    entries below apply to what is inside.
    """

    keys: set[str] | None = None
    excluded: set[str] = field(default_factory=set)
    included: dict[str, Selection] = field(default_factory=dict)

    def at(self, path: Iterable[str]) -> Selection:
        """The entry at a path, made with its parents if need be."""
        node = self
        for name in path:
            node = node.included.setdefault(name, Selection())
        return node

    def restrict(self, path: list[str]) -> None:
        """Adds a name of `keys`: each step is the one field wanted beside others named so of what it is in."""
        node = self
        for place, name in enumerate(path):
            if node.keys is None:
                node.keys = set()
            node.keys.add(name)
            if place < len(path) - 1:
                node = node.at((name,))

    def paths(self) -> int:
        """How many objects' worth of paths are included, implied parents among them."""
        return sum(1 + below.paths() for below in self.included.values())

    def depth(self) -> int:
        """The length of the longest path."""
        return max((1 + below.depth() for below in self.included.values()), default=0)


def select(
    schema: ClassSchema,
    *,
    keys: Iterable[str] | None,
    excluded: Iterable[str],
    include: Iterable[str],
    everything: bool,
) -> Selection:
    """The tree for names as they were asked, dotted and in any order; unknown names in it are for others to ignore.

    `everything` (or `*` among `include`) stands for every Pointer and Array column, one level deep, instead of the
    paths of `include`; what dotted names imply stays.
    """
    root = Selection()
    include = list(include)
    everything = everything or EVERY_FIELD in include
    for path in () if everything else include:
        root.at(path.split("."))
    if keys is not None:
        root.keys = set()
        for key in keys:
            root.restrict(key.split("."))
    for name in excluded:
        *parents, last = name.split(".")
        root.at(parents).excluded.add(last)
    if everything:
        _include_columns(root, schema)
    for name in root.excluded.intersection(root.included):
        del root.included[name]
    return root


def _include_columns(root: Selection, schema: ClassSchema) -> None:
    columns = [name for name, column in schema.fields.items() if column.type in ("Pointer", "Array")]
    if root.keys is not None:
        root.keys.update(columns)
    root.included = {name: root.included.get(name, Selection()) for name in columns}
