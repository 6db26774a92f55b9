"""What a new password must be like, and how long it lives (`users.md` §14.3)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person, log_in
from tests.support.client import ApiClient, Reply

REFUSED = (142, "Password does not meet the Password Policy requirements.")
NAMED = (142, "Password cannot contain your username.")


async def _async_callback(password: str) -> bool:
    return password.startswith("ok")


RULES: list[tuple[str, dict[str, Any], str, tuple[int, str] | None]] = [
    ("a pattern as text", {"validatorPattern": "[0-9]+"}, "nodigits", REFUSED),
    ("a pattern as text", {"validatorPattern": "[0-9]+"}, "digit1", None),
    ("a compiled pattern", {"validatorPattern": re.compile("^.{8,}$")}, "short", REFUSED),
    ("a callback", {"validatorCallback": lambda password: password != "bad"}, "bad", REFUSED),
    ("a callback", {"validatorCallback": lambda password: password != "bad"}, "good", None),
    ("an async callback", {"validatorCallback": _async_callback}, "no", REFUSED),
    ("an async callback", {"validatorCallback": _async_callback}, "ok1", None),
    ("both", {"validatorPattern": "[0-9]", "validatorCallback": lambda _: False}, "a1", REFUSED),
    ("both", {"validatorPattern": "[0-9]", "validatorCallback": lambda _: True}, "a", REFUSED),
    ("own words", {"validatorPattern": "[0-9]", "validationError": "digits!"}, "a", (142, "digits!")),
    ("no user name", {"doNotAllowUsername": True}, "xxzoe1", NAMED),
    ("no user name", {"doNotAllowUsername": True}, "xxZOE1", None),
]


def outcome(reply: Reply) -> tuple[int | None, str] | None:
    return None if reply.status < 300 else reply.error


@pytest.mark.parametrize(("rule", "policy", "password", "expected"), RULES)
def test_a_rule_holds_for_sign_ups(
    api: ApiClient, configure: Configure, rule: str, policy: Any, password: str, expected: Any
) -> None:
    configure(passwordPolicy=policy)
    assert outcome(api.post("/users", {"username": "zoe", "password": password})) == expected


@pytest.mark.parametrize(("rule", "policy", "password", "expected"), RULES)
def test_a_rule_holds_for_changes(
    api: ApiClient, configure: Configure, rule: str, policy: Any, password: str, expected: Any
) -> None:
    zoe = api.post("/users", {"username": "zoe", "password": PASSWORD}).json
    configure(passwordPolicy=policy)
    reply = api.put(f"/users/{zoe['objectId']}", {"password": password}, as_user=zoe["sessionToken"])
    assert outcome(reply) == expected


def test_a_refused_sign_up_makes_no_user(api: ApiClient, configure: Configure) -> None:
    configure(passwordPolicy={"validatorPattern": "[0-9]"})
    api.post("/users", {"username": "zoe", "password": "a"})
    assert api.get("/users", master=True).json["results"] == []


def test_a_new_name_in_the_same_request_is_the_one_that_counts(
    api: ApiClient, configure: Configure, ann: Person
) -> None:
    configure(passwordPolicy={"doNotAllowUsername": True})
    both = {"username": "zoe", "password": "ann1"}
    assert api.put(ann.path, both, as_user=ann.token).status == 200
    assert api.put(ann.path, {"password": "zoe1"}, master=True).error == NAMED


def test_the_empty_password_is_missing_before_any_policy(api: ApiClient, configure: Configure) -> None:
    configure(passwordPolicy={"validatorPattern": "[0-9]"})
    assert api.post("/users", {"username": "zoe", "password": ""}).error[0] == 201


def test_of_a_history_of_three_the_fourth_last_password_may_come_back(
    api: ApiClient, configure: Configure, ann: Person
) -> None:
    configure(passwordPolicy={"maxPasswordHistory": 3})
    for password in ("second", "third", "fourth"):
        assert api.put(ann.path, {"password": password}, master=True).status == 200
    for password in ("fourth", "third", "second"):
        reply = api.put(ann.path, {"password": password}, master=True)
        assert reply.error == (142, "New password should not be the same as last 3 passwords.")
    assert api.put(ann.path, {"password": PASSWORD}, master=True).status == 200


def test_a_history_of_one_forbids_the_current_password_alone(api: ApiClient, configure: Configure, ann: Person) -> None:
    configure(passwordPolicy={"maxPasswordHistory": 1})
    assert api.put(ann.path, {"password": PASSWORD}, master=True).error[0] == 142
    assert api.put(ann.path, {"password": "second"}, master=True).status == 200
    assert api.put(ann.path, {"password": PASSWORD}, master=True).status == 200
    assert len(api.get(ann.path, maintenance=True).json["_password_history"]) == 1


def test_an_old_password_has_expired(api: ApiClient, configure: Configure, ann: Person) -> None:
    configure(passwordPolicy={"maxPasswordAge": 0.5})
    assert log_in(api, "ann").status == 200  # its age was unknown, and counts from now on
    assert "_password_changed_at" in api.get(ann.path, maintenance=True).json
    api.put(ann.path, {"_password_changed_at": "2020-01-01T00:00:00.000Z"}, maintenance=True)
    assert log_in(api, "ann").error == (101, "Your password has expired. Please reset your password.")
    assert api.post("/verifyPassword", {"username": "ann", "password": PASSWORD}).status == 200
    assert api.put(ann.path, {"password": "second"}, master=True).status == 200
    assert log_in(api, "ann", "second").status == 200


def test_a_new_user_has_the_date_of_his_password(api: ApiClient, configure: Configure) -> None:
    configure(passwordPolicy={"maxPasswordAge": 1})
    zoe = api.post("/users", {"username": "zoe", "password": PASSWORD}).json
    assert "_password_changed_at" in api.get(f"/users/{zoe['objectId']}", maintenance=True).json
