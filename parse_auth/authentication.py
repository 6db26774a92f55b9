"""From a session token to the caller: who it is, with which roles. Fills the session resolver of the REST edge.

A token this process met lately costs no statement, any other exactly one.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta
from typing import Final

from parse_auth.caches import KnownSession, RoleCache, SessionCache, forget_sessions
from parse_auth.flows.legacy import legacy_principal
from parse_auth.roles import ROLE_CLASS, prefixed, role_names, roles_of
from parse_auth.sessions import SESSION_CLASS, TOKEN_PREFIX, USER_CLASS, expiry, session_rows
from parse_core.application import Application
from parse_core.context import ROLE_PREFIX, Level, Principal, RequestContext
from parse_core.errors import InternalError, InvalidSessionToken
from parse_core.schema.classes import ClassSchema
from parse_core.store.sql import Sql, json_param
from parse_core.values.scalars import iso, now, parse_iso

log = logging.getLogger("parse_auth")

Known = tuple[KnownSession, frozenset[str]]  # a session, and the roles of its user
UPGRADE_ROUTE: Final = "upgradetorevocablesession"
EXTENSION_PAUSE: Final = 0.5  # seconds between two attempts to extend one session


def resolve(application: Application, token: str, installation_id: str | None, route: str) -> Principal:
    """The caller behind a token, as the REST edge asks for it."""
    context = RequestContext(application, installation_id=installation_id)
    if route.lower() == UPGRADE_ROUTE and not token.startswith(TOKEN_PREFIX):
        return legacy_principal(context, token)
    return session_principal(context, token)


def session_principal(context: RequestContext, token: str) -> Principal:
    """The caller whose session has this token, with all roles.

    Raises `InvalidSessionToken` (209) for a token nobody has, whose user is gone, or that has expired.
    """
    known = _remembered(context, token) or look_up(context, token)
    if known is None:
        raise InvalidSessionToken
    session, roles = known
    if session.expires_at is not None and session.expires_at < now():
        message = "Session token is expired."
        raise InvalidSessionToken(message)
    _extend_on_use(context.application, token, session)
    return Principal(Level.CLIENT, session.user_id, roles, token)


def look_up(context: RequestContext, token: str) -> Known | None:
    """The session with this token and the roles of its user, expired or not; None without either of them."""
    application = context.application
    sessions, roles = application.part(SessionCache), application.part(RoleCache)
    session_moment, role_moment = sessions.moment, roles.moment
    rows = session_rows(context, lambda schema: _by_token(context, schema, token)) if "\0" not in token else []
    if not rows:
        return None
    object_id, user_id, expires_at, updated_at, names = rows[0]
    if user_id.startswith(ROLE_PREFIX):
        message = "Invalid object ID."
        raise InternalError(message)
    session = KnownSession(object_id, user_id, _moment(expires_at), _moment(updated_at) or now())
    held = prefixed(names)
    if context.transaction is None:
        sessions.put(token, session, session_moment)
        roles.put(user_id, held, role_moment)
    return session, held


def _remembered(context: RequestContext, token: str) -> Known | None:
    session = context.application.part(SessionCache).get(token)
    return None if session is None else (session, roles_of(context, session.user_id))


def _by_token(context: RequestContext, sessions: ClassSchema, token: str) -> Sql:
    """(session id, user id, expiry, last update, role names) of a session whose user is still there."""
    return (
        Sql("SELECT s.object_id, u.object_id, s.data->'expiresAt'->>'iso', s.data->>'updatedAt', ")
        + role_names(context.schema(ROLE_CLASS), Sql("u.object_id"))
        + Sql(" FROM ")
        + sessions.relation
        + Sql(" s JOIN ")
        + context.schema(USER_CLASS).relation
        + Sql(" u ON u.object_id = s.data->'user'->>'objectId' WHERE (s.data->>'sessionToken') = %s", (token,))
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_iso(text)


class Extensions:
    """When a session of the application was last tried to be extended, by token; only the last moments are kept."""

    def __init__(self, _application: Application) -> None:
        self._attempts: dict[str, float] = {}
        self._lock = threading.Lock()

    def may_try(self, token: str) -> bool:
        """True once per token and `EXTENSION_PAUSE`."""
        present = time.monotonic()
        with self._lock:
            self._attempts = {key: at for key, at in self._attempts.items() if present - at < EXTENSION_PAUSE}
            return self._attempts.setdefault(token, present) == present


def _extend_on_use(application: Application, token: str, session: KnownSession) -> None:
    """Gives a session in use its full length again, in the background, when half of it is over."""
    options = application.options
    if not options.extend_session_on_use or session.expires_at is None:
        return
    half = now() - timedelta(seconds=options.session_length / 2)
    if session.updated_at < half and application.part(Extensions).may_try(token):
        threading.Thread(target=_extend, args=(application, token, session, half), daemon=True).start()


def _extend(application: Application, token: str, session: KnownSession, half: datetime) -> None:
    context = RequestContext(application)
    changed = {"updatedAt": iso(now()), **expiry(application.options)}
    statement = (
        Sql("UPDATE ")
        + context.schema(SESSION_CLASS).relation
        + Sql(" t SET version = version + 1, data = data || ")
        + json_param(changed)
        + Sql(" WHERE (t.data->>'sessionToken') = %s AND (t.data->>'updatedAt') < %s", (token, iso(half)))
    )
    try:
        context.executor.fetch(statement)
        forget_sessions(context, session.user_id)
    except Exception:
        log.exception("a session in use could not be extended")
