"""Signing up (`users.md` §5): what is special about creating a user, in the order of the contract."""

from __future__ import annotations

import secrets
import string
from dataclasses import replace
from typing import Final

from parse_auth import passwords
from parse_auth.flows.auth_data import ChangeLinks, sign_up_or_log_in
from parse_auth.flows.changes import refuse_verification
from parse_auth.flows.proven_address import has_proven_address
from parse_auth.proofs import FIELD
from parse_auth.sessions import FROM_THE_SERVER, CreatedWith, create_session
from parse_auth.verification import withholds_session
from parse_core.context import PUBLIC, ROLE_PREFIX, RequestContext
from parse_core.errors import EmailNotVerified, Forbidden, PasswordMissing, UsernameMissing
from parse_core.objects.body import new_id
from parse_core.objects.requests import Saved, SaveRequest, Write
from parse_core.operations.data import Set
from parse_core.values.acl import Acl
from parse_core.values.scalars import Document, Json

GENERATED_NAME_LENGTH: Final = 25
_ALPHABET: Final = string.ascii_letters + string.digits


def receive(context: RequestContext, request: SaveRequest) -> SaveRequest | Saved:
    """The sign-up after the checks of its body, or the answer of a login it turned out to be.

    1. An id that would read as a role's or everybody's in an ACL, or that a client may not choose.
    2. Without a provider, name and password.
    3. The providers.
    4. What only the server may say: the token of a session is no field of a user.
    """
    body = {key: value for key, value in request.body.items() if key != "sessionToken"}
    request = replace(request, body=body)
    _check_id(context, body)
    if not _names_provider(body.get(FIELD)):
        _check_name_and_password(context, body)
    if FIELD in body:
        received = sign_up_or_log_in(context, request)
        if isinstance(received, Saved):
            return received
        request = received
    refuse_verification(context, request.body)
    return request


def with_name(write: Write) -> Write:
    """The new user with a name: users who come through a provider need not bring one."""
    if write.value("username"):
        return write
    name = "".join(secrets.choice(_ALPHABET) for _ in range(GENERATED_NAME_LENGTH))
    return write.with_changes(username=Set(name))


def with_own_acl(context: RequestContext, write: Write) -> Write:
    """The new user with access to himself, beside what the client or the class gives others.

    It is the server's own business and not echoed, unless the class has a default ACL that clients are told of.
    """
    given = write.value("ACL")
    if given is None:
        given = {} if context.options.enforce_private_users else {PUBLIC: {"read": True}}
    operation = Set(Acl(given).with_full_access(write.object_id).json)
    is_known = "ACL" in write.sent or "ACL" not in write.changes
    sent = {**write.sent, "ACL": operation} if is_known else write.sent
    return replace(write, changes={**write.changes, "ACL": operation}, sent=sent)


def start_session(context: RequestContext, write: Write, response: Document) -> None:
    """Adds the first session's token, and what providers answered.

    A request that comes from a server gets none, nor does a caller who links a provider to nobody while logged in.
    """
    linked = write.value(FIELD)
    operation = write.changes.get(FIELD)
    if isinstance(operation, ChangeLinks) and operation.responses is not None:
        response["authDataResponse"] = operation.responses
    if not _expects_session(context, write):
        return
    if withholds_session(context, write) and not has_proven_address(context, write):
        return
    created_with = CreatedWith("login", ",".join(linked)) if linked else CreatedWith("signup", "password")
    response["sessionToken"] = create_session(context, write.object_id, created_with)["sessionToken"]


def refuse_without_session(context: RequestContext, write: Write, saved: Saved) -> None:
    """Raises `EmailNotVerified` (205) for a user who is stored and got no session because he has to confirm first."""
    if "sessionToken" not in saved.body and _expects_session(context, write):
        raise EmailNotVerified


def _expects_session(context: RequestContext, write: Write) -> bool:
    """Whether a session is due: not to a server, nor to a caller who links a provider to nobody while logged in."""
    return context.installation_id != FROM_THE_SERVER and not (write.value(FIELD) and context.principal.user_id)


def _check_id(context: RequestContext, body: Document) -> None:
    given = body.get("objectId")
    if given == PUBLIC or (isinstance(given, str) and given.startswith(ROLE_PREFIX)):
        message = "Invalid object ID."
        raise Forbidden(message)
    new_id(context, body)


def _names_provider(auth_data: Json) -> bool:
    """Whether a provider can say who this is; an anonymous user without an id could never come back."""
    return isinstance(auth_data, dict) and any(
        isinstance(data, dict) and data and (name != "anonymous" or "id" in data) for name, data in auth_data.items()
    )


def _check_name_and_password(context: RequestContext, body: Document) -> None:
    if not isinstance(body.get("username"), str) or not body["username"]:
        raise UsernameMissing
    if context.principal.is_maintenance and passwords.COLUMN in body:
        return
    if not isinstance(body.get("password"), str) or not body["password"]:
        raise PasswordMissing
