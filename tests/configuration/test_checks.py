"""What `manage.py check`, and with it every start, says of the configured applications."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from parse_core.checks import check_applications

SAFE: dict[str, Any] = {"appId": "app", "masterKey": "Correct-Horse-1-Battery"}
LIMITS = ("includeDepth", "includeCount", "subqueryDepth", "queryDepth", "graphQLDepth", "batchRequestLimit")


def messages(settings: Settings, *applications: dict[str, Any]) -> list[str]:
    settings.PARSE_SERVER = {"apps": list(applications)}
    return [f"{message.id} {message.msg}" for message in check_applications()]


def test_a_safe_application_is_not_mentioned(settings: Settings) -> None:
    assert messages(settings, SAFE) == []


def test_every_problem_of_every_application_is_an_error(settings: Settings) -> None:
    wrong = {**SAFE, "appId": "other", "defaultLimit": 0, "maxLimit": 0}
    assert messages(settings, SAFE, wrong) == [
        "parse_core.E002 Default limit must be a value greater than 0.",
        "parse_core.E002 Max limit must be a value greater than 0.",
    ]


def test_a_configuration_that_cannot_be_read_is_an_error(settings: Settings) -> None:
    assert messages(settings, SAFE, SAFE) == ["parse_core.E001 The application app is configured twice."]


@pytest.mark.parametrize(
    ("option", "options"),
    [
        ("appId", {"appId": "my app?"}),
        ("masterKey", {"masterKey": "short"}),
        ("masterKeyIps", {"masterKeyIps": ["0.0.0.0/0"]}),
        ("readOnlyMasterKeyIps", {"readOnlyMasterKey": "x", "readOnlyMasterKeyIps": ["::"]}),
        ("maintenanceKeyIps", {"maintenanceKey": "x", "maintenanceKeyIps": ["0.0.0.0"]}),  # noqa: S104 - an option
        ("allowClientClassCreation", {"allowClientClassCreation": True}),
        ("enforcePrivateUsers", {"enforcePrivateUsers": False}),
        ("enableInsecureAuthAdapters", {"enableInsecureAuthAdapters": True}),
        ("enableSanitizedErrorResponse", {"enableSanitizedErrorResponse": False}),
        ("graphQLPublicIntrospection", {"mountGraphQL": True, "graphQLPublicIntrospection": True}),
        ("databaseOptions.allowPublicExplain", {"databaseOptions": {"allowPublicExplain": True}}),
        *(("requestComplexity", {"requestComplexity": {limit: -1}}) for limit in LIMITS),
        ("liveQuery.regexTimeout", {"liveQuery": {"regexTimeout": 0}}),
        (
            "passwordPolicy.resetPasswordSuccessOnInvalidEmail",
            {"passwordPolicy": {"resetPasswordSuccessOnInvalidEmail": False}},
        ),
        ("fileUpload.enableForPublic", {"fileUpload": {"enableForPublic": True}}),
        ("fileUpload.fileExtensions", {"fileUpload": {"fileExtensions": ["*"]}}),
        ("fileUpload.allowedFileUrlDomains", {"fileUpload": {"allowedFileUrlDomains": ["*"]}}),
        ("publicServerURL", {"publicServerURL": "http://example.com/parse"}),
    ],
)
def test_a_dangerous_option_is_a_warning(settings: Settings, option: str, options: dict[str, Any]) -> None:
    (message,) = messages(settings, {**SAFE, **options})
    assert message.startswith(f"parse_core.W001 {option}: ")


def test_the_addresses_of_a_key_that_is_not_set_are_no_danger(settings: Settings) -> None:
    assert messages(settings, {**SAFE, "readOnlyMasterKeyIps": ["::"]}) == []
