"""What a client sent for sign-in providers, on its way to what is stored (`contract/auth_providers.md` §4, §5).

Every entry (sign-up, login, link, password login, challenge) takes the same steps: `resolve`, `users_with`,
`check_policies` where somebody logs in, `validate`, and what is stored is an `Outcome`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import orjson

from parse_auth.configured import NAME, SignInProviders
from parse_auth.providers.base import AuthFailed, NotAllowed, Provider, ProviderRequest, Validated
from parse_auth.sessions import USER_CLASS
from parse_core.context import RequestContext
from parse_core.errors import AccountAlreadyLinked, DuplicateValue, InvalidValue, ParseError, UnsupportedService
from parse_core.query.ast import IdIs, Node
from parse_core.store.rows import ROW, Assignments, lookup, update
from parse_core.store.sql import Row, Sql, all_of, any_of, json_param
from parse_core.values.scalars import Document, Json, equal

FIELD = "authData"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a client sent for one provider; after `resolve` as the provider proved it."""

    name: str
    provider: Provider
    data: Document


@dataclass(frozen=True, slots=True)
class Outcome:
    """What validations came to: data to store by provider, and answers to the client.

    `responses` None: nothing was validated. `expected` is what was stored of the providers that change: a write that
    finds anything else is not the one that was validated.
    """

    linked: Mapping[str, Document]
    responses: Document | None
    expected: Mapping[str, Document | None]


NOTHING = Outcome({}, None, {})


def given(context: RequestContext, auth_data: Json) -> list[Proof]:
    """The providers that the data name, in alphabetical order; nobody is asked anything.

    Raises `UnsupportedService` (252) for a provider that is unknown or off and for data that are no object, what is
    wrong with a provider's options, `InvalidValue` (162) for an id that is no text.
    """
    if not isinstance(auth_data, dict):
        raise UnsupportedService
    configured = context.application.part(SignInProviders)
    found = []
    for name in sorted(auth_data):
        data = auth_data[name]
        if data is None:
            continue
        if not isinstance(data, dict) or not NAME.fullmatch(name):
            raise UnsupportedService
        provider = configured.get(name)
        identity = data.get("id", name)
        if not isinstance(identity, str) or not identity:
            message = f"Invalid authData id for provider '{name}'."
            raise InvalidValue(message)
        found.append(Proof(name, provider, data))
    return found


def resolve(context: RequestContext, proofs: Sequence[Proof]) -> list[Proof]:
    """The proofs with the ids that the providers vouch for; codes are spent, others are asked."""
    return [_resolved(context, proof) for proof in proofs]


def _resolved(context: RequestContext, proof: Proof) -> Proof:
    with _failures_logged("verify", proof):
        return replace(proof, data=proof.provider.prove(dict(proof.data), context))


def users_with(context: RequestContext, proofs: Sequence[Proof]) -> list[Document]:
    """The users linked to any of the ids; two are enough to know that they contradict each other."""
    patterns = [{FIELD: {proof.name: {"id": proof.data["id"]}}} for proof in proofs if "id" in proof.data]
    if not patterns:
        return []
    condition = any_of(Sql("t.data @> ") + json_param(pattern) for pattern in patterns)
    rows = context.executor.fetch(lookup(context.schema(USER_CLASS).relation, condition) + Sql(" LIMIT 2"))
    return [orjson.loads(row[1]) for row in rows]


def stored_user(context: RequestContext, user_id: str) -> Document | None:
    """The user as stored, his authData included."""
    rows = context.executor.fetch(lookup(context.schema(USER_CLASS).relation, IdIs(user_id).sql(ROW)))
    user: Document | None = orjson.loads(rows[0][1]) if rows else None
    return user


def check_policies(context: RequestContext, user: Document, auth_data: Mapping[str, Json]) -> None:
    """Raises `NotAllowed` (-1) for a login that lacks the second factor the user has (§5.2)."""
    stored = user.get(FIELD) or {}
    if not stored:
        return
    configured = context.application.part(SignInProviders)
    request = ProviderRequest(context, original=user)
    policies = {
        name: provider.policy(request, data)
        for name, data in stored.items()
        if (provider := configured.known(name)) is not None
    }
    if any(policies.get(name) == "solo" for name, data in auth_data.items() if data is not None):
        return
    additional = sorted(name for name, policy in policies.items() if policy == "additional")
    if additional and not any(auth_data.get(name) is not None for name in additional):
        message = f"Missing additional authData {','.join(additional)}"
        raise NotAllowed(message)


def is_echo(context: RequestContext, proof: Proof, user: Document) -> bool:
    """Whether a client only sends back what it was shown: then nothing is verified and nothing written."""
    stored = (user.get(FIELD) or {}).get(proof.name)
    if stored is None:
        return False
    if proof.name == "anonymous":
        return True
    if equal(stored, proof.data):
        # Without an id it may be a proof of the moment, which a server that sends it again means to be looked at
        return "id" in stored or not context.principal.is_master
    shown = proof.provider.shown(stored, ProviderRequest(context)) if proof.provider.filters_reads else None
    return _is_part(proof.data, stored if shown is None else shown)


def validate(context: RequestContext, proofs: Sequence[Proof], user: Document | None) -> Outcome:
    """What to store and to answer; providers are asked one after another, and the first refusal ends it.

    Proofs that work once are used up when nobody refused: somebody who forgot his second factor may send both again.
    """
    linked: dict[str, Document] = {}
    responses: Document = {}
    stored = (user or {}).get(FIELD) or {}
    for proof in proofs:
        request = request_for(context, proof, user)
        with _failures_logged(request.trigger_name or "validate", proof):
            result = proof.provider.validate(proof.data, request)
        if result.response is not None:
            responses[proof.name] = result.response
        data = None if result.discards else proof.data if result.save is None else result.save
        if data is not None and (proof.name not in stored or not equal(stored[proof.name], data)):
            linked[proof.name] = data
        if result.refusal is not None:
            _refuse(context, proof, result, user)
    for proof in proofs:
        proof.provider.spend(proof.data, context)
    return Outcome(linked, responses, {name: stored.get(name) for name in linked})


def request_for(context: RequestContext, proof: Proof, user: Document | None) -> ProviderRequest:
    """The situation of a validation, by what is stored of the user and who asks."""
    sent = {FIELD: {proof.name: proof.data}}
    if user is None:
        return ProviderRequest(context, "validateSetUp", sent)
    merged = {**user, FIELD: {**(user.get(FIELD) or {}), **sent[FIELD]}}
    if proof.name not in (user.get(FIELD) or {}):
        return ProviderRequest(context, "validateSetUp", merged, user)
    is_own = context.principal.is_privileged or context.principal.user_id == user["objectId"]
    return ProviderRequest(context, "validateUpdate" if is_own else "validateLogin", merged, user)


def store(context: RequestContext, user_id: str, outcome: Outcome) -> None:
    """Stores what was validated at a login, if nobody changed it meanwhile. One statement, none if nothing changes.

    Raises `AuthFailed` (141): of two logins with one single-use secret, the second one.
    """
    if not outcome.linked:
        return
    condition = IdIs(user_id).sql(ROW) & StillLinked(outcome).sql(ROW)
    auth_data = Sql("coalesce(t.data->'authData', '{}'::jsonb) || ") + json_param(dict(outcome.linked))
    relation = context.schema(USER_CLASS).relation
    changes = Assignments({}, computed={FIELD: auth_data})
    try:
        rows = context.executor.fetch(update(relation, condition, changes, Sql("1"), before=False))
    except DuplicateValue:
        raise AccountAlreadyLinked from None
    if not rows:
        raise outdated()


def outdated() -> AuthFailed:
    """The refusal (141) of what was validated against links that somebody changed meanwhile."""
    return AuthFailed("Invalid auth data")


@dataclass(frozen=True, slots=True)
class StillLinked(Node):
    """What was validated against is still what is stored; a link that is new may be there if it is the same."""

    outcome: Outcome

    def sql(self, row: Row) -> Sql:
        return all_of(
            Sql("coalesce(nullif(")
            + row.data
            + Sql("->'authData'->%s, 'null') = ", (name,))
            + json_param(document)
            + (Sql(", true)") if is_new else Sql(", false)"))
            for name, document, is_new in self._expected()
        )

    def matches(self, document: Document) -> bool:
        stored = document.get(FIELD) or {}
        return all(
            is_new if stored.get(name) is None else equal(stored[name], expected)
            for name, expected, is_new in self._expected()
        )

    def _expected(self) -> Iterator[tuple[str, Document, bool]]:
        for name, old in self.outcome.expected.items():
            yield name, self.outcome.linked[name] if old is None else old, old is None


def _refuse(context: RequestContext, proof: Proof, result: Validated, user: Document | None) -> None:
    """Stores what an incomplete proof leaves behind, like a code that was sent, and says what is missing."""
    if user is not None and result.save is not None:
        before = (user.get(FIELD) or {}).get(proof.name)
        store(context, user["objectId"], Outcome({proof.name: result.save}, None, {proof.name: before}))
    raise AuthFailed(result.refusal)


def _is_part(data: Document, stored: Document) -> bool:
    return bool(data) and all(name in stored and equal(stored[name], value) for name, value in data.items())


@contextmanager
def _failures_logged(step: str, proof: Proof) -> Iterator[None]:
    """Logs a refusal with the step, the provider and the id; the proof itself never."""
    try:
        yield
    except ParseError as error:
        log.info("%s of %s for %r failed: %s", step, proof.name, proof.data.get("id"), error.message)
        raise
