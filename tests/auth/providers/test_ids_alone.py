"""An id is no proof (`contract/auth_providers.md` §4.1): who knows nothing else comes in by no provider."""

from __future__ import annotations

from typing import Any

import pytest

from parse_auth.providers.base import providers
from parse_core.store.sql import Sql, json_param
from tests.auth.conftest import Configure
from tests.auth.mailing import Mailbox, sending
from tests.auth.people import PASSWORD, Person
from tests.auth.providers.test_unreachable_services import INSECURE, KEYS, NOWHERE, SERVICES
from tests.support.client import ApiClient

OTHERS: dict[str, dict[str, Any]] = {
    "emailCode": {},
    "magicLink": {},
    "webauthn": {"rpId": "example.com", "origins": ["https://example.com"]},
    "ldap": {"url": "ldap://127.0.0.1:9", "suffix": "dc=example,dc=com"},
    "mfa": {"options": ["TOTP"]},
}
PARTIAL: list[dict[str, Any]] = [
    {"id": "known"},
    {"id": "known", "access_token": None},
    {"id": "known", "access_token": ""},
    {"id": "known", "code": None, "token": None, "id_token": None, "password": ""},
    {"id": "known", "code": {"$ne": 1}, "access_token": {"$ne": 1}, "token": {"$ne": 1}, "password": {"$ne": 1}},
    {"id": "known", "verified": True, "isEcho": True, "status": "enabled"},
]


@pytest.mark.parametrize("name", sorted(set(providers) - {"anonymous"}))
@pytest.mark.parametrize("insecure", [False, True], ids=["as ever", "where tokens are trusted"])
def test_an_id_alone_is_nobody(
    api: ApiClient, ann: Person, bob: Person, configure: Configure, name: str, insecure: bool
) -> None:
    options = {**(SERVICES[name][1] if name in SERVICES else OTHERS[name]), "baseUrls": NOWHERE}
    if insecure:
        options = {**KEYS, **options, **INSECURE}
    configure(**sending(Mailbox()), auth={name: options}, enableInsecureAuthAdapters=insecure)
    link(api, ann, name)
    for data in PARTIAL:
        sent = {"authData": {name: data}}
        for reply in (
            api.post("/users", sent),
            api.post("/users", sent, as_user=bob.token),
            api.put(bob.path, sent, as_user=bob.token),
            api.post("/login", {"username": "bob", "password": PASSWORD, **sent}),
            api.post("/challenge", {**sent, "challengeData": {name: {}}}),
        ):
            assert reply.status in (400, 404), (data, reply.body)
            assert b"sessionToken" not in reply.body
            assert reply.error[0] != 208, "which would tell that somebody has it"
    assert "authData" not in api.get(bob.path, master=True).json
    assert len(api.get("/users", master=True).json["results"]) == 2


def link(api: ApiClient, person: Person, name: str) -> None:
    """Links a user as if he had proved it once."""
    stored = json_param({name: {"id": "known", "access_token": "secret"}})
    users = api.application.schemas["_User"].relation
    change = (
        Sql(" SET data = jsonb_set(data, '{authData}', ")
        + stored
        + Sql(") WHERE object_id = %s RETURNING 1", (person.id,))
    )
    assert api.application.database.fetch(Sql("UPDATE ") + users + change)
