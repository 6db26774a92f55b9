"""Password policy (`users.md` §14.3): what a new password must be like, and how long it lives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from parse_auth import passwords
from parse_auth.asking import ask
from parse_auth.internals import Stored, by_id, set_internal, stored_user
from parse_core.context import RequestContext
from parse_core.errors import ObjectNotFound, ValidationError
from parse_core.objects.requests import Write
from parse_core.options import PasswordPolicy
from parse_core.values.scalars import Document, Json, date_value, now

CHANGED_AT: Final = "_password_changed_at"
HISTORY: Final = "_password_history"


class PasswordExpired(ObjectNotFound):
    """Your password has expired. Please reset your password."""


def accepted(context: RequestContext, write: Write, password: str) -> Document:
    """The hidden columns that go with a new password; one statement when the stored user must be looked at.

    Raises `ValidationError` (142) for a password the policy refuses, the cheapest rule first.
    """
    policy = context.options.password_policy
    if policy is None:
        return {}
    _check_form(policy, password)
    stored = _stored(context, policy, write)
    if policy.do_not_allow_username:
        _check_name(write, stored, password)
    columns: dict[str, Json] = {}
    if policy.max_password_history and stored is not None:
        columns[HISTORY] = _history(policy.max_password_history, stored, password)
    if policy.max_password_age:
        columns[CHANGED_AT] = date_value(now())
    return columns


def check_age(context: RequestContext, candidate: Stored) -> None:
    """Raises `PasswordExpired` (101) for a password that is too old; one whose age is unknown counts from now on."""
    policy = context.options.password_policy
    if policy is None or not policy.max_password_age:
        return
    changed = candidate.moment(CHANGED_AT)
    if changed is None:
        set_internal(context, by_id(candidate.id), {CHANGED_AT: date_value(now())})
    elif changed + timedelta(days=policy.max_password_age) < now():
        raise PasswordExpired


def _check_form(policy: PasswordPolicy, password: str) -> None:
    pattern, callback = policy.validator_pattern, policy.validator_callback
    if pattern is not None and pattern.search(password) is None:
        raise ValidationError(policy.validation_error)
    if callback is not None and not ask(callback, password):
        raise ValidationError(policy.validation_error)


def _stored(context: RequestContext, policy: PasswordPolicy, write: Write) -> Stored | None:
    """The user as he is, if he is there already and a rule is about what he had."""
    names_user = policy.do_not_allow_username and "username" not in write.changes
    if write.is_new or not (names_user or policy.max_password_history):
        return None
    return stored_user(context, by_id(write.object_id))


def _check_name(write: Write, stored: Stored | None, password: str) -> None:
    name = write.value("username") or (stored.user.get("username") if stored else None)
    if isinstance(name, str) and name and name in password:
        message = "Password cannot contain your username."
        raise ValidationError(message)


def _history(length: int, stored: Stored, password: str) -> Sequence[Json]:
    """The hashes to remember once the password is replaced, oldest first; refuses one of the last `length`."""
    former = stored.internal.get(HISTORY)
    hashes = list(former) if isinstance(former, list) else []
    current = stored.internal.get(passwords.COLUMN)
    if current:
        hashes.append(current)
    if any(passwords.fits(password, known) for known in hashes[-length:]):
        message = f"New password should not be the same as last {length} passwords."
        raise ValidationError(message)
    return hashes[-max(1, length - 1) :]
