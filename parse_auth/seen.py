"""How a user leaves the server in the answers of logins: read through the same door as any object, never from a row.

What is hidden from the user himself (protected fields, a closed class) is hidden here, too.
"""

from __future__ import annotations

from dataclasses import replace

import orjson

from parse_auth.sessions import USER_CLASS
from parse_core.context import Level, Principal, RequestContext
from parse_core.errors import Forbidden, ObjectNotFound
from parse_core.objects.find import get
from parse_core.objects.requests import FindRequest
from parse_core.values.scalars import Document


def as_user(context: RequestContext, user_id: str, roles: frozenset[str], token: str | None = None) -> RequestContext:
    """The request in the name of a user who has just proved who he is; with a server's key it keeps those rights."""
    if context.principal.is_privileged:
        return context
    return replace(context, principal=Principal(Level.CLIENT, user_id, roles, token))


def own_view(context: RequestContext, user_id: str) -> Document:
    """The user as the caller may see him; what he may not see at all is his bare id. One statement.

    A caller with a server's key gets the error instead: for it, a user who cannot be read is not there.
    """
    try:
        found = get(context, FindRequest(USER_CLASS, object_id=user_id))
    except (Forbidden, ObjectNotFound):
        if context.principal.is_privileged:
            raise
        return {"objectId": user_id}
    user: Document = orjson.loads(found.json)
    return user
