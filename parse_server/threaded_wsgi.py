"""Runs a WSGI application inside an ASGI server, on a bounded number of threads.

Where one port carries WebSockets too, HTTP has to pass through ASGI. A plain request costs one hop to a thread and
back; `docs/decisions/0011-http-inside-asgi.md` has the measurements against Django's ASGI handler and a2wsgi.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

LARGE = 1 << 20  # bytes of a request body, above which it is kept in a file
AHEAD = 2  # chunks taken from an answer at once: more than one, to learn that the first was the last


class ThreadedWSGI:
    """An ASGI application for HTTP that calls a WSGI one."""

    def __init__(self, application: Application, *, threads: int) -> None:
        self.application = application
        self.executor = ThreadPoolExecutor(threads, thread_name_prefix="http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if body is None:
            return
        run = asyncio.get_running_loop().run_in_executor
        with body:
            reply = await run(self.executor, self._reply, _environ(scope, body))
            await send(reply.start)
            try:
                await send(reply.piece)
                while not reply.done:
                    await run(self.executor, reply.advance)
                    await send(reply.piece)
            finally:
                if not reply.done:  # the client is gone
                    await run(self.executor, reply.close)

    def _reply(self, environ: Environ) -> Reply:
        reply = Reply()
        reply.open(self.application(environ, reply.start_response))
        return reply


class Reply:
    """The application's answer as ASGI messages. Every method runs in a thread of the pool.

    An answer in one piece, as nearly all are, is complete and closed (which gives Django's connections back in the
    thread that used them) when `open` returns.
    """

    def __init__(self) -> None:
        self.start: dict[str, Any] = {"type": "http.response.start"}
        self.piece: dict[str, Any] = {"type": "http.response.body"}
        self.done = False

    def start_response(self, status: str, headers: list[tuple[str, str]], _failure: object = None) -> None:
        """What WSGI calls by this name."""
        self.start["status"] = int(status[:3])
        self.start["headers"] = [
            (name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in headers
        ]

    def open(self, body: Iterable[bytes]) -> None:
        """Takes the first piece; nearly always it is the whole body, and gets its length if nobody said it."""
        self.body = body
        self.chunks = iter(body)
        self.advance()
        headers = self.start["headers"]
        if self.done and self.piece["body"] and not any(name == b"content-length" for name, _ in headers):
            headers.append((b"content-length", b"%d" % len(self.piece["body"])))

    def advance(self) -> None:
        """Takes the next piece of the body."""
        try:
            chunks = list(islice(self.chunks, AHEAD))
        except BaseException:
            self.close()
            raise
        if len(chunks) < AHEAD:
            self.close()
        self.piece = {"type": "http.response.body", "body": b"".join(chunks), "more_body": not self.done}

    def close(self) -> None:
        self.done = True
        if close := getattr(self.body, "close", None):
            close()


async def _read(receive: Receive) -> IO[bytes] | None:
    """The whole request body; None when the client went away before its end."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return BytesIO(message.get("body", b""))
    body: IO[bytes] = SpooledTemporaryFile(LARGE)  # noqa: SIM115 - closed by who reads it, or below
    while message["type"] == "http.request":
        body.write(message.get("body", b""))
        if not message.get("more_body"):
            body.seek(0)
            return body
        message = await receive()
    body.close()
    return None


def _environ(scope: Scope, body: IO[bytes]) -> Environ:
    """The request as WSGI wants it. Text is bytes in Latin-1, as its specification says."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", "").encode().decode("latin-1"),
        # The path's own bytes: decoded as text it may have lost some.
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").upper(), raw_value.decode("latin-1")
        if "_" in name:
            continue  # it would pass for the header with a hyphen, behind the back of a proxy that guards that one
        name = name.replace("-", "_")
        key = name if name in {"CONTENT_LENGTH", "CONTENT_TYPE"} else f"HTTP_{name}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    if "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" in environ:
        # A body sent in chunks is complete by now; Django reads what this says.
        environ["CONTENT_LENGTH"] = str(body.seek(0, 2))
        body.seek(0)
    return environ
