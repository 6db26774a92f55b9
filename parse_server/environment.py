"""Three typed readers of the environment. An empty variable counts as unset; a wrong value stops the start by name."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from parse_core.database_address import InvalidDatabaseAddress, parse_database_address

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def text(*names: str, default: str = "") -> str:
    """The first of the variables that is set."""
    return next((value for name in names if (value := os.environ.get(name))), default)


def number(name: str, *, default: int) -> int:
    """A whole number."""
    value = text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None


def flag(name: str, *, default: bool) -> bool:
    """`true` or `1`, `false` or `0`."""
    value = text(name)
    if not value:
        return default
    try:
        return _FLAGS[value.lower()]
    except KeyError:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}") from None


def database_name(uri: str, *, default: str) -> str:
    """The database that a PostgreSQL address names."""
    try:
        return str(conninfo_to_dict(parse_database_address(uri).conninfo).get("dbname", default))
    except InvalidDatabaseAddress as error:
        raise ImproperlyConfigured(f"DATABASE_URL (or PARSE_SERVER_DATABASE_URI) {error}") from None
