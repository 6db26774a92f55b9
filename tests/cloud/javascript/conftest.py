"""Applications whose Cloud Code is JavaScript: real Node processes, one per application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from parse_core.application import applications
from tests.support.client import ApiClient
from tests.support.node import need_node

CODE = Path(__file__).parent / "code"
KEYS = {"masterKey": "master", "readOnlyMasterKey": "read-only", "maintenanceKey": "maintenance"}

_numbers = count()

Serve = Callable[..., ApiClient]


@pytest.fixture(scope="session")
def node() -> None:
    """Node with the bridge's packages."""
    need_node()


@pytest.fixture(scope="module")
def serve(database_url: str, node: None) -> Iterator[Serve]:
    """Serves an application with a file of `code/`, or any path; its processes end with the module."""
    served: list[str] = []

    def start(code: str | Path, **options: Any) -> ApiClient:
        application = applications.configure(
            {
                "appId": f"javascript-{next(_numbers)}",
                **KEYS,
                "serverURL": "http://api.example/parse",
                "allowClientClassCreation": True,
                "cloud": str(CODE / code),
                **options,
            }
        )
        served.append(application.id)
        return ApiClient(application)

    yield start
    for identifier in served:
        applications.remove(identifier)


@pytest.fixture
def written(tmp_path: Path, serve: Serve) -> Serve:
    """Serves an application with a main.js of this text."""

    def start(text: str, **options: Any) -> ApiClient:
        file = tmp_path / options.pop("name", "main.js")
        file.write_text(text)
        return serve(file, **options)

    return start
