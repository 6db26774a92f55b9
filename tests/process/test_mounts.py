"""Applications of one process on paths of their own (`contract/config.md` §8)."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from tests.support.server import LiveServer

pytestmark = pytest.mark.slow

KEYS = {"masterKey": "master", "restAPIKey": "rest", "serverURL": "http://localhost/x"}


def ask(server: LiveServer, path: str, app_id: str | None, method: str = "GET", body: Any = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"X-Parse-Master-Key": "master", "Content-Type": "application/json"}
    headers |= {} if app_id is None else {"X-Parse-Application-Id": app_id}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_each_is_served_at_its_own_and_at_no_other(database_url: str) -> None:
    server = LiveServer()
    one, two, three = (f"{server.app_id}-{number}" for number in range(3))
    server.app_id = three
    server.options = {
        "apps": [
            {"appId": one, "mountPath": "/one", **KEYS},
            {"appId": two, "mountPath": "/one/two", **KEYS},
            {"appId": three, **KEYS},
        ]
    }
    with server:
        for path, app_id in (("/one", one), ("/one/two", two), ("/parse", three)):
            status, created = ask(server, f"{path}/classes/Post", app_id, "POST", {"at": path})
            assert status == 201
            found = ask(server, f"{path}/classes/Post", app_id)[1]["results"]
            assert [(each["objectId"], each["at"]) for each in found] == [(created["objectId"], path)]
            assert ask(server, f"{path}/health", None) == (200, {"status": "ok"})
            part = {"method": "GET", "path": f"{path}/classes/Post/{created['objectId']}"}
            [answer] = ask(server, f"{path}/batch", app_id, "POST", {"requests": [part]})[1]
            assert answer["success"]["at"] == path
        for path, app_id in (("/one", two), ("/one/two", three), ("/parse", one), ("/one/two", one)):
            assert ask(server, f"{path}/classes/Post", app_id) == (403, {"error": "unauthorized"})
        assert ask(server, "/one/two/three/classes/Post", two)[0] == 404
