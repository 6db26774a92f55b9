"""What a write does to one field: an `Operation` (`contract/objects.md` §11.3).

An operation has two faces that must agree: `apply` in memory (creates, triggers) and `sql` on the stored value, so that
concurrent writers lose nothing. `tests/operations/cases.py` runs both.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from parse_core.schema.classes import Field
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json


class Missing:
    """The absence of a value; JSON null is a value."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "MISSING"  # a copy is the same absence


MISSING: Final = Missing()


class Operation:
    """One change of one field; as it stands, one that leaves the field without a value.

    Not an abstract base class: asking one of those which kind it is takes ten times as long, and every field is asked.
    """

    __slots__ = ()
    name: ClassVar[str]
    # True when the response carries the resulting value, because the client cannot know it.
    echoed: ClassVar[bool] = False
    # True when `sql` may come to NULL, which then unsets the field.
    may_unset: ClassVar[bool] = False

    def field(self, inferred: Field | None) -> Field | None:
        """The field type the operation implies for a new field; `inferred` is what the value itself implies."""
        return None

    def apply(self, current: Json | Missing) -> Json | Missing:
        """The value after the operation; `MISSING` when the field is then unset. Never changes `current`."""
        return MISSING

    def sql(self, current: Sql) -> Sql | None:
        """A jsonb expression for the value after the operation; `current` is NULL when unset. None: unset it."""
        return None

    def initial(self) -> Any:
        """The value on a new object, None when the field stays unset."""
        value = self.apply(MISSING)
        return None if value is MISSING else value
