"""Wrong options are refused with the reference's texts, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from parse_core.options import ConfigurationError, Options
from tests.configuration.cases import MAIL, REFUSALS, limit

RIGHT = {"appId": "app", "masterKey": "master"}


def problems(options: Mapping[str, Any]) -> tuple[str, ...]:
    """The lines with which the options are refused; none when they are fine."""
    try:
        Options.parse({**RIGHT, **options})
    except ConfigurationError as error:
        return error.problems
    return ()


@pytest.mark.parametrize(
    ("options", "text"), REFUSALS, ids=[f"{text[:50]}-{options!r:.60}" for options, text in REFUSALS]
)
def test_is_refused_with_the_text(options: Mapping[str, Any], text: str) -> None:
    assert problems(options) == (text,)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {**MAIL, "verifyUserEmails": True, "emailVerifyTokenValidityDuration": 3600},
        {"verifyUserEmails": False, "emailVerifyTokenReuseIfValid": True},
        {"sessionLength": 0, "expireInactiveSessions": False},
        {"sessionLength": "3600"},
        {"publicServerURL": lambda: "https://example.com"},
        {"masterKeyIps": ["10.0.0.0/8", "::1", "::/0", "::0", "2001:db8::/32", "0.0.0.0"]},  # noqa: S104 - an option
        {"masterKeyIps": []},
        {"requestComplexity": None},
        {"requestComplexity": {"queryDepth": -1, "batchRequestLimit": 1}},
        {"defaultLimit": None, "maxLimit": None},
        {"rateLimit": limit()["rateLimit"][0]},
        limit(requestPath="/functions/:name", requestMethods=["POST"], zone="user"),
        limit(requestPath="/users{/*path}", requestMethods="post"),
        {"accountLockout": {"duration": 0.5, "threshold": 999}},
        {"passwordPolicy": {"maxPasswordHistory": 0, "maxPasswordAge": 0}},
        {"routeAllowList": []},
        {"routeAllowList": ["classes/Post", "health"]},
        {"fileDownload": None},
        {"customPages": None, "idempotencyOptions": None},
        {"trustProxy": True},
        {"push": {"ios": [{"pfx": "x"}]}},
    ],
    ids=lambda options: "-".join(options) or "nothing",
)
def test_is_accepted(options: Mapping[str, Any]) -> None:
    assert problems(options) == ()


def test_all_problems_are_reported_together() -> None:
    wrong = {"defaultLimit": -1, "masterKeyIps": ["x"], "fileUpload": {"enableForPublic": 1}, "appId": ""}
    assert set(problems(wrong)) == {
        "Default limit must be a value greater than 0.",
        'The Parse Server option "masterKeyIps" contains an invalid IP address "x".',
        "fileUpload.enableForPublic must be a boolean value.",
        "You must provide an appId!",
    }


def test_unknown_keys_are_noticed_with_their_path_and_start_the_server_all_the_same() -> None:
    options = Options.parse({**RIGHT, "a": 1, "pages": {"customUrls": {"b": 1}}, "security": {"enablecheck": True}})
    assert options.notices.unknown == ("a", "pages.customUrls.b", "security.enablecheck")


def test_options_of_the_mongodb_driver_are_ignored_with_a_notice() -> None:
    options = Options.parse({**RIGHT, "databaseOptions": {"replicaSet": "rs", "maxPoolSize": 5}})
    assert options.notices.ignored == ("databaseOptions.replicaSet",)
    assert options.notices.unknown == ()
    assert options.database_options.max_pool_size == 5
