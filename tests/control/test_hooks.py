"""Cloud Code of the harness: registered through the protocol, run in the harness's process."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.control.test_protocol import api, ask, control

__all__ = ["api", "control"]

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class Harness:
    """The process that the handlers live in: `answers` by the id of a hook or function, `heard` what was asked."""

    def __init__(self, control: str) -> None:
        self.control = control
        self.answers: dict[str, Answer] = {}
        self.heard: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.heard.append(message)
                content = json.dumps(outer.answers[message["id"]](message)).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hook(self, kind: str, answer: Answer, **message: Any) -> tuple[int, Any]:
        """Registers a handler."""
        identifier = f"h{len(self.answers)}"
        self.answers[identifier] = answer
        body = {"id": identifier, "kind": kind, "callbackURL": self.url, **message}
        return ask("POST", f"{self.control}/hooks", body)

    def function(self, answer: Answer) -> dict[str, Any]:
        """A function as it travels in messages."""
        identifier = f"f{len(self.answers)}"
        self.answers[identifier] = answer
        return {"__bridge": "function", "id": identifier, "callbackURL": self.url, "async": False}


@pytest.fixture
def harness(control: str, api: str) -> Iterator[Harness]:
    made = Harness(control)
    yield made
    ask("DELETE", f"{control}/hooks")
    made.server.shutdown()
    made.server.server_close()


def leaving(**changes: Any) -> Answer:
    """A handler of saves that sets fields."""

    def answer(message: dict[str, Any]) -> dict[str, Any]:
        given = message["request"]["object"]
        return {
            "result": {"__bridge": "undefined"},
            "request": {"object": {**given, "ops": {**given["ops"], **changes}}},
        }

    return answer


def throwing(error: dict[str, Any]) -> Answer:
    return lambda _message: {"error": {"__bridge": "error", **error}, "request": {}}


def test_a_function_gets_values_of_the_sdk_and_returns_such(harness: Harness, api: str) -> None:
    stored = {"__type": "Date", "iso": "2026-01-31T10:00:00.000Z"}
    date = {"__bridge": "date", "iso": stored["iso"], "props": stored}
    harness.hook("define", lambda _message: {"result": {"at": date}, "request": {}}, name="f")
    params = {"at": {"__type": "Date", "iso": "2026-01-31T10:00:00.000Z"}, "n": [1]}
    assert ask("POST", f"{api}/functions/f", params) == (
        200,
        {"result": {"at": {"__type": "Date", "iso": "2026-01-31T10:00:00.000Z"}}},
    )
    request = harness.heard[0]["request"]
    assert (request["functionName"], request["params"], request["master"]) == ("f", {"at": date, "n": [1]}, True)


@pytest.mark.parametrize(
    ("error", "body"),
    [
        ({"type": "ParseError", "code": 999, "message": "own"}, {"code": 999, "error": "own"}),
        ({"type": "Error", "message": "native"}, {"code": 141, "error": "native"}),
        ({"type": "value", "value": "text"}, {"code": 141, "error": "text"}),
        ({"type": "value", "value": {"message": "m", "code": 5}}, {"code": 141, "error": "m"}),
        ({"type": "value", "value": 7}, {"code": 141, "error": 7}),
        ({"type": "undefined"}, {"code": 141, "error": "Script failed."}),
    ],
)
def test_what_a_function_throws_is_answered(harness: Harness, api: str, error: Any, body: Any) -> None:
    harness.hook("define", throwing(error), name="f")
    assert ask("POST", f"{api}/functions/f", {}) == (400, body)


def test_a_save_is_stored_as_its_handler_leaves_it(harness: Harness, api: str) -> None:
    harness.hook("beforeSave", leaving(b=2, n={"__op": "Increment", "amount": 1}), className="Post")
    status, created = ask("POST", f"{api}/classes/Post", {"a": {"k": 1}, "n": 1})
    assert (status, created["b"], created["n"]) == (201, 2, 1)
    assert "a" not in created
    _, updated = ask("PUT", f"{api}/classes/Post/{created['objectId']}", {"a.k": {"__op": "Increment", "amount": 4}})
    assert (updated["a"], updated["n"]) == ({"k": 5}, 2)


def test_a_validator_is_followed_and_its_functions_are_asked(harness: Harness, api: str) -> None:
    odd = harness.function(lambda message: {"result": bool(message["args"][0] % 2)})
    rules = {
        "fields": {"n": {"type": {"__bridge": "type", "name": "Number"}, "options": odd}},
        "validateMasterKey": True,
    }
    harness.hook("define", lambda _message: {"result": 1, "request": {}}, name="f", validator=rules)
    assert ask("POST", f"{api}/functions/f", {"n": 1}) == (200, {"result": 1})
    invalid = {"code": 142, "error": "Validation failed. Invalid value for n."}
    assert ask("POST", f"{api}/functions/f", {"n": 2}) == (400, invalid)
    mistyped = {"code": 142, "error": "Validation failed. Invalid type for n. Expected: number"}
    assert ask("POST", f"{api}/functions/f", {"n": "2"}) == (400, mistyped)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            {"kind": "afterLogout", "className": "_User"},
            "Only the _Session class is allowed for the afterLogout trigger.",
        ),
        (
            {"kind": "define", "name": "f", "validator": {"unknown": True}},
            "unknown is not a supported parameter for Cloud Function validations.",
        ),
    ],
)
def test_what_the_server_refuses_is_thrown(harness: Harness, message: dict[str, Any], text: str) -> None:
    kind = message.pop("kind")
    status, answer = harness.hook(kind, throwing({}), **message)
    assert (status, answer) == (400, {"error": {"__bridge": "error", "type": "value", "value": text}})


def test_handlers_survive_another_configuration_and_end_with_a_reset(harness: Harness, api: str) -> None:
    from tests.control.test_protocol import configure

    harness.hook("define", lambda _message: {"result": 1, "request": {}}, name="f")
    configure(harness.control, defaultLimit=7)
    assert ask("POST", f"{api}/functions/f", {}) == (200, {"result": 1})
    ask("POST", f"{harness.control}/reset", {"hooks": True})
    assert ask("POST", f"{api}/functions/f", {})[1] == {"code": 141, "error": 'Invalid function: "f"'}
