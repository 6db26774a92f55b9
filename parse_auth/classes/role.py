"""`_Role`: a name for many users, which ACLs and class-level permissions can speak of (`users.md` §12)."""

from __future__ import annotations

from typing import ClassVar

from parse_auth.caches import forget_roles
from parse_auth.roles import ROLE_CLASS
from parse_auth.sessions import USER_CLASS
from parse_core.context import RequestContext
from parse_core.errors import IncorrectType
from parse_core.objects.requests import DeleteEvent, SaveRequest, Write
from parse_core.schema.classes import Field
from parse_core.schema.system_class import SystemClass, register
from parse_core.values.scalars import Document


@register
class Role(SystemClass):
    """Members are links: `users` directly, and the members of every role in `roles`."""

    name = ROLE_CLASS
    fields: ClassVar = {
        "name": Field("String"),
        "users": Field("Relation", USER_CLASS),
        "roles": Field("Relation", ROLE_CLASS),
    }
    required_fields = ("name", "ACL")
    unique = (("name", "name", "exact"),)
    created_at_start = True

    def receive(self, context: RequestContext, request: SaveRequest) -> SaveRequest:
        """A role without an ACL would be anybody's to join."""
        acl = request.body.get("ACL")
        if isinstance(acl, dict) and acl.get("__op") == "Delete":
            message = "ACL is required."
            raise IncorrectType(message)
        return request

    def after_write(self, context: RequestContext, write: Write, response: Document) -> None:
        forget_roles(context)

    def after_delete(self, context: RequestContext, event: DeleteEvent) -> None:
        forget_roles(context)
