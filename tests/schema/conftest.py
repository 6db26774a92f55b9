"""One application per test, without classes but those that exist from the start."""

from __future__ import annotations

from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import pytest

from parse_core.application import Application, applications
from parse_core.schema.changes import registry_change
from tests.schema.processes import started_together
from tests.support.client import ApiClient
from tests.support.server import LiveServer

OPTIONS: dict[str, Any] = {
    "appId": "schema",
    "masterKey": "master",
    "maintenanceKey": "maintenance",
    "readOnlyMasterKey": "read-only",
    "serverURL": "http://api.example/parse",
}


@pytest.fixture
def application(database_url: str) -> Iterator[Application]:
    application = applications.configure(OPTIONS)
    yield application
    drop_classes(application)
    applications.remove("schema")


@pytest.fixture
def api(application: Application) -> ApiClient:
    return ApiClient(application)


@pytest.fixture
def pair(database_url: str, request: pytest.FixtureRequest) -> Any:
    """Two servers of one application, started at the same time; the parameter holds more options."""
    identity = {"appId": f"pair-{token_hex(4)}", "masterKey": "master-of-both", "restAPIKey": "rest"}
    servers = [LiveServer({**identity, **getattr(request, "param", {})}) for _ in range(2)]
    try:
        started_together(*servers)
        yield servers
    finally:
        for server in servers:
            if hasattr(server, "log"):
                server.stop()
                server.folder.cleanup()


def drop_classes(application: Application) -> None:
    """Removes what a test made."""
    application.schemas.refresh()
    with registry_change(application) as change:
        for name in application.schemas:
            if not name.startswith("_"):
                change.drop(change.current(name))
