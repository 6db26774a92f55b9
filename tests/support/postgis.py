"""A PostgreSQL of the operating system with PostGIS, on a socket of its own, for tests of what differs with it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from parse_server.embedded.account import account_for, popen_options

PACKAGES = Path("/usr/lib/postgresql")  # where Debian and its children put each version
EXTENSION = "/usr/share/postgresql/{}/extension/postgis.control"
PATIENCE = 30  # seconds until it must answer


@contextmanager
def postgis_server() -> Iterator[str]:
    """How to connect to an empty database with the extension. Not installed: skipped, in CI a failure."""
    binaries = _installed()
    if binaries is None:
        message = "PostgreSQL with PostGIS is needed (Debian: postgresql-15-postgis-3)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with tempfile.TemporaryDirectory(prefix="postgis-") as name:
        server = _started(binaries, Path(name))
        try:
            conninfo = make_conninfo(host=name, user="parse", dbname="postgres")
            _install(conninfo, server)
            yield conninfo
        finally:
            server.terminate()
            server.wait(PATIENCE)


def _installed() -> Path | None:
    """The programs of the newest version that has the extension."""
    versions = sorted(int(each.name) for each in PACKAGES.glob("[0-9]*") if each.name.isdigit())
    with_extension = [version for version in versions if Path(EXTENSION.format(version)).exists()]
    return PACKAGES / str(with_extension[-1]) / "bin" if with_extension else None


def _started(binaries: Path, folder: Path) -> subprocess.Popen[bytes]:
    options: dict[str, Any] = popen_options(account_for(None))
    if options:
        os.chown(folder, options["user"], options["group"])
    options |= {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = folder / "data"
    initialise = [str(binaries / "initdb"), "-D", str(data), "-U", "parse", "--auth=trust", "-E", "UTF8", "--locale=C"]
    subprocess.run([*initialise, "--no-sync"], check=True, **options)
    settings = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    return subprocess.Popen([binaries / "postgres", "-D", data, *settings], **options)


def _install(conninfo: str, server: subprocess.Popen[bytes]) -> None:
    """Makes the extension, as soon as the server answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                connection.execute("CREATE EXTENSION postgis")
                return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
