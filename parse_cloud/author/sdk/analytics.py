"""Events that are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.twins import blocks
from parse_cloud.author.threads import in_thread


class Analytics:
    """`Analytics.track("search", {"kind": "flight"})`."""

    @staticmethod
    @blocks
    def track(name: str, dimensions: Mapping[str, str] | None = None, **options: Unpack[CallOptions]) -> None:
        """Counts an event. Raises `ValueError` without a name, `TypeError` for dimensions that are no texts."""
        name = name.strip()
        if not name:
            raise ValueError("A name for the custom event must be provided")
        given = dict(dimensions or {})
        if not all(isinstance(text, str) for text in (*given, *given.values())):
            raise TypeError('track() dimensions expects keys and values of type "string".')
        Api(options).post(f"events/{name}", {"dimensions": given})

    @staticmethod
    async def atrack(name: str, dimensions: Mapping[str, str] | None = None, **options: Unpack[CallOptions]) -> None:
        """`track` for the event loop."""
        await in_thread(lambda: Analytics.track(name, dimensions, **options))
