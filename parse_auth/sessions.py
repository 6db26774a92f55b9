"""Sessions: made by sign-ups and logins, found by their token, ended by logouts, new passwords and deleted users.

These are the server's own writes, each one statement and without triggers; what clients may do to `_Session` objects is
in `classes/session.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson

from parse_auth.caches import forget_sessions
from parse_core.context import RequestContext
from parse_core.options import Options
from parse_core.schema.changes import registry_change
from parse_core.schema.classes import ClassSchema
from parse_core.store.database import MissingTable, Rows
from parse_core.store.rows import NewRow, Permissions, insert
from parse_core.store.sql import Sql, json_param
from parse_core.values.scalars import Document, date_value, iso, new_object_id, now, pointer

SESSION_CLASS: Final = "_Session"
USER_CLASS: Final = "_User"
TOKEN_PREFIX: Final = "r:"  # noqa: S105 - what revocable tokens begin with
FROM_THE_SERVER: Final = "cloud"  # the installation id of requests that come from no device


@dataclass(frozen=True, slots=True)
class CreatedWith:
    """How a session came about: `{"action": "login", "authProvider": "password"}`."""

    action: str
    provider: str | None = None

    @property
    def json(self) -> Document:
        return {"action": self.action, **({"authProvider": self.provider} if self.provider else {})}


def new_token() -> str:
    """A fresh token: `r:` and 32 hexadecimal digits."""
    return TOKEN_PREFIX + secrets.token_hex(16)


def expiry(options: Options) -> Document:
    """The `expiresAt` of a session that begins now, as fields of its object; empty when sessions never end."""
    if not options.expire_inactive_sessions:
        return {}
    return {"expiresAt": date_value(now() + timedelta(seconds=options.session_length))}


def create_session(context: RequestContext, user_id: str, created_with: CreatedWith | None) -> Document:
    """A new session of the user as stored, on the request's installation, where it replaces the user's former one.

    One statement. `created_with` None: a session after a password change, which has none.
    """
    session = _new_session(context, user_id, created_with)
    try:
        _store(context, _class(context, make=True), session)
    except MissingTable:  # another process started the application over a moment ago
        if context.transaction is not None:
            raise
        context.application.schemas.forget()
        _store(context, _class(context, make=True), session)
    return session


def _new_session(context: RequestContext, user_id: str, created_with: CreatedWith | None) -> Document:
    moment = iso(now())
    session: Document = {
        "objectId": new_object_id(context.options.object_id_size),
        "createdAt": moment,
        "updatedAt": moment,
        "sessionToken": new_token(),
        "user": pointer(USER_CLASS, user_id),
        **expiry(context.options),
    }
    if created_with is not None:
        session["createdWith"] = created_with.json
    if context.installation_id:
        session["installationId"] = context.installation_id
    return session


def create_session_while(
    context: RequestContext, user_id: str, holds: Sql, created_with: CreatedWith
) -> Document | None:
    """A new session, if `holds`, a condition on the row `t` of the user, does; None if it does not any more.

    One statement, which waits for a change of the user that is under way: so nobody who proved himself by a password
    gets a session after the change of it that ends all others.
    """
    session = _new_session(context, user_id, created_with)
    try:
        stored, gone = context.executor.fetch(_store_while(context, holds, session))[0]
    except MissingTable:  # another process started the application over a moment ago
        if context.transaction is not None:
            raise
        context.application.schemas.forget()
        stored, gone = context.executor.fetch(_store_while(context, holds, session))[0]
    if gone:
        forget_sessions(context, user_id)
    return session if stored else None


def _store_while(context: RequestContext, holds: Sql, session: Document) -> Sql:
    """How many sessions were stored, and how many of the same installation are gone for it."""
    schema, user_id = _class(context, make=True), session["user"]["objectId"]
    row = NewRow(session["objectId"], session, Permissions(None, None))
    users = context.schema(USER_CLASS).relation
    user = Sql("SELECT 1 FROM ") + users + Sql(" t WHERE t.object_id = %s AND ", (user_id,)) + holds + Sql(" FOR SHARE")
    statement = Sql("WITH holder AS MATERIALIZED (") + user + Sql("), stored AS (")
    statement += insert(schema.relation, row, condition=Sql("EXISTS (SELECT 1 FROM holder)")) + Sql(" RETURNING 1)")
    former = Sql("SELECT 1 WHERE false")
    if "installationId" in session:
        former = _delete(schema, _of_user(user_id, installation_id=session["installationId"]), while_stored=True)
    return statement + Sql(", gone AS (") + former + Sql(") SELECT (SELECT count(*) FROM stored), count(*) FROM gone")


def _store(context: RequestContext, schema: ClassSchema, session: Document) -> None:
    stored = insert(schema.relation, NewRow(session["objectId"], session, Permissions(None, None)))
    installation_id, user_id = session.get("installationId"), session["user"]["objectId"]
    if installation_id is None:
        context.executor.fetch(stored)
        return
    former = _of_user(user_id, installation_id=installation_id)
    replaced = Sql("WITH stored AS (") + stored + Sql(" RETURNING 1) ") + _delete(schema, former)
    if context.executor.fetch(replaced):
        forget_sessions(context, user_id)


def end_session(context: RequestContext, token: str) -> Document | None:
    """The session that had this token and is gone now, None when there was none."""
    rows = _ended(context, Sql("(t.data->>'sessionToken') = %s", (token,))) if "\0" not in token else []
    if not rows:
        return None
    session: Document = orjson.loads(rows[0][0])
    forget_sessions(context, owner_of(session) or "")
    return session


def end_sessions(context: RequestContext, user_id: str) -> None:
    """Ends all sessions of a user."""
    if _ended(context, _of_user(user_id)):
        forget_sessions(context, user_id)


def end_replaced(context: RequestContext, user_id: str, installation_id: str, kept: str) -> None:
    """Ends the sessions of a user on an installation, except the one with the objectId `kept`."""
    others = _of_user(user_id, installation_id=installation_id) + Sql(" AND t.object_id <> %s", (kept,))
    if _ended(context, others):
        forget_sessions(context, user_id)


def owner_of(session: Document) -> str | None:
    """The id of the user a session object belongs to."""
    user = session.get("user")
    return user.get("objectId") if isinstance(user, dict) else None


def session_rows(context: RequestContext, statement: Callable[[ClassSchema], Sql]) -> Rows:
    """The rows of a statement on sessions; none while there never was one."""
    schema = _class(context)
    if not schema.exists:
        return []
    try:
        return context.executor.fetch(statement(schema))
    except MissingTable:
        context.application.schemas.forget()
        return []


def _class(context: RequestContext, *, make: bool = False) -> ClassSchema:
    """The class of sessions as it is now, perhaps made by another process, else made here if asked."""
    schema = context.schema(SESSION_CLASS)
    if not schema.exists:
        context.application.schemas.refresh()
        schema = context.schema(SESSION_CLASS)
    if schema.exists or not make:
        return schema
    with registry_change(context.application, context.transaction) as change:
        return change.ensure(SESSION_CLASS)


def _ended(context: RequestContext, condition: Sql) -> Rows:
    """The texts of the sessions that satisfied the condition; they are gone."""
    return session_rows(context, lambda schema: _delete(schema, condition))


def _delete(schema: ClassSchema, condition: Sql, *, while_stored: bool = False) -> Sql:
    also = Sql(" AND EXISTS (SELECT 1 FROM stored)" if while_stored else "")
    return Sql("DELETE FROM ") + schema.relation + Sql(" t WHERE ") + condition + also + Sql(" RETURNING t.wire")


def _of_user(user_id: str, *, installation_id: str | None = None) -> Sql:
    """The sessions of a user (on one installation), in the form that the index on all fields serves."""
    pattern: Document = {"user": pointer(USER_CLASS, user_id)}
    if installation_id is not None:
        pattern["installationId"] = installation_id
    return Sql("t.data @> ") + json_param(pattern)
