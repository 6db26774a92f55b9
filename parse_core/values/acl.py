"""Access control lists: an object's ACL as JSON and as the two lists queries filter by (`contract/objects.md` §14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from parse_core.errors import InvalidAcl
from parse_core.values.scalars import Document, Json

UNRESOLVED: Final = "*unresolved"


@dataclass(frozen=True, slots=True)
class Acl:
    """A stored ACL: identity → flags, only true flags kept. `{}` opens the object to nobody but privileged keys."""

    entries: Mapping[str, Mapping[str, bool]]

    @property
    def json(self) -> Document:
        """As objects carry it: `{"*": {"read": true}}`."""
        return {identity: dict(flags) for identity, flags in self.entries.items()}

    def allowing(self, flag: str) -> list[str]:
        """The identities that may `read` or `write`."""
        return [identity for identity, flags in self.entries.items() if flags.get(flag)]

    def with_full_access(self, identity: str) -> Acl:
        """The same, with read and write for one identity."""
        return Acl({**self.entries, identity: {"read": True, "write": True}})

    @classmethod
    def parse(cls, value: Json) -> Acl:
        """The ACL a client sent. Raises `InvalidAcl` (123) for anything that is not a map of flag objects."""
        if not isinstance(value, dict):
            raise InvalidAcl
        entries: dict[str, Mapping[str, bool]] = {}
        for identity, flags in value.items():
            if identity == UNRESOLVED or not isinstance(flags, dict):
                raise InvalidAcl
            kept = {flag: True for flag in ("read", "write") if flags.get(flag)}
            if kept:
                entries[identity] = kept
        return cls(entries)
