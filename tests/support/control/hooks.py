"""Handlers that live in the harness's process and run there, over HTTP (messages 1 to 3 of its `bridge.js`)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from itertools import count
from time import sleep
from typing import Any
from urllib.request import Request, urlopen

from parse_cloud.handlers import Handler, Handlers
from parse_cloud.invocations import Invocation, JobRun
from parse_cloud.kinds import Kind, class_of
from parse_cloud.registry import CloudCode, Origin
from parse_cloud.validators import Validator
from parse_core.application import Application
from tests.support.control.cloud_values import TYPES, UNDEFINED, decode_result, encode_params, failure_of
from tests.support.control.hook_messages import put, request_of

log = logging.getLogger("parse_cloud.code")

PATIENCE = 60  # seconds for one run
LATE = 0.2  # seconds in which what a job said and did not wait for may still come
KINDS = {
    "define": Kind.FUNCTION,
    "afterLiveQueryEvent": Kind.AFTER_EVENT,
    **{str(kind): kind for kind in Kind if kind is not Kind.FUNCTION},
}
# What nothing here makes run yet
WAITING = frozenset({Kind.BEFORE_CONNECT, Kind.BEFORE_SUBSCRIBE, Kind.AFTER_EVENT, Kind.ON_LIVE_QUERY_EVENT})
SUPPORTED = [name for name, kind in KINDS.items() if kind not in WAITING]


class Hooks:
    """The registered handlers, and those that run."""

    def __init__(self) -> None:
        self._handlers: list[Handler] = []
        self._running: dict[str, Invocation] = {}
        self._numbers = count()

    def add(self, application: Application, message: Mapping[str, Any]) -> None:
        """Registers a handler. Raises `IllegalRegistration`."""
        kind = KINDS[message["kind"]]
        name = message["name"] if kind in (Kind.FUNCTION, Kind.JOB) else class_of(kind, message.get("className"))
        validator = self._validator(message.get("validator"))
        self._handlers.append(Handler(kind, name, self._runs(message), validator))
        self.register(application)

    def clear(self, application: Application) -> None:
        """Forgets all handlers."""
        self._handlers = []
        self.register(application)

    def register(self, application: Application) -> None:
        """Puts the handlers in force for an application."""
        handlers = Handlers()
        for handler in self._handlers:
            handlers.add(handler)
        application.part(CloudCode).replace(Origin.JAVASCRIPT, handlers)

    def called_back(self, message: Mapping[str, Any]) -> None:
        """A handler that runs reports: the message of a job, or a line for the log."""
        invocation = self._running.get(str(message.get("call")))
        arguments = [decode_result(argument) for argument in message.get("args", ())]
        if message["method"] == "message" and isinstance(invocation, JobRun):
            invocation.message(*arguments)
        elif message["method"].startswith("log."):
            log.info("%s", " ".join(map(str, arguments)))

    def _runs(self, message: Mapping[str, Any]) -> Callable[[Invocation], None]:
        def run(invocation: Invocation) -> None:
            call = f"c{next(self._numbers)}"
            self._running[call] = invocation
            body = {"id": message["id"], "kind": message["kind"], "call": call, "request": request_of(invocation)}
            try:
                answer = _post(f"{message['callbackURL']}/hook", body)
                if isinstance(invocation, JobRun):
                    sleep(LATE)
            finally:
                del self._running[call]
            if "error" in answer:
                raise failure_of(answer["error"])
            put(invocation, answer.get("result", UNDEFINED), answer.get("request", {}))

        return run

    def _validator(self, encoded: Any) -> Validator | None:
        if encoded is None or encoded == UNDEFINED:
            return None
        if isinstance(encoded, dict) and encoded.get("__bridge") == "function":
            remote = _remote(encoded)
            return Validator(function=lambda invocation: remote(request_of(invocation)))
        return Validator(rules=_rule(encoded))


def _rule(value: Any) -> Any:
    """A part of a validator: functions are called where they live, types are Python's."""
    if isinstance(value, list):
        return [_rule(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value.get("__bridge"):
        case None:
            return {key: _rule(item) for key, item in value.items() if item != UNDEFINED}
        case "function":
            remote = _remote(value)
            return lambda *arguments: remote(*map(encode_params, arguments))
        case "type":
            return TYPES[value["name"]]
    return decode_result(value)


def _remote(encoded: Mapping[str, Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        answer = _post(f"{encoded['callbackURL']}/call", {"id": encoded["id"], "method": None, "args": arguments})
        if "error" in answer:
            raise failure_of(answer["error"])
        return decode_result(answer.get("result"))

    return call


def _post(url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310 - the harness's
    with urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
        answer: dict[str, Any] = json.load(response)
    return answer
