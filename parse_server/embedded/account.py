"""Which operating system account runs the server, and which folders that account can reach.

PostgreSQL refuses to run as root. Started by root, it runs as an unprivileged account that exists already: nothing is
added to the system and no folder of the user's is opened to others.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import EmbeddedDatabaseError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An account to drop to."""

    uid: int
    gid: int

    def can_reach(self, folder: Path) -> bool:
        """Whether the account may enter the folder; where it isn't made yet, the folders above it count."""
        return all(self._may_enter(each) for each in (folder, *folder.parents) if each.exists())

    def _may_enter(self, folder: Path) -> bool:
        info = folder.stat()
        if info.st_uid == self.uid:
            return bool(info.st_mode & stat.S_IXUSR)
        if info.st_gid == self.gid:
            return bool(info.st_mode & stat.S_IXGRP)
        return bool(info.st_mode & stat.S_IXOTH)


def account_for(data: Path | None) -> Account | None:
    """The account that has to run the server on the data, if there are any yet; None when we are that account.

    Raises EmbeddedDatabaseError when the data belong to somebody else, or root finds no account to drop to.
    """
    owner = data.stat().st_uid if data else None
    me = os.geteuid()
    if me == 0:
        return _account(owner) if owner else _unprivileged()
    if owner in (None, me):
        return None
    raise EmbeddedDatabaseError(
        f"{data} belongs to another user (uid {owner}). Start the server as the user who made it, "
        "or name another folder in PARSE_SERVER_DATA_DIR."
    )


def popen_options(account: Account | None) -> dict[str, Any]:
    """What to give to `subprocess` so that a program runs as the account, without root's other groups."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _account(uid: int) -> Account:
    try:
        return Account(uid, pwd.getpwuid(uid).pw_gid)
    except KeyError:
        # A folder from outside a container may belong to a number without a name.
        return Account(uid, uid)


def _unprivileged() -> Account:
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedDatabaseError(
        "PostgreSQL can't run as root, and neither of the accounts postgres and nobody exists to run it. "
        "Start the server as an ordinary user, or set DATABASE_URL."
    )
