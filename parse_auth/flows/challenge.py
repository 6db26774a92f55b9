"""`POST /challenge`: what somebody needs from a provider before he can log in with it (`auth_providers.md` §7)."""

from __future__ import annotations

from collections.abc import Mapping

from parse_auth.configured import NAME, SignInProviders
from parse_auth.flows.login import Credentials, authenticate, without_read_only_key
from parse_auth.flows.proven_address import users_addressed
from parse_auth.proofs import FIELD, given, resolve, users_with
from parse_auth.providers.base import NotAllowed, ProviderRequest, Validated
from parse_core.context import RequestContext
from parse_core.errors import InvalidValue, ObjectNotFound, ParseError
from parse_core.values.scalars import Document, Json


def challenge(context: RequestContext, payload: Mapping[str, Json]) -> Document:
    """`{"challengeData": {provider: answer}}`; nothing is stored, nobody is logged in.

    1. Who it is, by password or by provider, if he says so. 2. Each provider that can is asked.
    """
    context = without_read_only_key(context)
    user = _by_password(context, payload)
    asked, auth_data = payload.get("challengeData"), payload.get(FIELD)
    if not asked:
        raise NotAllowed("Nothing to challenge.")
    if not isinstance(asked, dict | list):
        raise NotAllowed("challengeData should be an object.")
    if auth_data is not None:
        if not isinstance(auth_data, dict):
            raise NotAllowed("authData should be an object.")
        if payload.get("username") or payload.get("email"):
            raise NotAllowed("You cannot provide username/email and authData, only use one identification method.")
        user = _by_auth_data(context, auth_data)
    request = _request(context, user, auth_data)
    return {"challengeData": _answers(context, asked, auth_data or {}, request) if isinstance(asked, dict) else {}}


def _by_password(context: RequestContext, payload: Mapping[str, Json]) -> Document | None:
    if not (payload.get("username") or payload.get("email")):
        return None
    if not payload.get("password"):
        raise NotAllowed("You provided username or email, you need to also provide password.")
    return authenticate(context, Credentials.parse(payload, context.options)).user


def _by_auth_data(context: RequestContext, auth_data: Document) -> Document:
    """The user of a proof. Whatever is wrong with it, the answer is the same, so that ids cannot be guessed."""
    for name, data in auth_data.items():
        if data is not None and not isinstance(data, dict):
            raise NotAllowed(f"authData.{name} should be an object.")
    if sum(1 for data in auth_data.values() if data and data.get("id")) > 1:
        raise NotAllowed("You cannot provide more than one authData provider with an id.")
    try:
        proofs = resolve(context, given(context, auth_data))
        found = users_with(context, proofs) or users_addressed(context, proofs)
        users = [user for user in found if user.get("ACL") != {}]
        if len(users) == 1:
            for proof in proofs:
                result: Validated = proof.provider.validate(proof.data, _request(context, users[0], auth_data))
                if result.refusal is not None:
                    break
            else:
                return users[0]
    except InvalidValue:
        raise
    except ParseError:
        pass
    raise ObjectNotFound("User not found.")


def _request(context: RequestContext, user: Document | None, auth_data: Document | None) -> ProviderRequest:
    merged = None if user is None else {**user, FIELD: {**(user.get(FIELD) or {}), **(auth_data or {})}}
    return ProviderRequest(context, None, merged, user, is_challenge=True)


def _answers(context: RequestContext, asked: Document, auth_data: Document, request: ProviderRequest) -> Document:
    configured = context.application.part(SignInProviders)
    answers: Document = {}
    for name in sorted(asked):
        provider = configured.known(name) if NAME.fullmatch(name) else None
        if provider is not None and provider.has_challenge:
            answers[name] = provider.challenge(asked[name], auth_data.get(name), request) or True
    return answers
