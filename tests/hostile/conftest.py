"""One application per file, empty at its beginning; its options can be changed by `configure` for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from parse_auth import passwords
from parse_core.application import Application, applications
from tests.auth.mailing import Mailbox, sending
from tests.auth.people import Person, sign_up
from tests.support.client import ApiClient

OPTIONS: dict[str, Any] = {
    "appId": "hostile",
    "masterKey": "master-key-nobody-knows",
    "maintenanceKey": "maintenance-key-nobody-knows",
    "readOnlyMasterKey": "read-only-key-nobody-knows",
    "serverURL": "http://api.example/parse",
    "allowClientClassCreation": True,
    **sending(Mailbox()),
    "publicServerURL": "http://api.example/parse",
}

Configure = Callable[..., Application]


@pytest.fixture(scope="module")
def cheap_hashes() -> Iterator[None]:
    """Hashes of a cost that tests can afford."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_COST", 4)
        yield


@pytest.fixture(scope="module")
def application(database_url: str, cheap_hashes: None) -> Iterator[Application]:
    """The application under attack, without objects."""
    made = applications.configure(OPTIONS)
    made.reset()
    yield made
    applications.remove(made.id)


@pytest.fixture
def configure(application: Application) -> Iterator[Configure]:
    """Gives the application other options until the end of the test."""
    yield lambda **options: applications.configure({**OPTIONS, **options})
    applications.configure(OPTIONS)


@pytest.fixture
def api(application: Application) -> ApiClient:
    """A client nobody knows."""
    return ApiClient(application)


@pytest.fixture(scope="module")
def ann(application: Application) -> Person:
    return sign_up(ApiClient(application), "ann", email="ann@example.com")


@pytest.fixture(scope="module")
def bob(application: Application) -> Person:
    return sign_up(ApiClient(application), "bob", email="bob@example.com")
