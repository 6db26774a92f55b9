"""What Cloud Code costs: saves of a class with a `before_save` beside those of one without.

Requests are sent one at a time, in turns. Writes HANDLERS.md.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from . import database, servers
from .calls import Call, Client
from .data import written
from .machine import description
from .measure import note

RESULTS: Final = Path(__file__).with_name("HANDLERS.md")
HANDLERS: Final = Path(__file__).with_name("handlers.py")
IN_JAVASCRIPT: Final = HANDLERS.with_suffix(".js")
WARM, ASKED = 100, 1500
LIMIT: Final = 1.3  # times as long as a save without a handler, as `def`
LIMIT_OF_JAVASCRIPT: Final = 3.0  # milliseconds more than a save without a handler
CLASSES: Final = {"without": "Plain", "def": "Handled", "async def": "HandledLater"}
CLASSES_IN_JAVASCRIPT: Final = {"without": "Plain", "with": "Handled", "with a query": "HandledAsking"}
Times = dict[str, list[float]]


def run() -> str:
    """The report."""
    with served(HANDLERS) as (client, version):
        rows = {"create": creates(client), "update": updates(client), "function": functions(client)}
    with served(IN_JAVASCRIPT) as (client, _version):
        in_javascript = {
            "create": creates(client, CLASSES_IN_JAVASCRIPT),
            "update": updates(client, CLASSES_IN_JAVASCRIPT),
            "function": in_turns(client, {"with": lambda: Call("POST", "/functions/nothing", {})}),
        }
    return report(version, rows) + report_of_javascript(in_javascript)


@contextmanager
def served(cloud: Path) -> Iterator[tuple[Client, str]]:
    """A client of our server with this Cloud Code, on an empty database, and the server's version."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="cloud-code-", ignore_cleanup_errors=True))
        )
        folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
        base = stack.enter_context(database.started(folder))
        options = {"PARSE_SERVER_CLOUD": str(cloud), "PARSE_SERVER_LOG_LEVEL": "error"}
        server = stack.enter_context(servers.ours(base, folder, options))
        yield Client(server.port), server.version


def creates(client: Client, classes: Mapping[str, str] = CLASSES) -> Times:
    dice = random.Random(3)  # noqa: S311 - repeatable
    return in_turns(
        client,
        {how: lambda name=name: Call("POST", f"/classes/{name}", written(dice)) for how, name in classes.items()},
    )


def updates(client: Client, classes: Mapping[str, str] = CLASSES) -> Times:
    dice = random.Random(4)  # noqa: S311 - repeatable
    paths = {
        how: f"/classes/{name}/{client.send(Call('POST', f'/classes/{name}', written(dice)))['objectId']}"
        for how, name in classes.items()
    }
    return in_turns(client, {how: lambda path=path: Call("PUT", path, written(dice)) for how, path in paths.items()})


def functions(client: Client) -> Times:
    names = {"def": "nothing", "async def": "nothing_later"}
    return in_turns(
        client, {how: lambda name=name: Call("POST", f"/functions/{name}", {}) for how, name in names.items()}
    )


def in_turns(client: Client, calls: dict[str, object]) -> Times:
    """Milliseconds of each request."""
    times: Times = {how: [] for how in calls}
    for turn in range(WARM + ASKED):
        for how, make in calls.items():
            call = make()  # type: ignore[operator]
            started = time.perf_counter()
            client.send(call)
            if turn >= WARM:
                times[how].append((time.perf_counter() - started) * 1000)
    note(", ".join(f"{how} {statistics.median(each):.3f} ms" for how, each in times.items()))
    return times


def report(version: str, rows: dict[str, Times]) -> str:
    """Markdown."""
    lines = [
        "# Cloud Code in Python",
        "",
        f"Our server ({version}) on {description()}.",
        f"Median milliseconds of {ASKED:,} requests over HTTP, one at a time and in turns. The `before_save` sets two",
        f"fields. `def` is held to {LIMIT} times as long as without. An update costs one statement more with it, to",
        "read the object first. `python -m benchmarks --handlers` writes this.",
        "",
        "| request | without | `def` | ratio | `async def` | ratio |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, times in rows.items():
        medians = {how: statistics.median(each) for how, each in times.items()}
        plain = medians.get("without")
        cells = [f"{plain:.2f}" if plain else ""]
        for how in ("def", "async def"):
            ratio = medians[how] / plain if plain else None
            missed = "" if ratio is None or how != "def" or ratio <= LIMIT else " (missed)"
            cells += [f"{medians[how]:.2f}", f"{ratio:.2f}{missed}" if ratio else ""]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def report_of_javascript(rows: dict[str, Times]) -> str:
    """Markdown."""
    lines = [
        "",
        "# Cloud Code in JavaScript",
        "",
        f"The same with a `beforeSave` in `main.js`, which may add {LIMIT_OF_JAVASCRIPT:.0f} ms, and with one that",
        "first asks the server for an object.",
        "",
        "| request | without | with | added | with a query | added |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, times in rows.items():
        medians = {how: statistics.median(each) for how, each in times.items()}
        plain = medians.get("without")
        cells = [f"{plain:.2f}" if plain else ""]
        for how in ("with", "with a query"):
            added = medians[how] - plain if plain and how in medians else None
            missed = "" if added is None or how != "with" or added <= LIMIT_OF_JAVASCRIPT else " (missed)"
            cells += [f"{medians[how]:.2f}" if how in medians else "", "" if added is None else f"{added:.2f}{missed}"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
