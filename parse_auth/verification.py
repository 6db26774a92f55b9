"""Who has to confirm his address (`users.md` §15.2, §15.4): the options that say so, and the code that decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parse_auth.asking import ask
from parse_auth.internals import Stored, by_id, stored_user
from parse_auth.sessions import CreatedWith
from parse_core.context import RequestContext
from parse_core.errors import EmailNotVerified
from parse_core.objects.requests import Write
from parse_core.operations.base import MISSING
from parse_core.values.scalars import Document, iso

SECRETS = frozenset({"authData", "password", "sessionToken"})


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """What a callable `verifyUserEmails` or `preventLoginWithUnverifiedEmail` is asked about.

    `object` is the user as he will be saved, or is; `original` as he was before an update. Neither has a password, a
    token, or what providers proved.
    """

    object: Document
    master: bool
    ip: str
    installation_id: str | None
    original: Document | None = None
    created_with: Document | None = None
    resend_request: bool = False


def shown(user: Document) -> Document:
    """A user as code of others may see him."""
    return {name: value for name, value in user.items() if name not in SECRETS and not name.startswith("_")}


def asks_to_verify(context: RequestContext, request: Callable[[], VerificationRequest]) -> bool:
    """Whether the user has to confirm his address at all; the request is made only if code asks for it."""
    return _is_true(context.options.verify_user_emails, request)


def withholds_session(context: RequestContext, write: Write) -> bool:
    """Whether a new user gets no session before his address is confirmed."""
    return _is_required(context, lambda: about_write(context, write))


def check_login(context: RequestContext, user: Document, created_with: CreatedWith) -> None:
    """Raises `EmailNotVerified` (205) for a user who may not log in before his address is confirmed."""

    def request() -> VerificationRequest:
        return about_user(context, user, created_with=created_with.json)

    if _is_required(context, request) and not user.get("emailVerified"):
        raise EmailNotVerified


def about_user(context: RequestContext, user: Document, **more: Any) -> VerificationRequest:
    """The request about a user as he is stored."""
    principal = context.principal
    return VerificationRequest(
        shown(user), principal.is_master, context.client_address, context.installation_id, **more
    )


def about_write(context: RequestContext, write: Write) -> VerificationRequest:
    """The request about a user as he will be."""
    if write.is_new:
        moment = iso(write.now)
        user = _changed({"objectId": write.object_id, "createdAt": moment, "updatedAt": moment}, write)
        linked = write.value("authData")
        provider = ",".join(linked) if linked else "password"
        return about_user(context, user, created_with=CreatedWith("signup", provider).json)
    original = write.original
    if original is None:
        stored: Stored | None = stored_user(context, by_id(write.object_id))
        original = stored.user if stored else {"objectId": write.object_id}
    return about_user(context, _changed(original, write), original=shown(original))


def _changed(user: Document, write: Write) -> Document:
    changed = dict(user)
    for name, operation in write.changes.items():
        if "." in name:
            continue
        value = operation.apply(changed.get(name, MISSING))
        if value is MISSING:
            changed.pop(name, None)
        else:
            changed[name] = value
    return changed


def _is_required(context: RequestContext, request: Callable[[], VerificationRequest]) -> bool:
    options = context.options
    if not options.verify_user_emails or not options.prevent_login_with_unverified_email:
        return False
    return _is_true(options.verify_user_emails, request) and _is_true(
        options.prevent_login_with_unverified_email, request
    )


def _is_true(option: Any, request: Callable[[], VerificationRequest]) -> bool:
    """Whether an option is true, or its code says exactly that."""
    if isinstance(option, bool):
        return option
    return ask(option, request()) is True
