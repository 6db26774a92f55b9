"""What follows from a proof that somebody receives the mails to an address: whose user he is, and what his user says.

Only an address that its user has confirmed says who he is: anybody can write an address of somebody else into a user of
his own and wait (`docs/decisions/0050-addresses-that-sign-in.md`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from parse_auth.configured import SignInProviders
from parse_auth.proofs import FIELD, Proof
from parse_auth.sessions import USER_CLASS
from parse_core.context import RequestContext
from parse_core.objects.requests import Write
from parse_core.operations.data import Set
from parse_core.store.rows import lookup
from parse_core.store.sql import Sql
from parse_core.values.scalars import Document


def users_addressed(context: RequestContext, proofs: Sequence[Proof]) -> list[Document]:
    """The users whose confirmed addresses the proofs prove: whom to link them to, if nobody has them yet."""
    users = {user["objectId"]: user for address in _addresses(proofs) for user in _having(context, address)}
    return [user for user in users.values() if user.get("emailVerified") is True]


def with_proven_address(context: RequestContext, write: Write, proofs: Sequence[Proof]) -> Write:
    """The new user with the proven address as his own and confirmed, unless he has sent another one.

    An address that somebody else claims, confirmed or not, stays with him: the new user goes without.
    """
    for address in _addresses(proofs):
        sent = write.value("email") or address
        if isinstance(sent, str) and sent.lower() == address and not _having(context, address):
            return write.with_changes(email=Set(sent), emailVerified=Set(value=True))
    return write


def has_proven_address(context: RequestContext, write: Write) -> bool:
    """Whether the new user proved the address he gets, so that he has nothing left to confirm."""
    email, linked = write.value("email"), write.value(FIELD)
    if not isinstance(email, str) or not isinstance(linked, dict) or write.value("emailVerified") is not True:
        return False
    configured = context.application.part(SignInProviders)
    providers = ((configured.known(name), data) for name, data in linked.items() if data)
    return any(provider is not None and provider.address(data) == email.lower() for provider, data in providers)


def _addresses(proofs: Iterable[Proof]) -> list[str]:
    found = (proof.provider.address(proof.data) for proof in proofs)
    return [address for address in found if address is not None]


def _having(context: RequestContext, address: str) -> list[Document]:
    """The users with an address, in whatever case they wrote it."""
    condition = Sql("lower(t.data->>'email') = lower(%s)", (address,))
    rows = context.executor.fetch(lookup(context.schema(USER_CLASS).relation, condition) + Sql(" LIMIT 2"))
    return [orjson.loads(row[1]) for row in rows]
