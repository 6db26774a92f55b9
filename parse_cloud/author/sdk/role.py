"""Roles: names for groups of users, to which rights are given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Self

from parse_cloud.author.sdk.acl import ACL
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.object import Object
from parse_cloud.author.sdk.relation import Relation

_NAME: Final = re.compile(r"[0-9a-zA-Z\-_ ]+")


class Role(Object):
    """A role: `Role("Admin", acl)`. Its users have its rights, and those of the roles that it is one of."""

    class_name = "_Role"

    def __init__(self, name: str | Mapping[str, Any] | None = None, acl: ACL | None = None, /, **values: Any) -> None:
        """The name and who may change the role; or fields, as of any object."""
        super().__init__(name if isinstance(name, Mapping) else None, **values)
        if isinstance(name, str):
            self.name = name
        if acl is not None:
            self.acl = acl

    @property
    def name(self) -> str | None:
        """What the role is called in an ACL; fixed by its first save."""
        name = self.get("name")
        return name if isinstance(name, str) else None

    @name.setter
    def name(self, name: str) -> None:
        self.set("name", name)

    @property
    def users(self) -> Relation:
        """The users who have the role."""
        return self.relation("users")

    @property
    def roles(self) -> Relation:
        """The roles whose users have this one too."""
        return self.relation("roles")

    def set(self, key: str | Mapping[str, Any], value: Any = None) -> Self:
        """As of any object. Raises `ParseError` -1 for a name that cannot be one, or that of a saved role."""
        given = {key: value} if isinstance(key, str) else key
        if "name" in given and given["name"] != self.name:
            _check(given["name"], is_saved=self.id is not None)
        return super().set(given)


def _check(name: Any, *, is_saved: bool) -> None:
    if is_saved:
        raise ParseError(ParseError.OTHER_CAUSE, "A role's name can only be set before it has been saved.")
    if not isinstance(name, str):
        raise ParseError(ParseError.OTHER_CAUSE, "A role's name must be a String.")
    if not _NAME.fullmatch(name):
        raise ParseError(
            ParseError.OTHER_CAUSE, "A role's name can be only contain alphanumeric characters, _, -, and spaces."
        )
