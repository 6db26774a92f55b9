"""Django's `migrate`, one process at a time: two servers that start together would both create the same tables."""

from __future__ import annotations

from typing import Any

import psycopg
from django.core.management.commands import migrate

from parse_server.providers import connection_info

LOCK = 0x7061727365  # "parse"; a number of our own among PostgreSQL's advisory locks


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        # A connection of its own holds the lock: PostgreSQL gives it back however this process ends.
        with psycopg.connect(connection_info(), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            super().handle(*args, **options)
