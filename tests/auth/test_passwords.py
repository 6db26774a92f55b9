"""How passwords are kept (`contract/users.md` §14.1)."""

from __future__ import annotations

import time

import bcrypt
import pytest

from parse_auth import passwords


def test_hashes_are_bcrypt_of_cost_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert passwords.hashed("secret").startswith("$2b$10$")


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2x$", "$2y$"])
def test_hashes_of_every_prefix_are_understood(prefix: str) -> None:
    stored = prefix + passwords.hashed("secret")[4:]
    assert passwords.is_correct("secret", stored)
    assert not passwords.is_correct("Secret", stored)


def test_nul_is_part_of_a_password() -> None:
    stored = passwords.hashed("a\0b")
    assert passwords.is_correct("a\0b", stored)
    assert not passwords.is_correct("a\0c", stored)
    assert not passwords.is_correct("a", stored)


def test_seventy_two_bytes_count() -> None:
    stored = passwords.hashed("é" * 36 + "x")
    assert passwords.is_correct("é" * 36 + "y", stored)
    assert not passwords.is_correct("é" * 35 + "zz", stored)


@pytest.mark.parametrize("stored", [None, "", "garbage", "$2b$10$short", 5, ["x"], "$2b$99$" + "a" * 53])
def test_what_is_no_hash_is_a_wrong_password(stored: object) -> None:
    assert not passwords.is_correct("secret", stored)


def test_every_refusal_takes_the_time_of_a_comparison() -> None:
    real = bcrypt.hashpw(b"secret", bcrypt.gensalt(10)).decode()
    times = {}
    for name, stored in (("wrong", real), ("missing", None), ("garbage", "x")):
        samples = []
        for _ in range(5):
            began = time.thread_time()
            passwords.is_correct("other", stored)
            samples.append(time.thread_time() - began)
        times[name] = min(samples)
    assert max(times.values()) < 1.5 * min(times.values())
