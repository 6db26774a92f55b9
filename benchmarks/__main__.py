"""`python -m benchmarks`: measures and writes RESULTS.md."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from . import database, handler_cost, report, scale, servers
from .calls import CallFailed, Client
from .data import store
from .load import CONNECTIONS
from .machine import OTHER_CORE, foreign_cpu_seconds
from .measure import Subject, WrongAnswer, interleaved, note
from .processes import StartFailed
from .report import Row, Run
from .scenarios import SCENARIOS, Scenario

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    options = arguments()
    if OTHER_CORE not in os.sched_getaffinity(0):
        sys.exit("Two cores are needed: one for the server, one for the database and the load.")
    if options.scale:
        scale.SCALE.write_text(text := scale.run())
        sys.stdout.write(text)
        return
    if options.handlers:
        handler_cost.RESULTS.write_text(text := handler_cost.run())
        sys.stdout.write(text)
        return
    chosen = [it for it in SCENARIOS if not options.only or any(word in it.name for word in options.only)]
    try:
        text = compare(options, chosen)
    except (StartFailed, CallFailed) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    sys.stdout.write(text)
    whole = options.server == "both" and not options.only
    if path := options.output or (RESULTS if whole else None):
        path.write_text(text)


def compare(options: argparse.Namespace, chosen: list[Scenario]) -> str:
    """The whole report. Everything that is started ends with it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True)))
        folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
        base = stack.enter_context(database.started(folder))
        subjects = {}
        if options.server != "reference":
            subjects["ours"] = subject(stack.enter_context(servers.ours(base, folder)), base)
        if options.server != "ours":
            installation = servers.install_reference(options.reference)
            subjects["reference"] = subject(stack.enter_context(servers.reference(base, folder, installation)), base)
        started, foreign = time.monotonic(), foreign_cpu_seconds()
        rows = [measured(subjects, scenario, options) for scenario in chosen]
        disturbance = (foreign_cpu_seconds() - foreign) / (time.monotonic() - started)
        versions = {name: it.server.version for name, it in subjects.items()}
        run = Run(versions, base.version(), CONNECTIONS, options.rounds, options.seconds, disturbance)
        return report.markdown(rows, run)


def subject(server: servers.Server, base: database.Database) -> Subject:
    note(f"storing the data of {server.name}")
    return Subject(server, base, store(Client(server.port)))


def measured(subjects: dict[str, Subject], scenario: Scenario, options: argparse.Namespace) -> Row:
    """The row of one scenario. A server that cannot do it yet is left out, with a note."""
    able: dict[str, Subject] = {}
    for name, each in subjects.items():
        try:
            each.check(scenario)
        except (WrongAnswer, CallFailed) as error:
            note(f"{name} left out of {scenario.name}: {error}")
        else:
            able[name] = each
    found = interleaved(list(able.values()), scenario, rounds=options.rounds, seconds=options.seconds)
    rounds = dict(zip(able, found, strict=True))
    counted = {name: each.count(scenario) for name, each in able.items()}
    return Row(
        scenario,
        rounds.get("ours", []),
        rounds.get("reference", []),
        counted.get("ours"),
        counted.get("reference"),
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Our server beside the reference.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each server and scenario")
    parser.add_argument("--seconds", type=float, default=3, help="length of a round")
    parser.add_argument("--only", action="append", metavar="WORD", help="scenarios whose name contains the word")
    parser.add_argument("--server", choices=["both", "ours", "reference"], default="both")
    parser.add_argument(
        "--reference", type=Path, default=servers.REFERENCE, help="where parse-server is, or will be, installed"
    )
    parser.add_argument("--scale", action="store_true", help="10,000 and 1,000,000 objects instead; writes SCALE.md")
    parser.add_argument("--handlers", action="store_true", help="what Cloud Code costs instead; writes HANDLERS.md")
    parser.add_argument("--output", type=Path, help=f"file for the report; a whole run writes {RESULTS.name}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
