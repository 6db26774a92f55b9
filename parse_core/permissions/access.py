"""A permission is a query: the answer of `authorize()` is a condition node and the fields to hide.

Find, count, update, delete, sub-queries, includes and LiveQuery join the same restriction to what they do and apply the
same mask, so each rule stands in one place.
"""

from __future__ import annotations

from dataclasses import dataclass

from parse_core.query.ast import EVERYTHING, Node
from parse_core.values.scalars import Document


@dataclass(frozen=True, slots=True)
class MaskRule:
    """Fields hidden from the caller, unless the row satisfies a condition (`_User`: unless it is the caller's own)."""

    fields: frozenset[str]
    unless: Node | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What a caller may reach of a class: rows that satisfy `restriction`, without what `mask` hides in them."""

    restriction: Node = EVERYTHING
    mask: tuple[MaskRule, ...] = ()

    @property
    def hidden(self) -> frozenset[str]:
        """Every field that is hidden in some row; the ones a query may not ask about are decided in `authorize`."""
        return frozenset().union(*(rule.fields for rule in self.mask))

    def hidden_in(self, document: Document) -> frozenset[str]:
        """The fields of one object that this caller may not see."""
        rules = (rule for rule in self.mask if rule.unless is None or not rule.unless.matches(document))
        return frozenset().union(*(rule.fields for rule in rules))

    def masked(self, document: Document) -> Document:
        """The in-memory face of the mask: a copy without the fields this caller may not see."""
        hidden = self.hidden_in(document) if self.mask else ()
        return {key: value for key, value in document.items() if key not in hidden} if hidden else document


EVERYTHING_VISIBLE = Access()
