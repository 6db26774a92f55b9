"""Callers are rows of a class. Here it is one without further rules of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parse_core.schema.system_class import SystemClass, system_classes


class Users(SystemClass):
    """Rows are callers, and nothing else is special about them."""

    name = "_User"
    owner_is_row = True


@pytest.fixture(autouse=True)
def plain_users() -> Iterator[None]:
    """Rules about who may do what are told apart from what the user class adds to them."""
    with system_classes.temporarily("_User", Users()):
        yield
