"""What a login with a password brings along for providers: second factors, or a link to be made (§4.5, §5.2)."""

from __future__ import annotations

from parse_auth.proofs import NOTHING, Outcome, check_policies, given, resolve, users_with, validate
from parse_auth.provider_indexes import ProviderIndexes
from parse_core.context import RequestContext
from parse_core.errors import AccountAlreadyLinked
from parse_core.values.scalars import Document, Json


def prove_factors(context: RequestContext, user: Document, auth_data: Json) -> Outcome:
    """What to store of the data sent with a password that was right; nothing is looked up when none were.

    Raises `NotAllowed` (-1) without the second factor that the user has, `AccountAlreadyLinked` (208) for an id of
    somebody else, and what providers refuse.
    """
    sent = {} if auth_data is None else auth_data
    proofs = given(context, sent)
    check_policies(context, user, {proof.name: proof.data for proof in proofs})
    if not proofs:
        return NOTHING
    proofs = resolve(context, proofs)
    context.application.part(ProviderIndexes).ensure(context, [proof.name for proof in proofs if "id" in proof.data])
    owners = {found["objectId"] for found in users_with(context, proofs)}
    outcome = validate(context, proofs, user)
    if owners - {user["objectId"]}:
        raise AccountAlreadyLinked
    return outcome
