"""What a client is told when the service behind a provider does not answer (`contract/auth_providers.md` §10)."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from parse_auth import exchange
from parse_auth.providers.base import providers
from tests.auth.conftest import Configure
from tests.auth.providers.conftest import SignIn
from tests.auth.providers.tokens import Signer
from tests.support.client import ApiClient

NOWHERE = "http://127.0.0.1:9"
KEYS = {"clientId": "ours", "clientSecret": "hush-hush"}
INSECURE = {"enableInsecureAuth": True}
CODE = {"code": "secret-code", "redirect_uri": "app://back", "code_verifier": "v"}
TOKEN = {"id": "ann", "access_token": "secret-token"}
SIGNED = Signer(iss="x", aud="ours", sub="ann").token()
REALM = {"config": {"auth-server-url": "https://keys.example", "realm": "home", "client-id": "ours"}}
SIGNATURE = {
    "id": "ann",
    "publicKeyUrl": "https://static.gc.apple.com/key.cer",
    "timestamp": 1,
    "signature": "AAAA",
    "salt": "AAAA",
}
# provider → what it is called, its options, what is sent
SERVICES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    **{
        name: (label, KEYS, CODE)
        for name, label in {
            "github": "GitHub",
            "gpgames": "Google Play Games Services",
            "instagram": "Instagram",
            "line": "Line",
            "linkedin": "LinkedIn",
            "microsoft": "Microsoft",
            "qq": "qq",
            "spotify": "Spotify",
            "wechat": "WeChat",
            "weibo": "Weibo",
        }.items()
    },
    "apple": ("Apple", {"clientId": "ours"}, {"id": "ann", "token": SIGNED}),
    "google": ("Google", {"clientId": "ours"}, {"id": "ann", "id_token": SIGNED}),
    "facebook": ("Facebook", {"appIds": ["ours"]}, TOKEN),
    "keycloak": ("Keycloak", REALM, {"id": "ann", "access_token": SIGNED}),
    "oidc": (
        "OpenID Connect",
        {"clientId": "ours", "issuer": "https://login.example"},
        {"id": "ann", "id_token": SIGNED},
    ),
    "oauth2": ("OAuth2", {"oauth2": True, "tokenIntrospectionEndpointUrl": "https://login.example/i"}, TOKEN),
    "twitter": (
        "Twitter",
        {"consumer_key": "ck", "consumer_secret": "hush-hush"},
        {"oauth_token": "secret-token", "oauth_verifier": "secret-code"},
    ),
    "janraincapture": ("Janrain capture", {"janrain_capture_host": "capture.example"}, TOKEN),
    "janrainengage": ("Janrain engage", {**INSECURE, "api_key": "k"}, {"id": "ann", "auth_token": "secret-token"}),
    "meetup": ("Meetup", INSECURE, TOKEN),
    "phantauth": ("PhantAuth", INSECURE, TOKEN),
    "vkontakte": ("Vk", {**INSECURE, "appIds": ["1"], "appSecret": "hush-hush"}, TOKEN),
    "gcenter": ("Game Center", {"bundleId": "b"}, SIGNATURE),
}
SERVICES["digits"] = SERVICES["twitter"]
ASK_NOBODY = {"anonymous", "mfa", "emailCode", "magicLink", "webauthn", "ldap"}  # over HTTP, that is
each = pytest.mark.parametrize("name", sorted(SERVICES))


@pytest.fixture
def attempt(configure: Configure, sign_in: SignIn) -> Callable[..., Any]:
    """Signs in where the services are at an address: `attempt("github", base)`."""

    def run(name: str, base: str) -> Any:
        _, options, sent = SERVICES[name]
        configure(auth={name: {"baseUrls": base, **options}}, enableInsecureAuthAdapters=True)
        return sign_in(name, sent)

    return run


@each
def test_a_service_that_is_not_there(
    attempt: Callable[..., Any], api: ApiClient, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    reply = attempt(name, NOWHERE)
    assert (reply.status, reply.error) == (400, (141, f"{SERVICES[name][0]} could not be reached."))
    assert api.get("/users", master=True).json["results"] == []
    for secret in ("hush-hush", "secret-token", "secret-code", SIGNED):
        assert secret not in caplog.text


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a service that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@each
def test_a_service_that_never_answers(
    attempt: Callable[..., Any], silent: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert exchange.SECONDS == 10
    monkeypatch.setattr(exchange, "SECONDS", 0.2)
    began = time.monotonic()
    assert attempt(name, silent).error == (141, f"{SERVICES[name][0]} could not be reached.")
    assert time.monotonic() - began < 3


def test_no_provider_is_left_out() -> None:
    assert set(providers) == {*SERVICES, *ASK_NOBODY}
