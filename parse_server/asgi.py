"""What an ASGI server runs: HTTP on threads, and WebSockets. For one port that carries both, as `runserver` does."""

from __future__ import annotations

from typing import Any

from channels.routing import ProtocolTypeRouter

from parse_server.threaded_wsgi import Receive, Scope, Send, ThreadedWSGI
from parse_server.wsgi import application as http

THREADS = 8  # as many requests at once


async def no_live_queries(_scope: Scope, receive: Receive, send: Send) -> None:
    """Refuses a WebSocket in its handshake: nothing is served on them yet."""
    await receive()
    await send({"type": "websocket.close"})


application: Any = ProtocolTypeRouter(
    {
        "http": ThreadedWSGI(http, threads=THREADS),
        "websocket": no_live_queries,
    }
)
