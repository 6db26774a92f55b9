"""Tables for conditions to be asked of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
import pytest

from parse_core.values.scalars import Document
from tests.query.rows import MATRIX, Rows
from tests.support.postgis import postgis_server


@pytest.fixture(scope="session")
def connection(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the migrated database of the run."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgis_url() -> Iterator[str]:
    """A database with PostGIS, on the PostgreSQL of the operating system."""
    with postgis_server() as conninfo:
        yield conninfo


@pytest.fixture(scope="session")
def matrix(connection: psycopg.Connection[Any]) -> Rows:
    """The rows of the semantics matrix (`contract/queries.md` §8.2)."""
    return Rows.of(connection, MATRIX)


@pytest.fixture(scope="session")
def rows(connection: psycopg.Connection[Any]) -> Callable[[Sequence[Document]], Rows]:
    """Makes a class of some documents."""
    return lambda documents: Rows.of(connection, documents)
