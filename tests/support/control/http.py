"""The small JSON server that the harness talks to."""

from __future__ import annotations

import json
import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.control.protocol import Control, Failure
from tests.support.control.values import encode_error

log = logging.getLogger(__name__)


class ControlServer(ThreadingHTTPServer):
    """Answers the requests of the protocol, each in a thread of its own."""

    daemon_threads = True

    def __init__(self, port: int, control: Control) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.control = control


class Handler(BaseHTTPRequestHandler):
    """One request: JSON in, JSON out."""

    protocol_version = "HTTP/1.1"
    server: ControlServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self._respond(200, self.server.control.answer(self.command, self.path, json.loads(content or b"{}")))
        except Failure as failure:
            self._respond(400, {"error": failure.error})
        except Exception as error:
            log.exception("a request of the harness failed")
            self._respond(500, {"error": encode_error(f"{type(error).__name__}: {error}")})

    def _respond(self, status: int, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Says nothing: a line per request helps nobody."""
