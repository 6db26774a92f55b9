"""The SDK works inside Cloud Code as it does in a client, and nobody is logged in by accident."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cloud.javascript.conftest import Serve
from tests.support.client import ApiClient


@pytest.fixture(scope="module")
def api(serve: Serve) -> ApiClient:
    return serve("sdk.js")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("saving", [3, ["a", "b"], True, True]),
        ("together", [[1, 2, 3, 4], 4, 0]),
        ("transaction", [111, 1]),
        ("queries", [[False, True], 10, 2, 4, [1, 2, 3, 4]]),
        ("relations", [1]),
        ("users", [True, None, 1, 0, 1]),
        ("refusals", [101, 101, 105, 209, 111]),
        ("config", [1, None, 2]),
        ("schemas", "String"),
        ("side", "tracked"),
    ],
)
def test_the_sdk(name: str, expected: Any, api: ApiClient) -> None:
    reply = api.post("/functions/sdk", {"name": name})
    assert reply.status == 200, reply.json
    assert reply.json["result"] == expected


def test_what_is_no_route_of_the_api_is_asked_over_http(api: ApiClient) -> None:
    """As in the reference; nobody listens at the address of this application."""
    code, text = api.post("/functions/health", {}).error
    assert code in (100, 141)
    assert "Cannot GET" not in str(text)
