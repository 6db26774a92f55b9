"""What Cloud Code in Python costs: saves of a class with a `before_save` beside those of one without.

Requests are sent one at a time, in turns. Writes HANDLERS.md.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from . import database, servers
from .calls import Call, Client
from .data import written
from .machine import description
from .measure import note

RESULTS: Final = Path(__file__).with_name("HANDLERS.md")
HANDLERS: Final = Path(__file__).with_name("handlers.py")
WARM, ASKED = 100, 1500
LIMIT: Final = 1.3  # times as long as a save without a handler, as `def`
CLASSES: Final = {"without": "Plain", "def": "Handled", "async def": "HandledLater"}
Times = dict[str, list[float]]


def run() -> str:
    """The report."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="cloud-code-", ignore_cleanup_errors=True))
        )
        folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
        base = stack.enter_context(database.started(folder))
        options = {"PARSE_SERVER_CLOUD": str(HANDLERS), "PARSE_SERVER_LOG_LEVEL": "error"}
        server = stack.enter_context(servers.ours(base, folder, options))
        client = Client(server.port)
        rows = {"create": creates(client), "update": updates(client), "function": functions(client)}
        return report(server.version, rows)


def creates(client: Client) -> Times:
    dice = random.Random(3)  # noqa: S311 - repeatable
    return in_turns(
        client,
        {how: lambda name=name: Call("POST", f"/classes/{name}", written(dice)) for how, name in CLASSES.items()},
    )


def updates(client: Client) -> Times:
    dice = random.Random(4)  # noqa: S311 - repeatable
    paths = {
        how: f"/classes/{name}/{client.send(Call('POST', f'/classes/{name}', written(dice)))['objectId']}"
        for how, name in CLASSES.items()
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
