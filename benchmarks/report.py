"""The table of results, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from .machine import description
from .measure import Round
from .scenarios import Scenario

HEAD = """# Our server beside the reference

{date}, {machine}. PostgreSQL {postgresql}, the same for both, with default durability.

| | |
| --- | --- |
{servers}

One worker process pinned to one core; database and load generator on another; {connections} kept-alive connections;
medians of {rounds} interleaved rounds of {seconds:g} s. *Ratio*: our requests per second ÷ the reference's, median of
the rounds, with the lowest and highest in brackets; bold below the floor. *CPU*: microseconds per request, of the
server's processes and (*db*) of PostgreSQL's; its ratio is the reference's ÷ ours, and suffers less from whatever else
the machine does. *SQL*: statements per request, transaction control included. How it is done: [README.md](README.md).

"""

QUIET = 0.1  # of a core

COLUMNS = (
    "work",
    "ratio",
    "floor",
    "goal",
    "CPU ratio",
    "ours /s",
    "ref /s",
    "ours CPU",
    "ref CPU",
    "ours db",
    "ref db",
    "ours SQL",
    "ref SQL",
    "budget",
)


@dataclass(frozen=True)
class Run:
    """Under which conditions it was measured. `servers`: their versions by name."""

    servers: dict[str, str]
    postgresql: str
    connections: int
    rounds: int
    seconds: float
    disturbance: float  # how much of one core everything else on the machine used meanwhile, 1 for the whole of it


@dataclass(frozen=True)
class Row:
    """What was found for one scenario. A server that was left out, or could not do the work, has no rounds."""

    scenario: Scenario
    ours: Sequence[Round]
    reference: Sequence[Round]
    our_statements: float | None
    reference_statements: float | None

    @property
    def pairs(self) -> list[tuple[Round, Round]]:
        """Our round and the reference's beside it."""
        return list(zip(self.ours, self.reference, strict=False))

    @property
    def cells(self) -> list[str]:
        return [
            self.scenario.name,
            ratio([mine.rate / theirs.rate for mine, theirs in self.pairs], self.scenario.floor),
            number(self.scenario.floor, "g"),
            number(self.scenario.goal, "g"),
            ratio([theirs.server_cpu / mine.server_cpu for mine, theirs in self.pairs]),
            *(middle(rounds, "rate") for rounds in (self.ours, self.reference)),
            *(middle(rounds, "server_cpu") for rounds in (self.ours, self.reference)),
            *(middle(rounds, "database_cpu") for rounds in (self.ours, self.reference)),
            number(self.our_statements, "g"),
            number(self.reference_statements, "g"),
            str(self.scenario.budget),
        ]


def markdown(rows: Sequence[Row], run: Run) -> str:
    head = HEAD.format(
        date=datetime.now(UTC).date(),
        machine=description(),
        postgresql=run.postgresql,
        servers="\n".join(f"| {name} | {version} |" for name, version in run.servers.items()),
        connections=run.connections,
        rounds=run.rounds,
        seconds=run.seconds,
    )
    if run.disturbance > QUIET:
        head += f"**Not a quiet machine**: other programs used {run.disturbance:.0%} of a core meanwhile.\n\n"
    lines = [COLUMNS, ["---"] * len(COLUMNS), *(row.cells for row in rows)]
    return head + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def ratio(ratios: Sequence[float], floor: float | None = None) -> str:
    """For example `2.10 (2.00-2.30)`, bold when it is below the floor."""
    if not ratios:
        return ""
    middle = median(ratios)
    text = f"{middle:.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    return f"**{text}**" if floor is not None and middle < floor else text


def middle(rounds: Sequence[Round], attribute: str) -> str:
    return number(median(getattr(it, attribute) for it in rounds) if rounds else None, ",.0f")


def number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
