"""The data folder of the embedded server ("cluster" in PostgreSQL's words): where it is, and its making."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .account import Account, popen_options
from .binaries import Binaries
from .errors import EmbeddedDatabaseError

# Where the data go when the project's folder is closed to the account that runs the server (root's home is).
SYSTEM_FOLDER = Path("/var/lib/parse-server")
SUPERUSER = "postgres"
# A socket address holds 107 bytes: the folder, and the name that PostgreSQL gives to the socket and its lock file.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")

# Moderate for a laptop. What keeps data safe (fsync, full_page_writes, synchronous_commit) stays as PostgreSQL has it.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling pays for long analytical queries, and costs milliseconds on ours
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Refused statements are the application's to log; only the server's own news are kept here.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class Cluster:
    """A data folder, the programs of its version and the account that runs them (None: our own)."""

    data: Path
    binaries: Binaries
    account: Account | None

    def initialise(self) -> None:
        """Makes the data folder unless it is there. It appears whole: one killed meanwhile leaves none."""
        if self.data.exists():
            return
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(draft, self.account.uid, self.account.gid)
        # The builtin provider gives Unicode upper and lower case whatever locales the system has; it came with 17.
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        answer = subprocess.run(
            [
                self.binaries.initdb,
                f"--pgdata={draft}",
                f"--username={SUPERUSER}",
                "--auth=trust",  # the socket's folder keeps others out
                "--encoding=UTF8",
                *(locale if self.binaries.major >= 17 else ("--locale=C.UTF-8",)),
            ],
            **popen_options(self.account),
            cwd="/",
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise EmbeddedDatabaseError(f"The database folder {self.data} can't be made:\n{answer.stderr.strip()}")
        draft.rename(self.data)

    def command(self, sockets: Path) -> list[str]:
        """The command line of the server in the foreground."""
        settings = SETTINGS | {"unix_socket_directories": str(sockets)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self.binaries.postgres, "-D", str(self.data), *options]

    def socket_folder(self) -> Path:
        """The folder of the server's socket: the data folder, or a short one when that is too long for a socket.

        Nobody but the account (and root) may enter it: that is what admits to the database.
        """
        plain = re.fullmatch(r"/[\w./+-]*", str(self.data), re.ASCII)  # others need quoting in the server's list
        if plain and len(os.fsencode(self.data)) <= LONGEST_SOCKET_FOLDER:
            return self.data
        owner = self.account.uid if self.account else os.geteuid()
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        folder = Path(f"/tmp/parse-server-{owner}-{digest}")  # noqa: S108 - made private, or refused, below
        _make_private(folder, owner, self.account.gid if self.account else os.getegid())
        return folder


# The server lives on after the process that starts it: it gets none of its secrets, and no PG… variable either.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


def existing(home: Path) -> Path | None:
    """The data folder below `home`; of several versions' the newest."""
    found = {int(match[1]): path for path in home.glob("pg*") if (match := re.fullmatch(r"pg(\d+)", path.name))}
    if not found:
        return None
    path = found[max(found)]
    if not path.exists():
        raise EmbeddedDatabaseError(
            f"{path} is a link to {path.readlink()}, which is gone. Bring it back, or remove the link."
        )
    return path


def open_to(account: Account | None, home: Path) -> Path:
    """`home`, or the system's folder when the account can't reach `home`."""
    if account is None or account.can_reach(home):
        return home
    SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    return SYSTEM_FOLDER


def locate(home: Path, binaries: Binaries, account: Account | None) -> Cluster:
    """The cluster of this version below `home`; the folder itself may be still to make."""
    data = home / f"pg{binaries.major}"  # a server can't read the folder of another major version
    root = open_to(account, home)
    if not data.is_symlink() and not data.exists() and root != home:
        folder = Path(tempfile.mkdtemp(dir=root, prefix="data-"))
        folder.chmod(0o755)
        data.symlink_to(folder / data.name)
    return Cluster(data.readlink() if data.is_symlink() else data, binaries, account)


def _make_private(folder: Path, uid: int, gid: int) -> None:
    """Makes the folder for that user alone; refuses one that somebody else put there."""
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, gid)
    except FileExistsError:
        info = folder.lstat()
        if not stat.S_ISDIR(info.st_mode) or info.st_uid != uid or stat.S_IMODE(info.st_mode) != 0o700:
            raise EmbeddedDatabaseError(f"{folder}, the place for the database's socket, is not ours") from None
