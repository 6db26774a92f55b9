"""Challenges: what `/challenge` began and a sign-in ends, kept for some minutes where all processes find it.

A challenge is named by a secret that only the device has which asked for it. What is stored are digests: of the secret,
of the code that answers it (keyed with the secret, so that nobody finds a short code by trying all), and of the link
that has to be followed first. Neither the table nor a copy of it signs anybody in.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import orjson

from parse_auth.providers.base import NotAllowed
from parse_core.application import Application
from parse_core.context import RequestContext
from parse_core.store.counters import Amount, PostgresCounters
from parse_core.store.database import Rows
from parse_core.store.sql import Sql, json_param
from parse_core.values.scalars import Document

CLEANING: Final = 60.0  # seconds between removals of what nobody answered
_ALIVE: Final = Sql(" AND c.ends_at > now()")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client sends for a challenge: its secret name, and the code that answers it."""

    secret: str
    code: str = ""

    def digest(self) -> str:
        """What is stored of the code."""
        return hmac.new(self.secret.encode(), self.code.encode("utf-8", "surrogatepass"), sha256).hexdigest()


class Challenges:
    """The challenges of one application."""

    def __init__(self, application: Application) -> None:
        self._id = application.id
        self._database = application.database
        self._counters = PostgresCounters(application.database, application.id)
        self._next_cleaning = time.monotonic() + CLEANING

    def begin(self, kind: str, answer: Answer, data: Document, *, seconds: float, link: str | None = None) -> None:
        """Keeps a challenge. With a `link`, no answer is right before somebody has followed it."""
        named = None if link is None else _digest(kind, link)
        values = (self._id, _digest(kind, answer.secret), answer.digest(), named)
        statement = Sql("INSERT INTO parse_challenge (application_id, id, code, link, data, ends_at) VALUES ")
        row = Sql("(%s, %s, %s, %s, ", values) + json_param(data) + Sql(", now() + %s * interval '1 s')", (seconds,))
        self._database.fetch(statement + row)
        if time.monotonic() > self._next_cleaning:
            self._next_cleaning = time.monotonic() + CLEANING
            self._database.fetch(Sql("DELETE FROM parse_challenge WHERE ends_at < now()"))

    def attempt(self, kind: str, answer: Answer, *, attempts: int) -> Document | None:
        """The data of a challenge if the answer is right; None if not, or if it was tried too often or too late.

        Right answers count like wrong ones. The database puts the attempts in an order, so that however many arrive at
        once, no more than `attempts` are looked at.
        """
        statement = Sql("UPDATE parse_challenge c SET tries = c.tries + 1 WHERE ") + self._named(kind, answer)
        rows = self._database.fetch(
            statement + Sql(" AND c.tries < %s", (attempts,)) + _ALIVE + Sql(" RETURNING c.code, c.data::text")
        )
        if not rows or not hmac.compare_digest(rows[0][0], answer.digest()):
            return None
        return _data(rows)

    def spend(self, kind: str, answer: Answer) -> Document | None:
        """The data of a challenge with its right answer, which is gone now; None for whoever comes second."""
        statement = Sql("DELETE FROM parse_challenge c WHERE ") + self._named(kind, answer)
        right = Sql(" AND c.code = %s", (answer.digest(),))
        return _data(self._database.fetch(statement + right + _ALIVE + Sql(" RETURNING c.code, c.data::text")))

    def linked(self, kind: str, link: str) -> Document | None:
        """The data of the challenge that a link is about, if it still has to be followed. Nothing changes."""
        statement = Sql("SELECT c.code, c.data::text FROM parse_challenge c WHERE ") + self._led_to(kind, link)
        return _data(self._database.fetch(statement + _ALIVE))

    def follow(self, kind: str, link: str) -> Document | None:
        """The same, and from now on the challenge can be answered; of any number who follow a link, one does."""
        statement = Sql("UPDATE parse_challenge c SET link = NULL WHERE ") + self._led_to(kind, link)
        return _data(self._database.fetch(statement + _ALIVE + Sql(" RETURNING c.code, c.data::text")))

    def count(self, kind: str, subject: str, *, seconds: float) -> int:
        """How many challenges about a subject, like an address, began within its window of time, this one included."""
        key = f"challenge {_digest(kind, subject)}"
        return self._counters.add({key: Amount(1, int(seconds * 1000))})[key].count

    def forget(self) -> None:
        """Forgets all, and what was counted."""
        self._database.fetch(Sql("DELETE FROM parse_challenge WHERE application_id = %s", (self._id,)))
        counted = Sql("DELETE FROM parse_rate_limit WHERE application_id = %s AND key LIKE 'challenge %%'", (self._id,))
        self._database.fetch(counted)

    def _named(self, kind: str, answer: Answer) -> Sql:
        named = (self._id, _digest(kind, answer.secret))
        return Sql("c.application_id = %s AND c.id = %s AND c.link IS NULL", named)

    def _led_to(self, kind: str, link: str) -> Sql:
        return Sql("c.application_id = %s AND c.link = %s", (self._id, _digest(kind, link)))


def challenges(context: RequestContext) -> Challenges:
    """The challenges of a request's application.

    Raises `NotAllowed` (-1) inside a transaction: what it rolled back, like an attempt, could be made again for ever.
    """
    if context.transaction is not None:
        raise NotAllowed("A challenge cannot be answered in a transaction.")
    return context.application.part(Challenges)


def new_secret() -> str:
    """A fresh name of a challenge or token of a link, fit for URLs; 192 bits of chance."""
    return secrets.token_urlsafe(24)


def on_reset(application: Application, **_signal: Any) -> None:
    """Nobody is left whom a challenge could sign in."""
    application.part(Challenges).forget()


def _digest(kind: str, secret: str) -> str:
    return sha256(f"{kind}:{secret}".encode("utf-8", "surrogatepass")).hexdigest()


def _data(rows: Rows) -> Document | None:
    data: Document | None = orjson.loads(rows[0][1]) if rows else None
    return data
