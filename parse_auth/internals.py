"""Hidden columns of users as flows read and write them: each access is one statement on one row, without triggers."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from parse_auth.sessions import USER_CLASS
from parse_core.context import RequestContext
from parse_core.query.ast import Node
from parse_core.store.rows import lookup
from parse_core.store.sql import Row, Sql, json_param, param
from parse_core.values.scalars import Document, Json, date_value, now, parse_iso

TOKEN_LENGTH: Final = 25
_ALPHABET: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Stored:
    """A user as stored: what clients may see of him, and what nobody may."""

    user: Document
    internal: Mapping[str, Json]

    @property
    def id(self) -> str:
        object_id: str = self.user["objectId"]
        return object_id

    def moment(self, name: str) -> datetime | None:
        """The value of a hidden date."""
        value = self.internal.get(name)
        text = value.get("iso") if isinstance(value, dict) else value
        return parse_iso(text) if isinstance(text, str) else None


@dataclass(frozen=True, slots=True)
class SecretColumn:
    """A column with a single-use secret. `sql` is written as its index is."""

    name: str
    sql: Sql

    def holds(self, token: str) -> Sql:
        """The condition that a row has this secret; none has one that no text can be."""
        return Sql("FALSE") if "\0" in token else self.sql + Sql(" = ") + param(token)


@dataclass(frozen=True, slots=True)
class StillHolds(Node):
    """A row has this secret: the condition of the one update that uses it up."""

    column: SecretColumn
    token: str

    def sql(self, row: Row) -> Sql:
        return self.column.holds(self.token)

    def matches(self, document: Document) -> bool:
        """No document shows its secrets."""
        return False


def new_token() -> str:
    """A fresh secret for a link: letters and digits, 149 bits of chance."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(TOKEN_LENGTH))


def expiry(seconds: float | None) -> Json:
    """The date at which something made now ends; None when it never does."""
    return date_value(now() + timedelta(seconds=seconds)) if seconds else None


def stored_user(context: RequestContext, condition: Sql) -> Stored | None:
    """The first user who satisfies a condition on `t`. One statement."""
    rows = context.executor.fetch(lookup(context.schema(USER_CLASS).relation, condition) + Sql(" LIMIT 1"))
    return Stored(orjson.loads(rows[0][1]), orjson.loads(rows[0][2] or "{}")) if rows else None


def by_id(user_id: str) -> Sql:
    """The condition of one user."""
    return Sql("t.object_id = %s", (user_id,))


def set_internal(context: RequestContext, condition: Sql, columns: Mapping[str, Json]) -> bool:
    """Whether a user satisfied the condition, whose hidden columns are then these; None removes one."""
    gone = [name for name, value in columns.items() if value is None]
    put = {name: value for name, value in columns.items() if value is not None}
    statement = (
        Sql("UPDATE ")
        + context.schema(USER_CLASS).relation
        + Sql(
            " t SET version = t.version + 1, internal = (coalesce(t.internal, '{}'::jsonb) - %s::text[]) || ", (gone,)
        )
        + json_param(put)
        + Sql(" WHERE ")
        + condition
        + Sql(" RETURNING 1")
    )
    return bool(context.executor.fetch(statement))
