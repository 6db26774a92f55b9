"""Requests that mean harm, and what holds for the answer to each: refused or harmless, at once, and telling nothing."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.support.client import ApiClient, Reply
from tests.support.scenario import Request

# What only a database or a stack trace says.
LEAK: Final = re.compile(
    rb"psycopg|[Pp]ostgre|syntax error|SQLSTATE|LINE 1|pg_catalog|Traceback|relation \\?\"|column \\?\"|DETAIL:|File \"/"  # noqa: E501
)
SECOND: Final = 1.0


@dataclass(frozen=True)
class Attack:
    """One row. `code` is the Parse code of the refusal, several when each would do; None: harmless, so answered."""

    name: str
    request: Request
    code: int | tuple[int | None, ...] | None = None
    status: int | None = None
    seconds: float = SECOND

    def play(self, api: ApiClient) -> Reply:
        """The reply, after it was held against the row."""
        reply = sent(api, self.request, seconds=self.seconds)
        if self.status is not None:
            assert reply.status == self.status, reply.body
        if self.code is None:
            assert reply.status < 400, reply.body
            return reply
        codes: tuple[int | None, ...] = self.code if isinstance(self.code, tuple) else (self.code,)
        assert reply.error[0] in codes, reply.body
        return reply


def sent(api: ApiClient, request: Request, *, seconds: float = SECOND) -> Reply:
    """The reply to any request: JSON below 500, in time, without a word of the database."""
    began = time.perf_counter()
    reply = api.request(request.method, request.path, request.body, **request.how)
    taken = time.perf_counter() - began
    assert reply.status < 500, (request, reply.body[:300])
    assert not LEAK.search(reply.body), reply.body[:300]
    assert reply.status == 304 or reply.json is not None
    assert taken < seconds * busy(), f"{taken:.2f} s"
    return reply


def busy() -> float:
    """How much longer things take on this machine now, as others use it, too."""
    return max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


def attacks(*rows: Attack) -> pytest.MarkDecorator:
    """Runs the test once per row, under its name."""
    return pytest.mark.parametrize("attack", rows, ids=[row.name for row in rows])


def rows(api: ApiClient, class_name: str) -> list[dict[str, Any]]:
    """Everything stored in a class."""
    results: list[dict[str, Any]] = api.get(f"/classes/{class_name}", query={"limit": 10_000}, master=True).json[
        "results"
    ]
    return results


def nested(levels: int, inner: Any, *wrap: Callable[[Any], Any]) -> Any:
    """`inner` inside so many levels, made by the functions in turn."""
    value = inner
    for level in range(levels):
        value = wrap[level % len(wrap)](value)
    return value
