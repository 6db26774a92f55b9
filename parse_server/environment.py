"""Three typed readers of the environment. An empty variable counts as unset; a wrong value stops the start by name."""

from __future__ import annotations

import os

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

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
        return str(conninfo_to_dict(uri).get("dbname", default))
    except psycopg.ProgrammingError:
        # Neither the address nor the parser's message is repeated: a password may be in them.
        raise ImproperlyConfigured(
            "DATABASE_URL (or PARSE_SERVER_DATABASE_URI) must be a PostgreSQL address, postgres://user:password@host/name"
        ) from None
