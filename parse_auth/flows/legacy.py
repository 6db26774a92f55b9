"""Tokens from before sessions were objects: good for one thing, to be traded for a session (`users.md` §9.6)."""

from __future__ import annotations

from typing import Final

from parse_auth.seen import as_user
from parse_auth.sessions import SESSION_CLASS, USER_CLASS, CreatedWith, create_session
from parse_core.context import Level, Principal, RequestContext
from parse_core.errors import InvalidSessionToken, ObjectNotFound
from parse_core.objects.find import get
from parse_core.objects.requests import FindRequest
from parse_core.store.sql import Sql

COLUMN: Final = "_session_token"


def legacy_principal(context: RequestContext, token: str) -> Principal:
    """The caller whose user has this token. Raises `InvalidSessionToken` (209) unless exactly one has."""
    condition = Sql(" t WHERE (t.internal->>'_session_token') = %s LIMIT 2", (token,))
    users = context.schema(USER_CLASS).relation
    rows = context.executor.fetch(Sql("SELECT t.object_id FROM ") + users + condition) if "\0" not in token else []
    if len(rows) != 1:
        message = "invalid legacy session token"
        raise InvalidSessionToken(message)
    return Principal(Level.CLIENT, rows[0][0], session_token=token)


def upgrade(context: RequestContext) -> bytes:
    """The new session of the caller as JSON; his legacy token is gone. Raises `ObjectNotFound` (101) without one."""
    principal = context.principal
    if principal.user_id is None:
        message = "invalid session"
        raise ObjectNotFound(message)
    session = create_session(context, principal.user_id, CreatedWith("upgrade"))
    users = context.schema(USER_CLASS).relation
    context.executor.fetch(
        Sql("UPDATE ")
        + users
        + Sql(" SET internal = internal - '_session_token' WHERE object_id = %s AND internal ? '_session_token'")
        + Sql("", (principal.user_id,))
    )
    own = as_user(context, principal.user_id, principal.roles, session["sessionToken"])
    return get(own, FindRequest(SESSION_CLASS, object_id=session["objectId"])).json
