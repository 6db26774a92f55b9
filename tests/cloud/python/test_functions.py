"""Functions written in Python (`contract/cloud.md` §2)."""

from __future__ import annotations

from typing import Any

from parse_cloud.author.cloud import Cloud
from tests.cloud.python.conftest import Serving


def test_a_function_is_called_by_its_name(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function("hello")
        def hello(request: Any) -> str:
            return f"Hello {request.params['name']}!"

        @cloud.function
        async def hello_later(request: Any) -> str:
            return f"Hello {request.params['name']}!"

    api = serving(setup)
    for name in ("hello", "hello_later"):
        reply = api.post(f"/functions/{name}", {"name": "Ada"})
        assert (reply.status, reply.json) == (200, {"result": "Hello Ada!"})


def test_before_save(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.before_save("Review")
        async def clamp(request: Any) -> None:
            if request.object.get("stars", 0) > 5:
                request.object.set("stars", 5)

    api = serving(setup)
    reply = api.post("/classes/Review", {"stars": 9})
    assert reply.status == 201, reply.body
    assert reply.json["stars"] == 5
