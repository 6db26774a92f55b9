"""An application whose Cloud Code is a Python callable, and a client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from secrets import token_hex
from typing import Any, Protocol, TypeVar, cast

import pytest

from parse_cloud.author.cloud import Cloud
from parse_core.application import applications
from tests.support.client import ApiClient

F = TypeVar("F", bound=Callable[..., Any])
Form = Callable[[F], F]


class Serving(Protocol):
    """Makes an application with Cloud Code; options by reference name as keywords."""

    def __call__(self, setup: Callable[[Cloud], object] | str | None, **options: Any) -> ApiClient: ...


@pytest.fixture
def serving(database_url: str) -> Iterator[Serving]:
    made: list[str] = []

    def serve(setup: Callable[[Cloud], object] | str | None, **options: Any) -> ApiClient:
        name = options.pop("appId", f"python-{token_hex(4)}")
        configuration = {
            "appId": name,
            "masterKey": "master",
            "serverURL": "http://api.example/parse",
            "allowClientClassCreation": True,
            **options,
        }
        made.append(name)
        if setup is not None:
            configuration["cloud"] = setup
        return ApiClient(applications.configure(configuration))

    yield serve
    for name in made:
        if name in applications:
            applications[name].reset()
            applications.remove(name)


@pytest.fixture(params=["def", "async def"])
def form(request: pytest.FixtureRequest) -> Any:
    """Makes a handler `def` or `async def`: what uses it runs for both."""
    return as_coroutine if request.param == "async def" else lambda function: function


def as_coroutine(function: F) -> F:
    """The same function as a coroutine, with as many parameters."""

    @wraps(function)
    async def later(*arguments: Any) -> Any:
        return function(*arguments)

    return cast("F", later)
