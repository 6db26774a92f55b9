"""What a class gives a new object that brings no ACL: the `ACL` of its permissions (`contract/objects.md` §16)."""

from __future__ import annotations

from typing import Final

from parse_core.context import PUBLIC, Principal
from parse_core.schema.classes import ClassSchema
from parse_core.values.scalars import Document

CURRENT_USER: Final = "currentUser"
_PUBLIC_ACL: Final = {PUBLIC: {"read": True, "write": True}}


def default_acl(schema: ClassSchema, principal: Principal) -> Document | None:
    """The ACL of a new object, `currentUser` being the caller; None when the class leaves its objects public.

    Privileged and anonymous callers are nobody: the part of `currentUser` falls away.
    """
    template = None if schema.permissions is None else schema.permissions.get("ACL")
    if not isinstance(template, dict) or template == _PUBLIC_ACL:
        return None
    acl: Document = {}
    for key, flags in template.items():
        owner = principal.user_id if key == CURRENT_USER else key
        granted = {flag: True for flag, value in flags.items() if value is True} if isinstance(flags, dict) else {}
        if owner is not None and granted:
            acl[owner] = {**acl.get(owner, {}), **granted}
    return acl
