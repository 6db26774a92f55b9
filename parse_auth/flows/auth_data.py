"""What the `authData` of a request stands for: a sign-up, a login, or a change of a user's links (`users.md` §11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import orjson

from parse_auth.providers.base import Provider, providers
from parse_auth.roles import roles_of
from parse_auth.seen import as_user, own_view
from parse_auth.sessions import FROM_THE_SERVER, USER_CLASS, CreatedWith, create_session
from parse_auth.signals import Login, after_login, before_login, send
from parse_core.context import RequestContext
from parse_core.errors import AccountAlreadyLinked, InvalidValue, UnsupportedService
from parse_core.objects.requests import Saved, SaveRequest
from parse_core.operations.base import MISSING, Missing, Operation
from parse_core.query.ast import IdIs
from parse_core.schema.classes import Field
from parse_core.store.rows import ROW, lookup
from parse_core.store.sql import Sql, any_of, json_param
from parse_core.values.scalars import Document, Json, equal

FIELD = "authData"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a client sent for one provider, not yet verified."""

    provider: Provider
    data: Document

    def verified(self, context: RequestContext) -> Document:
        """What to store for the provider."""
        return self.provider.verify(context, self.data)


@dataclass(frozen=True, slots=True)
class ChangeLinks(Operation):
    """Links and unlinks providers of a stored user, whatever others do to the same user meanwhile."""

    name: ClassVar[str] = "ChangeLinks"
    may_unset: ClassVar[bool] = True
    linked: Mapping[str, Document]
    unlinked: Sequence[str]

    def field(self, inferred: Field | None) -> Field:
        return Field("Object")

    def apply(self, current: Json | Missing) -> Json | Missing:
        stored = current if isinstance(current, dict) else {}
        kept = {key: data for key, data in stored.items() if key not in self.unlinked}
        return {**kept, **self.linked} or MISSING

    def sql(self, current: Sql) -> Sql:
        kept = Sql("coalesce(") + current + Sql(", '{}'::jsonb) - %s::text[]", (list(self.unlinked),))
        return Sql("nullif((") + kept + Sql(") || ") + json_param(dict(self.linked)) + Sql(", '{}'::jsonb)")


def proofs(context: RequestContext, auth_data: Json) -> list[Proof]:
    """The providers that the data name, in alphabetical order; nothing stored is looked at.

    Raises `UnsupportedService` (252) for a provider that is unknown or off and for data that are no object,
    `InvalidValue` (162) for an id that is no text.
    """
    if not isinstance(auth_data, dict):
        raise UnsupportedService
    found = []
    for name in sorted(auth_data):
        data = auth_data[name]
        if data is None or data == {}:
            continue
        provider = providers.get(name)
        if not isinstance(data, dict) or provider is None or not provider.is_enabled(context.options):
            raise UnsupportedService
        identity = data.get("id", name)
        if not isinstance(identity, str) or not identity:
            message = f"Invalid authData id for provider '{name}'."
            raise InvalidValue(message)
        found.append(Proof(provider, data))
    return found


def sign_up_or_log_in(context: RequestContext, request: SaveRequest) -> SaveRequest | Saved:
    """The sign-up with verified data, or, when the data belong to a user already, the answer of his login.

    Proofs are verified before anything is said about who they belong to, so that nobody can ask which ids are taken.
    """
    given = proofs(context, request.body[FIELD])
    users = _users_with(context, given)
    if not context.principal.is_master:
        users = [user for user in users if user.get("ACL") != {}]
    verified = {proof.provider.name: proof.verified(context) for proof in given}
    caller = context.principal.user_id
    if len(users) > 1 or (users and caller is not None and users[0]["objectId"] != caller):
        raise AccountAlreadyLinked
    if users:
        return _logged_in(context, users[0], tuple(verified))
    body = {key: value for key, value in request.body.items() if key != FIELD}
    return replace(request, body={**body, FIELD: verified} if verified else body)


def links(context: RequestContext, user_id: str, auth_data: Document) -> ChangeLinks | None:
    """The change that an update of a user asks for, None when there is none.

    Clients send back what they hold: of what is linked already nothing is verified or written again. That an id is
    somebody else's shows when it is stored (208).
    """
    given = proofs(context, auth_data)
    stored = _stored(context, user_id) if given else {}
    changed = [proof for proof in given if not _is_echo(proof.data, stored.get(proof.provider.name))]
    unlinked = [name for name, data in auth_data.items() if data is None]
    if not changed and not unlinked:
        return None
    return ChangeLinks({proof.provider.name: proof.verified(context) for proof in changed}, unlinked)


def _stored(context: RequestContext, user_id: str) -> Document:
    rows = context.executor.fetch(lookup(context.schema(USER_CLASS).relation, IdIs(user_id).sql(ROW)))
    user: Document = orjson.loads(rows[0][1]) if rows else {}
    auth_data: Document = user.get(FIELD, {})
    return auth_data


def _is_echo(data: Document, stored: Document | None) -> bool:
    return stored is not None and all(name in stored and equal(stored[name], value) for name, value in data.items())


def _users_with(context: RequestContext, given: Sequence[Proof]) -> list[Document]:
    """The users linked to any of the ids; two are enough to know that they contradict each other."""
    patterns = [{FIELD: {proof.provider.name: {"id": proof.data["id"]}}} for proof in given if "id" in proof.data]
    if not patterns:
        return []
    condition = any_of(Sql("t.data @> ") + json_param(pattern) for pattern in patterns)
    rows = context.executor.fetch(lookup(context.schema(USER_CLASS).relation, condition) + Sql(" LIMIT 2"))
    return [orjson.loads(row[1]) for row in rows]


def _logged_in(context: RequestContext, user: Document, names: Sequence[str]) -> Saved:
    """The answer of a login: the user, and the token of a new session unless the caller has one already."""
    user_id = user["objectId"]
    location = f"/users/{user_id}"
    if context.principal.user_id is not None:
        return Saved(own_view(context, user_id), 200, location)
    send(before_login, context, Login(user))
    roles = roles_of(context, user_id)
    if context.installation_id == FROM_THE_SERVER:
        body = own_view(as_user(context, user_id, roles), user_id)
        return Saved(body, 200, location)
    token = create_session(context, user_id, CreatedWith("login", ",".join(names)))["sessionToken"]
    own = as_user(context, user_id, roles, token)
    send(after_login, own, Login({**user, "sessionToken": token}))
    return Saved({**own_view(own, user_id), "sessionToken": token, "authDataResponse": {}}, 200, location)
