"""The rules of `contract/objects.md` §14 and §15 once more, as plainly as can be: what `authorize` must agree with.

Everything is decided object by object with loops over the wire forms; nothing is shared with the server's code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = Any
READS = ("get", "find", "count")


class Refused(Exception):
    """The request fails with this Parse code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Caller:
    """A client: anonymous, or a user with roles."""

    user: str | None = None
    roles: tuple[str, ...] = ()

    def identities(self) -> list[str]:
        """The keys of ACLs and permissions that are the caller's."""
        return ["*"] if self.user is None else ["*", self.user, *(f"role:{name}" for name in self.roles)]


@dataclass
class Model:
    """One class: its permissions, its options, and its objects in wire format."""

    permissions: dict[str, Json] | None
    objects: list[dict[str, Json]]
    option_protected: dict[str, list[str]] = field(default_factory=dict)
    is_user_class: bool = False
    owner_exempt: bool = True

    def read(self, caller: Caller, action: str) -> list[dict[str, Json]]:
        """What the caller sees, object by object. Raises `Refused`."""
        self.check(caller, action)
        return [
            self.masked(caller, item)
            for item in self.objects
            if self.row_allowed(caller, action, item) and self.acl_allows(caller, item, "read")
        ]

    def writable(self, caller: Caller, action: str, *, adds_field: bool = False) -> list[str]:
        """The ids an update or delete by this caller would reach. Raises `Refused`."""
        self.check(caller, action)
        if adds_field:
            self.check(caller, "addField")
        return [
            item["objectId"]
            for item in self.objects
            if self.row_allowed(caller, action, item)
            and (not adds_field or self.row_allowed(caller, "addField", item))
            and self.acl_allows(caller, item, "write")
        ]

    def create(self, caller: Caller, *, adds_field: bool = False) -> None:
        """Raises `Refused` when the caller may not create an object (with a new field)."""
        self.check(caller, "create")
        if adds_field:
            self.check(caller, "addField", creating=True)

    # --- class-level permissions, §15.2

    def entry(self, action: str) -> dict[str, Json]:
        found: dict[str, Json] = (self.permissions or {}).get(action, {})
        return found

    def is_holder(self, caller: Caller, action: str) -> bool:
        return self.permissions is None or any(self.entry(action).get(key) is True for key in caller.identities())

    def columns(self, action: str) -> list[str]:
        group = "readUserFields" if action in READS else "writeUserFields"
        return [*self.entry(action).get("pointerFields", []), *(self.permissions or {}).get(group, [])]

    def check(self, caller: Caller, action: str, *, creating: bool = False) -> None:
        if self.is_holder(caller, action):
            return
        if self.entry(action).get("requiresAuthentication"):
            if caller.user is None:
                raise Refused(101)
            return
        if action == "create":
            raise Refused(119)
        group = (self.permissions or {}).get("readUserFields" if action in READS else "writeUserFields", [])
        if group or (self.entry(action).get("pointerFields") and not creating):
            return
        raise Refused(119)

    # --- pointer permissions, §15.3

    def row_allowed(self, caller: Caller, action: str, item: dict[str, Json]) -> bool:
        if self.is_holder(caller, action) or not self.columns(action):
            return True
        return any(self.points(caller, item.get(column)) for column in self.columns(action))

    @staticmethod
    def points(caller: Caller, value: Json) -> bool:
        values = value if isinstance(value, list) else [value]
        wanted = {"__type": "Pointer", "className": "_User", "objectId": caller.user}
        return caller.user is not None and wanted in values

    # --- ACL, §14

    @staticmethod
    def acl_allows(caller: Caller, item: dict[str, Json], flag: str) -> bool:
        return "ACL" not in item or any(item["ACL"].get(key, {}).get(flag) for key in caller.identities())

    # --- protected fields, §15.5

    def protected(self) -> dict[str, set[str]]:
        lists: dict[str, set[str]] = {}
        for source in ((self.permissions or {}).get("protectedFields", {}), self.option_protected):
            for key, names in source.items():
                lists[key] = lists.get(key, set()) | set(names)
        return lists

    def hidden_from_queries(self, caller: Caller) -> set[str]:
        keys = caller.identities() + (["authenticated"] if caller.user else [])
        applying = [names for key, names in self.protected().items() if key in keys]
        return set.intersection(*applying) if applying else set()

    def masked(self, caller: Caller, item: dict[str, Json]) -> dict[str, Json]:
        if self.is_user_class and self.owner_exempt and item["objectId"] == caller.user:
            return item
        hidden = self.hidden_from_queries(caller)
        for key, names in self.protected().items():
            if key.startswith("userField:") and self.points(caller, item.get(key.removeprefix("userField:"))):
                hidden = hidden & names
        return {name: value for name, value in item.items() if name not in hidden}
