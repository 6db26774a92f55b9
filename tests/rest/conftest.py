"""One application per test: its options can be changed by `configure` and are the plain ones again in the next test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from parse_core.application import Application, applications
from parse_core.rest.routes import routes
from tests.rest.echo import EchoView
from tests.support.client import ApiClient

OPTIONS: dict[str, Any] = {
    "appId": "rest",
    "masterKey": "master",
    "maintenanceKey": "maintenance",
    "readOnlyMasterKey": "read-only",
    "serverURL": "http://api.example/parse",
    "allowClientClassCreation": True,
    "allowCustomObjectId": True,
}

Configure = Callable[..., Application]


@pytest.fixture
def configure(database_url: str) -> Iterator[Configure]:
    """Gives the application other options: `configure(restAPIKey="rest")`."""
    yield lambda **options: applications.configure({**OPTIONS, **options})
    applications.remove("rest")


@pytest.fixture
def api(configure: Configure) -> ApiClient:
    """A client of an application without client keys that lets clients make classes."""
    return ApiClient(configure())


@pytest.fixture
def echo() -> Iterator[None]:
    """Routes `/echo` and `/echo/<name>` that answer what they were called with."""
    with routes.temporarily("echo", EchoView), routes.temporarily("echo/<name...>", EchoView):
        yield
