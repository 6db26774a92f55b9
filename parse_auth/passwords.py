"""Password hashes: bcrypt as the reference stores them, so that users move between the two servers, or Argon2.

Which of them new passwords get is the option `passwordHash`; a stored hash says itself what it is, so both are always
understood. Both libraries release the interpreter lock, so a login never holds up other requests of its process for
longer than the processor itself takes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import bcrypt

if TYPE_CHECKING:
    from argon2 import PasswordHasher

Kind = Literal["bcrypt", "argon2"]

COLUMN: Final = "_hashed_password"  # the internal column of a user that holds the hash
_COST: Final = 10
_SIGNIFICANT_BYTES: Final = 72  # what bcrypt looks at; the library refuses more instead of ignoring it
_ARGON2: Final = "$argon2"
# Of OWASP: 19 MiB for each hash that is made or compared at a time, and less time than bcrypt takes
_MEMORY, _PASSES, _LANES = 19_456, 2, 1
# Of no password: compared with when there is nothing to compare with, so that an answer takes as long as any other.
_NOBODY: Final = b"$2b$10$nPvWWTBATArzaAwibGKgre9QzxyrvThRSgEZOmTQTu035OJH2X0bG"


def hashed(password: str, kind: str = "bcrypt") -> str:
    """The hash to store; takes some 60 ms of processor time."""
    if kind == "argon2":
        return _argon2().hash(_bytes(password))
    return bcrypt.hashpw(_bytes(password)[:_SIGNIFICANT_BYTES], bcrypt.gensalt(_COST)).decode()


def is_correct(password: str, stored: object, kind: str = "bcrypt") -> bool:
    """Whether the password fits the stored hash, which may be missing or garbage: then it does not.

    Every refusal takes the same time, so that nobody learns from it whether a user or a password exists. With `kind`
    `argon2` it takes the time of both kinds, for nobody knows which one a user has: he may not have logged in since.
    """
    if _fits(password, stored):
        return True
    is_argon2 = _is_argon2(stored)
    if kind == "argon2" and not is_argon2:
        _fits(password, _argon2_of_nobody())
    if not _is_bcrypt(stored) and (kind == "argon2" or not is_argon2):
        bcrypt.checkpw(_bytes(password)[:_SIGNIFICANT_BYTES], _NOBODY)
    return False


def fits(password: str, stored: object) -> bool:
    """Whether the password is the one of a hash, where the time it takes tells nobody anything."""
    return _fits(password, stored)


def is_outdated(stored: object, kind: str) -> bool:
    """Whether a hash is weaker than the option asks for: bcrypt where Argon2 is wanted, or an Argon2 of less cost."""
    if kind != "argon2":
        return False
    return not isinstance(stored, str) or not _is_argon2(stored) or _argon2().check_needs_rehash(stored)


def _fits(password: str, stored: object) -> bool:
    if not isinstance(stored, str):
        return False
    if _is_argon2(stored):
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            return _argon2().verify(stored, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    try:
        return bool(stored) and bcrypt.checkpw(_bytes(password)[:_SIGNIFICANT_BYTES], stored.encode())
    except ValueError:
        return False


def _is_argon2(stored: object) -> bool:
    return isinstance(stored, str) and stored.startswith(_ARGON2)


def _is_bcrypt(stored: object) -> bool:
    """Whether comparing with it took the time of a comparison: garbage takes none."""
    return isinstance(stored, str) and len(stored) == len(_NOBODY) and stored.startswith("$2")


@cache
def _argon2() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY, parallelism=_LANES)


@cache
def _argon2_of_nobody() -> str:
    return _argon2().hash(b"of nobody")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "replace")
