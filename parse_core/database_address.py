"""Addresses of PostgreSQL databases as the reference takes them, with parameters of its driver, in libpq's words.

`postgres://user:secret@host/name?ssl=true&poolSize=20` becomes a connection string and what the pool has to know.
Parameters of libpq itself pass; what neither knows is refused by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

POOL_SIZE: Final = 10  # where the parameter is no number, as in the reference
FILES: Final = {"ca": "sslrootcert", "cert": "sslcert", "key": "sslkey"}
UNSUPPORTED: Final = {
    "pfx": "name the certificate and its key in PEM files, as cert and key",
    "secureOptions": "libpq has ssl_min_protocol_version and ssl_max_protocol_version",
}
OF_THE_POOL: Final = frozenset({"poolSize", "max", "query_timeout", "idleTimeoutMillis", "binary"})
OF_TLS: Final = frozenset({"ssl", "rejectUnauthorized", "passphrase", *FILES})


class InvalidDatabaseAddress(ValueError):
    """Says what is wrong with an address, never repeating its password."""


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where a database is: libpq's connection string, and the pool's limits where the address names them."""

    conninfo: str
    pool_size: int | None = None
    statement_timeout: int | None = None  # milliseconds
    idle_timeout: float | None = None  # seconds


def parse_database_address(text: str) -> DatabaseAddress:
    """The address. Raises `InvalidDatabaseAddress`."""
    base, _, query = text.partition("?")
    if "://" not in base:
        return DatabaseAddress(_checked(text, {}))
    given = _parameters(query)
    for name, instead in UNSUPPORTED.items():
        if given.get(name):
            raise InvalidDatabaseAddress(
                f"has the parameter {name}, which PostgreSQL's library does not know: {instead}."
            )
    own = {name: value for name, value in given.items() if name not in OF_THE_POOL | OF_TLS | {"keepAlive"}}
    if "keepAlive" in given:
        own["keepalives"] = "1" if _is_true(given["keepAlive"]) else "0"
    conninfo = _checked(base, {**own, **_tls(given)})
    size = given.get("max") or given.get("poolSize")
    idle = _number(given.get("idleTimeoutMillis"))
    return DatabaseAddress(
        conninfo,
        None if not size else _number(size) or POOL_SIZE,
        _number(given.get("query_timeout")),
        None if idle is None else idle / 1000,
    )


def _parameters(query: str) -> dict[str, str]:
    """`a=b=c` keeps `b=c`; of two with one name the last counts."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return {unquote(name): unquote(value) for name, _, value in pairs}


def _tls(given: Mapping[str, str]) -> dict[str, str]:
    """The reference's driver verifies certificates unless it is told not to."""
    files = {libpq: given[name] for name, libpq in FILES.items() if given.get(name)}
    for path in files.values():
        if not Path(path).is_file():
            raise InvalidDatabaseAddress(f"names the file {path}, which is not there.")
    if given.get("passphrase"):
        files["sslpassword"] = given["passphrase"]
    if "rejectUnauthorized" in given and not _is_true(given["rejectUnauthorized"]):
        files.pop("sslrootcert", None)  # libpq verifies by one that it is given
        return {**files, "sslmode": "require"}
    if files or given.get("rejectUnauthorized") or _is_true(given.get("ssl", "")):
        return {"sslrootcert": "system", **files, "sslmode": "verify-full"}
    return {"sslmode": "disable"} if given.get("ssl", "").lower() == "false" else {}


def _checked(base: str, parameters: Mapping[str, str]) -> str:
    for name in parameters:
        try:
            make_conninfo("", **{name: "1"})
        except psycopg.ProgrammingError:
            raise InvalidDatabaseAddress(f"has the unknown parameter {name!r}.") from None
    try:
        conninfo_to_dict(base)
        return make_conninfo(base, **parameters)
    except psycopg.ProgrammingError:
        # Neither the address nor the parser's message is repeated: a password may be in them.
        raise InvalidDatabaseAddress("must be a PostgreSQL address, postgres://user:password@host/name.") from None


def _is_true(text: str) -> bool:
    return text.lower() == "true"


def _number(text: str | None) -> int | None:
    """The digits that a text begins with, None where there are none."""
    found = re.match(r"\s*(\d{1,9})", text or "")
    return int(found[1]) if found else None
