"""One application, empty at the start of each test; its options can be changed by `configure`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from parse_auth import passwords
from parse_core.application import Application, applications
from tests.auth.people import Person, sign_up
from tests.support.client import ApiClient

OPTIONS: dict[str, Any] = {
    "appId": "auth",
    "masterKey": "master",
    "maintenanceKey": "maintenance",
    "readOnlyMasterKey": "read-only",
    "serverURL": "http://api.example/parse",
    "allowClientClassCreation": True,
}

Configure = Callable[..., Application]


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of a cost that tests can afford."""
    monkeypatch.setattr(passwords, "_COST", 4)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """A page is looked for in every application of the process: those of other tests step aside."""
    others = {name: applications._applications.pop(name) for name in list(applications) if name != OPTIONS["appId"]}
    yield
    applications._applications.update(others)


@pytest.fixture
def configure(database_url: str) -> Configure:
    """Gives the application other options until the next test: `configure(enableAnonymousUsers=False)`."""
    return lambda **options: applications.configure({**OPTIONS, **options})


@pytest.fixture
def api(configure: Configure) -> ApiClient:
    """A client of the application, which knows nobody yet."""
    application = configure()
    application.reset()
    return ApiClient(application)


@pytest.fixture
def ann(api: ApiClient) -> Person:
    return sign_up(api, "ann")


@pytest.fixture
def bob(api: ApiClient) -> Person:
    return sign_up(api, "bob")
