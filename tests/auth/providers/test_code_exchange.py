"""Providers that exchange a code (`contract/auth_providers.md` §10.2, §12), as one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person
from tests.auth.providers.conftest import SignIn
from tests.auth.providers.fake import Services
from tests.support.client import ApiClient

Use = Callable[..., None]
KEYS = {"clientId": "ours", "clientSecret": "hush"}


@dataclass(frozen=True)
class Case:
    """A provider's canned exchange and what it makes of what goes wrong."""

    name: str
    label: str
    token: str
    profile: str
    whose: Any
    sent: dict[str, Any] = field(default_factory=lambda: {"code": "c", "redirect_uri": "app://back"})
    granted: Any = field(default_factory=lambda: {"access_token": "at"})
    id: str = "42"
    no_code: tuple[int, str] = (0, "")
    refused: tuple[int, str] = (0, "")
    closed: tuple[int, str] = (0, "")
    says: bool = True  # an `error` in an answer is told

    def __str__(self) -> str:
        return self.name


def simple(name: str, label: str, token: str, profile: str, whose: Any, **how: Any) -> Case:
    failed = (101, f"{label} API request failed.")
    defaults = {"no_code": (142, f"{label} code is required."), "refused": failed, "closed": failed}
    return Case(name, label, token, profile, whose, **{**defaults, **how})


WECHAT = (101, "WeChat auth is invalid for this user.")
WEIBO = (101, "Weibo auth is invalid for this user.")
GAMES = "Google Play Games Services"
VERIFIED = {"code": "c", "redirect_uri": "app://back", "code_verifier": "v"}
CASES = [
    simple(
        "github",
        "GitHub",
        "github.com/login/oauth/access_token",
        "api.github.com/user",
        {"id": 42, "login": "ann", "email": "ann@example.com"},
        refused=(142, "Failed to exchange code for token: Unauthorized"),
        closed=(142, "Failed to fetch GitHub user: Unauthorized"),
    ),
    simple(
        "gpgames",
        GAMES,
        "oauth2.googleapis.com/token",
        "www.googleapis.com/games/v1/players/me",
        {"playerId": "42"},
        no_code=(142, "gpgames code is required."),
        refused=(142, "Failed to exchange code for token: Unauthorized"),
        closed=(142, f"Failed to fetch {GAMES} user: Unauthorized"),
    ),
    simple("instagram", "Instagram", "api.instagram.com/oauth/access_token", "graph.instagram.com/me", {"id": "42"}),
    simple(
        "line",
        "Line",
        "api.line.me/oauth2/v2.1/token",
        "api.line.me/v2/profile",
        {"userId": "42"},
        refused=(101, "Failed to exchange code for token: Unauthorized"),
        closed=(101, "Failed to fetch Line user: Unauthorized"),
    ),
    simple("linkedin", "LinkedIn", "www.linkedin.com/oauth/v2/accessToken", "api.linkedin.com/v2/me", {"id": "42"}),
    simple(
        "microsoft",
        "Microsoft",
        "login.microsoftonline.com/common/oauth2/v2.0/token",
        "graph.microsoft.com/v1.0/me",
        {"id": "42", "mail": "ann@example.com"},
    ),
    simple(
        "qq",
        "qq",
        "graph.qq.com/oauth2.0/token",
        "graph.qq.com/oauth2.0/me",
        b'callback( {"client_id":"ours","openid":"42"} );',
        granted=b"access_token=at&expires_in=7776000",
        says=False,
    ),
    simple(
        "spotify",
        "Spotify",
        "accounts.spotify.com/api/token",
        "api.spotify.com/v1/me",
        {"id": "42"},
        sent=VERIFIED,
        no_code=(
            101,
            "Spotify auth configuration authData.code and/or authData.redirect_uri and/or authData.code_verifier.",
        ),
    ),
    simple(
        "wechat",
        "WeChat",
        "api.weixin.qq.com/sns/oauth2/access_token",
        "api.weixin.qq.com/sns/auth",
        {"errcode": 0},
        granted={"access_token": "at", "openid": "42"},
        refused=WECHAT,
        closed=WECHAT,
        says=False,
    ),
    simple(
        "weibo",
        "Weibo",
        "api.weibo.com/oauth2/access_token",
        "api.weibo.com/oauth2/get_token_info",
        {"uid": 42},
        no_code=(101, "Weibo auth requires code and redirect_uri to be sent."),
        refused=WEIBO,
        closed=WEIBO,
        says=False,
    ),
]
each = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.fixture
def answered(use: Use, services: Services, case: Case) -> Case:
    use(case.name, **KEYS)
    services.answers |= {case.token: case.granted, case.profile: case.whose}
    return case


@each
def test_a_code_signs_up_and_another_one_logs_in(
    answered: Case, api: ApiClient, sign_in: SignIn, services: Services
) -> None:
    first = sign_in(answered.name, answered.sent)
    assert first.status == 201, first.body
    stored = api.get(f"/users/{first.json['objectId']}", master=True).json["authData"]
    assert stored == {answered.name: {"id": answered.id}}
    again = sign_in(answered.name, {**answered.sent, "code": "d"})
    assert (again.status, again.json["objectId"]) == (200, first.json["objectId"])
    assert again.json["authData"] == {answered.name: {"id": answered.id}}
    assert b'"at"' not in again.body
    assert len(services.asked(answered.token)) == 2  # once each
    request = services.asked(answered.token)[0]
    assert {**request.query, **request.body}["code"] == "c"


@each
def test_the_id_has_to_be_whose_code_it_is(answered: Case, sign_in: SignIn, services: Services) -> None:
    services.answers["www.googleapis.com/games/v1/players/other"] = {"playerId": "42"}
    reply = sign_in(answered.name, {**answered.sent, "id": "other"})
    assert reply.error == (101, f"{answered.label} auth is invalid for this user.")


@each
def test_without_a_code_nobody_is_asked(answered: Case, sign_in: SignIn, services: Services) -> None:
    for data in ({"id": "42"}, {"id": "42", "access_token": "at"}, {"code": 5}, {"code": {"$ne": ""}}):
        assert sign_in(answered.name, data).error == answered.no_code
    assert services.seen == []


@each
def test_an_exchange_that_is_refused(answered: Case, sign_in: SignIn, services: Services) -> None:
    services.answers[answered.token] = (401, {"error": "no"}, {})
    assert sign_in(answered.name, answered.sent).error == answered.refused
    services.answers[answered.token] = {"error": "bad_code", "error_description": "The code is spent."}
    says = (101, "The code is spent.")
    assert sign_in(answered.name, answered.sent).error == (
        says if answered.says else (101, f"{answered.label} auth is invalid for this user.")
    )
    services.answers[answered.token] = {}
    assert sign_in(answered.name, answered.sent).error[0] == 101


@each
def test_a_profile_that_does_not_open_or_names_nobody(answered: Case, sign_in: SignIn, services: Services) -> None:
    services.answers[answered.profile] = (401, b"", {})
    assert sign_in(answered.name, answered.sent).error == answered.closed
    services.answers[answered.profile] = {"errcode": 40003}
    assert sign_in(answered.name, answered.sent).error[0] in (101, 142)


@each
def test_a_password_login_links_no_unproven_id(answered: Case, api: ApiClient, ann: Person) -> None:
    body = {"username": "ann", "password": PASSWORD, "authData": {answered.name: {"id": "42"}}}
    assert api.post("/login", body).error == answered.no_code
    assert "authData" not in api.get(ann.path, master=True).json


@each
def test_addresses_of_a_client_are_never_asked(answered: Case, sign_in: SignIn, services: Services) -> None:
    names = ("apiURL", "url", "profileUrl", "tokenUrl", "baseUrls", "host", "graphUrl")
    sign_in(answered.name, {**answered.sent, **dict.fromkeys(names, f"{services.url}/evil")})
    assert not [request for request in services.seen if "evil" in request.path]


@each
def test_an_access_token_alone_needs_the_switch_and_its_owners_id(
    case: Case, use: Use, sign_in: SignIn, services: Services
) -> None:
    use(case.name, enableInsecureAuth=True)
    services.answers[case.profile] = case.whose
    services.answers["www.googleapis.com/games/v1/players/42"] = case.whose
    services.answers["www.googleapis.com/games/v1/players/41"] = case.whose
    invalid = (101, f"{case.label} auth is invalid for this user.")
    assert sign_in(case.name, {"id": "42"}).error == invalid
    assert sign_in(case.name, {"access_token": "at"}).error == invalid
    if case.name != "wechat":  # where the service is asked with the id
        assert sign_in(case.name, {"id": "41", "access_token": "at"}).error == invalid
    assert sign_in(case.name, {"id": "42", "access_token": "at"}).status == 201


@each
def test_options_that_are_missing_answer_every_use(configure: Configure, sign_in: SignIn, case: Case) -> None:
    called = {"gpgames": "gpgames", "spotify": "spotify"}.get(case.name, case.label)
    configure(auth={case.name: {}})
    assert sign_in(case.name, case.sent).error == (1, f"{called} options are required.")
    configure(auth={case.name: {"clientSecret": "x"}})
    assert sign_in(case.name, case.sent).error == (1, f"{called} clientId is required.")
    configure(auth={})
    assert sign_in(case.name, case.sent).error[0] == 252


def test_a_service_that_cannot_be_reached(configure: Configure, api: ApiClient, sign_in: SignIn) -> None:
    configure(auth={"github": {**KEYS, "baseUrls": "http://127.0.0.1:9"}})
    assert sign_in("github", {"code": "c"}).error == (141, "GitHub could not be reached.")


def test_redirects_are_not_followed(use: Use, sign_in: SignIn, services: Services) -> None:
    use("line", **KEYS)
    services.answers["api.line.me/oauth2/v2.1/token"] = (302, b"", {"Location": f"{services.url}/evil"})
    assert sign_in("line", {"code": "c"}).error == (101, "Failed to exchange code for token: Found")
    assert services.asked("evil") == []


def test_an_answer_without_end_is_cut_off(use: Use, sign_in: SignIn, services: Services) -> None:
    use("line", **KEYS)
    services.answers["api.line.me/oauth2/v2.1/token"] = b" " * (2 << 20)
    assert sign_in("line", {"code": "c"}).error == (141, "Line could not be reached.")
