"""Choosing a new password by mail (`users.md` §16): asking for the link, and the one time it works."""

from __future__ import annotations

from typing import Final

from parse_auth import lockout
from parse_auth.flows.verify_email import EmailMissing
from parse_auth.internals import (
    SecretColumn,
    StillHolds,
    Stored,
    by_id,
    expiry,
    new_token,
    set_internal,
    stored_user,
)
from parse_auth.mail.configuration import mail_settings
from parse_auth.mail.letters import RESET, post
from parse_auth.mail.outbox import later
from parse_auth.sessions import USER_CLASS
from parse_auth.signals import Login, before_password_reset_request, send
from parse_core.context import RequestContext
from parse_core.errors import ErrorCode, InvalidEmailAddress, InvalidValue, ObjectNotFound, ParseError
from parse_core.objects.requests import SaveRequest
from parse_core.objects.save import save
from parse_core.options import PasswordPolicy
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json, now

TOKEN: Final = "_perishable_token"  # noqa: S105 - the name of the column
EXPIRY: Final = "_perishable_token_expires_at"
COLUMN: Final = SecretColumn(TOKEN, Sql("(t.internal->>'_perishable_token')"))
NO_POLICY: Final = PasswordPolicy()


class ResetRefused(ParseError):
    """Failed to reset password: username / email / token is invalid"""

    code = ErrorCode.OTHER_CAUSE


class ResetLinkExpired(ResetRefused):
    """The password reset link has expired"""


def request_reset(context: RequestContext, email: Json, token: Json) -> None:
    """Mails a link to whom an address belongs, or an expired link was sent; nothing tells whether there is anybody.

    1. What was sent. 2. The user: one statement, found or not. 3. Listeners may refuse. 4. After the answer, the token
    and the mail.
    """
    mail_settings(context.options)
    if not email and not token:
        raise EmailMissing
    user = _expired_one(context, token) if token else None
    if user is None:
        if not isinstance(email, str):
            message = "you must provide a valid email string"
            raise InvalidEmailAddress(message)
        user = _addressed(context, email)
    if user is not None:
        send(before_password_reset_request, context, Login(user.user))
        later(context, lambda alone: _send(alone, user))
    elif not _policy(context).reset_password_success_on_invalid_email:
        message = "A user with that email does not exist."
        raise ObjectNotFound(message)


def check_token(context: RequestContext, token: str) -> Stored:
    """The user a reset token was sent to. Raises `ResetRefused`, or `ResetLinkExpired` for one that is too old."""
    user = stored_user(context, COLUMN.holds(token))
    if user is None:
        raise ResetRefused
    ends = user.moment(EXPIRY)
    if _policy(context).reset_token_validity_duration and ends is not None and ends < now():
        raise ResetLinkExpired
    return user


def reset_password(context: RequestContext, token: str, password: str) -> None:
    """Gives the user the new password; of any number of tries with one token, one succeeds.

    The password is set as by the master key, under the policy, in the same update that uses the token up. Raises
    `ResetRefused`, and what a policy or a listener refuses.
    """
    user = check_token(context, token)
    request = SaveRequest(USER_CLASS, {"password": password}, user.id, only_if=StillHolds(COLUMN, token))
    try:
        save(context.as_master(), request)
    except ObjectNotFound:
        raise ResetRefused from None
    lockout.unlock(context, user.id)


def _expired_one(context: RequestContext, token: Json) -> Stored | None:
    if not isinstance(token, str):
        message = "token must be a string"
        raise InvalidValue(message)
    user = stored_user(context, COLUMN.holds(token))
    ends = user.moment(EXPIRY) if user else None
    return user if ends is not None and ends < now() else None


def _addressed(context: RequestContext, email: str) -> Stored | None:
    """The user with this address; else the one without any whose name it is."""
    if "\0" in email:
        return None
    options = context.options
    address = email.lower() if options.convert_email_to_lowercase else email
    name = email.lower() if options.convert_username_to_lowercase else email
    condition = Sql(
        "((t.data->>'email') = %s OR ((t.data->>'username') = %s AND (t.data->>'email') IS NULL))"
        " ORDER BY ((t.data->>'email') = %s) DESC NULLS LAST",
        (address, name, address),
    )
    return stored_user(context, condition)


def _send(context: RequestContext, user: Stored) -> None:
    """The token, a new one unless the old one may be used again, and the mail with it."""
    policy, token = _policy(context), user.internal.get(TOKEN)
    ends = user.moment(EXPIRY)
    reuses = policy.reset_token_reuse_if_valid and policy.reset_token_validity_duration
    if not (reuses and token and ends and now() < ends):
        token = new_token()
        fresh = {TOKEN: token, EXPIRY: expiry(policy.reset_token_validity_duration)}
        if not set_internal(context, by_id(user.id), fresh):
            return
    post(context, RESET, user.user, token)


def _policy(context: RequestContext) -> PasswordPolicy:
    return context.options.password_policy or NO_POLICY
