"""`_User`: the people an application knows. Their rows are callers; everything special about them starts here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from parse_auth.flows import changes, signup, verify_email
from parse_auth.flows.auth_data import log_in_after_all, with_links, with_new_links
from parse_auth.flows.maintenance import typed
from parse_auth.passwords import COLUMN
from parse_auth.provider_indexes import PREFIX
from parse_auth.sessions import USER_CLASS, end_sessions
from parse_core.context import Level, RequestContext
from parse_core.errors import (
    AccountAlreadyLinked,
    DuplicateValue,
    EmailTaken,
    ParseError,
    SessionMissing,
    UsernameTaken,
    UserNotModifiable,
)
from parse_core.objects.requests import DeleteEvent, Saved, SaveRequest, Write
from parse_core.permissions.access import MaskRule
from parse_core.permissions.actions import Action
from parse_core.query.ast import IdIs
from parse_core.schema.classes import ClassSchema, Field
from parse_core.schema.system_class import SystemClass, register
from parse_core.values.scalars import Document

AUTH_DATA: Final = frozenset({"authData"})
TAKEN: Final[Mapping[str, type[ParseError]]] = {
    "username": UsernameTaken,
    "email": EmailTaken,
    "anonymous": AccountAlreadyLinked,
    PREFIX: AccountAlreadyLinked,
}


@register
class User(SystemClass):
    """`password` is a field that can only be written: what is stored is its hash, among the internal columns."""

    name = USER_CLASS
    fields: ClassVar = {
        "username": Field("String"),
        "password": Field("String"),
        "email": Field("String"),
        "emailVerified": Field("Boolean"),
        "authData": Field("Object"),
    }
    internal_fields: ClassVar = {
        COLUMN: "String",
        "_session_token": "String",
        "_email_verify_token": "String",
        "_email_verify_token_expires_at": "Date",
        "_perishable_token": "String",
        "_perishable_token_expires_at": "Date",
        "_failed_login_count": "Number",
        "_account_lockout_expires_at": "Date",
        "_password_changed_at": "Date",
        "_password_history": "Array",
        "_tombstone": "String",
    }
    # A name that is taken is told before an address that is: violations are found in the order of these
    unique = (
        ("username", "username", "exact"),
        ("username_lower", "username", "lower"),
        ("email", "email", "exact"),
        ("email_lower", "email", "lower"),
        ("anonymous", "authData.anonymous.id", "exact"),
        ("session_token", "_session_token", "exact"),
        ("verification_token", "_email_verify_token", "exact"),
        ("reset_token", "_perishable_token", "exact"),
    )
    created_at_start = True
    owner_is_row = True
    reads_rows = True
    hidden_in_includes = AUTH_DATA
    location = "/users"

    def authorize(self, context: RequestContext, action: Action, schema: ClassSchema) -> None:
        if action is Action.DELETE and context.principal.user_id is None and not context.principal.is_privileged:
            raise SessionMissing

    def receive(self, context: RequestContext, request: SaveRequest) -> SaveRequest | Saved:
        if context.principal.level is Level.READ_ONLY:
            return request  # which is refused in the next step
        if request.object_id is None:
            return signup.receive(context, request)
        return changes.receive(context, request)

    def mask(self, context: RequestContext) -> tuple[MaskRule, ...]:
        user_id = context.principal.user_id
        return (MaskRule(AUTH_DATA, None if user_id is None else IdIs(user_id)),)

    def before_triggers(self, context: RequestContext, write: Write) -> Write:
        if write.internal:
            write = write.with_internal(typed(self.internal_fields, write.internal))
        return with_new_links(context, write) if write.is_new else with_links(context, write)

    def before_write(self, context: RequestContext, write: Write) -> Write:
        write = changes.normalised(context, write)
        return signup.with_name(write) if write.is_new else write

    def before_store(self, context: RequestContext, write: Write) -> Write:
        write = verify_email.begin(context, changes.secured(context, write))
        return signup.with_own_acl(context, write) if write.is_new else changes.with_own_access(context, write)

    def follows_up(self, write: Write) -> bool:
        return write.is_new or changes.changes_password(write)

    def after_write(self, context: RequestContext, write: Write, response: Document) -> None:
        verify_email.follow_up(context, write)
        if write.is_new:
            signup.start_session(context, write, response)
            return
        changes.tell_links(write, response)
        if changes.changes_password(write):
            changes.renew_sessions(context, write, response)

    def answer(self, context: RequestContext, write: Write, saved: Saved) -> Saved:
        """An error for the sign-up of a user who is to confirm his address first, if the application wants that."""
        if write.is_new and context.options.prevent_signup_with_unverified_email:
            signup.refuse_without_session(context, write, saved)
        return saved

    def refused(self, context: RequestContext, request: SaveRequest, refusal: ParseError) -> Saved | None:
        is_late = request.object_id is None and isinstance(refusal, tuple(TAKEN.values()))
        return log_in_after_all(context, request) if is_late and context.transaction is None else None

    def after_delete(self, context: RequestContext, event: DeleteEvent) -> None:
        end_sessions(context, event.object_id)

    def after_read(self, context: RequestContext, document: Document) -> Document:
        """Adds the token to the caller's own object, as SDKs expect it."""
        principal = context.principal
        if principal.session_token is not None and document.get("objectId") == principal.user_id:
            document["sessionToken"] = principal.session_token
        return document

    def duplicate(self, error: DuplicateValue) -> ParseError:
        return next((taken() for prefix, taken in TAKEN.items() if error.index.startswith(prefix)), error)

    def not_found(self, context: RequestContext, action: Action) -> ParseError | None:
        """To a client every user it may not change is the same, whether there is one or not."""
        return None if action.reads or context.principal.is_privileged else UserNotModifiable()
