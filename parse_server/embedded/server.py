"""The embedded server as a process of the project sees it: make sure it runs, and say how to connect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from . import binaries, cluster, locks, watcher
from .account import account_for, popen_options
from .errors import EmbeddedDatabaseError

# The application's own role. Not a superuser: what gets past our SQL must not get at the machine as well.
ROLE = "parse_server"  # not "parse": a role finds a schema of its own name first, and that one holds our functions
POLL = 0.02  # seconds
ANOTHER_WAS_FIRST = (errors.DuplicateObject, errors.DuplicateDatabase, errors.UniqueViolation)


class EmbeddedServer:
    """The PostgreSQL server whose data are below `home`; one per folder, however many processes use it.

    Safe to use from several threads, and after a fork: a child shares its parent's lease.
    """

    def __init__(self, home: Path, *, start_timeout: float = 60.0) -> None:
        self.home = home.absolute()
        self.start_timeout = start_timeout  # seconds, recovery after a crash included
        run = self.home / "pg.run"
        self._run = run
        self._starter = run / "starter"  # held by who decides whether to start it
        self._lease_file = run / "lease"  # held, shared, by who uses it
        self._alive = run / "watcher"  # held by the watcher for its life
        self._sockets = run / "sockets"  # the folder of the running server's socket
        self._log = run / "log"
        self._lease: int | None = None
        self._known: dict[str, str] = {}  # connection strings of the databases seen to exist
        self._mutex = threading.RLock()
        # No fork in the middle of a start: the child would hold that lock for its life.
        os.register_at_fork(
            before=self._mutex.acquire, after_in_parent=self._mutex.release, after_in_child=self._mutex.release
        )

    def connection_info(self, database: str) -> str:
        """A libpq connection string for the database, which is created when there is none.

        Starts the server when it isn't running; when this process has it already, costs a few microseconds.
        Raises EmbeddedDatabaseError.
        """
        with self._mutex:
            if not self._is_up():
                self._join()
            if database not in self._known:
                self._create_database(database)
                self._known[database] = self._conninfo(database, ROLE)
            return self._known[database]

    def _is_up(self) -> bool:
        return self._lease is not None and self._run.exists() and locks.is_held_exclusively(self._alive)

    def _join(self) -> None:
        """Takes a lease, starts the server when nobody did, and waits for it to answer."""
        try:
            self._run.mkdir(parents=True, exist_ok=True)
            with locks.exclusive(self._starter):
                self._renew_lease()
                if not locks.is_held_exclusively(self._alive):
                    self._start()
        except PermissionError as error:
            raise EmbeddedDatabaseError(
                f"The database's folder can't be used: {error}. Start the server as the user who made it, "
                "or name another folder in PARSE_SERVER_DATA_DIR."
            ) from error
        self._wait()

    def _renew_lease(self) -> None:
        # A new descriptor each time: the folder may have been removed under a process that lives on.
        lease = locks.open_shared(self._lease_file)
        if self._lease is not None:
            os.close(self._lease)
        self._lease = lease
        self._known.clear()

    def _start(self) -> None:
        """Starts a watcher, which starts the server; doesn't wait for either."""
        data = cluster.existing(self.home)
        account = account_for(data)
        copies = cluster.open_to(account, self.home)
        programs = binaries.find(account=account, copies=copies, data=data)
        place = cluster.locate(self.home, programs, account)
        place.initialise()
        sockets = place.socket_folder()
        self._sockets.write_text(str(sockets), "utf-8")
        alive = locks.open_exclusive(self._alive)
        try:
            watch = {
                "command": place.command(sockets),
                "popen": popen_options(account),
                "lease": str(self._lease_file),
                "log": str(self._log),
                "alive": alive,
            }
            # Without the site packages it starts in a hundredth of a second and stays small.
            program = [sys.executable, "-I", "-S", watcher.__file__, json.dumps(watch)]
            subprocess.run(program, check=True, pass_fds=[alive], cwd="/", env=cluster.ENVIRONMENT)
        finally:
            # The watcher inherited it, and with it the lock.
            os.close(alive)

    def _wait(self) -> None:
        deadline = time.monotonic() + self.start_timeout
        while True:
            try:
                with psycopg.connect(self._conninfo("postgres", cluster.SUPERUSER), connect_timeout=5):
                    return
            except psycopg.OperationalError as error:
                if not locks.is_held_exclusively(self._alive):
                    raise EmbeddedDatabaseError(f"PostgreSQL doesn't start:\n{self._end_of_log()}") from error
                if time.monotonic() > deadline:
                    raise EmbeddedDatabaseError(
                        f"PostgreSQL doesn't answer after {self.start_timeout:.0f} s: {error}\n{self._end_of_log()}"
                    ) from error
            time.sleep(POLL)

    def _create_database(self, database: str) -> None:
        """Creates the role and the database unless they exist. Two statements when they do."""
        with psycopg.connect(self._conninfo("postgres", cluster.SUPERUSER), autocommit=True) as connection:
            role = sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE))
            made = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(ROLE))
            for exists, name, create in (
                ("SELECT FROM pg_roles WHERE rolname = %s", ROLE, role),
                ("SELECT FROM pg_database WHERE datname = %s", database, made),
            ):
                if not connection.execute(exists, [name]).rowcount:
                    try:
                        connection.execute(create)
                    except ANOTHER_WAS_FIRST:
                        continue

    def _conninfo(self, database: str, user: str) -> str:
        return make_conninfo(host=self._sockets.read_text("utf-8"), port=5432, user=user, dbname=database)

    def _end_of_log(self) -> str:
        try:
            return "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-10:])
        except FileNotFoundError:
            return ""
