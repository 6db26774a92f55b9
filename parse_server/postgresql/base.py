"""The database backend of `settings.DATABASES`: importing the settings starts nothing, connecting may."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base
from psycopg.conninfo import conninfo_to_dict

from parse_server.providers import connection_info

from .client import DatabaseClient


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with the server's address from `connection_info()`."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        # The settings' own name wins: Django's creation of test databases connects to others on the same server.
        return {**conninfo_to_dict(connection_info()), **super().get_connection_params()}
