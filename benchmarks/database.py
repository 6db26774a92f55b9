"""The PostgreSQL that both servers use: the same programs as the embedded one, a data folder of its own, TCP."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from parse_server.embedded import binaries
from parse_server.embedded.account import account_for, popen_options
from parse_server.embedded.cluster import ENVIRONMENT, SUPERUSER, Cluster

from .machine import OTHER_CORE, cpu_seconds, free_port
from .processes import StartFailed, running

# What every production server has set, whichever application it serves; durability stays on.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_naptime": "1h",  # vacuum and analyze run between rounds by our order, not in the middle of one
    "log_line_prefix": "%d ",
}
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]+): ")


@dataclass(frozen=True)
class Database:
    """A running server. Its log tells which statements ran in which database while `logging` is on."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    def url(self, name: str) -> str:
        return f"postgres://{SUPERUSER}@127.0.0.1:{self.port}/{name}"

    def create(self, name: str) -> None:
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def settle(self, name: str) -> None:
        """Vacuums and analyzes, so that every round starts from the same state."""
        self._execute(sql.SQL("VACUUM ANALYZE"), name)

    def version(self) -> str:
        with psycopg.connect(self.url("postgres")) as connection:
            return str(connection.info.server_version // 10000)

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.process.pid)

    @contextmanager
    def logging(self) -> Iterator[None]:
        """Every statement is logged meanwhile."""
        self._log_statements("all")
        try:
            yield
        finally:
            self._log_statements("none")

    def statements(self, name: str) -> int:
        """How many statements, transaction control included, were logged in that database so far."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            return sum(line.startswith(f"{name} ") and STATEMENT.search(line) is not None for line in lines)

    def _log_statements(self, which: str) -> None:
        self._execute(sql.SQL("ALTER SYSTEM SET log_statement = {}").format(sql.Literal(which)))
        self._execute(sql.SQL("SELECT pg_reload_conf()"))
        time.sleep(0.5)  # sessions take the change up when they next wait for a command

    def _execute(self, statement: sql.SQL | sql.Composed, name: str = "postgres") -> None:
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def started(folder: Path) -> Iterator[Database]:
    """A new server with its data below the folder, on the core that the servers under test leave free."""
    account = account_for(None)
    programs = binaries.find(account=account, copies=folder)
    cluster = Cluster(folder / "pg", programs, account)
    cluster.initialise()
    port, log = free_port(), folder / "pg.log"
    options = [part for name, value in {**SETTINGS, "port": str(port)}.items() for part in ("-c", f"{name}={value}")]
    command = [programs.postgres, "-D", str(cluster.data), *options]
    with running(command, core=OTHER_CORE, log=log, cwd="/", env=ENVIRONMENT, **popen_options(account)) as process:
        database = Database(port, log, process)
        wait_until_ready(database)
        yield database


def wait_until_ready(database: Database) -> None:
    for _attempt in range(200):
        try:
            psycopg.connect(database.url("postgres")).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise StartFailed(database.log.read_text())
