"""Tokens from before sessions were objects: good for one thing, to be traded for a session (`users.md` §9.6)."""

from __future__ import annotations

from typing import Final

from parse_auth.seen import as_user
from parse_auth.sessions import SESSION_CLASS, TOKEN_PREFIX, USER_CLASS, CreatedWith, create_session
from parse_core.context import Level, Principal, RequestContext
from parse_core.errors import InvalidSessionToken, ObjectNotFound
from parse_core.objects.find import get
from parse_core.objects.requests import FindRequest
from parse_core.store.sql import Sql

COLUMN: Final = "_session_token"


class LegacyTokenInvalid(InvalidSessionToken):
    """invalid legacy session token"""


def legacy_principal(context: RequestContext, token: str) -> Principal:
    """The caller whose user has this token. Raises `LegacyTokenInvalid` (209) unless exactly one has."""
    condition = Sql(" t WHERE (t.internal->>'_session_token') = %s LIMIT 2", (token,))
    users = context.schema(USER_CLASS).relation
    rows = context.executor.fetch(Sql("SELECT t.object_id FROM ") + users + condition) if "\0" not in token else []
    if len(rows) != 1:
        raise LegacyTokenInvalid
    return Principal(Level.CLIENT, rows[0][0], session_token=token)


def upgrade(context: RequestContext) -> bytes:
    """The new session of the caller as JSON; his legacy token is gone. Raises `ObjectNotFound` (101) without one.

    A legacy token is traded once, however many ask: whoever comes second finds it gone (209).
    """
    principal = context.principal
    if principal.user_id is None:
        message = "invalid session"
        raise ObjectNotFound(message)
    users, token = context.schema(USER_CLASS).relation, principal.session_token or ""
    removed = context.executor.fetch(
        Sql("UPDATE ")
        + users
        + Sql(" SET internal = internal - '_session_token' WHERE object_id = %s", (principal.user_id,))
        + Sql(" AND internal ? '_session_token' RETURNING 1")
    )
    if not removed and not token.startswith(TOKEN_PREFIX):
        raise LegacyTokenInvalid
    session = create_session(context, principal.user_id, CreatedWith("upgrade"))
    own = as_user(context, principal.user_id, principal.roles, session["sessionToken"])
    return get(own, FindRequest(SESSION_CLASS, object_id=session["objectId"])).json
