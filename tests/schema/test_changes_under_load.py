"""Classes that are changed and dropped while clients of two server processes write to them: no half states.

What holds is asked of the database in one statement, again and again, since one statement sees one moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from threading import Event
from typing import Any

import psycopg
import pytest
from psycopg import sql

from parse_core.application import namespace
from tests.schema.processes import ask
from tests.support.server import LiveServer

pytestmark = pytest.mark.slow

SECONDS = 6.0
WRITERS = 6
OPEN = {"classLevelPermissions": {op: {"*": True} for op in ("create", "update", "find", "get", "addField")}}
DUPLICATE = {"code": 137, "error": "A duplicate value for a field with unique values was provided"}
MISFITS = """
    SELECT c.fields, array_agg(t.data) FROM parse_class c, {table} t
    WHERE c.application_id = %s AND c.name = 'Load' AND (t.data ? 'f') AND
        CASE c.fields->'f'->>'type'
            WHEN 'String' THEN jsonb_typeof(t.data->'f') <> 'string'
            WHEN 'Number' THEN jsonb_typeof(t.data->'f') <> 'number'
            WHEN 'Array' THEN jsonb_typeof(t.data->'f') <> 'array'
            ELSE TRUE END
    GROUP BY c.fields"""


def write(server: LiveServer, random: Random, known: list[str]) -> tuple[int, Any]:
    """One write of a client that takes `f` for whatever it likes."""
    value = random.choice(("text", 7, [1, 2], {"__op": "Increment", "amount": 1}, {"__op": "Add", "objects": [3]}))
    body = {"f": value, "other": 1}
    chosen = random.random()
    if chosen < 0.4 and known:
        return ask(server, "PUT", f"/classes/Load/{random.choice(known)}", body)
    if chosen < 0.7:
        parts = [{"method": "POST", "path": "/parse/classes/Load", "body": body} for _ in range(3)]
        return ask(server, "POST", "/batch", {"requests": parts, "transaction": random.random() < 0.5})
    status, answer = ask(server, "POST", "/classes/Load", body)
    if status == 201:
        known.append(answer["objectId"])
    return status, answer


@contextmanager
def writing(
    pair: list[LiveServer], one: Callable[[LiveServer, Random], tuple[int, Any]], writers: int = WRITERS
) -> Iterator[list[Any]]:
    """Clients of both servers that write until the end of the block; all their answers."""
    answers: list[Any] = []
    stopped = Event()

    def run(number: int) -> None:
        random = Random(number)  # noqa: S311 - the same clients in every run
        while not stopped.is_set():
            answers.append(one(pair[number % 2], random))

    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(run, number) for number in range(writers)]
        try:
            yield answers
        finally:
            stopped.set()
    for each in running:
        each.result()


def test_no_object_holds_a_value_of_a_field_that_was_dropped(database_url: str, pair: list[LiveServer]) -> None:
    first = pair[0]
    assert ask(first, "POST", "/schemas/Load", OPEN, master=True)[0] == 200
    known: list[str] = []
    misfits = sql.SQL(MISFITS).format(table=sql.Identifier(namespace(first.app_id), "Load"))
    changes = 0
    with (
        psycopg.connect(database_url, autocommit=True) as connection,
        writing(pair, lambda server, random: write(server, random, known)) as answers,
    ):
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for change in ({"__op": "Delete"}, {"type": ("String", "Number", "Array")[changes % 3]}):
                status, answer = ask(pair[changes % 2], "PUT", "/schemas/Load", {"fields": {"f": change}}, master=True)
                # A writer may have made the field anew, or not yet.
                assert status == 200 or answer["code"] in (255, 111), answer
                found = connection.execute(misfits, (first.app_id,)).fetchall()
                assert found == []
            changes += 1
    assert changes > 5
    refused = [answer for status, answer in answers if status not in (200, 201)]
    assert {answer["code"] for answer in refused} <= {111}, refused
    assert len(refused) < len(answers), "writes got through"


def test_a_class_that_is_dropped_while_it_is_written_to_loses_no_object_that_was_acknowledged(
    database_url: str, pair: list[LiveServer]
) -> None:
    stored: list[str] = []

    def create_and_delete(server: LiveServer, random: Random) -> tuple[int, Any]:
        status, answer = ask(server, "POST", "/classes/Load", {"f": 1}, master=True)
        time.sleep(random.random() / 50)  # so that the class is empty at times
        if status == 201 and random.random() < 0.97:
            assert ask(server, "DELETE", f"/classes/Load/{answer['objectId']}", master=True)[0] == 200
        elif status == 201:
            stored.append(answer["objectId"])
        return status, answer

    dropped = 0
    with writing(pair, create_and_delete, writers=2) as answers:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and len(stored) < 30:
            status, answer = ask(pair[0], "DELETE", "/schemas/Load", master=True)
            assert status == 200 or answer["code"] == 255, answer
            dropped += status == 200
            for object_id in stored[:]:
                time.sleep(0.05)  # until then a server may take a class for absent that another has just made
                assert ask(pair[1], "DELETE", f"/classes/Load/{object_id}", master=True)[0] == 200
                stored.remove(object_id)
    assert dropped > 1
    assert {status for status, _ in answers} == {201}, [each for each in answers if each[0] != 201]


def test_a_field_that_becomes_required_is_required_of_every_write_after_the_answer(pair: list[LiveServer]) -> None:
    first, second = pair
    ask(first, "POST", "/schemas/Load", OPEN, master=True)
    required = {"fields": {"f": {"type": "String", "required": True}}}
    optional = {"fields": {"f": {"type": "String", "required": False, "defaultValue": "x"}}}
    with writing(pair, lambda server, _: ask(server, "POST", "/classes/Load", {"f": "text"})):
        for _ in range(10):
            assert ask(first, "PUT", "/schemas/Load", required, master=True)[0] == 200
            assert ask(second, "POST", "/classes/Load", {"other": 1}) == (
                400,
                {"code": 142, "error": "f is required"},
            )
            assert ask(second, "PUT", "/schemas/Load", optional, master=True)[0] == 200
            relaxed = time.monotonic()
            while (answer := ask(first, "POST", "/classes/Load", {"other": 1})[1]).get("f") != "x":
                assert answer == {"code": 142, "error": "f is required"}
                assert time.monotonic() - relaxed < 1.0


def test_an_index_that_becomes_unique_while_clients_write_leaves_no_two_alike(
    database_url: str, pair: list[LiveServer]
) -> None:
    first = pair[0]
    ask(first, "POST", "/schemas/Load", {**OPEN, "fields": {"f": {"type": "Number"}}}, master=True)
    unique = {"indexes": {"one": {"f": 1, "$unique": True}}}
    table = sql.Identifier(namespace(first.app_id), "Load")

    def create(server: LiveServer, random: Random) -> tuple[int, Any]:
        return ask(server, "POST", "/classes/Load", {"f": random.randint(1, 60)})

    with psycopg.connect(database_url, autocommit=True) as connection, writing(pair, create) as answers:
        while len(answers) < 50:
            time.sleep(0.02)
        assert ask(first, "PUT", "/schemas/Load", unique, master=True) == (400, DUPLICATE)
        for _ in range(100):
            connection.execute(sql.SQL("DELETE FROM {}").format(table))
            if ask(first, "PUT", "/schemas/Load", unique, master=True)[0] == 200:
                break
        before = len(answers)
        while len(answers) < before + 200:
            time.sleep(0.02)
        counted = sql.SQL("SELECT count(*), count(DISTINCT data->'f') FROM {}").format(table)
        [(objects, values)] = connection.execute(counted).fetchall()
        assert objects == values
    assert [answer for status, answer in answers[before:] if status != 201].count(DUPLICATE) > 100
    assert [each for each in answers if each[0] != 201 and each[1] != DUPLICATE] == []
