"""What can be done to objects, in the words of class-level permissions (`contract/objects.md` §15.1)."""

from __future__ import annotations

from enum import Enum


class Action(Enum):
    """One class-level permission. `verb` is the word refusals use."""

    GET = "get"
    FIND = "find"
    COUNT = "count"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADD_FIELD = "addField"

    @property
    def verb(self) -> str:
        return self.value

    @property
    def reads(self) -> bool:
        """True for get, find and count: the read side of ACLs and pointer permissions applies."""
        return self in _READS


_READS = frozenset({Action.GET, Action.FIND, Action.COUNT})
