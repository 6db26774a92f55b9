"""Tables of requests and what they must be answered, with the moments that were announced and the statements that ran.

::

    @scenarios(
        Scenario(
            "without write access the object does not exist",
            put("/classes/Post/x1", {"title": "new"}, as_user="bob"),
            status=404, error=(101, "Object not found."), moments={}, statements=1,
        ),
    )
    def test_acl(scenario: Scenario, api: ApiClient) -> None:
        scenario.play(api)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import pytest

from tests.support.client import ApiClient, Reply

UNSAID: Final = object()


@dataclass(frozen=True)
class Request:
    """A request to be made; `how` are the keyword arguments of `ApiClient.request`."""

    method: str
    path: str
    body: Any = None
    how: Mapping[str, Any] = field(default_factory=dict)


def _request(method: str, path: str, body: Any = None, **how: Any) -> Request:
    return Request(method, path, body, how)


get: Callable[..., Request] = partial(_request, "GET")
post: Callable[..., Request] = partial(_request, "POST")
put: Callable[..., Request] = partial(_request, "PUT")
delete: Callable[..., Request] = partial(_request, "DELETE")
head: Callable[..., Request] = partial(_request, "HEAD")
options: Callable[..., Request] = partial(_request, "OPTIONS")
patch: Callable[..., Request] = partial(_request, "PATCH")


@dataclass(frozen=True)
class Scenario:
    """One row. What is not said is not looked at; `has` names members of the answer that must be there, and equal."""

    name: str
    request: Request
    status: int = 200
    error: tuple[int | None, str] | None = None
    json: Any = UNSAID
    has: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    moments: Mapping[str, int] | None = None
    statements: int | None = None

    def play(self, api: ApiClient) -> Reply:
        """The reply, after it was held against the row."""
        request = self.request
        reply = api.request(request.method, request.path, request.body, **request.how)
        assert reply.status == self.status, reply.body
        if self.error is not None:
            assert reply.error == self.error
        if self.json is not UNSAID:
            assert reply.json == self.json
        for name, value in self.has.items():
            assert reply.json.get(name) == value, (name, reply.json)
        for name, text in self.headers.items():
            assert reply.headers.get(name.lower()) == text, (name, reply.headers)
        if self.moments is not None:
            assert reply.moments == self.moments
        if self.statements is not None:
            assert reply.statements == self.statements
        return reply


def scenarios(*rows: Scenario) -> pytest.MarkDecorator:
    """Runs the test once per row, under its name."""
    return pytest.mark.parametrize("scenario", rows, ids=[row.name for row in rows])
