"""Providers that sign tokens (`contract/auth_providers.md` §10.1, §12), as one table."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.auth.conftest import Configure
from tests.auth.providers.conftest import SignIn
from tests.auth.providers.fake import Services
from tests.auth.providers.tokens import Signer
from tests.support.client import ApiClient

Use = Callable[..., None]
ISSUER = "https://login.example"
GOOGLE = "accounts.google.com"
REALM = "https://keys.example/auth/realms/home"
KEYCLOAK = {"config": {"auth-server-url": "https://keys.example/auth", "realm": "home", "client-id": "ours"}}


@dataclass(frozen=True)
class Case:
    name: str
    token_field: str
    keys: str
    issuer: str
    options: dict[str, Any]
    unconfigured: tuple[int, str]
    checks_audience: bool = True

    def __str__(self) -> str:
        return self.name


CASES = [
    Case(
        "google",
        "id_token",
        "www.googleapis.com/oauth2/v3/certs",
        "https://accounts.google.com",
        {"clientId": "ours"},
        (101, "Google auth is not configured."),
    ),
    Case(
        "apple",
        "token",
        "appleid.apple.com/auth/keys",
        "https://appleid.apple.com",
        {"clientId": "ours"},
        (101, "Apple auth is not configured."),
    ),
    Case(
        "facebook",
        "token",
        "www.facebook.com/.well-known/oauth/openid/jwks/",
        "https://www.facebook.com",
        {"appIds": ["ours"]},
        (101, "Facebook auth is not configured."),
    ),
    Case(
        "oidc",
        "id_token",
        "login.example/keys",
        ISSUER,
        {"clientId": "ours", "issuer": ISSUER, "jwksUri": "https://login.example/keys"},
        (252, "This authentication method is unsupported."),
    ),
    Case(
        "keycloak",
        "access_token",
        "keys.example/auth/realms/home/protocol/openid-connect/certs",
        REALM,
        KEYCLOAK,
        (101, "Missing keycloak configuration"),
        checks_audience=False,
    ),
]
each = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.fixture
def signer(case: Case) -> Signer:
    return Signer(iss=case.issuer, aud="ours", azp="ours", sub="ann")


@pytest.fixture
def show(use: Use, services: Services, sign_in: SignIn, case: Case, signer: Signer) -> Callable[..., Any]:
    """Signs in with a token: `show(token)`."""
    use(case.name, **case.options)
    services.answers[case.keys] = signer.published
    return lambda token, identity="ann": sign_in(case.name, {"id": identity, case.token_field: token})


@each
def test_a_good_token_signs_up_and_logs_in_and_keys_are_asked_for_once(
    case: Case, show: Any, signer: Signer, services: Services
) -> None:
    first, again = show(signer.token()), show(signer.token())
    assert (first.status, again.status) == (201, 200), first.body
    assert first.json["objectId"] == again.json["objectId"]
    assert len(services.asked(case.keys)) == 1


@each
@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda _: None, "id token is invalid for this user."),
        (lambda _: {"$ne": 1}, "id token is invalid for this user."),
        (lambda _: "rubbish", "provided token does not decode as JWT"),
        (lambda s: s.token(kid="k2"), "Unable to find matching key for Key ID: k2"),
        (lambda s: s.token(kid=None), "Unable to find matching key for Key ID: undefined"),
        (lambda s: s.unsigned(), "jwt signature is required"),
        (lambda s: s.with_public_key_as_secret(), "invalid algorithm"),
        (lambda s: s.token()[:-4] + "AAAA", "invalid signature"),
        (lambda s: Signer("k1", **s.claims).token(), "invalid signature"),
        (lambda s: s.token(exp=int(time.time()) - 60), "jwt expired"),
        (lambda s: s.token(exp=None), "jwt malformed"),
        (lambda s: s.token(nbf=int(time.time()) + 600), "jwt not active"),
        (lambda s: s.token(sub="bob"), "auth data is invalid for this user."),
        (lambda s: s.token(sub=None), "auth data is invalid for this user."),
    ],
)
def test_what_a_bad_token_answers(case: Case, show: Any, signer: Signer, make: Any, text: str) -> None:
    if case.name == "keycloak" and text == "id token is invalid for this user." and make(signer) is None:
        text = "Missing access token and/or User id"
    if case.name == "facebook" and make(signer) is None:
        text = "Facebook auth is invalid for this user."
    assert show(make(signer)).error == (101, text)


@each
def test_tokens_of_other_applications_and_issuers(case: Case, show: Any, signer: Signer) -> None:
    if case.checks_audience:
        wrong = (101, "jwt audience invalid. expected: ours")
        assert show(signer.token(aud="theirs")).error == wrong
        assert show(signer.token(aud=["theirs", "others"])).error == wrong
        assert show(signer.token(aud=None)).error == wrong
        assert show(signer.token(aud=["theirs", "ours"])).status == 201
    else:
        assert show(signer.token(azp="theirs")).error[1].startswith("access token is not authorized for this client")
    code, text = show(signer.token(iss="https://evil.example")).error
    assert code == 101
    assert text.endswith("| from: https://evil.example")


@each
def test_without_options_it_is_not_there(configure: Configure, sign_in: SignIn, case: Case) -> None:
    configure()
    assert sign_in(case.name, {"id": "ann", case.token_field: "x"}).error == case.unconfigured


@each
def test_an_id_alone_never_logs_in(case: Case, show: Any, signer: Signer, sign_in: SignIn) -> None:
    assert show(signer.token()).status == 201
    assert sign_in(case.name, {"id": "ann"}).error[0] == 101


@each
def test_a_new_key_is_found_when_the_issuer_changes_it(
    case: Case, show: Any, signer: Signer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from parse_auth.providers import openid_connect

    assert show(signer.token()).status == 201
    changed = Signer("k2", **signer.claims)
    services.answers[case.keys] = changed.published
    assert show(changed.token()).error[1].startswith("Unable to find")  # asked less than a minute ago
    monkeypatch.setattr(openid_connect, "REFETCH_SECONDS", 0)
    assert show(changed.token()).status == 200
    assert show(signer.token()).error[1].startswith("Unable to find")


def test_google_words_its_issuers(use: Use, services: Services, sign_in: SignIn) -> None:
    signer = Signer(iss="x", aud="b", sub="ann")
    use("google", clientId=["a", "b"])
    services.answers["www.googleapis.com/oauth2/v3/certs"] = signer.published
    assert sign_in("google", {"id": "ann", "id_token": signer.token()}).error == (
        101,
        f"id token not issued by correct provider - expected: {GOOGLE} or https://{GOOGLE} | from: x",
    )
    assert sign_in("google", {"id": "ann", "id_token": signer.token(aud="c")}).error == (
        101,
        "jwt audience invalid. expected: a or b",
    )


def test_an_issuer_is_asked_where_its_keys_are(use: Use, services: Services, sign_in: SignIn) -> None:
    signer = Signer(iss=ISSUER, aud="ours", sub="ann")
    use("oidc", clientId="ours", issuer=ISSUER)
    data = {"id": "ann", "id_token": signer.token()}
    discovery = "login.example/.well-known/openid-configuration"
    services.answers |= {discovery: {"issuer": "https://evil.example", "jwks_uri": "https://login.example/keys"}}
    assert sign_in("oidc", data).error == (101, "OpenID Connect discovery failed.")
    services.answers |= {
        discovery: {"issuer": ISSUER, "jwks_uri": "https://login.example/keys"},
        "login.example/keys": signer.published,
    }
    assert sign_in("oidc", data).status == 201
    assert sign_in("oidc", data).status == 200
    assert len(services.asked(discovery)) == 2


def test_a_nonce_and_claims_have_to_fit(use: Use, services: Services, sign_in: SignIn, api: ApiClient) -> None:
    signer = Signer(iss=ISSUER, aud="ours", sub="ann", hd="example.com")
    keys = "https://login.example/keys"
    use("oidc", clientId="ours", issuer=ISSUER, jwksUri=keys, claims={"hd": ["example.com"]})
    services.answers["login.example/keys"] = signer.published

    def show(sent: Any = None, /, **claims: Any) -> Any:
        return sign_in("oidc", {"id": "ann", "id_token": signer.token(**claims), "nonce": sent})

    assert show("n", nonce="m").error == (101, "id token nonce does not match.")
    assert show(nonce="m").error == (101, "id token nonce does not match.")
    assert show(hd="other.com").error == (101, "id token does not carry the required claim hd.")
    assert show(azp="theirs").error == (101, "id token is not for this client.")
    user = show("n", nonce="n")
    assert user.status == 201
    stored = api.get(f"/users/{user.json['objectId']}", master=True).json["authData"]["oidc"]
    assert stored.keys() == {"id", "id_token"}


def test_any_name_can_be_an_openid_provider(configure: Configure, services: Services, sign_in: SignIn) -> None:
    signer = Signer(iss=ISSUER, aud="ours", sub="ann")
    options = {"issuer": ISSUER, "clientId": "ours", "jwksUri": "https://login.example/keys"}
    configure(auth={"corp": {"openIdConnect": True, "baseUrls": services.url, **options}})
    services.answers["login.example/keys"] = signer.published
    assert sign_in("corp", {"id": "ann", "id_token": signer.token()}).status == 201


@pytest.mark.parametrize("algorithms", [["HS256"], ["none"], ["RS256", "HS256"], "RS256"])
def test_only_algorithms_with_two_keys_can_be_configured(
    configure: Configure, sign_in: SignIn, algorithms: Any
) -> None:
    configure(auth={"oidc": {"issuer": ISSUER, "clientId": "ours", "algorithms": algorithms}})
    code, text = sign_in("oidc", {"id": "ann", "id_token": "x"}).error
    assert (code, text[:43]) == (1, "OpenID Connect algorithms must be among: ES")


@pytest.mark.parametrize(
    ("claims", "sent", "fits"),
    [
        ({"roles": ["a", "b"]}, {"roles": ["b", "a"]}, True),
        ({"roles": ["a"]}, {"roles": ["a", "a"]}, False),
        ({"roles": ["a"]}, {}, False),
        ({}, {"groups": ["a"]}, False),
        ({"groups": ["g"]}, {"groups": ["g"]}, True),
    ],
)
def test_roles_and_groups_of_keycloak_are_those_of_the_token(
    use: Use, services: Services, sign_in: SignIn, claims: Any, sent: Any, fits: bool
) -> None:
    signer = Signer(iss=REALM, azp="ours", sub="ann", **claims)
    use("keycloak", **KEYCLOAK)
    services.answers["keys.example/auth/realms/home/protocol/openid-connect/certs"] = signer.published
    reply = sign_in("keycloak", {"id": "ann", "access_token": signer.token(), **sent})
    assert reply.status == 201 if fits else reply.error == (101, "Invalid authentication")


def test_keycloak_says_what_it_lacks(use: Use, sign_in: SignIn) -> None:
    data = {"id": "ann", "access_token": "x"}
    use("keycloak", config={"realm": "home"})
    assert sign_in("keycloak", data).error == (101, "Missing keycloak configuration")
    use("keycloak", config={"auth-server-url": "https://keys.example", "realm": "home"})
    assert sign_in("keycloak", data).error == (101, "Keycloak auth is not configured. Missing client-id.")
