"""Changing a user (`users.md` §5.3, §5.4, §7): what is special about names, addresses, passwords and links."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from parse_auth import password_policy, passwords
from parse_auth.flows.auth_data import ChangeLinks
from parse_auth.proofs import FIELD
from parse_auth.sessions import USER_CLASS, CreatedWith, create_session, end_sessions
from parse_core.context import RequestContext
from parse_core.errors import (
    Forbidden,
    InvalidEmailAddress,
    InvalidKeyName,
    PasswordMissing,
    UnsupportedService,
    UsernameMissing,
    UsernameTaken,
    UserNotModifiable,
)
from parse_core.objects.requests import SaveRequest, Write
from parse_core.operations.data import Set, SetOnInsert, Unset
from parse_core.store.sql import Sql
from parse_core.values.acl import Acl
from parse_core.values.scalars import Document, Json

# No line break among the characters: none of JavaScript's four, of which one would also begin a header of a mail.
EMAIL: Final = re.compile(r"[^\n\r\u2028\u2029]+@[^\n\r\u2028\u2029]+")
RESET_TOKEN: Final = ("_perishable_token", "_perishable_token_expires_at")


def receive(context: RequestContext, request: SaveRequest) -> SaveRequest:
    """The update after the checks of its body; who asks is looked at first, so that nobody else learns anything.

    1. A caller without any identity changes no user.
    2. The links to providers: the user's own to change.
    3. What only the server may say.
    4. What stays as it is, whatever is sent: the id, and an ACL that is taken away.
    """
    principal, body = context.principal, request.body
    if not principal.is_privileged and principal.user_id is None:
        message = f"Cannot modify user {request.object_id}."
        raise UserNotModifiable(message)
    _check_links(context, request)
    refuse_verification(context, body)
    if body.get("objectId", request.object_id) != request.object_id:
        message = "objectId is an invalid field name."
        raise InvalidKeyName(message)
    dropped = {"sessionToken"}
    if _is_delete(body.get("ACL")):
        dropped.add("ACL")
    if body.get(FIELD) == {}:
        dropped.add(FIELD)
    return replace(request, body={key: value for key, value in body.items() if key not in dropped})


def refuse_verification(context: RequestContext, body: Document) -> None:
    """Raises `Forbidden` (119) for a client that says whether an address is confirmed."""
    principal = context.principal
    if "emailVerified" in body and not principal.is_master and not principal.is_maintenance:
        message = "Clients aren't allowed to manually update email verification."
        raise Forbidden(message)


def normalised(context: RequestContext, write: Write) -> Write:
    """The write with name and address as they are stored: lower case if the application says so, never empty.

    Raises `UsernameMissing` (200) for an empty name.
    """
    options = context.options
    if isinstance(write.changes.get("username"), Set) and write.value("username") == "":
        raise UsernameMissing
    write = _normalised(write, "username", lower=options.convert_username_to_lowercase)
    return _normalised(write, "email", lower=options.convert_email_to_lowercase)


def secured(context: RequestContext, write: Write) -> Write:
    """The write with its password hashed, and an address that can be one.

    Raises `PasswordMissing` (201), `InvalidEmailAddress` (125); a name that is taken is told before an address that is
    malformed, as if both had been looked up.
    """
    if not write.is_new and isinstance(write.changes.get("password"), SetOnInsert):
        write = write.with_changes(password=None)  # which says nothing about somebody who has one
    address = write.value("email")
    if isinstance(address, str) and EMAIL.fullmatch(address) is None:
        if _is_taken(context, write):
            raise UsernameTaken
        raise InvalidEmailAddress
    internal: dict[str, Json] = {}
    if not write.is_new and ("email" in write.changes or "password" in write.changes):
        internal.update({name: None for name in RESET_TOKEN if name not in write.internal})
    if "password" in write.changes:
        password = write.value("password")
        if not password:
            raise PasswordMissing
        internal.update(password_policy.accepted(context, write, password))
        internal[passwords.COLUMN] = passwords.hashed(password, context.options.password_hash)
        write = write.with_changes(password=None)
    return write.with_internal(internal) if internal else write


def with_own_access(context: RequestContext, write: Write) -> Write:
    """The update with an ACL that does not lock the user out of himself; the master key may."""
    acl = write.value("ACL")
    if acl is None or context.principal.is_privileged:
        return write
    operation = Set(Acl(acl).with_full_access(write.object_id).json)
    return replace(write, changes={**write.changes, "ACL": operation}, sent={**write.sent, "ACL": operation})


def tell_links(write: Write, response: Document) -> None:
    """Adds what the providers answered, if any was asked."""
    operation = write.changes.get(FIELD)
    if isinstance(operation, ChangeLinks) and operation.responses is not None:
        response["authDataResponse"] = operation.responses


def changes_password(write: Write) -> bool:
    """Whether a write gives the user a new password, be it as a hash."""
    return passwords.COLUMN in write.internal


def renew_sessions(context: RequestContext, write: Write, response: Document) -> None:
    """After a new password: the old sessions end, and the user himself gets one that goes on.

    Somebody else whom the ACL lets write gets none: he may change this user, not be him.
    """
    if context.options.revoke_session_on_password_reset:
        end_sessions(context, write.object_id)
    if context.principal.is_privileged or context.principal.user_id != write.object_id:
        return
    links_changed = write.sent.get(FIELD)
    named = links_changed.initial() if links_changed is not None else None
    created_with = CreatedWith("login", ",".join(named)) if named else None
    response["sessionToken"] = create_session(context, write.object_id, created_with)["sessionToken"]


def _check_links(context: RequestContext, request: SaveRequest) -> None:
    for key in request.body:
        if key.startswith(f"{FIELD}."):
            message = f"Invalid field name for update: {key}"
            raise InvalidKeyName(message)
    if FIELD not in request.body:
        return
    if not isinstance(request.body[FIELD], dict) or "__op" in request.body[FIELD]:
        raise UnsupportedService
    principal = context.principal
    if request.body[FIELD] and not principal.is_privileged and principal.user_id != request.object_id:
        raise UserNotModifiable


def _normalised(write: Write, name: str, *, lower: bool) -> Write:
    operation = write.changes.get(name)
    if not isinstance(operation, Set):
        return write
    if operation.value in (None, ""):
        return write.with_changes(**{name: Unset()})
    if lower and isinstance(operation.value, str) and operation.value != operation.value.lower():
        return write.with_changes(**{name: Set(operation.value.lower())})
    return write


def _is_taken(context: RequestContext, write: Write) -> bool:
    name = write.value("username")
    if not isinstance(name, str):
        return False
    condition = Sql(" t WHERE lower(t.data->>'username') = lower(%s) AND t.object_id <> %s", (name, write.object_id))
    return bool(context.executor.fetch(Sql("SELECT 1 FROM ") + context.schema(USER_CLASS).relation + condition))


def _is_delete(value: Json) -> bool:
    return value is None or (isinstance(value, dict) and value.get("__op") == "Delete")
