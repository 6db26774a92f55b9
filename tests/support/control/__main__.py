"""Starts the control process."""

from __future__ import annotations

import argparse
import asyncio
import os
import threading
from typing import Any

MOUNT = "/1"  # the harness puts the API there


def main() -> None:
    """Serves until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.control", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port of the control protocol; the API finds its own")
    parser.add_argument("--api-port", type=int, default=0, help="port of the API; by default a free one")
    parser.add_argument("--database", help="database on the embedded server; by default control_<port>")
    arguments = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ["PARSE_SERVER_MOUNT_PATH"] = MOUNT
    import django
    from django.conf import settings

    settings.PARSE_MOUNT_PATH = MOUNT
    # Every configuration of the harness would be warned of again.
    logging: dict[str, Any] = settings.LOGGING
    logging["loggers"]["parse_core.configuration"] = {"level": "ERROR"}
    django.setup()
    from parse_auth.mail import outbox
    from tests.support.control import database
    from tests.support.control.http import ControlServer
    from tests.support.control.outbox import AtOnce
    from tests.support.control.protocol import Control
    from tests.support.server import free_port

    outbox.outbox = AtOnce()
    database.use(arguments.database or f"control_{arguments.port}")
    port = arguments.api_port or free_port()
    control = ControlServer(arguments.port, Control(f"http://127.0.0.1:{port}"))
    threading.Thread(target=control.serve_forever, name="control", daemon=True).start()
    print(f"control on http://127.0.0.1:{arguments.port}, API on http://127.0.0.1:{port}{MOUNT}", flush=True)  # noqa: T201
    asyncio.run(serve(port))


async def serve(port: int) -> None:
    """The API, with WebSockets on the same port."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.embed import Server

    from parse_server.asgi import application

    server = Server(application, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_level=LogLevels.error)
    await server.serve()


if __name__ == "__main__":
    main()
