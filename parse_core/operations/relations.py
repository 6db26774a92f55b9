"""The operations on relations: links in a join table, not values in the document (`contract/objects.md` §20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from parse_core.operations.base import Operation
from parse_core.schema.classes import Field


@dataclass(frozen=True, slots=True)
class LinkChange(Operation):
    """Links and unlinks, applied in this order: `clear` all, then `removed`, then `added`. Ids of `target_class`.

    `target_class` None: the value was a relation placeholder or an empty list, which changes nothing.
    """

    name: ClassVar[str] = "Relation"
    target_class: str | None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    clear: bool = False

    def field(self, inferred: Field | None) -> Field | None:
        return Field("Relation", self.target_class) if self.target_class else None

    def then(self, later: LinkChange) -> LinkChange:
        """Both changes as one, `later` deciding about ids that both name."""
        added = tuple(
            dict.fromkeys(i for i in (*self.added, *later.added) if i in later.added or i not in later.removed)
        )
        removed = tuple(
            dict.fromkeys(i for i in (*self.removed, *later.removed) if i in later.removed or i not in later.added)
        )
        gone = tuple(i for i in removed if i not in added)
        return LinkChange(self.target_class or later.target_class, added, gone, self.clear or later.clear)

    @property
    def is_empty(self) -> bool:
        """True when nothing is linked or unlinked."""
        return not (self.added or self.removed or self.clear)
