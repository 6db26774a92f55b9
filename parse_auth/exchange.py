"""Calls of sign-in providers to the services that vouch for users: over HTTPS, short, and only where we mean to go.

URLs come from the code or the operator's options, never from a client. Redirects are not followed, an answer has ten
seconds and one megabyte, and what goes wrong on the way is logged but not told.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import httpx
import orjson

from parse_auth.providers.base import AuthFailed
from parse_core.values.scalars import Document

log = logging.getLogger(__name__)

SECONDS: Final = 10.0
MAX_SIZE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered."""

    status: int
    reason: str
    content: bytes
    headers: Mapping[str, str]

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def json(self) -> Document:
        """The JSON object of the answer; empty for anything else."""
        try:
            value = orjson.loads(self.content)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def form(self) -> Document:
        """The answer as form fields, or as JSON."""
        return self.json or dict(parse_qsl(self.content.decode("utf-8", "replace")))


class Exchange:
    """The calls of one provider. `base` stands for every host in tests: `<base>/<host>/<path>`."""

    def __init__(self, label: str, base: str | None = None) -> None:
        self._label, self._base = label, base

    def get(self, url: str, *, query: Mapping[str, str] | None = None, **how: Any) -> Reply:
        return self.send("GET", url, params=query, **how)

    def post(self, url: str, *, form: Mapping[str, str] | None = None, json: Any = None, **how: Any) -> Reply:
        return self.send("POST", url, data=form, json=json, **how)

    def send(self, method: str, url: str, **how: Any) -> Reply:
        """The answer, whatever its status. Raises `AuthFailed` (141) when there is none, without saying why."""
        address = self._address(url)
        try:
            return _sent(method, address, {key: value for key, value in how.items() if value is not None})
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            log.warning("%s %s of %s failed: %s", method, urlsplit(url).hostname, self._label, type(error).__name__)
            raise AuthFailed(f"{self._label} could not be reached.") from None

    def _address(self, url: str) -> str:
        if self._base is None:
            return url
        parts = urlsplit(url)
        return f"{self._base}/{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")


class _TooLong(ValueError):
    """An answer took too long, or never ended."""


def _sent(method: str, address: str, how: dict[str, Any]) -> Reply:
    deadline = time.monotonic() + SECONDS
    headers = {"Accept": "application/json", **how.pop("headers", {})}
    with (
        httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False) as client,
        client.stream(method, address, headers=headers, **how) as response,
    ):
        content = b""
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_SIZE or time.monotonic() > deadline:
                raise _TooLong
        return Reply(response.status_code, response.reason_phrase, content, dict(response.headers))


def bearer(token: str) -> Mapping[str, str]:
    """The header that carries an access token."""
    return {"Authorization": f"Bearer {token}"}
