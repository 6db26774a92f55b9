"""Password hashes: bcrypt as the reference stores them, so that users move between the two servers.

bcrypt releases the interpreter lock, so a login never holds up other requests of its process for longer than the
processor itself takes.
"""

from __future__ import annotations

from typing import Final

import bcrypt

COLUMN: Final = "_hashed_password"  # the internal column of a user that holds the hash
_COST: Final = 10
_SIGNIFICANT_BYTES: Final = 72  # what bcrypt looks at; the library refuses more instead of ignoring it
# Of no password: compared with when there is nothing to compare with, so that an answer takes as long as any other.
_NOBODY: Final = b"$2b$10$nPvWWTBATArzaAwibGKgre9QzxyrvThRSgEZOmTQTu035OJH2X0bG"


def hashed(password: str) -> str:
    """The hash to store; takes some 60 ms of processor time."""
    return bcrypt.hashpw(_bytes(password), bcrypt.gensalt(_COST)).decode()


def is_correct(password: str, stored: object) -> bool:
    """Whether the password fits the stored hash, which may be missing or garbage: then it does not.

    Takes the time of one comparison in every case, so that nobody learns from it whether a user or a password exists.
    """
    if isinstance(stored, str) and stored:
        try:
            return bcrypt.checkpw(_bytes(password), stored.encode())
        except ValueError:
            pass
    bcrypt.checkpw(_bytes(password), _NOBODY)
    return False


def fits(password: str, stored: object) -> bool:
    """Whether the password is the one of a hash, where the time it takes tells nobody anything."""
    return isinstance(stored, str) and bool(stored) and is_correct(password, stored)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "replace")[:_SIGNIFICANT_BYTES]
