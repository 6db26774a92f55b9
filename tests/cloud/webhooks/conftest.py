"""A server that answers webhooks, and an application that asks it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest

from parse_core.application import Application, applications
from parse_core.tasks import bell
from tests.support.client import ApiClient


@dataclass
class Received:
    """A request that came to the other server."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


Answering = Callable[[Received], Any]


@dataclass
class OtherServer:
    """Answers by path: a function's value goes as JSON, bytes as they are, of a tuple the first is the status."""

    url: str
    answers: dict[str, Answering] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    def on(self, path: str, answer: Any) -> str:
        """The URL of a path that is answered from now on with a value, or with what a function gives."""
        self.answers[path] = answer if callable(answer) else lambda _received: answer
        return self.url + path

    @property
    def last(self) -> Received:
        return self.received[-1]


@pytest.fixture
def other() -> Iterator[OtherServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received = Received(self.path, {key.lower(): value for key, value in self.headers.items()}, body)
            known.received.append(received)
            answer = known.answers[self.path](received)
            status, content = answer if isinstance(answer, tuple) else (200, answer)
            content = content if isinstance(content, bytes) else orjson.dumps(content)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    known = OtherServer(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield known
    server.shutdown()
    server.server_close()


@pytest.fixture
def application(database_url: str) -> Iterator[Application]:
    application = configure()
    application.reset()
    yield application
    bell().settle(10)
    application.reset()
    applications.remove("webhooks")


def configure(**options: Any) -> Application:
    """The application, with further options."""
    return applications.configure(
        {
            "appId": "webhooks",
            "masterKey": "master",
            "readOnlyMasterKey": "reader",
            "allowClientClassCreation": True,
            "webhookKey": "example-webhook-key",
            "serverURL": "http://api.example/parse",
            **options,
        }
    )


@pytest.fixture
def api(application: Application) -> ApiClient:
    return ApiClient(application)


def hook_function(api: ApiClient, name: str, url: str) -> None:
    """Makes a function a webhook."""
    answer = api.post("/hooks/functions", {"functionName": name, "url": url}, master=True)
    assert answer.status == 200, answer.body


def hook_trigger(api: ApiClient, trigger: str, class_name: str, url: str) -> None:
    """Makes a trigger a webhook."""
    body = {"className": class_name, "triggerName": trigger, "url": url}
    answer = api.post("/hooks/triggers", body, master=True)
    assert answer.status == 200, answer.body
