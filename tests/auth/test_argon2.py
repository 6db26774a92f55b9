"""Argon2 for new passwords, where an application asks for it (`docs/passwords.md`)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parse_auth import passwords
from parse_auth.internals import by_id, stored_user
from parse_core.context import RequestContext
from parse_core.options import ConfigurationError
from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person, log_in, sign_up, tokens
from tests.support.client import ApiClient

BCRYPT, ARGON2 = "$2b$", "$argon2id$v=19$m=19456,t=2,p=1$"


def stored(api: ApiClient, person: Person) -> str:
    user = stored_user(RequestContext(api.application), by_id(person.id))
    assert user is not None
    return str(user.internal[passwords.COLUMN])


def test_bcrypt_is_the_default(api: ApiClient, ann: Person) -> None:
    assert stored(api, ann).startswith(BCRYPT)
    assert log_in(api, "ann").status == 200
    assert stored(api, ann).startswith(BCRYPT)


def test_new_passwords_are_hashed_with_argon2(api: ApiClient, configure: Configure) -> None:
    configure(passwordHash="argon2")
    ann = sign_up(api, "ann")
    assert stored(api, ann).startswith(ARGON2)
    assert log_in(api, "ann").status == 200
    assert log_in(api, "ann", "other").error[0] == 101


def test_a_login_replaces_the_older_hash_and_ends_no_session(api: ApiClient, ann: Person, configure: Configure) -> None:
    configure(passwordHash="argon2")
    assert log_in(api, "ann", "wrong").error[0] == 101
    assert stored(api, ann).startswith(BCRYPT)
    first = log_in(api, "ann")
    assert (first.status, first.statements) == (200, 4)
    renewed = stored(api, ann)
    assert renewed.startswith(ARGON2)
    assert ann.token in tokens(api)
    second = log_in(api, "ann")
    assert (second.status, second.statements) == (200, 3)
    assert stored(api, ann) == renewed


def test_neither_verifying_a_password_nor_a_refused_login_changes_a_hash(
    api: ApiClient, ann: Person, configure: Configure
) -> None:
    configure(passwordHash="argon2", passwordPolicy={"maxPasswordAge": 1})
    assert api.post("/verifyPassword", {"username": "ann", "password": PASSWORD}).status == 200
    assert stored(api, ann).startswith(BCRYPT)


def test_parallel_logins_all_succeed_while_the_hash_is_replaced(
    api: ApiClient, ann: Person, configure: Configure
) -> None:
    configure(passwordHash="argon2")
    with ThreadPoolExecutor(8) as threads:
        assert Counter(threads.map(lambda _: log_in(api, "ann").status, range(16))) == {200: 16}


def test_a_password_that_is_changed_meanwhile_stays_changed(
    api: ApiClient, ann: Person, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(passwordHash="argon2")
    make = passwords.hashed

    def late(password: str, kind: str = "bcrypt") -> str:
        monkeypatch.setattr(passwords, "hashed", make)
        assert api.put(ann.path, {"password": "second"}, master=True).status == 200
        return make(password, kind)

    monkeypatch.setattr(passwords, "hashed", late)
    assert log_in(api, "ann").error[0] == 101, "it was changed before the session was made"
    assert log_in(api, "ann").error[0] == 101
    assert log_in(api, "ann", "second").status == 200


def test_going_back_to_bcrypt_keeps_everybody(api: ApiClient, configure: Configure) -> None:
    configure(passwordHash="argon2")
    ann = sign_up(api, "ann")
    configure()
    assert log_in(api, "ann").status == 200
    assert stored(api, ann).startswith(ARGON2)
    assert log_in(api, "ann", "wrong").error[0] == 101
    assert api.put(ann.path, {"password": "second"}, as_user=ann.token).status == 200
    assert stored(api, ann).startswith(BCRYPT)


def test_the_history_of_passwords_reaches_over_both_kinds(api: ApiClient, configure: Configure) -> None:
    policy = {"passwordPolicy": {"maxPasswordHistory": 3}}
    configure(**policy)
    ann = sign_up(api, "ann")
    for kind, password in [("argon2", "second"), ("bcrypt", "third")]:
        configure(passwordHash=kind, **policy)
        for former in (PASSWORD, "second")[: 1 if kind == "argon2" else 2]:
            assert api.put(ann.path, {"password": former}, master=True).error[0] == 142
        assert api.put(ann.path, {"password": password}, master=True).status == 200
    for former in (PASSWORD, "second", "third"):
        assert api.put(ann.path, {"password": former}, master=True).error[0] == 142


def test_a_password_of_any_length_counts_to_its_end(api: ApiClient, configure: Configure) -> None:
    configure(passwordHash="argon2")
    long = "é" * 100
    api.post("/users", {"username": "ann", "password": long})
    assert log_in(api, "ann", long).status == 200
    assert log_in(api, "ann", long[:-1]).error[0] == 101


@pytest.mark.parametrize(
    "hashed",
    [
        "$2a$04$rVBHbF3pSa1VIP9ZJ5ID4.3p3BrujloFF6nH/CAPALIKbWfwKDtn2",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$",
        "$argon2id$garbage",
        "$argon2",
        "{SHA}abc",
        "",
    ],
)
def test_imported_hashes_that_do_not_fit_are_wrong_passwords(api: ApiClient, configure: Configure, hashed: str) -> None:
    configure(passwordHash="argon2")
    body = {"username": "zoe", "_hashed_password": hashed}
    assert api.post("/users", body, maintenance=True).status == 201
    assert log_in(api, "zoe", "other").error[0] == 101


def test_an_imported_bcrypt_hash_is_replaced_at_the_first_login(api: ApiClient, configure: Configure) -> None:
    configure(passwordHash="argon2")
    body = {"username": "zoe", "_hashed_password": "$2y$" + passwords.hashed("imported")[4:]}
    zoe = Person(api.post("/users", body, maintenance=True).json["objectId"], "zoe", "")
    assert log_in(api, "zoe", "imported").status == 200
    assert stored(api, zoe).startswith(ARGON2)
    assert log_in(api, "zoe", "imported").status == 200


def test_a_cheaper_argon2_is_replaced_too(api: ApiClient, configure: Configure) -> None:
    from argon2 import PasswordHasher

    configure(passwordHash="argon2")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("imported")
    reply = api.post("/users", {"username": "zoe", "_hashed_password": weak}, maintenance=True)
    assert log_in(api, "zoe", "imported").status == 200
    assert stored(api, Person(reply.json["objectId"], "zoe", "")).startswith(ARGON2)


@pytest.mark.parametrize("value", ["scrypt", "", 5, True])
def test_another_kind_is_refused_at_the_start(configure: Configure, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="passwordHash"):
        configure(passwordHash=value)


def test_with_argon2_too_every_refusal_takes_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    of = {
        "argon2": passwords.hashed("secret", "argon2"),
        "not upgraded": passwords.hashed("secret"),
        "no password": None,
        "garbage": "x",
    }
    times = dict.fromkeys(of, 9.0)
    for _ in range(5):
        for name, kept in of.items():
            began = time.thread_time()
            assert not passwords.is_correct("other", kept, "argon2")
            times[name] = min(times[name], time.thread_time() - began)
    assert max(times.values()) < 1.5 * min(times.values()), times


@pytest.mark.parametrize("kind", ["bcrypt", "argon2"])
def test_hashing_holds_up_no_other_thread(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """While a hash is made, another thread of the process goes on: the longest it waits is a part of one hash."""
    monkeypatch.undo()
    began = time.perf_counter()
    passwords.hashed("secret", kind)
    one_hash = time.perf_counter() - began
    done = threading.Event()

    def hash_them() -> None:
        for _ in range(8):
            passwords.hashed("secret", kind)
        done.set()

    hashing = threading.Thread(target=hash_them)
    gaps, last = [], time.perf_counter()
    hashing.start()
    while not done.is_set():
        time.sleep(0.001)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
    hashing.join()
    assert len(gaps) > 20
    assert sorted(gaps)[len(gaps) // 2] < one_hash / 3
