"""Functions and adapters that live in the harness's process, called over HTTP (message 4 of its `bridge.js`).

What they are given is encoded by `encode`; `decode` of `values.py` is the way back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.request import Request, urlopen

from parse_core.errors import ParseError

PATIENCE = 30  # seconds for one call


@dataclass(frozen=True)
class Remote:
    """Something of the harness's process."""

    url: str
    id: str

    def call(self, method: str | None, *arguments: Any) -> Any:
        """What the function, or the method of the adapter, returns. Raises `RemoteError` for what it throws."""
        from tests.support.control.values import UNSET, decode

        body = json.dumps({"id": self.id, "method": method, "args": [encode(argument) for argument in arguments]})
        request = Request(f"{self.url}/call", body.encode(), {"Content-Type": "application/json"})  # noqa: S310 - the harness's
        with urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
            answer = json.load(response)
        if "error" in answer:
            raise RemoteError(answer["error"])
        result = decode(answer.get("result"))
        return None if result is UNSET else result


class RemoteFunction(Remote):
    """A function; takes and returns plain values and objects."""

    def __call__(self, *arguments: Any) -> Any:
        return self.call(None, *arguments)


@dataclass(frozen=True)
class RemoteAdapter(Remote):
    """An object that owns functions: its methods by name, and whatever else it holds."""

    methods: frozenset[str]
    fields: Mapping[str, Any]


class RemoteError(ParseError):
    """What the harness's code threw: a Parse error keeps its code, anything else answers as a failed script (141)."""

    script_failed: ClassVar[int] = 141

    def __init__(self, error: Mapping[str, Any]) -> None:
        value = error.get("value")
        super().__init__(str(error.get("message") or (value if isinstance(value, str) else "")))
        self.thrown = error
        self.code = error["code"] if error.get("type") == "ParseError" else self.script_failed  # type: ignore[assignment, misc]


@dataclass(frozen=True)
class ParseObject:
    """An object on its way to the harness, where it becomes one of the SDK's."""

    class_name: str
    document: Mapping[str, Any]


def encode(value: Any) -> Any:
    """A value as the harness reads it; members that are None are left out."""
    match value:
        case ParseObject(class_name, document):
            fields = {key: item for key, item in document.items() if key != "className"}
            described = {"__bridge": "object", "className": class_name, "objectId": document.get("objectId")}
            return {**described, "base": fields, "ops": {}, "existed": "createdAt" in document}
        case datetime():
            return {"__bridge": "date", "iso": value.isoformat()}
        case bytes():
            return value.decode()
        case Mapping():
            return {key: encode(item) for key, item in value.items() if item is not None}
        case list() | tuple():
            return [encode(item) for item in value]
        case _:
            return value
