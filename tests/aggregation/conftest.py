"""One filled application for all tests of the folder; nothing here writes to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parse_core.application import applications
from tests.aggregation.data import fill
from tests.objects.worlds import World


@pytest.fixture(scope="session")
def world(database_url: str) -> Iterator[World]:
    world = World.make(maintenanceKey="maintenance", readOnlyMasterKey="read-only")
    fill(world)
    yield world
    applications.remove(world.application.id)
