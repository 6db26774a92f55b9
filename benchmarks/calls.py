"""Requests as values: what a scenario sends, as bytes for the load generators and over a connection for the rest."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

MOUNT = "/parse"
APP_ID = "benchmark"
REST_KEY = "benchmark-rest"
MASTER_KEY = "benchmark-master"


@dataclass(frozen=True)
class Call:
    """One request. `query` values that are no text are sent as JSON; `as_master` takes the place of the client key."""

    method: str
    path: str
    body: Any = None
    query: dict[str, Any] | None = None
    session: str | None = None
    as_master: bool = False

    @property
    def target(self) -> str:
        """Path with mount path and query string."""
        pairs = {
            name: value if isinstance(value, str) else compact(value) for name, value in (self.query or {}).items()
        }
        return MOUNT + quote(self.path) + (f"?{urlencode(pairs)}" if pairs else "")

    @property
    def headers(self) -> dict[str, str]:
        found = {"X-Parse-Application-Id": APP_ID}
        if self.as_master:
            found["X-Parse-Master-Key"] = MASTER_KEY
        else:
            found["X-Parse-REST-API-Key"] = REST_KEY
        if self.session:
            found["X-Parse-Session-Token"] = self.session
        if self.body is not None:
            found["Content-Type"] = "application/json"
        return found

    @property
    def content(self) -> bytes:
        return b"" if self.body is None else compact(self.body).encode()

    def raw(self) -> bytes:
        """The request as it goes over a kept-alive connection."""
        headers = {"Host": "127.0.0.1"} | self.headers
        if self.content:
            headers["Content-Length"] = str(len(self.content))
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.content


class CallFailed(Exception):
    """The server refused a request that the benchmark needs."""


class Client:
    """A kept-alive connection to the server at the port."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(self, call: Call) -> Any:
        """The decoded answer. Raises CallFailed when its status is 400 or above."""
        self.connection.request(call.method, call.target, call.content or None, call.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= http.client.BAD_REQUEST:
            message = f"{call.method} {call.target}: {answer.status} {content[:500]!r}"
            raise CallFailed(message)
        return json.loads(content)

    def batch(self, calls: list[Call], *, as_master: bool = True) -> list[Any]:
        """The answers to the calls, sent together. Raises CallFailed when one was refused."""
        parts = [{"method": it.method, "path": MOUNT + it.path, "body": it.body} for it in calls]
        answers = self.send(Call("POST", "/batch", {"requests": parts}, as_master=as_master))
        for answer in answers:
            if "success" not in answer:
                raise CallFailed(str(answer))
        return [answer["success"] for answer in answers]


def compact(value: Any) -> str:
    """JSON without blanks, as clients send it."""
    return json.dumps(value, separators=(",", ":"))
