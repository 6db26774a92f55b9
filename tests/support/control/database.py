"""A database of the control process's own on the embedded server, so that several run side by side."""

from __future__ import annotations

import psycopg
from django.conf import settings
from django.core.management import call_command
from psycopg import sql
from psycopg.conninfo import make_conninfo

from parse_server.providers import connection_info


def use(name: str) -> None:
    """Makes `name` the database of this process, creating and migrating it as needed."""
    settings.DATABASES["default"]["NAME"] = name
    database = sql.Identifier(name)
    with psycopg.connect(make_conninfo(connection_info(), dbname="postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database))
    call_command("migrate", verbosity=0, interactive=False)
