"""Growth: the same requests, matching the same number of rows, in a class of 10,000 and one of 1,000,000 objects.

And a small class among 10 and among 10,000 of them. Writes SCALE.md.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from parse_core.store.tables import create_class_table

from . import database, servers
from .calls import APP_ID, Call, Client
from .data import create_all
from .machine import description
from .measure import note

SCALE = Path(__file__).with_name("SCALE.md")
SMALL, LARGE = 10_000, 1_000_000
MATCHES = 100
AUTHORS = 100
CLASSES = 10_000
WARM, ASKED = 40, 200
LIMIT = 2.0
TYPES = {"title": "String", "body": "String", "tags": "Array", "place": "GeoPoint"}
TYPES |= dict.fromkeys(("group", "rank", "other"), "Number")
FIELDS: dict[str, dict[str, str]] = {name: {"type": kind} for name, kind in TYPES.items()}
FIELDS["author"] = {"type": "Pointer", "targetClass": "Author"}
INDEXES = {"rank": {"rank": 1}, "place": {"place": "2dsphere"}, "newest": {"group": 1, "createdAt": -1}}
FILL = """
    INSERT INTO {table} (object_id, data)
    SELECT 'o' || i, jsonb_build_object(
        'objectId', 'o' || i, 'createdAt', moment, 'updatedAt', moment,
        'title', 'title ' || i, 'body', repeat(md5(i::text) || ' ', 5), 'group', cluster, 'other', cluster,
        'rank', i::bigint * 7919 % {rows}, 'tags', jsonb_build_array('t' || cluster, 'u' || i % 7),
        'author', jsonb_build_object(
            '__type', 'Pointer', 'className', 'Author', 'objectId', (%s::text[])[1 + i % {authors}]),
        'place', jsonb_build_object(
            '__type', 'GeoPoint', 'latitude', cluster % 100 * 1.5 - 75, 'longitude', cluster / 100 * 1.5 - 75))
    FROM generate_series(1, {rows}) i,
        LATERAL (SELECT i % {clusters}) AS c(cluster),
        to_char(timestamp '2020-01-01' + i * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS.000"Z"') moment
"""


@dataclass(frozen=True)
class Class:
    """A class under measurement. A cluster is what its objects have in common: `MATCHES` objects each."""

    name: str
    rows: int

    @property
    def clusters(self) -> int:
        return self.rows // MATCHES


Question = Callable[[Class, int], Call]


def find(it: Class, **query: Any) -> Call:
    return Call("GET", f"/classes/{it.name}", query={"limit": str(MATCHES), **query})


def near(it: Class, cluster: int) -> Call:
    place = {"__type": "GeoPoint", "latitude": cluster % 100 * 1.5 - 75, "longitude": cluster // 100 * 1.5 - 75}
    return find(it, where={"place": {"$nearSphere": place, "$maxDistanceInKilometers": 10}})


QUESTIONS: dict[str, Question] = {
    "get by id": lambda it, n: Call("GET", f"/classes/{it.name}/o{n + 1}"),
    "equality, index on everything": lambda it, n: find(it, where={"other": n}),
    "equality, declared index": lambda it, n: find(it, where={"group": n}),
    "equality, newest first": lambda it, n: find(it, where={"group": n}, order="-createdAt"),
    "range, order, limit": lambda it, n: find(it, where={"rank": {"$gte": n, "$lt": n + MATCHES}}, order="rank"),
    "order, limit, no condition": lambda it, _n: find(it, order="-rank"),
    "include": lambda it, n: find(it, where={"other": n}, include="author"),
    "array contains": lambda it, n: find(it, where={"tags": f"t{n}"}),
    "near": near,
    "count, filtered": lambda it, n: find(it, where={"other": n}, count="1", limit="0"),
    "count, unfiltered, master": lambda it, _n: Call(
        "GET", f"/classes/{it.name}", query={"count": "1", "limit": "0"}, as_master=True
    ),
    "create": lambda it, _n: Call("POST", f"/classes/{it.name}", {"title": "new", "rank": -1, "group": -1}),
    "update": lambda it, n: Call("PUT", f"/classes/{it.name}/o{n + 1}", {"title": "changed"}),
}
AMONG_CLASSES = ("get by id", "equality, declared index", "create", "update")


def run() -> str:
    """The report."""
    with ExitStack() as stack:
        server, _, classes = started(stack, SMALL, LARGE)
        rows = [compared(name, [(server.port, it) for it in classes]) for name in QUESTIONS]
        other, other_url, (small,) = started(stack, SMALL)
        note(f"making {CLASSES} classes")
        make_classes(other_url)
        time.sleep(2)  # the server hears of them
        sides = [(server.port, classes[0]), (other.port, small)]
        return report(server.version, rows, [compared(name, sides) for name in AMONG_CLASSES])


def started(stack: ExitStack, *sizes: int) -> tuple[servers.Server, str, list[Class]]:
    """A server on a database of its own, the address of that, and classes of these sizes in it."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scale-", ignore_cleanup_errors=True)))
    folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
    base = stack.enter_context(database.started(folder))
    server = stack.enter_context(servers.ours(base, folder))
    classes = [Class("Large" if rows == LARGE else "Small", rows) for rows in sizes]
    url = base.url(server.database)
    store(server.port, url, classes)
    base.settle(server.database)
    for it in classes:
        Client(server.port).send(Call("PUT", f"/schemas/{it.name}", {"indexes": INDEXES}, as_master=True))
    base.settle(server.database)
    return server, url, classes


def store(port: int, url: str, classes: Sequence[Class]) -> None:
    """Makes the classes and fills them."""
    authors = create_all(Client(port), "Author", ({"name": f"author {n}", "born": n} for n in range(AUTHORS)))
    for it in classes:
        note(f"storing {it.rows} objects")
        # A connection each time: the server has closed those that were quiet for so long
        Client(port).send(Call("POST", f"/schemas/{it.name}", {"fields": FIELDS}, as_master=True))
        with psycopg.connect(url, autocommit=True) as connection:
            table = f'"{namespace(connection)}"."{it.name}"'
            fill = FILL.format(table=table, rows=it.rows, clusters=it.clusters, authors=AUTHORS)
            fill = fill.replace("%", "%%").replace("%%s::text[]", "%s::text[]")
            connection.execute(fill, (authors,))


def namespace(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute("SELECT namespace FROM parse_application WHERE application_id = %s", (APP_ID,)).fetchone()
    assert row is not None  # noqa: S101
    return str(row[0])


def compared(name: str, sides: Sequence[tuple[int, Class]]) -> tuple[str, float, float]:
    """Median milliseconds of both sides, each the port of a server and a class there, asked in turns."""
    dice = random.Random(11)  # noqa: S311
    asked = [(Client(port), it, []) for port, it in sides]  # type: list[tuple[Client, Class, list[float]]]
    found: list[int] = []
    for turn in range(WARM + ASKED):
        found = []
        for client, it, times in asked:
            call = QUESTIONS[name](it, dice.randrange(it.clusters))
            begun = time.perf_counter()
            answer = client.send(call)
            if turn >= WARM:
                times.append((time.perf_counter() - begun) * 1000)
            found.append(len(answer.get("results", ())) or answer.get("count", 1))
    note(f"{name}: {found}")
    first, second = (statistics.median(times) for _, _, times in asked)
    return name, first, second


def make_classes(url: str) -> None:
    """Many further classes, as if they had been made one by one."""
    with psycopg.connect(url, autocommit=True) as connection:
        schema = namespace(connection)
        for number in range(CLASSES):
            table = f"Class{number}"
            for statement in create_class_table(schema, table):
                connection.execute(statement.text)
        connection.execute(
            "INSERT INTO parse_class (application_id, name, table_name, fields, indexes, version)"
            " SELECT application_id, 'Class' || n, 'Class' || n, '{\"a\": {\"type\": \"String\"}}', '{}',"
            " schema_version + 1"
            " FROM parse_application, generate_series(0, %s) n WHERE application_id = %s",
            (CLASSES - 1, APP_ID),
        )
        connection.execute("UPDATE parse_application SET schema_version = schema_version + 1")


def report(version: str, rows: list[tuple[str, float, float]], classes: list[tuple[str, float, float]]) -> str:
    """Markdown."""
    lines = [
        "# Scale",
        "",
        f"Our server ({version}) on {description()}.",
        f"Median milliseconds of {ASKED} requests, one at a time over HTTP, each with other operands; finds match",
        f"{MATCHES} objects of about 700 bytes. Both sides are asked in turns: what else the machine does slows down",
        f"both alike (its load average was {os.getloadavg()[1]:.1f}). `python -m benchmarks --scale` writes this.",
        "",
        f"| request | {SMALL:,} objects | {LARGE:,} objects | ratio | |",
        "|---|--:|--:|--:|---|",
    ]
    lines += [f"| {n} | {a:.2f} | {b:.2f} | {b / a:.2f} | {verdict(b / a)} |" for n, a, b in rows]
    lines += ["", f"| request | 10 classes | {CLASSES:,} classes | ratio | |", "|---|--:|--:|--:|---|"]
    lines += [f"| {n} | {a:.2f} | {b:.2f} | {b / a:.2f} | {verdict(b / a)} |" for n, a, b in classes]
    return "\n".join(lines) + "\n"


def verdict(ratio: float) -> str:
    return "" if ratio <= LIMIT else f"more than {LIMIT:g} times"
