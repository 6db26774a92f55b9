"""`manage.py dbshell` on whichever server the project uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import client
from psycopg.conninfo import conninfo_to_dict


class DatabaseClient(client.DatabaseClient):
    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        from parse_server.providers import connection_info

        server = conninfo_to_dict(connection_info())
        known = {name.upper(): str(server[name]) for name in ("host", "port", "user", "password") if name in server}
        return super().settings_to_cmd_args_env({**settings_dict, **known}, parameters)
