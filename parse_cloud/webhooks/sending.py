"""The HTTP requests to webhooks: bounded in time and size, not redirected, signed with the key if there is one."""

from __future__ import annotations

import errno
import logging
import socket
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from weakref import finalize

import httpx
import orjson

from parse_cloud.kinds import Failure

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.values.scalars import Document

log = logging.getLogger("parse_cloud.webhooks")

KEY: Final = "X-Parse-Webhook-Key"
CONNECTIONS: Final = 32
TIMED_OUT: Final = "Webhook timed out"


class Undelivered(Exception):
    """The other server was not reached, took too long, or failed; trying again may help. `reason` may be told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Sender:
    """The connections of one application: `application.part(Sender)`."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._client: httpx.Client | None = None

    def send(self, url: str, body: Document) -> bytes:
        """What the webhook answers. Raises `Undelivered`, and `Failure` for an address that is not asked."""
        self._check(url)
        options = self._application.options
        headers = {"Content-Type": "application/json"}
        if options.webhook_key:
            headers[KEY] = options.webhook_key
        else:
            log.warning("Making outgoing webhook request without webhookKey being set!")
        seconds = options.webhook_timeout
        try:
            with self._connections.stream(
                "POST", url, content=orjson.dumps(body), headers=headers, timeout=seconds
            ) as response:
                content = _read(response, time.monotonic() + seconds, options.max_upload_size)
        except httpx.TimeoutException as error:
            raise Undelivered(TIMED_OUT) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise Undelivered(_reason(error, url)) from error
        if response.status_code < httpx.codes.OK or response.status_code >= httpx.codes.BAD_REQUEST:
            raise Undelivered(f"Webhook responded with status {response.status_code}")
        return content

    @property
    def _connections(self) -> httpx.Client:
        if self._client is None:
            limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
            self._client = httpx.Client(limits=limits, follow_redirects=False, trust_env=False)
            finalize(self, self._client.close)
        return self._client

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            raise Failure(f"Invalid URL {url}") from None
        if parts.scheme not in ("http", "https"):
            raise Failure(f"Unsupported protocol {parts.scheme}:")
        allowed = self._application.options.webhook_allowed_hosts
        if allowed is not None and host.lower() not in {each.lower() for each in allowed}:
            raise Failure(f"Webhook host '{host}' is not allowed.")


def _read(response: httpx.Response, end: float, limit: int) -> bytes:
    """The body, as long as it comes in time and is not too long."""
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > limit:
            raise Undelivered("Webhook answered more than maxUploadSize allows")
        if time.monotonic() > end:
            raise Undelivered(TIMED_OUT)
    return bytes(content)


def _reason(error: Exception, url: str) -> str:
    """What went wrong, in the words Node programs know."""
    parts = urlsplit(url)
    cause: Any = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return f"getaddrinfo ENOTFOUND {parts.hostname}"
        if isinstance(cause, OSError) and cause.errno == errno.ECONNREFUSED:
            return f"connect ECONNREFUSED {parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        cause = cause.__cause__ or cause.__context__
    return "Webhook could not be reached"
