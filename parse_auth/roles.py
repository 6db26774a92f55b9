"""Which roles a user has: those that list him, and those that list a role he has, and so on up (`users.md` §12)."""

from __future__ import annotations

from collections.abc import Iterable

from parse_auth.caches import RoleCache
from parse_core.context import ROLE_PREFIX, RequestContext
from parse_core.schema.classes import ClassSchema
from parse_core.store.sql import Sql, param

ROLE_CLASS = "_Role"


def role_names(role: ClassSchema, user_id: Sql) -> Sql:
    """An expression for the names (without prefix) of all roles of a user, direct and inherited, as a text array.

    `user_id` may be a column of the surrounding statement. A role that is gone passes nothing on, although its links
    may be there still; UNION visits each role once, so cycles end.
    """
    return (
        Sql("ARRAY(WITH RECURSIVE held(object_id, name) AS (SELECT r.object_id, r.data->>'name' FROM ")
        + role.join_table("users")
        + Sql(" l JOIN ")
        + role.relation
        + Sql(" r ON r.object_id = l.owning_id WHERE l.related_id = ")
        + user_id
        + Sql(" UNION SELECT r.object_id, r.data->>'name' FROM held h JOIN ")
        + role.join_table("roles")
        + Sql(" l ON l.related_id = h.object_id JOIN ")
        + role.relation
        + Sql(" r ON r.object_id = l.owning_id) SELECT name FROM held)")
    )


def prefixed(names: Iterable[str | None]) -> frozenset[str]:
    """Role names as identities: `role:Admin`; a name that is missing is no identity."""
    return frozenset(ROLE_PREFIX + name for name in names if name)


def roles_of(context: RequestContext, user_id: str) -> frozenset[str]:
    """The roles of a user (`"role:Admin"`): no statement when they were asked for lately, else one."""
    cache = context.application.part(RoleCache)
    roles = cache.get(user_id)
    if roles is None:
        moment = cache.moment
        rows = context.executor.fetch(Sql("SELECT ") + role_names(context.schema(ROLE_CLASS), param(user_id)))
        roles = prefixed(rows[0][0])
        if context.transaction is None:  # what only it can see must not outlive it
            cache.put(user_id, roles, moment)
    return roles
