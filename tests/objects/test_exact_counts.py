"""The unfiltered count of a large class is exact, whatever is written while it is brought forward."""

# ruff: noqa: S608 (the name of the table is ours)

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from parse_core.application import Application, applications
from parse_core.store import counts
from parse_core.store.sql import Sql
from tests.support.client import ApiClient

FILL = """
    INSERT INTO {table} (object_id, data)
    SELECT prefix || i, jsonb_build_object('objectId', prefix || i, 'createdAt', moment, 'updatedAt', moment)
    FROM generate_series(1, {rows}) i, (VALUES ('{prefix}', '2026-01-01T00:00:00.000Z')) AS v(prefix, moment)
"""


@pytest.fixture(scope="module")
def application(database_url: str) -> Iterator[Application]:
    yield applications.configure({"appId": "counts", "masterKey": "master", "serverURL": "http://api.example/parse"})
    applications.remove("counts")


@pytest.fixture
def api(application: Application, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiClient]:
    monkeypatch.setattr(counts, "PAUSE", 0.0)
    api = ApiClient(application)
    api.post("/schemas/Row", {}, master=True)
    yield api
    api.delete("/purge/Row", master=True)
    api.delete("/schemas/Row", master=True)


def table(api: ApiClient) -> str:
    return f'{api.application.namespace}."Row"'


def fill(api: ApiClient, rows: int, prefix: str) -> None:
    api.application.database.fetch(Sql(FILL.format(table=table(api), rows=rows, prefix=prefix)))


def count(api: ApiClient) -> int:
    """As the master counts, held against the rows."""
    counted: int = api.get("/classes/Row", query={"count": "1", "limit": "0"}, master=True).json["count"]
    return counted


def rows(api: ApiClient) -> int:
    return int(api.application.database.fetch(Sql(f"SELECT count(*) FROM {table(api)}"))[0][0])


def state(api: ApiClient) -> tuple[int, int] | None:
    found = api.application.database.fetch(
        Sql(
            "SELECT upto, counted FROM parse.row_count WHERE namespace = %s AND name = 'Row'",
            (api.application.namespace,),
        )
    )
    return (found[0][0], found[0][1]) if found else None


def test_a_small_class_is_counted_as_it_is_in_one_statement(api: ApiClient) -> None:
    fill(api, 100, "a")
    reply = api.get("/classes/Row", query={"count": "1", "limit": "0"}, master=True)
    assert (reply.json, reply.statements) == ({"results": [], "count": 100}, 1)
    assert state(api) is None


def test_a_large_class_is_counted_once_and_exactly_from_then_on(api: ApiClient) -> None:
    fill(api, 20_000, "a")
    assert count(api) == 20_000
    assert state(api) is not None
    assert count(api) == 20_000
    assert state(api) == (20_000, 20_000)
    for number in range(1, 6):
        api.delete(f"/classes/Row/a{number}", master=True)
    fill(api, 3, "b")
    api.delete("/classes/Row/b1", master=True)
    assert count(api) == 20_000 - 5 + 2 == rows(api)
    fill(api, 6_000, "c")
    api.application.database.fetch(Sql(f"DELETE FROM {table(api)} WHERE sequence %% 2 = 0"))
    for _ in range(4):
        assert count(api) == rows(api)
    assert state(api) != (20_000, 20_000)


def test_an_open_insert_below_the_edge_is_waited_for(api: ApiClient, database_url: str) -> None:
    fill(api, 20_000, "a")
    assert count(api) == 20_000
    with psycopg.connect(database_url) as writer:
        writer.execute(FILL.format(table=table(api), rows=1, prefix="open"))
        fill(api, 6_000, "b")
        for _ in range(3):
            assert count(api) == 26_000
        assert state(api) == (20_000, 20_000)
        writer.commit()
    for _ in range(3):
        assert count(api) == 26_001
    assert state(api) == (26_001, 26_001)


def test_an_open_deletion_counts_when_it_is_committed(api: ApiClient, database_url: str) -> None:
    fill(api, 20_000, "a")
    assert count(api) == 20_000
    with psycopg.connect(database_url) as writer:
        writer.execute(f"DELETE FROM {table(api)} WHERE object_id = 'a7'")
        for _ in range(3):
            assert count(api) == 20_000
        writer.rollback()
        assert count(api) == 20_000
        writer.execute(f"DELETE FROM {table(api)} WHERE object_id = 'a7'")
        fill(api, 6_000, "b")
        for _ in range(3):
            assert count(api) == 26_000
        writer.commit()
    for _ in range(3):
        assert count(api) == 25_999


def test_writers_are_not_kept_waiting_for_the_first_count(api: ApiClient, database_url: str) -> None:
    """An open write keeps the trigger from being made; others go on, and a later count makes it."""
    fill(api, 20_000, "a")
    with psycopg.connect(database_url) as writer:
        writer.execute(f"DELETE FROM {table(api)} WHERE object_id = 'a7'")
        began = time.monotonic()
        assert count(api) == 20_000
        assert api.delete("/classes/Row/a8", master=True).status == 200
        assert time.monotonic() - began < 1
        assert state(api) is None
        writer.commit()
    assert count(api) == 19_998
    assert state(api) == (20_000, 19_998)


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_deletions_by_who_began_before_the_first_count_count_too(api: ApiClient, database_url: str, level: str) -> None:
    fill(api, 20_000, "a")
    with psycopg.connect(database_url) as writer:
        writer.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        writer.execute("SELECT 1 FROM parse.row_count")
        assert count(api) == 20_000
        writer.execute(f"DELETE FROM {table(api)} WHERE object_id = 'a7'")
        writer.commit()
    assert count(api) == 19_999 == rows(api)


def test_an_emptied_class_starts_anew(api: ApiClient) -> None:
    fill(api, 20_000, "a")
    for _ in range(3):
        count(api)
    assert api.delete("/purge/Row", master=True).status == 200
    assert (count(api), state(api)) == (0, None)
    api.delete("/schemas/Row", master=True)
    api.post("/schemas/Row", {}, master=True)
    fill(api, 5, "a")
    assert count(api) == 5


def test_counts_of_clients_see_the_acl(api: ApiClient) -> None:
    fill(api, 20_000, "a")
    api.application.database.fetch(Sql(f"UPDATE {table(api)} SET rperm = '{{}}' WHERE sequence <= 15000"))
    for _ in range(2):
        assert api.get("/classes/Row", query={"count": "1", "limit": "0"}).json["count"] == 5_000
        assert count(api) == 20_000


@pytest.mark.slow
def test_counts_agree_while_many_write(api: ApiClient, database_url: str) -> None:  # noqa: C901 (five small actors)
    """Each look compares the count with the rows in one statement, so in one view of the database."""
    fill(api, 11_000, "a")
    ends = time.monotonic() + 6
    seen: list[tuple[int, int]] = []
    failed: list[BaseException] = []

    def guarded(work: Any, *arguments: Any) -> threading.Thread:
        def run() -> None:
            try:
                with psycopg.connect(database_url, autocommit=True) as connection:
                    while time.monotonic() < ends:
                        work(connection, *arguments)
            except BaseException as error:  # noqa: BLE001 (told below)
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def write(connection: psycopg.Connection[Any], name: str) -> None:
        dice = random.Random(time.monotonic_ns())  # noqa: S311
        with connection.transaction():
            for _ in range(dice.randrange(1, 4)):
                prefix = f"{name}{time.monotonic_ns()}-"
                connection.execute(FILL.format(table=table(api), rows=dice.choice([1, 5, 50]), prefix=prefix))
                edge = dice.randrange(11_000)
                connection.execute(f"DELETE FROM {table(api)} WHERE sequence BETWEEN {edge} AND {edge + 3}")
            if dice.random() < 0.2:
                raise psycopg.Rollback

    def advance(connection: psycopg.Connection[Any]) -> None:
        connection.execute("SELECT parse.advance_count(%s, 'Row', 20)", (api.application.namespace,))

    def look(connection: psycopg.Connection[Any]) -> None:
        number = counts.row_count(api.application.namespace, "Row")
        row = connection.execute(f"SELECT {number.text}, (SELECT count(*) FROM {table(api)})", number.params).fetchone()
        assert row is not None
        seen.append((row[0], row[1]))

    threads = [guarded(write, name) for name in "bcd"] + [guarded(advance), guarded(advance), guarded(look)]
    for thread in threads:
        thread.join()
    assert not failed, failed
    assert len(seen) > 20
    assert [pair for pair in seen if pair[0] != pair[1]] == []
    assert state(api) not in (None, (0, 0))
