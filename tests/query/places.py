"""Places that conditions are asked about, and databases with and without PostGIS to ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from parse_core.query.scope import ParseScope
from parse_core.store.database import Database
from parse_core.values.scalars import Document, Json
from tests.query.rows import FIELDS, Rows, document

MIGRATIONS = Path(__file__).parent.parent.parent / "parse_core" / "migrations"


def point(latitude: float, longitude: float) -> Document:
    """A GeoPoint as clients send and objects store it."""
    return {"__type": "GeoPoint", "latitude": latitude, "longitude": longitude}


def polygon(*corners: tuple[float, float]) -> Document:
    """A Polygon as objects store it: closed, latitude first."""
    return {"__type": "Polygon", "coordinates": [list(corner) for corner in (*corners, corners[0])]}


PLACES = (
    document("oslo", g=point(59.9139, 10.7522), o={"at": point(59.9139, 10.7522)}),
    document("rome", g=point(41.9028, 12.4964), a=[point(41.9028, 12.4964), "x", point(0, 0)]),
    document("lima", g=point(-12.0464, -77.0428), o={"at": 5, "all": [point(0, 0), point(-12.0464, -77.0428)]}),
    document("suva", g=point(-18.1248, 178.4501)),  # on both sides of the 180° meridian
    document("apia", g=point(-13.8507, -171.7514)),
    document("pole", g=point(90, 0)),
    document("null", g=None, poly=None, s="text"),
    document("zero", g=point(0, 0), poly=polygon((0, 0), (0, 10), (5, 10), (5, 0))),  # 5° high, 10° wide
    document("tiny", poly=polygon((50, 8), (50, 8.0005), (50.0005, 8))),  # a triangle of 50 m
    document("none"),
)


@dataclass
class Places:
    """A class of places, asked as `scope` may."""

    rows: Rows
    scope: ParseScope

    def of(self, documents: list[Document]) -> Places:
        """Other documents on the same database."""
        return replace(self, rows=Rows.of(self.rows.connection, documents))

    def in_sql(self, where: Json, *order: str) -> str:
        return " ".join(self.rows.in_sql(where, self.scope, order))

    def in_memory(self, where: Json, *order: str) -> str:
        return " ".join(self.rows.in_memory(where, self.scope, order))


@contextmanager
def places(conninfo: str, documents: tuple[Document, ...] = PLACES) -> Iterator[Places]:
    """The documents in a class of the database, which has the functions or gets them."""
    database = Database(lambda: conninfo, max_connections=1)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        if connection.execute("SELECT to_regnamespace('parse')").fetchone() == (None,):
            connection.execute("CREATE SCHEMA parse")
            # The registry, empty: what Django makes of the models.
            connection.execute("CREATE TABLE parse_application (application_id text, namespace text)")
            connection.execute("CREATE TABLE parse_class (application_id text, name text, table_name text)")
            for file in sorted(MIGRATIONS.glob("*.sql")):
                connection.execute(file.read_text())
        yield Places(Rows.of(connection, documents, FIELDS), ParseScope(database=database))
    database.close()


def plan(places: Places, where: Json, *order: str, limit: int | None = None) -> str:
    """What PostgreSQL would do."""
    statement = places.rows.statement(where, places.scope, order)
    text: Any = f"EXPLAIN {statement.text}" + ("" if limit is None else f" LIMIT {limit}")
    return "\n".join(line for (line,) in places.rows.connection.execute(text, statement.params))
