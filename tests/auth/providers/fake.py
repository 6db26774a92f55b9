"""The services that vouch for users, in this process: canned answers over real HTTP on the loopback."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson


@dataclass(frozen=True)
class Seen:
    """A request that came in; `body` holds the fields of a form, or JSON."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class Services:
    """Answers by `<host>/<path>`: a JSON value, bytes, or (status, either, headers)."""

    url: str
    answers: dict[str, Any] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def asked(self, path: str) -> list[Seen]:
        return [request for request in self.seen if request.path == path]

    def answer(self, path: str) -> tuple[int, bytes, dict[str, str]]:
        found = self.answers.get(path, (404, b"", {}))
        status, body, headers = found if isinstance(found, tuple) else (200, found, {})
        return status, body if isinstance(body, bytes) else orjson.dumps(body), headers


class Handler(BaseHTTPRequestHandler):
    """Looks a request up in the table of answers."""

    protocol_version = "HTTP/1.1"
    services: Services

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_json = "json" in self.headers.get("Content-Type", "")
        body = orjson.loads(content) if is_json and content else dict(parse_qsl(content.decode()))
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = parts.path.lstrip("/")
        self.services.seen.append(Seen(self.command, path, dict(parse_qsl(parts.query)), body, headers))
        status, answer, extra = self.services.answer(path)
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **extra}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        pass


class FakeServer:
    """Serves until it is closed."""

    def __init__(self) -> None:
        class BoundHandler(Handler):
            """A class of its own, since the server makes an instance for each connection."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), BoundHandler)
        self._server.daemon_threads = True
        self.services = Services(f"http://127.0.0.1:{self._server.server_address[1]}")
        BoundHandler.services = self.services
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
