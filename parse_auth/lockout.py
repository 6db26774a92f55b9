"""Account lockout (`users.md` §13): after so many wrong passwords an account is closed for some minutes.

Passwords are compared before, the outcome is told after one statement here. The database puts the attempts on one row
in an order, so however many arrive at once, no more than the threshold learn whether they were right.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from parse_auth.internals import by_id, set_internal
from parse_auth.sessions import USER_CLASS
from parse_core.context import RequestContext
from parse_core.errors import ObjectNotFound
from parse_core.options import AccountLockout
from parse_core.store.sql import Sql, json_param
from parse_core.values.scalars import date_value, iso, now

COUNT: Final = "_failed_login_count"
EXPIRY: Final = "_account_lockout_expires_at"
_COUNT = Sql("coalesce((t.internal->>'_failed_login_count')::numeric, 0)")
_EXPIRY = Sql("coalesce(t.internal->'_account_lockout_expires_at'->>'iso', '') COLLATE \"C\"")


class Locked(ObjectNotFound):
    """Your account is locked."""

    def __init__(self, policy: AccountLockout) -> None:
        minutes = f"{policy.duration:g}"
        super().__init__(
            f"Your account is locked due to multiple failed login attempts. Please try again after {minutes} minute(s)"
        )


def count_attempt(context: RequestContext, user_id: str, *, correct: bool) -> None:
    """Takes an attempt into account; one statement if the application locks accounts.

    Raises `Locked` (101), for a right password too, while the account is closed, and for one wrong one too many.
    """
    policy = context.options.account_lockout
    if policy is None:
        return
    change = json_param({COUNT: 0}) if correct else _one_more(policy)
    statement = (
        Sql("UPDATE ")
        + context.schema(USER_CLASS).relation
        + Sql(" t SET version = t.version + 1, internal = coalesce(t.internal, '{}'::jsonb) || ")
        + change
        + Sql(" WHERE ")
        + by_id(user_id)
        + Sql(" AND NOT (")
        + _EXPIRY
        + Sql(" > %s AND ", (iso(now()),))
        + _COUNT
        + Sql(" >= %s) RETURNING ", (policy.threshold,))
        + _COUNT
    )
    rows = context.executor.fetch(statement)
    if not rows or rows[0][0] > policy.threshold:
        raise Locked(policy)


def unlock(context: RequestContext, user_id: str) -> None:
    """Opens the account again after a password reset, if the application wants that."""
    policy = context.options.account_lockout
    if policy is not None and policy.unlock_on_password_reset:
        set_internal(context, by_id(user_id), {COUNT: None, EXPIRY: None})


def _one_more(policy: AccountLockout) -> Sql:
    until = date_value(now() + timedelta(minutes=policy.duration))
    return (
        Sql("jsonb_build_object('_failed_login_count', ")
        + _COUNT
        + Sql(" + 1) || CASE WHEN ")
        + _COUNT
        + Sql(" + 1 >= %s THEN ", (policy.threshold,))
        + json_param({EXPIRY: until})
        + Sql(" ELSE '{}'::jsonb END")
    )
