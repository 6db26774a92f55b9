"""An application whose Cloud Code is the test itself: calls of the SDK run for it, on behalf of nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from parse_cloud import User
from parse_cloud.author.current import Current, acting
from parse_cloud.author.sdk import subclasses
from parse_core.application import Application, applications

OPTIONS: dict[str, Any] = {
    "appId": "sdk-python",
    "masterKey": "master",
    "serverURL": "http://api.example/parse",
    "allowClientClassCreation": True,
}


@pytest.fixture
def configure(database_url: str) -> Iterator[Callable[..., Application]]:
    """Configures the application of these tests: `configure(allowCustomObjectId=True)`."""
    yield lambda **options: applications.configure({**OPTIONS, **options})
    applications.remove(OPTIONS["appId"])


@pytest.fixture(autouse=True)
def application(configure: Callable[..., Application]) -> Iterator[Application]:
    """Without data, and current."""
    application = configure()
    application.reset()
    with acting(Current.of(application)):
        yield application


@pytest.fixture(autouse=True)
def only_the_servers_own_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes that other tests define as they are imported stand for theirs everywhere, but not in these tests."""
    own = {name: kind for name, kind in subclasses._shared.items() if kind.__module__.startswith("parse_cloud.")}
    monkeypatch.setattr(subclasses, "_shared", own)


@pytest.fixture
def sign_up() -> Callable[[str], User]:
    """A new user with a session."""

    def signed_up(name: str) -> User:
        User(username=name, password="secret").sign_up()
        return User.log_in(name, "secret")

    return signed_up
