"""Applications are loaded and their classes brought about before a server says that it serves (`config.md` §12)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parse_core import configuration
from parse_core.application import Applications, applications
from parse_core.rest import reception
from parse_core.rest.views import server as health
from tests.schema.processes import ask, started_together
from tests.support.client import ApiClient
from tests.support.server import LiveServer

OPTIONS = {"appId": "slow", "masterKey": "m", "serverURL": "http://localhost/parse"}
DEFINED = [{"className": "Defined", "fields": {"f": {"type": "Number"}}}]


@pytest.fixture
def loading(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ApiClient, threading.Event]]:
    """A client of an application that is loaded once the event is set."""
    may_go_on = threading.Event()

    def slowly() -> Iterator[dict[str, Any]]:
        may_go_on.wait(20)
        yield OPTIONS

    existing = applications.configure(OPTIONS)
    monkeypatch.setattr(configuration, "configured", slowly)
    fresh = Applications()
    monkeypatch.setattr(reception, "applications", fresh)
    monkeypatch.setattr(health, "applications", fresh)
    fresh.begin()
    yield ApiClient(existing), may_go_on
    may_go_on.set()
    fresh.close()
    applications.remove("slow")


def test_until_then_it_is_starting(loading: tuple[ApiClient, threading.Event]) -> None:
    api, may_go_on = loading
    health = api.get("/health")
    assert (health.status, health.json, health.headers["retry-after"]) == (503, {"status": "starting"}, "1")
    refused = api.get("/classes/Post", master=True)
    assert (refused.status, refused.error) == (500, (1, "Invalid server state: starting"))
    may_go_on.set()
    for _ in range(200):
        if api.get("/health").status == 200:
            break
        threading.Event().wait(0.05)
    assert api.get("/health").json == {"status": "ok"}
    assert api.get("/classes/Post", master=True).status == 200


@pytest.mark.slow
def test_a_definition_that_cannot_be_brought_about_ends_the_start_with_its_reason(database_url: str) -> None:
    schema = {"definitions": [{"className": "Bad", "fields": {"f": {"type": "Nonsense"}}}]}
    server = LiveServer({"schema": schema})
    with pytest.raises(RuntimeError, match=r"Failed to run migrations: Bad: .*Nonsense"):
        server.__enter__()
    server.folder.cleanup()


@pytest.mark.slow
def test_of_a_server_with_two_workers_hooks_run_once_and_two_servers_agree(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = tmp_path / "noted"
    monkeypatch.setenv("NOTED_IN", str(noted))
    schema = {
        "definitions": DEFINED,
        "beforeMigration": "tests.process.noted.before",
        "afterMigration": "tests.process.noted.after",
    }
    with LiveServer({"schema": schema}, workers=2) as server:
        assert noted.read_text().split() == ["before", "after"]
        status, answer = ask(server, "GET", "/schemas/Defined", master=True)
        assert (status, answer["fields"]["f"]) == (200, {"type": "Number"})
        same = LiveServer({**server.options, "schema": schema})
        started_together(same)
        try:
            assert ask(same, "GET", "/schemas/Defined", master=True) == (status, answer)
        finally:
            same.__exit__()
