"""Passwords are compared beside other requests: a hash takes a core, not the process (`contract/users.md` §14.1)."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import closing
from statistics import median
from typing import Any

import pytest

from tests.support.server import LiveServer

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("servers")]

PASSWORD = "correct horse"
LOGINS = 2  # at once, of the four threads that the one process has
REQUESTS = 60


class Client:
    """A connection that is kept; each call gives the status and the milliseconds it took."""

    def __init__(self, server: LiveServer) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._headers = {
            "X-Parse-Application-Id": server.app_id,
            "X-Parse-REST-API-Key": server.rest_key,
            "Content-Type": "application/json",
        }
        self.close = self._connection.close

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, float]:
        began = time.perf_counter()
        self._connection.request(method, "/parse" + path, None if body is None else json.dumps(body), self._headers)
        response = self._connection.getresponse()
        response.read()
        return response.status, (time.perf_counter() - began) * 1000


@pytest.mark.parametrize("kind", ["bcrypt", "argon2"])
def test_other_requests_do_not_wait_for_passwords_to_be_compared(database_url: str, kind: str) -> None:
    server = LiveServer({"allowClientClassCreation": True, "passwordHash": kind}, workers=1, threads=4)
    with server, closing(Client(server)) as client:
        client("POST", "/users", {"username": "ann", "password": PASSWORD})
        client("POST", "/classes/Note", {"n": 1})
        logins: list[float] = []
        ended = threading.Event()

        def log_in() -> None:
            with closing(Client(server)) as own:
                while not ended.is_set():
                    status, taken = own("POST", "/login", {"username": "ann", "password": PASSWORD})
                    assert status == 200
                    logins.append(taken)

        threads = [threading.Thread(target=log_in) for _ in range(LOGINS)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        reads = [client("GET", "/classes/Note") for _ in range(REQUESTS)]
        ended.set()
        for thread in threads:
            thread.join()
    assert {status for status, _ in reads} == {200}
    assert len(logins) >= LOGINS
    # If a comparison kept the process to itself, each read would wait for those in progress.
    assert median(taken for _, taken in reads) < median(logins) / 2, (reads, logins)
