"""Plays tables of requests against the example backends, in whichever language they are written.

`"$post"` in a path or body stands for what an earlier step kept under that name. Of an answer only what is named is
looked at: dictionaries may have more members, lists may not be longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.client import ApiClient


class Mails:
    """A mail adapter that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send_mail(self, to: str, subject: str, text: str) -> None:
        self.sent.append((to, subject))


@dataclass(frozen=True)
class Step:
    """A request of somebody (`ada`, `bob`, `cy`, `master`, or nobody), and what must come of it."""

    name: str
    who: str
    method: str
    path: str
    body: Any = None
    gives: Any = None
    error: tuple[int, str] | None = None
    status: int | None = None
    keep: Mapping[str, str] = field(default_factory=dict)  # name → dotted path in the answer
    mails: list[tuple[str, str]] | None = None  # those sent by this step: to whom, about what


class Play:
    """One application with three users, and what steps have kept."""

    def __init__(self, api: ApiClient, mails: Mails) -> None:
        self.api = api
        self.mails = mails
        self.kept: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        for name in ("ada", "bob", "cy"):
            fields = {"username": name, "password": f"{name}-secret", "email": f"{name}@example.com"}
            reply = api.post("/users", fields)
            assert reply.status == 201, reply.body
            self.kept[name], self.tokens[name] = reply.json["objectId"], reply.json["sessionToken"]

    def step(self, step: Step) -> None:
        before = len(self.mails.sent)
        reply = self.api.request(
            step.method,
            self._filled(step.path),
            self._filled(step.body),
            master=step.who == "master",
            as_user=self.tokens.get(step.who),
        )
        if step.error is not None:
            assert reply.error == self._filled(step.error), (step.name, reply.body)
        else:
            assert reply.status in ((200, 201) if step.status is None else (step.status,)), (step.name, reply.body)
        if step.gives is not None:
            assert_matches(self._filled(step.gives), reply.json, step.name)
        for name, path in step.keep.items():
            value = reply.json
            for part in path.split("."):
                value = value[int(part) if part.isdigit() else part]
            self.kept[name] = value
        if step.mails is not None:
            assert self.mails.sent[before:] == step.mails, step.name

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            for name in sorted(self.kept, key=len, reverse=True):
                value = value.replace(f"${name}", str(self.kept[name]))
            return value
        if isinstance(value, tuple):
            return tuple(self._filled(item) for item in value)
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if isinstance(value, dict):
            return {self._filled(name): self._filled(item) for name, item in value.items()}
        return value


def assert_matches(expected: Any, actual: Any, where: str) -> None:
    if isinstance(expected, dict):
        assert isinstance(actual, dict), (where, expected, actual)
        for name, value in expected.items():
            assert name in actual, (where, name, actual)
            assert_matches(value, actual[name], f"{where}.{name}")
    elif isinstance(expected, list):
        assert isinstance(actual, list), (where, expected, actual)
        assert len(actual) == len(expected), (where, expected, actual)
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            assert_matches(one, other, f"{where}[{index}]")
    else:
        assert expected == actual, (where, expected, actual)
