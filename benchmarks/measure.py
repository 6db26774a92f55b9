"""Measuring: rounds that alternate between the servers, and a pass that counts SQL statements."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from .calls import Client
from .data import Data
from .database import Database
from .load import generate
from .scenarios import Scenario
from .servers import Server

COUNTED = 15  # requests whose statements are counted
CACHES_FORGET = 6.0  # seconds; both servers keep sessions and roles for five
WARM_UP = 2.0  # seconds
IDLE_ATTEMPTS = 100  # of a tenth of a second


class WrongAnswer(Exception):
    """A server did not do the work of a scenario, so measuring it would tell nothing."""


@dataclass(frozen=True)
class Round:
    """One run of one scenario on one server: requests per second, CPU microseconds per request."""

    rate: float
    server_cpu: float
    database_cpu: float


@dataclass
class Subject:
    """A server under test, its data, and when each scenario ran there last."""

    server: Server
    database: Database
    data: Data

    def __post_init__(self) -> None:
        self.ended: dict[str, float] = defaultdict(float)

    def check(self, scenario: Scenario) -> None:
        """Sends one request. Raises WrongAnswer or CallFailed when the answer is not what the scenario is about."""
        answer = Client(self.server.port).send(scenario.calls(self.data)[0])
        self.ended[scenario.name] = time.monotonic()
        if not scenario.is_right(answer):
            message = f"{self.server.name}, {scenario.name}: {str(answer)[:500]}"
            raise WrongAnswer(message)

    def run(self, scenario: Scenario, seconds: float) -> Round:
        """Raises WrongAnswer when a request was refused."""
        requests = [call.raw() for call in scenario.calls(self.data)]
        self._rest(scenario)
        self._wait_until_idle()
        server, database = self.server.cpu_seconds(), self.database.cpu_seconds()
        load = generate(self.server.port, requests, seconds=seconds, once=scenario.once)
        server, database = self.server.cpu_seconds() - server, self.database.cpu_seconds() - database
        self.ended[scenario.name] = time.monotonic()
        if load.refused or load.broken or not load.answered:
            message = f"{self.server.name}, {scenario.name}: {load}"
            raise WrongAnswer(message)
        return Round(load.rate, 1e6 * server / load.answered, 1e6 * database / load.answered)

    def count(self, scenario: Scenario) -> float:
        """SQL statements per request: the median over requests sent one by one, with caches as the scenario wants."""
        calls = scenario.calls(self.data)
        client, name = Client(self.server.port), self.server.database
        if not scenario.once:
            for call in calls[:COUNTED]:
                client.send(call)
        self._rest(scenario)
        counts = []
        with self.database.logging():
            for call in calls[-COUNTED:]:
                before = self.database.statements(name)
                client.send(call)
                counts.append(self.database.statements(name) - before)
        self.ended[scenario.name] = time.monotonic()
        return median(counts)

    def _rest(self, scenario: Scenario) -> None:
        if scenario.once:
            time.sleep(max(0.0, self.ended[scenario.name] + CACHES_FORGET - time.monotonic()))

    def _wait_until_idle(self) -> None:
        """Until what earlier rounds left behind, requests given up by the load generator above all, is done."""
        for _attempt in range(IDLE_ATTEMPTS):
            before = self.server.cpu_seconds() + self.database.cpu_seconds()
            time.sleep(0.1)
            if self.server.cpu_seconds() + self.database.cpu_seconds() - before < 0.02:
                return


def interleaved(subjects: Sequence[Subject], scenario: Scenario, *, rounds: int, seconds: float) -> list[list[Round]]:
    """The rounds of each server. They take turns, and each begins as often as the others."""
    for subject in subjects:
        subject.database.settle(subject.server.database)
        subject.run(scenario, WARM_UP)
    found: list[list[Round]] = [[] for _ in subjects]
    for number in range(rounds):
        order = list(range(len(subjects)))
        for index in order if number % 2 == 0 else reversed(order):
            found[index].append(subjects[index].run(scenario, seconds))
    note(f"{scenario.name}: " + ", ".join(summary(each) for each in found))
    return found


def summary(rounds: Sequence[Round]) -> str:
    return f"{median(it.rate for it in rounds):.0f}/s at {median(it.server_cpu for it in rounds):.0f} µs"


def note(text: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(f"{text}\n")
