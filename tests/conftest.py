"""The database of a test run. Fixtures of single apps live beside their tests, or in `tests/support`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from parse_core.application import applications
from parse_core.state import Readiness
from parse_server.providers import connection_info


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """How to connect to this process's own database, migrated: what `providers.connection_info()` gives in the run.

    A server started by a test reaches the same database with it as its `DATABASE_URL`.
    """
    name = str(settings.DATABASES["default"]["NAME"])
    assert name.startswith("test_"), "tests drop their database: never one that somebody else uses"
    with _maintenance() as connection:
        _drop(connection, name, *_left_behind(connection))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        # Tests that kill servers run on their own, with the real settings.
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
    call_command("migrate", verbosity=0)
    yield connection_info()
    applications.close()
    connections.close_all()
    with _maintenance() as connection:
        _drop(connection, name)


@pytest.fixture(scope="session")
def django_db_setup(database_url: str) -> None:
    """Takes the place of pytest-django's: the database is there already."""


@pytest.fixture(scope="session", autouse=True)
def django_connections_are_allowed(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Everything here may use the database: pytest-django's guard sees Django's connections only, and few are."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]  # pytest-django exports no type for it
        yield


@pytest.fixture(autouse=True)
def neighbours_are_well() -> None:
    """A mount is healthy if all its applications are: none that could not start is left over from other tests."""
    for identifier, application in [*applications.known().items()]:
        if application.part(Readiness).state != "ok":
            applications.remove(identifier)


def _maintenance() -> psycopg.Connection:
    """A connection to the server that holds the databases, but to none of them."""
    return psycopg.connect(make_conninfo(connection_info(), dbname="postgres"), autocommit=True)


def _left_behind(connection: psycopg.Connection) -> list[str]:
    """The databases of runs that were killed."""
    found = connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+$'")
    return [name for (name,) in found if not _is_alive(int(name.removeprefix("test_")))]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _drop(connection: psycopg.Connection, *names: str) -> None:
    for name in names:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        for _ in range(100):
            try:
                connection.execute(statement)
                break
            except psycopg.errors.InsufficientPrivilege:  # autovacuum is in there, and belongs to the system
                time.sleep(0.1)
        else:
            connection.execute(statement)
