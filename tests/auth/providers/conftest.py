"""What tests of providers share: services that answer as told, and an application that is told where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.auth.conftest import Configure
from tests.auth.providers.fake import FakeServer, Services
from tests.support.client import ApiClient, Reply

SignIn = Callable[..., Reply]


@pytest.fixture
def services() -> Iterator[Services]:
    server = FakeServer()
    yield server.services
    server.close()


@pytest.fixture
def use(configure: Configure, api: ApiClient, services: Services) -> Callable[..., None]:
    """Configures one provider: `use("github", clientId="id")`, application options with `_options`."""

    def apply(name: str, _options: dict[str, Any] | None = None, **options: Any) -> None:
        configure(auth={name: {"baseUrls": services.url, **options}}, **(_options or {}))

    return apply


@pytest.fixture
def sign_in(api: ApiClient) -> SignIn:
    return lambda name, data, **how: api.post("/users", {"authData": {name: data}}, **how)
