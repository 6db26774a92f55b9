"""The Cloud Code that `cloud_code.py` measures: the same small change of an object, as `def` and as `async def`."""

from __future__ import annotations

from typing import Any

from parse_cloud import TriggerRequest, cloud


def tidy(request: TriggerRequest[Any]) -> None:
    written = request.object
    written.set("title", written.get("title", "").strip())
    written.set("checked", True)


@cloud.before_save("Handled")
def handled(request: TriggerRequest[Any]) -> None:
    tidy(request)


@cloud.before_save("HandledLater")
async def handled_later(request: TriggerRequest[Any]) -> None:
    tidy(request)


@cloud.function
def nothing() -> None:
    """What calling a function costs."""


@cloud.function
async def nothing_later() -> None:
    """What calling a coroutine function costs."""
