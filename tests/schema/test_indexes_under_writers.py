"""An index of a large class is built while the class is written to: nobody waits for it, and it holds every row."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from parse_core.application import Application
from parse_core.schema import built_indexes
from parse_core.store.sql import Sql
from tests.support.client import ApiClient

pytestmark = pytest.mark.slow

ROWS = 20_000
WRITERS = 3
LONGEST = 0.5  # of the time the building takes, for one write
FILL = """
    INSERT INTO {table} (object_id, data)
    SELECT 'o' || i, jsonb_build_object('objectId', 'o' || i, 'createdAt', '2026-01-01T00:00:00.000Z',
        'updatedAt', '2026-01-01T00:00:00.000Z', 'n', i, 'text', 'old ' || repeat('word' || i || ' coffee ', 20))
    FROM generate_series(1, {rows}) i
"""
INDEXES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"text": "text"}, {"text": {"$text": {"$search": {"$term": "written"}}}}),
    ({"text": "text", "n": 1, "$language": "de"}, {"n": {"$lt": 0}}),
]


class Writer(threading.Thread):
    """Creates, changes and deletes until `over`; keeps the ids of what it left and how long its writes took."""

    def __init__(self, api: ApiClient, number: int, over: threading.Event) -> None:
        super().__init__()
        self.api, self.number, self.over = api, number, over
        self.left: set[str] = set()
        self.times: list[tuple[float, float]] = []  # when a write began, and its seconds
        self.failed: list[Any] = []

    def run(self) -> None:
        turn = 0
        while not self.over.is_set():
            turn += 1
            made = self.timed("POST", "/classes/Big", {"n": -turn, "text": f"written by {self.number}"}, 201)
            self.timed("PUT", f"/classes/Big/o{self.number * 1000 + turn}", {"n": -1, "text": "written anew"}, 200)
            self.timed("DELETE", f"/classes/Big/o{10_000 + self.number * 1000 + turn}", None, 200)
            self.left |= {made["objectId"], f"o{self.number * 1000 + turn}"}

    def timed(self, method: str, path: str, body: Any, status: int) -> Any:
        began = time.monotonic()
        reply = self.api.request(method, path, body, master=True)
        self.times.append((began, time.monotonic() - began))
        if reply.status != status:
            self.failed.append(reply.body)
        return reply.json


@pytest.mark.parametrize(("index", "where"), INDEXES, ids=["text", "compound"])
def test_writers_go_on_and_all_they_write_is_found(
    api: ApiClient, application: Application, monkeypatch: pytest.MonkeyPatch, index: Any, where: Any
) -> None:
    monkeypatch.setattr(built_indexes, "LARGE", 100)
    api.post("/schemas/Big", {"fields": {"n": {"type": "Number"}, "text": {"type": "String"}}}, master=True)
    table = f'{application.namespace}."Big"'
    application.database.fetch(Sql(FILL.format(table=table, rows=ROWS)))
    application.database.fetch(Sql(f"ANALYZE {table}"))
    over = threading.Event()
    writers = [Writer(api, number, over) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(0.3)
    began = time.monotonic()
    reply = api.put("/schemas/Big", {"indexes": {"i": index}}, master=True)
    taken = time.monotonic() - began
    over.set()
    for writer in writers:
        writer.join()
    assert reply.status == 200, reply.body
    assert [writer.failed for writer in writers] == [[]] * WRITERS
    during = [seconds for writer in writers for start, seconds in writer.times if began <= start <= began + taken]
    assert len(during) > 10 * WRITERS
    assert max(during) < LONGEST * taken, (max(during), taken)

    left = set().union(*(writer.left for writer in writers))
    assert scanned(api, where, by_index=True) == scanned(api, where, by_index=False) == left


def scanned(api: ApiClient, where: Any, *, by_index: bool) -> set[str]:
    """The ids a query finds with the new index, or without any."""
    database = api.application.database
    name = database.conninfo.split("dbname=")[1].split()[0]
    settings = ["enable_seqscan"] if by_index else ["enable_indexscan", "enable_bitmapscan"]
    for setting in settings:
        database.fetch(Sql(f'ALTER DATABASE "{name}" SET {setting} = off'))
    database.close()  # connections to come have the setting
    try:
        query = {"where": where, "limit": 100_000, "keys": "objectId"}
        found = api.get("/classes/Big", query=query, master=True).json["results"]
        return {each["objectId"] for each in found}
    finally:
        for setting in settings:
            database.fetch(Sql(f'ALTER DATABASE "{name}" RESET {setting}'))
        database.close()
