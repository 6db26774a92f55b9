"""After so many wrong passwords an account is closed for some minutes (`users.md` §13)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person, log_in
from tests.support.client import ApiClient, Reply

INVALID = (101, "Invalid username/password.")
LOCKED = (
    101,
    "Your account is locked due to multiple failed login attempts. Please try again after 5 minute(s)",
)
PAST = {"__type": "Date", "iso": "2020-01-01T00:00:00.000Z"}


@pytest.fixture(autouse=True)
def locking(configure: Configure, api: ApiClient) -> None:
    configure(accountLockout={"duration": 5, "threshold": 3})


def fail(api: ApiClient, times: int = 1) -> list[Reply]:
    return [log_in(api, "ann", "wrong") for _ in range(times)]


def stored(api: ApiClient, ann: Person) -> tuple[object, bool]:
    """The counter, and whether there is an end of the lockout."""
    user = api.get(ann.path, maintenance=True).json
    return user.get("_failed_login_count"), "_account_lockout_expires_at" in user


def test_three_wrong_passwords_are_invalid_and_the_fourth_finds_the_account_locked(api: ApiClient, ann: Person) -> None:
    assert [reply.error for reply in fail(api, 5)] == [INVALID, INVALID, INVALID, LOCKED, LOCKED]
    assert stored(api, ann) == (3, True)


def test_the_right_password_is_locked_out_too(api: ApiClient, ann: Person) -> None:
    fail(api, 3)
    assert log_in(api, "ann").error == LOCKED
    assert log_in(api, "ann", master=True).error == LOCKED
    assert api.post("/verifyPassword", {"username": "ann", "password": PASSWORD}).error == LOCKED


def test_the_right_password_in_time_counts_from_zero_again(api: ApiClient, ann: Person) -> None:
    fail(api, 2)
    assert log_in(api, "ann").status == 200
    assert stored(api, ann) == (0, False)
    assert [reply.error for reply in fail(api, 3)] == [INVALID] * 3


def test_password_checks_count(api: ApiClient, ann: Person) -> None:
    for _ in range(3):
        assert api.get("/verifyPassword", query={"username": "ann", "password": "wrong"}).error == INVALID
    assert log_in(api, "ann").error == LOCKED


def test_when_the_time_is_over_a_right_password_opens_and_a_wrong_one_closes_at_once(
    api: ApiClient, ann: Person
) -> None:
    fail(api, 3)
    api.put(ann.path, {"_account_lockout_expires_at": PAST}, maintenance=True)
    assert fail(api)[0].error == LOCKED
    api.put(ann.path, {"_account_lockout_expires_at": PAST}, maintenance=True)
    assert log_in(api, "ann").status == 200
    assert stored(api, ann)[0] == 0


def test_unknown_users_are_never_locked(api: ApiClient) -> None:
    assert {log_in(api, "nobody", "wrong").error for _ in range(6)} == {INVALID}


def test_the_master_key_becomes_a_locked_user(api: ApiClient, ann: Person) -> None:
    fail(api, 4)
    assert api.post("/loginAs", {"userId": ann.id}, master=True).status == 200


def test_other_users_are_not_affected(api: ApiClient, ann: Person, bob: Person) -> None:
    fail(api, 4)
    assert log_in(api, "bob").status == 200


def test_of_a_hundred_wrong_passwords_at_once_three_are_compared(api: ApiClient, ann: Person) -> None:
    with ThreadPoolExecutor(12) as threads:
        errors = [reply.error for reply in threads.map(lambda _: log_in(api, "ann", "wrong"), range(100))]
    assert errors.count(INVALID) == 3
    assert errors.count(LOCKED) == 97
    assert stored(api, ann) == (3, True)


def test_the_right_password_among_many_tries_at_once_is_not_told_after_the_lock(api: ApiClient, ann: Person) -> None:
    fail(api, 3)
    with ThreadPoolExecutor(8) as threads:
        replies = threads.map(lambda place: log_in(api, "ann", PASSWORD if place == 20 else "wrong"), range(40))
    assert {reply.error for reply in replies} == {LOCKED}


def test_a_login_costs_one_statement_more(api: ApiClient, ann: Person, configure: Configure) -> None:
    counted = log_in(api, "ann").statements
    configure()
    assert counted == log_in(api, "ann").statements + 1
