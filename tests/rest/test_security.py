"""`/security`: what the report says, and to whom (`contract/config.md` §13, `contract/cloud.md` §12)."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from parse_core.checks import check_applications
from parse_core.options import ConfigurationError
from parse_core.store.database import Database
from tests.rest.conftest import Configure
from tests.support.client import ApiClient

SAFE: dict[str, Any] = {
    "masterKey": "Correct-Horse-1-Battery",
    "readOnlyMasterKey": "Another-Horse-2-Battery",
    "serverURL": "https://api.example/parse",
    "allowClientClassCreation": False,
    "security": {"enableCheck": True},
}


def reported(api: ApiClient) -> Any:
    return api.get("/security", master=True).json["report"]


def states(api: ApiClient, group: str) -> dict[str, str]:
    [found] = [each for each in reported(api)["groups"] if each["name"] == group]
    return {check["title"]: check["state"] for check in found["checks"]}


def test_only_the_master_key_reads_it_and_only_where_it_is_enabled(configure: Configure) -> None:
    api = ApiClient(configure())
    disabled = api.get("/security", master=True)
    assert (disabled.status, disabled.json) == (
        409,
        {"error": "Enable Parse Server option `security.enableCheck` to run security check."},
    )
    api = ApiClient(configure(security={"enableCheck": True}))
    assert api.get("/security").status == 403
    assert api.get("/security", read_only=True).status == 200
    assert api.get("/serverInfo", master=True).json["features"]["settings"] == {"securityCheck": True}


def test_a_safe_application_passes_every_check(configure: Configure) -> None:
    api = ApiClient(configure(**SAFE))
    api.application.reset()
    found = reported(api)
    assert (found["version"], found["state"]) == ("1.0.0", "success")
    assert [group["name"] for group in found["groups"]] == ["Parse Server Configuration", "Database", "Classes"]
    assert all(check.keys() == {"title", "state"} for group in found["groups"] for check in group["checks"])


@pytest.mark.parametrize(
    ("title", "options"),
    [
        ("Secure master key", {"masterKey": "short"}),
        ("Security log disabled", {"security": {"enableCheck": True, "enableCheckLog": True}}),
        ("Client class creation disabled", {"allowClientClassCreation": True}),
        ("Users are created without public access", {"enforcePrivateUsers": False}),
        ("Insecure auth adapters disabled", {"enableInsecureAuthAdapters": True}),
        ("GraphQL public introspection disabled", {"mountGraphQL": True, "graphQLPublicIntrospection": True}),
        ("Public database explain disabled", {"databaseOptions": {"allowPublicExplain": True}}),
        ("Read-only master key IP range restricted", {"readOnlyMasterKeyIps": ["0.0.0.0/0"]}),
        ("Request complexity limits enabled", {"requestComplexity": {"queryDepth": -1}}),
        (
            "Password reset endpoint user enumeration mitigated",
            {"passwordPolicy": {"resetPasswordSuccessOnInvalidEmail": False}},
        ),
        ("LiveQuery regex timeout enabled", {"liveQuery": {"regexTimeout": 0}}),
        ("TLS on the public URL", {"publicServerURL": "http://api.example/parse"}),
        ("Master key IP range restricted", {"masterKeyIps": ["0.0.0.0/0", "::/0"]}),
    ],
)
def test_a_dangerous_option_fails_its_check_with_a_way_out(
    title: str, options: dict[str, Any], configure: Configure
) -> None:
    api = ApiClient(configure(**{**SAFE, **options}))
    api.application.reset()
    found = reported(api)
    failed = [check for group in found["groups"] for check in group["checks"] if check["state"] == "fail"]
    assert found["state"] == "fail"
    assert [check["title"] for check in failed] == [title]
    assert all(check["warning"] and check["solution"] for check in failed)


def test_classes_that_everybody_may_change_are_named(configure: Configure) -> None:
    api = ApiClient(configure(**SAFE))
    api.application.reset()
    api.post("/schemas/Open", {"classLevelPermissions": {"create": {"*": True}, "delete": {"*": True}}}, master=True)
    api.post("/schemas/Closed", {"classLevelPermissions": {"find": {"*": True}}}, master=True)
    [group] = [group for group in reported(api)["groups"] if group["name"] == "Classes"]
    assert group["checks"][0]["warning"] == "Everybody may change classes: Open (create, delete)."
    api.application.reset()


def fine() -> None:
    """Raises nothing."""


def broken() -> None:
    raise ValueError


def broken_group(_self: Any) -> None:
    raise ValueError("not like this")


class OwnGroup:
    name = "Own"
    checks = ({"title": "As a class", "warning": "w", "solution": "s", "check": broken},)


def test_groups_of_the_configuration_are_run_and_fail_by_raising(configure: Configure) -> None:
    mapping = {
        "name": "Mapping",
        "checks": [
            {"title": "Fine", "warning": "w", "solution": "s", "check": fine},
            {"title": "Broken", "warning": "w", "solution": "s", "check": broken},
            {"title": "No", "warning": "w", "solution": "s", "check": lambda: False},
        ],
    }
    groups = [mapping, OwnGroup, "tests.rest.test_security.OwnGroup"]
    api = ApiClient(configure(**SAFE | {"security": {"enableCheck": True, "checkGroups": groups}}))
    assert states(api, "Mapping") == {"Fine": "success", "Broken": "fail", "No": "fail"}
    assert [group["name"] for group in reported(api)["groups"]][3:] == ["Mapping", "Own", "Own"]


def check(**changed: Any) -> dict[str, Any]:
    return {"title": "t", "warning": "w", "solution": "s", "check": fine, **changed}


@pytest.mark.parametrize(
    ("group", "text"),
    [
        (1, "must have name, a text."),
        ({}, "must have name, a text."),
        ({"name": "", "checks": [check()]}, "must have name, a text."),
        ({"name": "n"}, "must have checks, a list of at least one."),
        ({"name": "n", "checks": []}, "must have checks, a list of at least one."),
        ({"name": "n", "checks": "title"}, "must have checks, a list of at least one."),
        ({"name": "n", "checks": [None]}, "must have checks[0].title, a text."),
        ({"name": "n", "checks": [check(), check(title=[])]}, "must have checks[1].title, a text."),
        ({"name": "n", "checks": [check(warning=None)]}, "must have checks[0].warning, a text."),
        ({"name": "n", "checks": [check(solution={})]}, "must have checks[0].solution, a text."),
        ({"name": "n", "checks": [check(check=True)]}, "must have checks[0].check, a function."),
        ("tests.rest.test_security.Nothing", 'cannot be imported: Module "tests.rest.test_security" does not define'),
        ("nowhere.Group", "cannot be imported: No module named 'nowhere'"),
        (type("Demanding", (), {"__init__": broken_group}), "cannot be made: not like this"),
    ],
)
def test_a_group_that_is_none_is_refused_at_the_start(group: Any, text: str, configure: Configure) -> None:
    with pytest.raises(ConfigurationError) as refused:
        configure(**SAFE | {"security": {"checkGroups": [OwnGroup, group]}})
    [problem] = refused.value.problems
    assert problem.startswith(f"Parse Server option security.checkGroups[1] {text}")


def test_django_checks_tell_of_groups_that_are_none(settings: Any) -> None:
    settings.PARSE_SERVER = {"appId": "a", **SAFE, "security": {"checkGroups": [{"name": "n"}]}}
    [error] = check_applications()
    assert error.is_serious()
    assert error.msg == "Parse Server option security.checkGroups[0] must have checks, a list of at least one."


@pytest.mark.parametrize(("password", "state"), [("Correct-Horse-1", "success"), ("hunter2", "fail"), ("", "fail")])
def test_the_password_of_the_database_is_judged(
    password: str, state: str, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = ApiClient(configure(**SAFE))
    uri = f"host=db.example dbname=x {f'password={password}' if password else ''}"
    monkeypatch.setattr(Database, "conninfo", property(lambda _self: uri))
    assert states(api, "Database") == {"Secure database password": state}
    assert password == "" or password not in api.get("/security", master=True).body.decode()


def test_the_report_is_logged_at_the_start_where_that_is_asked(
    configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        configure(**SAFE)
        assert "Security check" not in caplog.text
        configure(**SAFE | {"security": {"enableCheckLog": True}})
    [record] = [record for record in caplog.records if record.name == "parse_core.security"]
    assert record.levelname == "WARNING"  # the log itself is what is wrong
    assert "Secure master key: success" in record.getMessage()
