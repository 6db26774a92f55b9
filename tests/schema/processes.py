"""Requests to real server processes."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.support.server import LiveServer


def ask(
    server: LiveServer,
    method: str,
    path: str,
    body: Any = None,
    *,
    master: bool = False,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    keys = {"X-Parse-Application-Id": server.app_id, "X-Parse-REST-API-Key": server.rest_key}
    headers = {**keys, **(headers or {})}
    if master:
        headers["X-Parse-Master-Key"] = server.master_key
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, f"/parse{path}", content, {**headers, "Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def started_together(*servers: LiveServer) -> None:
    with ThreadPoolExecutor(len(servers)) as pool:
        list(pool.map(LiveServer.__enter__, servers))
