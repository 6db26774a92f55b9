"""What the `authData` of a save stands for: a sign-up, a login, or a change of a user's links (`users.md` §11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from parse_auth.flows.proven_address import users_addressed, with_proven_address
from parse_auth.proofs import (
    FIELD,
    NOTHING,
    Outcome,
    Proof,
    StillLinked,
    check_policies,
    given,
    is_echo,
    outdated,
    resolve,
    store,
    stored_user,
    users_with,
    validate,
)
from parse_auth.provider_indexes import ProviderIndexes
from parse_auth.roles import roles_of
from parse_auth.seen import as_user, own_view
from parse_auth.sessions import FROM_THE_SERVER, CreatedWith, create_session
from parse_auth.signals import Login, after_login, before_login, send
from parse_core.context import RequestContext
from parse_core.errors import AccountAlreadyLinked
from parse_core.objects.requests import Precondition, Saved, SaveRequest, Write
from parse_core.operations.base import MISSING, Missing, Operation
from parse_core.schema.classes import Field
from parse_core.store.sql import Sql, json_param
from parse_core.values.scalars import Document, Json


@dataclass(frozen=True, slots=True)
class ChangeLinks(Operation):
    """Links and unlinks providers of a stored user, whatever others do to the same user meanwhile.

    `responses` is what the providers say to the client, None when none was asked.
    """

    name: ClassVar[str] = "ChangeLinks"
    may_unset: ClassVar[bool] = True
    linked: Mapping[str, Document]
    unlinked: Sequence[str]
    responses: Document | None = field(default=None, compare=False)

    def field(self, inferred: Field | None) -> Field:
        return Field("Object")

    def apply(self, current: Json | Missing) -> Json | Missing:
        stored = current if isinstance(current, dict) else {}
        kept = {key: data for key, data in stored.items() if key not in self.unlinked}
        return {**kept, **self.linked} or MISSING

    def sql(self, current: Sql) -> Sql:
        kept = Sql("coalesce(") + current + Sql(", '{}'::jsonb) - %s::text[]", (list(self.unlinked),))
        return Sql("nullif((") + kept + Sql(") || ") + json_param(dict(self.linked)) + Sql(", '{}'::jsonb)")


def sign_up_or_log_in(context: RequestContext, request: SaveRequest) -> SaveRequest | Saved:
    """The sign-up with proven data, or, when the data belong to a user already, the answer of his login.

    Proofs are validated before anything is said about who they belong to, so that nobody can ask which ids are taken.
    """
    sent = request.body[FIELD]
    auth_data = {name: data for name, data in sent.items() if data != {}} if isinstance(sent, dict) else sent
    proofs = resolve(context, given(context, auth_data))
    found = users_with(context, proofs) or users_addressed(context, proofs)
    users = found if context.principal.is_master else [user for user in found if user.get("ACL") != {}]
    caller = context.principal.user_id
    if len(found) > 1 or len(users) < len(found) or (users and caller not in (None, users[0]["objectId"])):
        validate(context, proofs, found[0])
        raise AccountAlreadyLinked
    if users:
        return _logged_in(context, users[0], proofs)
    body = {key: value for key, value in request.body.items() if key != FIELD}
    proven = {proof.name: proof.data for proof in proofs}
    return replace(request, body={**body, FIELD: proven} if proven else body)


def log_in_after_all(context: RequestContext, request: SaveRequest) -> Saved | None:
    """The answer of a login for a sign-up whose ids another request gave to a new user meanwhile; None if none did.

    The ids of the request are proven; whatever else a login asks for is asked now.
    """
    proofs = given(context, request.body.get(FIELD) or {})
    users = users_with(context, proofs)
    if len(users) != 1 or context.principal.user_id not in (None, users[0]["objectId"]) or users[0].get("ACL") == {}:
        return None
    return _logged_in(context, users[0], proofs)


def with_new_links(context: RequestContext, write: Write) -> Write:
    """The sign-up with what its providers want stored."""
    auth_data = write.value(FIELD)
    if not auth_data:
        return write
    proofs = given(context, auth_data)
    context.application.part(ProviderIndexes).ensure(context, [proof.name for proof in proofs if "id" in proof.data])
    outcome = validate(context, proofs, None)
    write = with_proven_address(context, write, proofs)
    return write.with_changes(authData=ChangeLinks(outcome.linked, (), outcome.responses))


def with_links(context: RequestContext, write: Write) -> Write:
    """The update with its authData as a change of single links, which no concurrent change of another one undoes.

    Clients send back what they hold: of what is linked already nothing is verified or written again. That an id is
    somebody else's shows when it is stored (208). What is replaced may be a secret that works once: the write finds
    it as it was when it was accepted, or writes nothing at all.
    """
    auth_data = write.value(FIELD)
    if not isinstance(auth_data, dict) or not auth_data:
        return write
    sent = given(context, auth_data)
    user = (stored_user(context, write.object_id) if sent else None) or {"objectId": write.object_id}
    changed = [proof for proof in sent if not is_echo(context, proof, user)]
    unlinked = [name for name, data in auth_data.items() if data is None]
    if not changed and not unlinked:
        return write.with_changes(authData=None)
    outcome = _validated(context, changed, user)
    write = write.with_changes(authData=ChangeLinks(outcome.linked, unlinked, outcome.responses))
    return replace(write, only_if=Precondition(StillLinked(outcome), outdated())) if outcome.linked else write


def _validated(context: RequestContext, changed: Sequence[Proof], user: Document) -> Outcome:
    if not changed:
        return NOTHING
    proofs = resolve(context, changed)
    context.application.part(ProviderIndexes).ensure(context, [proof.name for proof in proofs if "id" in proof.data])
    return validate(context, proofs, user)


def _logged_in(context: RequestContext, user: Document, proofs: Sequence[Proof]) -> Saved:
    """The answer of a login: the user, and the token of a new session unless the caller has one already.

    1. The second factor is there. 2. Everything sent is validated. 3. Listeners may refuse. 4. What changed is stored.
    5. The session.
    """
    user_id = user["objectId"]
    location = f"/users/{user_id}"
    if context.principal.user_id is not None:
        outcome = _validated(context, [proof for proof in proofs if not is_echo(context, proof, user)], user)
        store(context, user_id, outcome)
        told = {"authDataResponse": outcome.responses} if outcome.responses else {}
        return Saved({**own_view(context, user_id), **told}, 200, location)
    check_policies(context, user, {proof.name: proof.data for proof in proofs})
    outcome = validate(context, proofs, user)
    send(before_login, context, Login(user))
    store(context, user_id, outcome)
    told = {"authDataResponse": outcome.responses or {}}
    roles = roles_of(context, user_id)
    if context.installation_id == FROM_THE_SERVER:
        return Saved({**own_view(as_user(context, user_id, roles), user_id), **told}, 200, location)
    created_with = CreatedWith("login", ",".join(proof.name for proof in proofs))
    token = create_session(context, user_id, created_with)["sessionToken"]
    own = as_user(context, user_id, roles, token)
    send(after_login, own, Login({**user, "sessionToken": token}))
    return Saved({**own_view(own, user_id), "sessionToken": token, **told}, 200, location)
