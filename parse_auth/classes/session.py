"""`_Session`: what clients may do to sessions (`users.md` §10). How the server makes and ends them: `sessions.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

from parse_auth.caches import EVERYBODY, forget_sessions
from parse_auth.sessions import (
    SESSION_CLASS,
    USER_CLASS,
    CreatedWith,
    end_replaced,
    expiry,
    new_token,
    owner_of,
)
from parse_core.context import RequestContext
from parse_core.errors import InvalidKeyName, InvalidSessionToken, ObjectNotFound, ParseError, SessionRequired
from parse_core.objects.requests import DeleteEvent, SaveRequest, Write
from parse_core.operations.data import Set
from parse_core.permissions.actions import Action
from parse_core.permissions.pointers import PointsTo
from parse_core.query.ast import Node
from parse_core.schema.classes import ClassSchema, Field
from parse_core.schema.system_class import SystemClass, register
from parse_core.values.scalars import Document, pointer

SERVER_MADE: Final = frozenset({"user", "sessionToken", "expiresAt", "createdWith"})
FIXED: Final = ("installationId", "sessionToken")  # for everyone, once the session is there
FIXED_FOR_CLIENTS: Final = ("expiresAt", "createdWith")


@register
class Session(SystemClass):
    """A client sees its own sessions only, adds fields to them and makes further ones; the rest is the server's."""

    name = SESSION_CLASS
    fields: ClassVar = {
        "user": Field("Pointer", USER_CLASS),
        "installationId": Field("String"),
        "sessionToken": Field("String"),
        "expiresAt": Field("Date"),
        "createdWith": Field("Object"),
    }
    unique = (("sessionToken", "sessionToken", "exact"),)
    needed_by_definitions = True

    def authorize(self, context: RequestContext, action: Action, schema: ClassSchema) -> None:
        """Needs a user or the master key; the maintenance key alone reads no sessions."""
        principal = context.principal
        if principal.user_id is None and not principal.is_master and (action.reads or not principal.is_maintenance):
            raise SessionRequired

    def receive(self, context: RequestContext, request: SaveRequest) -> SaveRequest:
        principal = context.principal
        if principal.user_id is None and not principal.is_privileged:
            message = "Session token required."
            raise InvalidSessionToken(message)
        if "ACL" in request.body:
            message = "Cannot set ACL on a Session."
            raise InvalidKeyName(message)
        if request.object_id is not None:
            _check_update(context, request.body)
        elif principal.user_id is not None and context.options.allow_custom_object_id:
            return replace(request, body={key: value for key, value in request.body.items() if key != "objectId"})
        return request

    def find_restriction(self, context: RequestContext, action: Action) -> Node | None:
        user_id = context.principal.user_id
        return None if user_id is None else PointsTo("user", USER_CLASS, user_id)

    def before_store(self, context: RequestContext, write: Write) -> Write:
        """Puts the server's own values in place of what a client sent, whose types have been checked by now."""
        user_id = context.principal.user_id
        if not write.is_new or user_id is None:
            return write
        kept = {key: operation for key, operation in write.changes.items() if key.partition(".")[0] not in SERVER_MADE}
        made = {
            "sessionToken": new_token(),
            "user": pointer(USER_CLASS, user_id),
            "createdWith": CreatedWith("create").json,
            **expiry(context.options),
        }
        return replace(write, changes={**{name: Set(value) for name, value in made.items()}, **kept})

    def follows_up(self, write: Write) -> bool:
        return write.is_new

    def after_write(self, context: RequestContext, write: Write, response: Document) -> None:
        user_id = context.principal.user_id
        if not write.is_new:
            forget_sessions(context, user_id or EVERYBODY)
            return
        values = {name: operation.initial() for name, operation in write.changes.items()}
        owner = owner_of(values)
        if owner and values.get("installationId"):
            end_replaced(context, owner, values["installationId"], kept=write.object_id)
        if user_id is not None:
            del response["createdAt"]
            response.update({name: value for name, value in values.items() if "." not in name and value is not None})

    def after_delete(self, context: RequestContext, event: DeleteEvent) -> None:
        forget_sessions(context, owner_of(event.original or {}) or EVERYBODY)

    def not_found(self, context: RequestContext, action: Action) -> ParseError | None:
        return ObjectNotFound("Object not found for delete.") if action is Action.DELETE else None


def _check_update(context: RequestContext, body: Document) -> None:
    """Raises `InvalidKeyName` (105) for what cannot be changed any more, whatever the value, and for paths into it."""
    principal = context.principal
    roots = {key.partition(".")[0] for key in body}
    if "user" in roots and not principal.is_privileged and owner_of(body) != principal.user_id:
        raise _fixed("user")
    names = FIXED if principal.is_privileged else (*FIXED, *FIXED_FOR_CLIENTS)
    for name in names:
        if name in roots:
            raise _fixed(name)


def _fixed(name: str) -> InvalidKeyName:
    return InvalidKeyName(f"Invalid key name: {name}")
