"""Confirming addresses (`users.md` §15): the mail with the link, another one, and what the link does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from parse_auth.asking import ask
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
from parse_auth.mail.letters import VERIFICATION, post
from parse_auth.mail.outbox import later
from parse_auth.sessions import USER_CLASS
from parse_auth.verification import about_user, about_write, asks_to_verify, shown
from parse_core.context import Level, Principal, RequestContext
from parse_core.errors import EmailNotVerified, ErrorCode, InvalidEmailAddress, ObjectNotFound, ParseError
from parse_core.objects.requests import SaveRequest, Write
from parse_core.objects.save import save
from parse_core.operations.data import Set
from parse_core.store.sql import Sql, param
from parse_core.values.scalars import Document, Json, iso, now

TOKEN: Final = "_email_verify_token"  # noqa: S105 - the name of the column
EXPIRY: Final = "_email_verify_token_expires_at"
COLUMN: Final = SecretColumn(TOKEN, Sql("(t.internal->>'_email_verify_token')"))
_EXPIRES = Sql("(t.internal->'_email_verify_token_expires_at'->>'iso') COLLATE \"C\"")
_DELETE: Final = {"__op": "Delete"}


class EmailMissing(ParseError):
    """you must provide an email"""

    code = ErrorCode.EMAIL_MISSING


class AlreadyVerified(ParseError):
    """The address is already verified."""

    code = ErrorCode.OTHER_CAUSE


class EmailUnknown(EmailNotVerified):
    """No user found with this email."""


class LinkInvalid(ParseError):
    """The link is wrong, used, or too old."""

    code = ErrorCode.OTHER_CAUSE


@dataclass(frozen=True, slots=True)
class SendRequest:
    """What a callable `sendUserEmailVerification` is asked about."""

    user: Document
    master: bool


def begin(context: RequestContext, write: Write) -> Write:
    """The write with a new token if it brings an address that has to be confirmed.

    Who signs up through a provider is asked later, if at all; an import says itself what is confirmed. An update with
    another address never keeps what was confirmed of the former one, whether this one has to be confirmed or not.
    """
    address = write.changes.get("email")
    if not isinstance(address, Set) or not address.value or context.principal.is_maintenance:
        return write
    if write.is_new and _named_providers(write) - {"anonymous"}:
        return write
    if not context.options.verify_user_emails or not asks_to_verify(context, lambda: about_write(context, write)):
        return write if write.is_new else _without_confirmation(context, write, address.value)
    if write.changes.get("emailVerified") is write.sent.get("emailVerified"):  # user code did not decide
        write = _unconfirmed(write)
    columns = _fresh(context)
    return write.with_internal(
        {name: value for name, value in columns.items() if value is not None} if write.is_new else columns
    )


def _without_confirmation(context: RequestContext, write: Write, address: Json) -> Write:
    """The update, which forgets what is known of the stored address if it brings another one."""
    stored = stored_user(context, by_id(write.object_id))
    if stored is None or stored.user.get("email") == address:
        return write
    if stored.user.get("emailVerified") is True and "emailVerified" not in write.changes:
        write = _unconfirmed(write)
    return write.with_internal({TOKEN: None, EXPIRY: None}) if TOKEN in stored.internal else write


def _unconfirmed(write: Write) -> Write:
    unverified = Set(value=False)
    return replace(
        write,
        changes={**write.changes, "emailVerified": unverified},
        sent={**write.sent, "emailVerified": unverified},
    )


def follow_up(context: RequestContext, write: Write) -> None:
    """Sends the mail that a begun verification needs, once everything is stored."""
    token = write.internal.get(TOKEN)
    if token and not context.principal.is_maintenance:
        later(context, lambda alone: _send(alone, write.object_id))


def request_mail(context: RequestContext, email: Json) -> None:
    """Sends another link to an address; nothing tells whether anybody has it unless the application wants that.

    Raises what §15.5 lists. Whatever depends on the user happens after the answer.
    """
    mail_settings(context.options)
    if not email:
        raise EmailMissing
    if not isinstance(email, str):
        message = "you must provide a valid email string"
        raise InvalidEmailAddress(message)
    address = email.lower() if context.options.convert_email_to_lowercase else email
    user = stored_user(context, Sql("(t.data->>'email') = ") + param(address)) if "\0" not in address else None
    tells = not context.options.email_verify_success_on_invalid_email
    if user is None:
        if tells:
            message = f"No user found with email {email}"
            raise EmailUnknown(message)
    elif user.user.get("emailVerified"):
        if tells:
            message = f"Email {email} is already verified."
            raise AlreadyVerified(message)
    else:
        later(context, lambda alone: _resend(alone, user))


def resend(context: RequestContext, *, token: str | None, username: str | None) -> None:
    """Sends another link to the user with this token and name, after the answer.

    Raises `LinkInvalid` when there is none, or nothing to confirm; the caller decides who hears of it.
    """
    conditions = []
    if token is not None:
        conditions.append(COLUMN.holds(token))
    if username is not None and "\0" not in username:
        name = username.lower() if context.options.convert_username_to_lowercase else username
        conditions.append(Sql("(t.data->>'username') = ") + param(name))
    if not conditions:
        raise LinkInvalid
    condition = conditions[0] if len(conditions) == 1 else conditions[0] & conditions[1]
    user = stored_user(context, condition)
    if user is None or user.user.get("emailVerified"):
        raise LinkInvalid
    later(context, lambda alone: _resend(alone, user))


def verify(context: RequestContext, token: str) -> None:
    """Confirms the address that the token was sent to; the token is used up by the same update.

    Raises `LinkInvalid` for a token that nobody has (any more) or that has expired.
    """
    if not context.options.verify_user_emails:
        raise LinkInvalid
    condition = COLUMN.holds(token)
    if context.options.email_verify_token_validity_duration:
        valid = Sql("(t.data->'emailVerified') = 'false'::jsonb AND ") + _EXPIRES + Sql(" > %s", (iso(now()),))
        condition = condition & valid
    user = stored_user(context, condition)
    if user is None:
        raise LinkInvalid
    body = {"emailVerified": True, TOKEN: _DELETE, EXPIRY: _DELETE}
    server = replace(context, principal=Principal(Level.MAINTENANCE))
    try:
        save(server, SaveRequest(USER_CLASS, body, user.id, only_if=StillHolds(COLUMN, token)))
    except ObjectNotFound:
        raise LinkInvalid from None


def _resend(context: RequestContext, user: Stored) -> None:
    """A new token, or the one there is if it may be used again, and the mail with it."""
    options = context.options
    ends = user.moment(EXPIRY)
    reuses = options.email_verify_token_reuse_if_valid and options.email_verify_token_validity_duration
    if not (reuses and user.internal.get(TOKEN) and ends and now() < ends):
        if not asks_to_verify(context, lambda: about_user(context, user.user, resend_request=True)):
            return
        if not set_internal(context, by_id(user.id), _fresh(context)):
            return
    _send(context, user.id)


def _send(context: RequestContext, user_id: str) -> None:
    """Mails the link to the user as he is stored now, if the application sends such mails at all."""
    user = stored_user(context, by_id(user_id))
    token = user.internal.get(TOKEN) if user else None
    if user is None or not token:
        return
    sends = context.options.send_user_email_verification
    if not isinstance(sends, bool):
        sends = ask(sends, SendRequest(shown(user.user), context.principal.is_master))
    if sends:
        post(context, VERIFICATION, user.user, token)


def _fresh(context: RequestContext) -> dict[str, Json]:
    return {TOKEN: new_token(), EXPIRY: expiry(context.options.email_verify_token_validity_duration)}


def _named_providers(write: Write) -> set[str]:
    """The providers that the client named."""
    operation = write.sent.get("authData")
    named = operation.initial() if operation is not None else None
    return set(named) if isinstance(named, dict) else set()
