"""Push notifications to installations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Unpack

from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.encoding import encode
from parse_cloud.author.sdk.object import Object
from parse_cloud.author.sdk.query import Query
from parse_cloud.author.sdk.twins import blocks
from parse_cloud.author.threads import in_thread
from parse_core.values.scalars import Document, iso

STATUS_HEADER = "X-Parse-Push-Status-Id"
_TIMES = frozenset({"push_time", "expiration_time"})


class Push:
    """`Push.send({"channels": ["news"], "data": {"alert": "hello"}})`. With the master key unless told otherwise."""

    @staticmethod
    @blocks
    def send(data: Mapping[str, Any], **options: Unpack[CallOptions]) -> str:
        """The id of the push's `_PushStatus`. `where` may be a query for installations; times are moments or seconds.

        Raises `ValueError` for a time and an interval of expiration at once, `ParseError` for whatever refuses it.
        """
        if data.get("expiration_time") and data.get("expiration_interval"):
            raise ValueError("expiration_time and expiration_interval cannot both be set.")
        body: Document = {name: _written(name, value) for name, value in data.items()}
        answer = Api({"use_master_key": True, **options}).ask("POST", "push", body)
        return answer.headers.get(STATUS_HEADER, "")

    @staticmethod
    async def asend(data: Mapping[str, Any], **options: Unpack[CallOptions]) -> str:
        """`send` for the event loop."""
        return await in_thread(lambda: Push.send(data, **options))

    @staticmethod
    @blocks
    def get_push_status(push_status_id: str, **options: Unpack[CallOptions]) -> Object:
        """How far a push is. Raises `ParseError` 101 for an unknown one."""
        asked: CallOptions = {"use_master_key": True, **options}
        return Query("_PushStatus").get(push_status_id, **asked)

    @staticmethod
    async def aget_push_status(push_status_id: str, **options: Unpack[CallOptions]) -> Object:
        """`get_push_status` for the event loop."""
        return await in_thread(lambda: Push.get_push_status(push_status_id, **options))


def _written(name: str, value: Any) -> Any:
    if isinstance(value, Query):
        return value.to_json()["where"]
    if name in _TIMES and isinstance(value, datetime):
        return iso(value)
    return encode(value)
