"""Many clients at once against two processes of a server (`contract/hostile.md` §2, `objects.md` §12, §13)."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from tests.hostile.attacks import busy
from tests.support.server import LiveServer

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("servers")]

CLIENTS = 25
PATIENCE = 1.0  # seconds until another process knows
Answer = tuple[int, Any]
Part = tuple[str, str, Any]


class Clients:
    """Each request has a connection of its own, so that either process answers."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"X-Parse-Application-Id": self.server.app_id, "X-Parse-REST-API-Key": self.server.rest_key}
        sent |= {
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)) as connection:
            connection.request(method, "/parse" + path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def master(self, method: str, path: str, body: Any = None) -> Answer:
        return self(method, path, body, X_Parse_Master_Key=self.server.master_key)

    def at_once(self, count: int, ask: Callable[[int], Answer]) -> list[Answer]:
        """What `ask(0)`, `ask(1)` … are answered, all in flight together."""
        barrier = threading.Barrier(min(count, CLIENTS))

        def start(number: int) -> Answer:
            if number < CLIENTS:
                barrier.wait()
            return ask(number)

        with ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(start, range(count)))


@pytest.fixture(scope="module")
def clients(database_url: str) -> Iterator[Clients]:
    options = {"allowClientClassCreation": True, "allowCustomObjectId": True, "masterKeyIps": ["127.0.0.1"]}
    with LiveServer(options, workers=2) as server:
        yield Clients(server)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it begins to hold within `PATIENCE`, whichever process answers: ten times in a row, that is."""
    deadline = time.monotonic() + PATIENCE * busy()
    while time.monotonic() < deadline:
        if all(holds() for _ in range(10)):
            return True
    return all(holds() for _ in range(10))


def test_of_50_sign_ups_with_one_name_one_succeeds(clients: Clients) -> None:
    answers = clients.at_once(50, lambda _: clients("POST", "/users", {"username": "one", "password": "x"}))
    assert Counter((status, body.get("code")) for status, body in answers) == {(201, None): 1, (400, 202): 49}
    found = clients.master("GET", "/users?where=" + '{"username":"one"}'.replace('"', "%22"))[1]["results"]
    sessions = clients.master("GET", "/sessions?limit=1000")[1]["results"]
    assert len(found) == 1
    assert [session["user"]["objectId"] for session in sessions] == [found[0]["objectId"]]


def test_of_50_sign_ups_with_one_address_one_succeeds(clients: Clients) -> None:
    def sign_up(number: int) -> Answer:
        return clients("POST", "/users", {"username": f"many{number}", "password": "x", "email": "One@example.com"})

    answers = clients.at_once(50, sign_up)
    assert Counter((status, body.get("code")) for status, body in answers) == {(201, None): 1, (400, 203): 49}


def test_of_20_sign_ups_with_one_id_of_a_provider_one_makes_a_user_and_the_others_log_in(clients: Clients) -> None:
    body = {"authData": {"anonymous": {"id": "the one"}}}
    answers = clients.at_once(20, lambda _: clients("POST", "/users", body))
    assert Counter(status for status, _ in answers) == {201: 1, 200: 19}
    assert len({answer["objectId"] for _, answer in answers}) == 1
    assert len({answer["sessionToken"] for _, answer in answers}) == 20


def test_200_clients_make_one_class_and_field_together(clients: Clients) -> None:
    answers = clients.at_once(200, lambda number: clients("POST", "/classes/Born", {"n": number, "new": "x"}))
    assert Counter(status for status, _ in answers) == {201: 200}
    assert clients("GET", "/classes/Born?count=1&limit=0")[1]["count"] == 200


def test_of_two_types_for_one_new_field_one_wins(clients: Clients) -> None:
    clients("POST", "/classes/Typed", {"x": 1})
    answers = clients.at_once(
        100, lambda number: clients("POST", "/classes/Typed", {"f": number if number % 2 else str(number)})
    )
    outcomes = Counter((status, body.get("code"), number % 2) for number, (status, body) in enumerate(answers))
    assert sorted(outcomes.values()) == [50, 50]
    assert {(status, code) for status, code, _ in outcomes} == {(201, None), (400, 111)}


def test_increments_of_many_are_all_counted(clients: Clients) -> None:
    made = clients("POST", "/classes/Counter", {"n": 0, "o": {"n": 0}, "a": []})[1]["objectId"]
    one = {"__op": "Increment", "amount": 1}
    body = {"n": one, "o.n": one, "o.m": one}
    answers = clients.at_once(
        200,
        lambda number: clients(
            "PUT", f"/classes/Counter/{made}", {**body, "a": {"__op": "AddUnique", "objects": [number % 50]}}
        ),
    )
    assert {status for status, _ in answers} == {200}
    stored = clients("GET", f"/classes/Counter/{made}")[1]
    assert (stored["n"], stored["o"], sorted(stored["a"])) == (200, {"n": 200, "m": 200}, list(range(50)))


def test_a_change_of_permissions_holds_in_every_process_within_a_second(clients: Clients) -> None:
    clients("POST", "/classes/Changing", {"x": 1})
    for _ in range(4):
        closed: dict[str, Any] = {"classLevelPermissions": {"find": {}, "get": {}}}
        assert clients.master("PUT", "/schemas/Changing", closed)[0] == 200
        assert eventually(lambda: clients("GET", "/classes/Changing")[0] == 400)
        assert clients.master("PUT", "/schemas/Changing", {"classLevelPermissions": None})[0] == 200
        assert eventually(lambda: clients("GET", "/classes/Changing")[0] == 200)


def test_a_new_and_a_dropped_field_hold_in_every_process_within_a_second(clients: Clients) -> None:
    made = clients("POST", "/classes/Growing", {"x": 1})[1]["objectId"]
    for kind, value, other in (("Number", 1, "x"), ("String", "x", 1), ("Number", 2, "y")):
        assert clients.master("PUT", "/schemas/Growing", {"fields": {"f": {"type": kind}}})[0] == 200
        assert eventually(partial(is_answered, clients, "PUT", f"/classes/Growing/{made}", {"f": other}, 400))
        assert eventually(partial(is_answered, clients, "PUT", f"/classes/Growing/{made}", {"f": value}, 200))
        assert clients.master("PUT", "/schemas/Growing", {"fields": {"f": {"__op": "Delete"}}})[0] == 200


def is_answered(clients: Clients, method: str, path: str, body: Any, status: int) -> bool:
    return clients(method, path, body)[0] == status


def test_a_revoked_session_is_refused_in_every_process_within_a_second(clients: Clients) -> None:
    user = clients("POST", "/users", {"username": "revoked", "password": "x"})[1]
    ways: list[Callable[[str], Answer]] = [
        lambda token: clients("POST", "/logout", {}, X_Parse_Session_Token=token),
        lambda token: clients.master("DELETE", f"/sessions/{session_id(clients, token)}"),
        lambda _token: clients.master("PUT", f"/users/{user['objectId']}", {"password": "x"}),
    ]
    for end in ways:
        token = clients("POST", "/login", {"username": "revoked", "password": "x"})[1]["sessionToken"]
        for _ in range(10):  # both processes know it now
            assert clients("GET", "/users/me", X_Parse_Session_Token=token)[0] == 200
        assert end(token)[0] == 200

        def is_refused(token: str = token) -> bool:
            code = clients("GET", "/users/me", X_Parse_Session_Token=token)[1].get("code")
            return bool(code == 209)

        assert eventually(is_refused)


def session_id(clients: Clients, token: str) -> str:
    object_id: str = clients("GET", "/sessions/me", X_Parse_Session_Token=token)[1]["objectId"]
    return object_id


def test_a_role_that_was_taken_away_is_gone_in_every_process_within_a_second(clients: Clients) -> None:
    user = clients("POST", "/users", {"username": "member", "password": "x"})[1]
    pointer = {"__type": "Pointer", "className": "_User", "objectId": user["objectId"]}
    role = {"name": "team", "ACL": {}, "users": {"__op": "AddRelation", "objects": [pointer]}}
    role_id = clients.master("POST", "/roles", role)[1]["objectId"]
    secret = clients("POST", "/classes/Team", {"ACL": {"role:team": {"read": True}}})[1]["objectId"]

    def reads() -> bool:
        return clients("GET", f"/classes/Team/{secret}", X_Parse_Session_Token=user["sessionToken"])[0] == 200

    assert eventually(reads)
    gone = {"users": {"__op": "RemoveRelation", "objects": [pointer]}}
    assert clients.master("PUT", f"/roles/{role_id}", gone)[0] == 200
    assert eventually(lambda: not reads())


def batch(*parts: Part) -> dict[str, Any]:
    requests = [{"method": method, "path": "/parse" + path, "body": body} for method, path, body in parts]
    return {"transaction": True, "requests": requests}


def test_parallel_transactions_are_all_or_nothing(clients: Clients) -> None:
    """Each moves one from a to b; whatever they do to each other, the sum stays, and no step is seen alone."""
    for name in ("a", "b"):
        clients("POST", "/classes/Account", {"objectId": name, "n": 1000})
    plus: dict[str, Any] = {"n": {"__op": "Increment", "amount": 1}}
    minus: dict[str, Any] = {"n": {"__op": "Increment", "amount": -1}}

    def move(number: int) -> Answer:
        parts: list[Part] = [("PUT", "/classes/Account/a", minus), ("PUT", "/classes/Account/b", plus)]
        if number % 2:
            parts = [("PUT", "/classes/Account/b", minus), ("PUT", "/classes/Account/a", plus)]  # and the other way
        if number % 5 == 0:
            parts.append(("PUT", "/classes/Account/none", {"n": 1}))
        if number % 7 == 0:
            return clients("GET", "/classes/Account")
        return clients("POST", "/batch", batch(*parts))

    answers = clients.at_once(100, move)
    for number, (status, body) in enumerate(answers):
        if number % 7 == 0:
            assert sum(row["n"] for row in body["results"]) == 2000
        elif number % 5 == 0:
            assert (status, body.get("code")) in ((400, 101), (400, 251))
        else:
            assert status == 200 or body.get("code") == 251, body
    assert sum(row["n"] for row in clients("GET", "/classes/Account")[1]["results"]) == 2000


def test_a_transaction_that_fails_leaves_neither_object_nor_class_nor_field(clients: Clients) -> None:
    clients("POST", "/classes/There", {"x": 1})
    before = clients.master("GET", "/schemas")[1]
    failing = [
        ("PUT", "/classes/There/none", {"x": 2}),
        ("POST", "/classes/There", {"x": "a text"}),
        ("POST", "/users", {"username": "no password"}),
        ("POST", "/classes/There", {"_internal": 1}),
        ("DELETE", "/classes/There/none", None),
    ]
    for part in failing:
        parts = batch(
            ("POST", "/classes/There", {"x": 2, "fresh": True}),
            ("POST", "/classes/NeverMade", {"x": 1, "r": {"__op": "AddRelation", "objects": [here("There")]}}),
            ("POST", "/users", {"username": f"never {part[1]}", "password": "x"}),
            part,
        )
        status, body = clients("POST", "/batch", parts)
        assert status == 400, body
        assert body["code"] in (101, 105, 111, 201)
    assert clients.master("GET", "/schemas")[1] == before
    assert len(clients("GET", "/classes/There")[1]["results"]) == 1
    assert not [
        user for user in clients.master("GET", "/users?limit=1000")[1]["results"] if "never" in user["username"]
    ]
    for _ in range(10):
        assert clients("POST", "/classes/NeverMade", {"x": "another type"})[0] == 201, "the name is free"


def here(class_name: str) -> dict[str, str]:
    return {"__type": "Pointer", "className": class_name, "objectId": "x"}


def test_a_class_dropped_while_it_is_written_to_answers_without_a_defect(clients: Clients) -> None:
    def work(number: int) -> Answer:
        if number % 10 == 9:
            clients.master("DELETE", "/purge/Dropped")
            return clients.master("DELETE", "/schemas/Dropped")
        if number % 3 == 0:
            return clients("GET", "/classes/Dropped")
        return clients("POST", "/classes/Dropped", {"n": number})

    answers = clients.at_once(200, work)
    assert not [body for status, body in answers if status >= 500]
