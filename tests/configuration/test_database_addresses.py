"""Addresses of databases with the parameters of the reference's driver (`contract/config.md` §5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from parse_core.application import applications
from parse_core.database_address import InvalidDatabaseAddress, parse_database_address
from parse_core.options import ConfigurationError, Options

WHERE = {"user": "me", "password": "p@ss", "host": "db.example", "port": "5433", "dbname": "parse"}
BASE = "postgres://me:p%40ss@db.example:5433/parse"


@pytest.fixture
def pem(tmp_path: Path) -> str:
    (tmp_path / "file.pem").write_text("PEM")
    return str(tmp_path / "file.pem")


@pytest.mark.parametrize(
    ("query", "libpq"),
    [
        ("", {}),
        ("ssl=true", {"sslmode": "verify-full", "sslrootcert": "system"}),
        ("ssl=TRUE", {"sslmode": "verify-full", "sslrootcert": "system"}),
        ("ssl=false", {"sslmode": "disable"}),
        ("ssl=true&rejectUnauthorized=false", {"sslmode": "require"}),
        ("rejectUnauthorized=true", {"sslmode": "verify-full", "sslrootcert": "system"}),
        ("ca={pem}", {"sslmode": "verify-full", "sslrootcert": "{pem}"}),
        ("ca={pem}&rejectUnauthorized=false", {"sslmode": "require"}),
        (
            "cert={pem}&key={pem}&passphrase=a%26b",
            {
                "sslmode": "verify-full",
                "sslrootcert": "system",
                "sslcert": "{pem}",
                "sslkey": "{pem}",
                "sslpassword": "a&b",
            },
        ),
        (
            "application_name=mine&fallback_application_name=b=c",
            {"application_name": "mine", "fallback_application_name": "b=c"},
        ),
        ("client_encoding=UTF8&binary=true", {"client_encoding": "UTF8"}),
        ("keepAlive=true", {"keepalives": "1"}),
        ("keepAlive=no", {"keepalives": "0"}),
        ("sslmode=require&connect_timeout=3", {"sslmode": "require", "connect_timeout": "3"}),
        ("poolSize=5&max=7&query_timeout=100&idleTimeoutMillis=2000", {}),
    ],
)
def test_parameters_are_translated(query: str, libpq: dict[str, str], pem: str) -> None:
    address = parse_database_address(f"{BASE}?{query.format(pem=pem)}")
    expected = {name: value.format(pem=pem) for name, value in libpq.items()}
    assert conninfo_to_dict(address.conninfo) == {**WHERE, **expected}


@pytest.mark.parametrize(
    ("query", "limits"),
    [
        ("", (None, None, None)),
        ("poolSize=5", (5, None, None)),
        ("poolSize=5&max=7", (7, None, None)),
        ("max=many", (10, None, None)),
        ("max=0", (10, None, None)),
        ("query_timeout=1500&idleTimeoutMillis=2500", (None, 1500, 2.5)),
    ],
)
def test_the_pool_is_as_the_address_says(query: str, limits: tuple[Any, ...]) -> None:
    address = parse_database_address(f"{BASE}?{query}")
    assert (address.pool_size, address.statement_timeout, address.idle_timeout) == limits
    database = applications.database(f"{BASE}?{query}&application_name={len(query)}")
    assert database._max_connections == (limits[0] or 16)
    assert database._statement_timeout_ms == (limits[1] or 30_000)
    assert "poolSize" not in database.conninfo


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (f"{BASE}?poolsize=5", "has the unknown parameter 'poolsize'."),
        (f"{BASE}?retryWrites=true", "has the unknown parameter 'retryWrites'."),
        (f"{BASE}?pfx=/x", "has the parameter pfx, which PostgreSQL's library does not know: name the certificate"),
        (f"{BASE}?secureOptions=1", "has the parameter secureOptions, which PostgreSQL's library does not know"),
        (f"{BASE}?ca=/not/there.pem", "names the file /not/there.pem, which is not there."),
        ("mysql://me:p%40ss@db/x", "must be a PostgreSQL address, postgres://user:password@host/name."),
        ("postgres://me:p%40ss@[db/x", "must be a PostgreSQL address, postgres://user:password@host/name."),
    ],
)
def test_what_is_no_address_is_refused_at_the_start_without_its_password(address: str, text: str) -> None:
    with pytest.raises(InvalidDatabaseAddress) as refused:
        parse_database_address(address)
    assert str(refused.value).startswith(text)
    with pytest.raises(ConfigurationError) as stopped:
        Options.parse({"appId": "a", "masterKey": "m", "serverURL": "http://x/parse", "databaseURI": address})
    [problem] = stopped.value.problems
    assert problem.startswith(f"Parse Server option databaseURI {text}")
    assert "p%40ss" not in problem
    assert "p@ss" not in problem


def test_key_value_strings_of_libpq_pass() -> None:
    assert parse_database_address("host=/run/postgresql dbname=x").conninfo == "host=/run/postgresql dbname=x"
