"""Providers that are asked about an access token (`contract/auth_providers.md` §10.3, §12, §13)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.auth.conftest import Configure
from tests.auth.providers.conftest import SignIn
from tests.auth.providers.fake import Services
from tests.support.client import ApiClient

Use = Callable[..., None]
GOOD = {"id": "ann", "access_token": "at"}
INSECURE = {"enableInsecureAuth": True}
GLOBAL = {"enableInsecureAuthAdapters": True}

# name, its options, application options, address, its answer, that of another user, what was sent, the refusal
PROFILES: list[Any] = [
    (
        "janraincapture",
        {"janrain_capture_host": "capture.example"},
        {},
        {"capture.example/entity": {"stat": "ok", "result": "ann"}},
        "Janrain capture auth is invalid for this user.",
        GOOD,
    ),
    (
        "janrainengage",
        {**INSECURE, "api_key": "k"},
        GLOBAL,
        {"rpxnow.com/api/v2/auth_info": {"stat": "ok", "profile": {"identifier": "ann"}}},
        "Janrain engage auth is invalid for this user.",
        {"id": "ann", "auth_token": "at"},
    ),
    (
        "meetup",
        INSECURE,
        {},
        {"api.meetup.com/2/member/self": {"id": "ann"}},
        "Meetup auth is invalid for this user.",
        GOOD,
    ),
    (
        "phantauth",
        INSECURE,
        {},
        {"phantauth.net/auth/userinfo": {"sub": "ann"}},
        "PhantAuth auth is invalid for this user.",
        GOOD,
    ),
    (
        "vkontakte",
        {**INSECURE, "appIds": ["1"], "appSecret": "s"},
        GLOBAL,
        {
            "oauth.vk.com/access_token": {"access_token": "app"},
            "api.vk.com/method/users.get": {"response": [{"id": "ann"}]},
        },
        "Vk auth is invalid for this user.",
        GOOD,
    ),
    (
        "facebook",
        {"appIds": ["ours"]},
        {},
        {"graph.facebook.com/app": {"id": "ours"}, "graph.facebook.com/me": {"id": "ann"}},
        "Facebook auth is invalid for this user.",
        GOOD,
    ),
    (
        "oauth2",
        {"oauth2": True, "tokenIntrospectionEndpointUrl": "https://login.example/introspect"},
        {},
        {"login.example/introspect": {"active": True, "sub": "ann"}},
        "OAuth2 access token is invalid for this user.",
        GOOD,
    ),
]


@pytest.mark.parametrize("case", PROFILES, ids=[case[0] for case in PROFILES])
def test_whose_token_it_is(use: Use, services: Services, sign_in: SignIn, case: Any) -> None:
    name, options, application, answers, refusal, sent = case
    use(name, application, **options)
    services.answers |= answers
    assert sign_in(name, {**sent, "id": "bob"}).error == (101, refusal)
    assert sign_in(name, {"id": "ann"}).error == (101, refusal)
    first, again = sign_in(name, sent), sign_in(name, sent)
    assert (first.status, again.status) == (201, 200), first.body
    assert sign_in(name, {"id": "ann"}).error == (101, refusal)
    services.answers.clear()
    assert sign_in(name, sent).error[0] == 101


NEEDS_SWITCH = [
    ("janrainengage", "janrainengage adapter only works with enableInsecureAuth: true", True),
    ("meetup", "Meetup only works with enableInsecureAuth: true", False),
    ("phantauth", "PhantAuth only works with enableInsecureAuth: true", False),
    ("vkontakte", "Vk only works with enableInsecureAuth: true", True),
]


@pytest.mark.parametrize(("name", "text", "needs_both"), NEEDS_SWITCH)
def test_what_trusts_a_token_alone_has_to_be_switched_on(
    configure: Configure, sign_in: SignIn, name: str, text: str, needs_both: bool
) -> None:
    configure()
    assert sign_in(name, GOOD).error == (1, text)
    configure(auth={name: INSECURE})
    assert (sign_in(name, {"id": "ann"}).error == (1, text)) is needs_both


@pytest.mark.parametrize("name", ["meetup", "phantauth", "github", "gcenter"])
def test_who_trusts_a_token_alone_is_warned_at_the_start(
    configure: Configure, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    configure(auth={name: {"clientId": "ours", "clientSecret": "hush", "bundleId": "b"}})
    assert "DeprecationWarning" not in caplog.text
    configure(auth={name: INSECURE})
    assert f"The sign-in provider '{name}' is configured with 'enableInsecureAuth'" in caplog.text


def test_vkontakte_says_what_it_lacks(use: Use, services: Services, sign_in: SignIn) -> None:
    use("vkontakte", GLOBAL, **INSECURE)
    assert sign_in("vkontakte", GOOD).error == (101, "Vk auth is not configured. Missing appIds or appSecret.")
    use("vkontakte", GLOBAL, **INSECURE, appIds=["1"], appSecret="s")
    assert sign_in("vkontakte", GOOD).error == (101, "Vk appIds or appSecret is incorrect.")


def test_facebook_proves_who_asks_and_refuses_tokens_of_other_applications(
    use: Use, services: Services, sign_in: SignIn
) -> None:
    use("facebook", appIds=["ours"], appSecret="hush")
    services.answers |= {"graph.facebook.com/app": {"id": "theirs"}, "graph.facebook.com/me": {"id": "ann"}}
    assert sign_in("facebook", GOOD).error == (101, "Facebook auth is invalid for this user.")
    services.answers["graph.facebook.com/app"] = {"id": "ours"}
    assert sign_in("facebook", GOOD).status == 201
    proof = hmac.new(b"hush", b"at", hashlib.sha256).hexdigest()
    assert {request.query["appsecret_proof"] for request in services.seen} == {proof}
    use("facebook", appIds="ours")
    assert sign_in("facebook", GOOD).error == (101, "appIds must be an array.")


ENDPOINT = "https://login.example/introspect"
APPS = {"appidField": "client", "appIds": ["ours"]}
INVALID_APP = (101, "OAuth2: Invalid app ID.")
INVALID = (101, "OAuth2 access token is invalid for this user.")


@pytest.mark.parametrize(
    ("options", "answer", "error"),
    [
        ({}, {"active": False, "sub": "ann"}, INVALID),
        ({}, {"active": "true", "sub": "ann"}, INVALID),
        ({}, {"active": True}, INVALID),
        ({}, (500, {"active": True, "sub": "ann"}, {}), (101, "OAuth2 token introspection request failed.")),
        ({}, b"<html>", INVALID),
        ({"useridField": "name"}, {"active": True, "sub": "ann"}, INVALID),
        ({"useridField": "name"}, {"active": True, "name": "ann"}, None),
        (APPS, {"active": True, "sub": "ann", "client": "ours"}, None),
        (APPS, {"active": True, "sub": "ann", "client": ["theirs", "ours"]}, None),
        (APPS, {"active": True, "sub": "ann", "client": "theirs"}, INVALID_APP),
        (APPS, {"active": True, "sub": "ann"}, INVALID_APP),
        ({**APPS, "appIds": []}, {}, (101, "OAuth2 configuration is missing app IDs.")),
        ({"tokenIntrospectionEndpointUrl": ""}, {}, (101, "OAuth2 token introspection endpoint URL is missing.")),
    ],
)
def test_introspection(use: Use, services: Services, sign_in: SignIn, options: Any, answer: Any, error: Any) -> None:
    use(
        "corp",
        **{"oauth2": True, "tokenIntrospectionEndpointUrl": ENDPOINT, "authorizationHeader": "Basic x", **options},
    )
    services.answers["login.example/introspect"] = answer
    reply = sign_in("corp", {**GOOD, "apiURL": f"{services.url}/evil"})
    assert reply.status == 201 if error is None else reply.error == error
    assert all(request.headers["authorization"] == "Basic x" for request in services.seen)
    assert all(request.body == {"token": "at"} for request in services.seen)
    assert {request.path for request in services.seen} <= {"login.example/introspect"}
    assert len(services.seen) <= 1


def test_two_of_a_kind_never_mix(configure: Configure, api: ApiClient, services: Services, sign_in: SignIn) -> None:
    def options(host: str) -> dict[str, Any]:
        return {"oauth2": True, "tokenIntrospectionEndpointUrl": f"https://{host}/i", "baseUrls": services.url}

    configure(auth={"one": options("one.example"), "two": options("two.example")})
    services.answers |= {"one.example/i": {"active": True, "sub": "1"}, "two.example/i": {"active": True, "sub": "2"}}

    def attempt(number: int) -> int:
        name, identity = ("one", "1") if number % 2 else ("two", "2")
        return sign_in(name, {"id": identity, "access_token": "at"}).status

    assert (attempt(0), attempt(1)) == (201, 201)
    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(attempt, range(50))) == {200}
    assert sign_in("one", {"id": "2", "access_token": "at"}).error == INVALID


TWITTER = {"consumer_key": "ck", "consumer_secret": "cs"}
VERIFIED = {"oauth_token": "t", "oauth_verifier": "v"}
NOT_TWITTER = (101, "Twitter auth is invalid for this user.")


@pytest.mark.parametrize("name", ["twitter", "digits"])
@pytest.mark.parametrize(
    "granted",
    [
        b"oauth_token=ot&oauth_token_secret=os&user_id=42&screen_name=ann",
        {"oauth_token": "ot", "oauth_token_secret": "os", "user_id": "42"},
    ],
)
def test_a_verifier_of_twitter(
    use: Use, api: ApiClient, services: Services, sign_in: SignIn, name: str, granted: Any
) -> None:
    use(name, **TWITTER)
    services.answers["api.twitter.com/oauth/access_token"] = granted
    assert sign_in(name, {**VERIFIED, "id": "41"}).error == NOT_TWITTER
    assert sign_in(name, {"id": "42"}).error == NOT_TWITTER
    user = sign_in(name, VERIFIED)
    assert user.status == 201
    assert sign_in(name, VERIFIED).json["objectId"] == user.json["objectId"]
    assert user.json.get("authData") is None
    header = services.seen[-1].headers["authorization"]
    assert header.startswith('OAuth oauth_consumer_key="ck", oauth_nonce="')
    assert services.seen[-1].body == VERIFIED
    services.answers["api.twitter.com/oauth/access_token"] = (401, b"", {})
    assert sign_in(name, VERIFIED).error == NOT_TWITTER


def test_twitter_says_what_it_lacks(configure: Configure, sign_in: SignIn) -> None:
    configure(auth={"twitter": {}})
    assert sign_in("twitter", VERIFIED).error == (1, "Twitter auth options are required.")
    configure(auth={"twitter": {"consumer_key": "x"}})
    text = "Consumer key and secret are required for secure Twitter auth."
    assert sign_in("twitter", VERIFIED).error == (1, text)


def test_twitter_without_a_verifier(use: Use, services: Services, sign_in: SignIn) -> None:
    tokens = {"id": "42", "oauth_token": "t", "oauth_token_secret": "s"}
    services.answers["api.twitter.com/2/users/me"] = {"data": {"id": "42"}}
    use("twitter", **TWITTER, **INSECURE)
    assert sign_in("twitter", tokens).error == NOT_TWITTER
    use("twitter", GLOBAL, **TWITTER, **INSECURE)
    text = "Twitter insecure auth requires oauth_token and oauth_token_secret."
    assert sign_in("twitter", {"id": "42"}).error == (101, text)
    assert sign_in("twitter", {**tokens, "id": "41"}).error == NOT_TWITTER
    assert sign_in("twitter", tokens).status == 201


def test_of_several_twitter_applications_the_client_names_one(
    configure: Configure, services: Services, sign_in: SignIn
) -> None:
    common = {"baseUrls": services.url, "enableInsecureAuth": True}
    several = [{"consumer_key": f"key {name}", "consumer_secret": name, **common} for name in ("one", "two")]
    configure(auth={"twitter": several}, **GLOBAL)
    services.answers["api.twitter.com/2/users/me"] = {"id": "42"}
    sent = {"id": "42", "oauth_token": "t", "oauth_token_secret": "s"}
    for unknown in ("key three", None, {"$ne": 1}):
        assert sign_in("twitter", {**sent, "consumer_key": unknown}).error == NOT_TWITTER
    assert services.seen == []
    assert sign_in("twitter", {**sent, "consumer_key": "key two"}).status == 201
    assert 'oauth_consumer_key="key%20two"' in services.seen[-1].headers["authorization"]


def test_headers_of_oauth_1_are_sorted_and_never_the_same() -> None:
    from parse_auth.providers.twitter import authorization

    consumer = {"key": "k", "secret": "s", "token": "t", "token_secret": "ts"}
    headers = [authorization("GET", "https://api.twitter.com/2/users/me", {"a": "b"}, consumer) for _ in range(2)]
    fields = [re.findall(r'(\w+)="([^"]*)"', header.removeprefix("OAuth ")) for header in headers]
    names = [name for name, _ in fields[0]]
    assert names == sorted(names)
    assert {"oauth_nonce", "oauth_signature", "oauth_timestamp", "oauth_token", "oauth_version"} < set(names)
    nonces = {dict(found)["oauth_nonce"] for found in fields}
    assert len(nonces) == 2
    assert {len(nonce) for nonce in nonces} == {30}
    assert "ts" not in dict(fields[0]).values()


def test_signatures_of_oauth_1() -> None:
    from parse_auth.providers.twitter import escaped, signature

    fields = {
        "status": "Hello Ladies + Gentlemen, a signed OAuth request!",
        "include_entities": "true",
        "oauth_consumer_key": "xvz1evFS4wEEPTGEFPHBog",
        "oauth_nonce": "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "1318622958",
        "oauth_token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "oauth_version": "1.0",
    }
    consumer = {
        "key": "xvz1evFS4wEEPTGEFPHBog",
        "secret": "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "token_secret": "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    }
    url = "https://api.twitter.com/1/statuses/update.json"
    assert signature("POST", url, fields, consumer) == "tnnArxj06cWHq44gCs1OSKk/jLY="
    assert escaped("a!'()* ~") == "a%21%27%28%29%2A%20~"
