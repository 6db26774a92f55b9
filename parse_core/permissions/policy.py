"""Class-level permissions as compiled for decisions: once per version of a class, then a few set look-ups per request.

The rules are those of `contract/objects.md` §15.2 and §15.3; what a permission object may contain is checked where
classes are defined (`parse_core/schema/class_permissions.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from parse_core.context import PUBLIC, Principal
from parse_core.errors import AuthenticationNeeded, Forbidden
from parse_core.permissions.actions import Action
from parse_core.permissions.pointers import points_to_caller
from parse_core.query.ast import EVERYTHING, Node
from parse_core.schema.classes import ClassSchema
from parse_core.values.scalars import Json

POINTER_FIELDS: Final = "pointerFields"
REQUIRES_AUTHENTICATION: Final = "requiresAuthentication"


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom one action is open to: holders of a key (`*`, a user id, a role), and callers a row points to."""

    holders: frozenset[str] = frozenset()
    requires_authentication: bool = False
    columns: tuple[str, ...] = ()  # of the action itself, then those of its group (`readUserFields`)
    group_columns: tuple[str, ...] = ()

    @classmethod
    def parse(cls, entry: Json, group: Json) -> Grant:
        """The grant a stored entry stands for; an entry that is missing or malformed is open to nobody."""
        entry = entry if isinstance(entry, Mapping) else {}
        named = entry.get(POINTER_FIELDS)
        group_columns = tuple(group) if isinstance(group, list) else ()
        own_columns = tuple(named) if isinstance(named, list) else ()
        return cls(
            frozenset(key for key, value in entry.items() if value is True) - {REQUIRES_AUTHENTICATION},
            entry.get(REQUIRES_AUTHENTICATION) is True,
            tuple(dict.fromkeys(own_columns + group_columns)),
            group_columns,
        )


OPEN: Final = Grant(frozenset({PUBLIC}))


class ClassPolicy:
    """The class-level permissions of one version of a class. Immutable once made."""

    def __init__(self, schema: ClassSchema) -> None:
        self._schema = schema
        stored = schema.permissions
        if stored is None:
            self._grants = dict.fromkeys(Action, OPEN)
        else:
            self._grants = {
                action: Grant.parse(
                    stored.get(action.value), stored.get("readUserFields" if action.reads else "writeUserFields")
                )
                for action in Action
            }

    def restriction(self, principal: Principal, action: Action, *, creating: bool = False) -> Node:
        """The rows the action is open to for a caller without privileges.

        `creating` makes an `addField` part of a create, where no row can point to anybody yet. Raises `Forbidden`, or
        `AuthenticationNeeded` (HTTP 404) where signing in would be needed.
        """
        grant = self._grants[action]
        if PUBLIC in grant.holders or not grant.holders.isdisjoint(principal.identities):
            return EVERYTHING
        has_row = action is not Action.CREATE and not creating
        if grant.requires_authentication:
            if principal.user_id is None:
                raise AuthenticationNeeded
            if not (has_row and grant.columns):
                return EVERYTHING
        if action is Action.CREATE or not (grant.columns if has_row else grant.group_columns):
            message = f"Permission denied for action {action.verb} on class {self._schema.name}."
            raise Forbidden(message)
        if not has_row:
            return EVERYTHING
        return points_to_caller(self._schema, grant.columns, principal.user_id)
