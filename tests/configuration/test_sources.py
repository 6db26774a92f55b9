"""Where options come from, and which source wins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from parse_core.configuration import configured
from parse_core.options import ConfigurationError, Options
from parse_core.options.environment import from_environment, from_file
from parse_core.options.fields import declarations

ONE = {"appId": "one", "masterKey": "1"}
TWO = {"appId": "two", "masterKey": "2"}


@pytest.fixture
def file(tmp_path: Path, settings: Settings) -> Path:
    """The path of the configuration file, which is not there yet."""
    path = tmp_path / "config.json"
    settings.PARSE_SERVER_CONFIG_FILE = str(path)
    settings.PARSE_SERVER = {}
    return path


def applications() -> list[dict[str, Any]]:
    return [dict(options) for options in configured()]


def test_nothing_configured_is_no_application(file: Path) -> None:
    assert applications() == []


def test_an_option_only_in_the_file_counts(file: Path) -> None:
    file.write_text(json.dumps({**ONE, "sessionLength": 100}))
    assert applications() == [{**ONE, "sessionLength": 100}]


def test_the_environment_wins_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(json.dumps({**ONE, "sessionLength": 100}))
    monkeypatch.setenv("PARSE_SERVER_SESSION_LENGTH", "200")
    monkeypatch.setenv("PARSE_SERVER_MASTER_KEY", "other")
    assert applications() == [{"appId": "one", "masterKey": "other", "sessionLength": 200}]


def test_the_settings_speak_alone(file: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    file.write_text(json.dumps(ONE))
    monkeypatch.setenv("PARSE_SERVER_SESSION_LENGTH", "200")
    settings.PARSE_SERVER = TWO
    assert applications() == [TWO]


def test_an_empty_variable_counts_as_unset(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(json.dumps(ONE))
    monkeypatch.setenv("PARSE_SERVER_MASTER_KEY", "")
    assert applications() == [ONE]


def test_the_environment_alone_makes_an_application(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARSE_SERVER_APPLICATION_ID", "one")
    monkeypatch.setenv("PARSE_SERVER_MASTER_KEY", "1")
    assert applications() == [ONE]


def test_several_applications_and_what_stands_beside_them(file: Path) -> None:
    file.write_text(json.dumps({"apps": [ONE, {**TWO, "verbose": False}], "verbose": True, "port": 80}))
    beside = {"verbose": True, "port": 80}
    assert applications() == [{**ONE, **beside}, {**TWO, **beside}]


def test_several_applications_in_the_settings(settings: Settings) -> None:
    settings.PARSE_SERVER = {"apps": [ONE, TWO]}
    assert applications() == [ONE, TWO]


def test_variables_of_one_application_are_refused_beside_several(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(json.dumps({"apps": [ONE, TWO]}))
    monkeypatch.setenv("PORT", "80")
    assert [options["port"] for options in applications()] == [80, 80]
    monkeypatch.setenv("PARSE_SERVER_MASTER_KEY", "x")
    monkeypatch.setenv("PARSE_SERVER_PAGES_FORCE_REDIRECT", "true")
    with pytest.raises(ConfigurationError, match="PARSE_SERVER_MASTER_KEY, PARSE_SERVER_PAGES_FORCE_REDIRECT"):
        applications()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('{"appId": "a", "masterkey": "m"}', "error: unknown option masterkey"),
        ('{"apps": [], "appId": "x"}', "error: unknown option appId beside apps"),
        ('{"apps": [{"appId": "a"}, {"appId": "a"}]}', "The application a is configured twice."),
        ("[]", "must hold one JSON object"),
        ("{", "cannot be read"),
        ('{"appId": "a", "port": "eighty"}', "Key port has invalid value eighty"),
        ('{"appId": "a", "masterKeyIps": 5}', "5 should be a comma separated string or an array"),
    ],
)
def test_a_wrong_file_is_refused_by_name(file: Path, content: str, text: str) -> None:
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=text):
        applications()


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("PARSE_SERVER_ALLOW_CUSTOM_OBJECT_ID", "true", {"allowCustomObjectId": True}),
        ("PARSE_SERVER_ALLOW_CUSTOM_OBJECT_ID", "1", {"allowCustomObjectId": True}),
        ("PARSE_SERVER_ALLOW_CUSTOM_OBJECT_ID", "yes", {"allowCustomObjectId": False}),
        ("PARSE_SERVER_DEFAULT_LIMIT", "50", {"defaultLimit": 50}),
        ("PORT", "8080", {"port": 8080}),
        ("PARSE_SERVER_CLUSTER", "true", {"cluster": True}),
        ("PARSE_SERVER_CLUSTER", "4", {"cluster": 4}),
        ("PARSE_SERVER_MAX_LOG_FILES", "10d", {"maxLogFiles": "10d"}),
        ("PARSE_SERVER_MASTER_KEY_IPS", "10.0.0.1,::1", {"masterKeyIps": ["10.0.0.1", "::1"]}),
        ("PARSE_SERVER_RATE_LIMIT", '[{"requestPath": "/x"}]', {"rateLimit": [{"requestPath": "/x"}]}),
        ("PARSE_SERVER_PAGES", '{"forceRedirect":true}', {"pages": {"forceRedirect": True}}),
        ("PARSE_SERVER_PAGES_FORCE_REDIRECT", "true", {"pages": {"forceRedirect": True}}),
        ("PARSE_SERVER_PAGES_CUSTOM_URL_PASSWORD_RESET", "x", {"pages": {"customUrls": {"passwordReset": "x"}}}),
        ("PARSE_SERVER_RATE_LIMIT_REQUEST_COUNT", "5", {"rateLimit": [{"requestCount": 5}]}),
        ("PARSE_SERVER_LOGS_FOLDER", "null", {"logsFolder": None}),
        ("PARSE_SERVER_FILES_ADAPTER", "my.Adapter", {"filesAdapter": "my.Adapter"}),
        ("PARSE_SERVER_FILES_ADAPTER", '{"module": "a.B"}', {"filesAdapter": {"module": "a.B"}}),
        ("PARSE_SERVER_VERIFY_USER_EMAILS", "true", {"verifyUserEmails": True}),
        ("PARSE_SERVER_TRUST_PROXY", "1", {"trustProxy": 1}),
        ("PARSE_SERVER_TRUST_PROXY", '["10.0.0.1"]', {"trustProxy": ["10.0.0.1"]}),
        ("PARSE_SERVER_TRUST_PROXY", "loopback,10.0.0.1", {"trustProxy": "loopback,10.0.0.1"}),
        ("JSON_LOGS", "1", {"jsonLogs": True}),
    ],
)
def test_a_variable_is_read(variable: str, text: str, expected: dict[str, Any]) -> None:
    assert from_environment(Options, {variable: text}) == expected


def test_a_nested_variable_wins_over_the_json_of_its_group() -> None:
    environ = {
        "PARSE_SERVER_PAGES": '{"forceRedirect":false,"pagesEndpoint":"p"}',
        "PARSE_SERVER_PAGES_FORCE_REDIRECT": "1",
    }
    assert from_environment(Options, environ) == {"pages": {"forceRedirect": True, "pagesEndpoint": "p"}}


def test_a_variable_that_is_no_number_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="Key defaultLimit has invalid value many"):
        from_environment(Options, {"PARSE_SERVER_DEFAULT_LIMIT": "many"})


def test_a_file_is_read_with_the_same_parsers() -> None:
    assert from_file(Options, {"verbose": "1", "port": "80", "allowHeaders": "a,b"}) == {
        "verbose": True,
        "port": 80,
        "allowHeaders": ["a", "b"],
    }


def test_every_option_has_a_name_a_text_and_a_variable() -> None:
    found = declarations(Options)
    assert len(found) == 122
    assert all(declaration.help.endswith(".") for declaration in found.values())
    variables = [declaration.env for declaration in found.values()]
    assert all(variables)
    assert len(set(variables)) == len(variables)
