"""Which PostgreSQL the project uses, and how to connect to it.

The one place that knows whether the server is the operator's (`DATABASE_URL`) or the embedded one. The rest of the
project asks `connection_info()`; `settings.PARSE_DATABASE_CONNECT` hands that function to the apps by its dotted path.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from psycopg.conninfo import make_conninfo

from parse_core.database_address import parse_database_address

from .embedded import EmbeddedServer


class Provider(Protocol):
    """Where databases come from."""

    def connection_info(self, database: str) -> str:
        """A libpq connection string for that database; may start a server."""
        ...


@dataclass(frozen=True)
class ExternalServer:
    """A server that the operator runs; its databases are the operator's to create."""

    url: str

    def connection_info(self, database: str) -> str:
        return make_conninfo(parse_database_address(self.url).conninfo, dbname=database)


@cache
def provider(url: str, folder: Path) -> Provider:
    """The server at the URL; the embedded one, with its data below the folder, when the URL is empty."""
    return ExternalServer(url) if url else EmbeddedServer(folder)


def connection_info() -> str:
    """A libpq connection string for the default database; starts the embedded server when that is needed.

    May be called from any thread and after a fork, and often: after the first time it costs microseconds. Call it for
    each new connection rather than keep its answer, so that a server that was killed is started again.
    Raises EmbeddedDatabaseError.
    """
    source = provider(settings.PARSE_DATABASE_URI, settings.PARSE_DATA_DIR)
    return source.connection_info(str(settings.DATABASES["default"]["NAME"]))
