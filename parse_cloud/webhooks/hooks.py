"""The webhooks of an application: rows of `_Hooks`, and the handlers they are in every process."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from parse_cloud.handlers import Handler, Handlers
from parse_cloud.kinds import TRIGGERS, Kind
from parse_cloud.registry import CloudCode, Origin
from parse_cloud.rows import change_row, read_rows, write_row
from parse_cloud.webhooks.calling import call_webhook
from parse_core.context import MASTER, RequestContext
from parse_core.objects.delete import delete

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.values.scalars import Document

CLASS_NAME: Final = "_Hooks"
TOPIC: Final = "hooks"


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook; `name` is a function's, or a class's. `row` is the id of its row."""

    kind: Kind
    name: str
    url: str
    row: str

    @classmethod
    def stored(cls, row: Document) -> Hook | None:
        """The webhook of a row; None for one that says nothing we know."""
        if isinstance(row.get("functionName"), str):
            return cls(Kind.FUNCTION, row["functionName"], str(row.get("url", "")), row["objectId"])
        kind = str(row.get("triggerName"))
        if kind not in TRIGGERS:
            return None
        return cls(Kind(kind), str(row.get("className", "")), str(row.get("url", "")), row["objectId"])

    @property
    def shown(self) -> Document:
        """As the API shows it."""
        return {**_named(self.kind, self.name), "url": self.url}


class Webhooks:
    """`application.part(Webhooks)`: what is registered, the same in all processes a moment after a change."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._listens = False

    @property
    def _context(self) -> RequestContext:
        return RequestContext(self._application, MASTER)

    def all(self) -> list[Hook]:
        """Every webhook, as stored."""
        return [hook for row in read_rows(self._context, CLASS_NAME) if (hook := Hook.stored(row)) is not None]

    def find(self, kind: Kind, name: str) -> Hook | None:
        """The webhook for a kind and a name."""
        return next((hook for hook in self.all() if (hook.kind, hook.name) == (kind, name)), None)

    def add(self, kind: Kind, name: str, url: str) -> None:
        """Stores a new webhook. Raises `DuplicateValue` when somebody else does at this moment."""
        row = sha256(f"{kind}:{name}".encode()).hexdigest()[:24]
        write_row(self._context, CLASS_NAME, row, {**_named(kind, name), "url": url, "ACL": {}}, is_new=True)
        self._announce()

    def change(self, hook: Hook, url: str) -> None:
        """Sends what the webhook is asked to another address."""
        change_row(self._context, CLASS_NAME, hook.row, {"url": url})
        self._announce()

    def remove(self, hook: Hook) -> None:
        """Forgets a webhook; what it was in front of is found again. Raises `ObjectNotFound` (101) if it is gone."""
        delete(self._context, CLASS_NAME, hook.row)
        self._announce()

    def load(self, _key: str = "") -> None:
        """Puts what is stored in force in this process."""
        with self._lock:
            if not self._listens:
                self._listens = True
                self._application.listener.subscribe(self._application.id, TOPIC, self.load)
            handlers = Handlers()
            for hook in self.all():
                handlers.add(Handler(hook.kind, hook.name, partial(call_webhook, hook.url)))
            self._application.part(CloudCode).replace(Origin.WEBHOOK, handlers)

    def _announce(self) -> None:
        self.load()
        self._application.listener.publish(self._application.id, TOPIC, "")


def _named(kind: Kind, name: str) -> Document:
    if kind is Kind.FUNCTION:
        return {"functionName": name}
    return {"className": name, "triggerName": kind.value}


def load(application: Application, **_signal: Any) -> None:
    """Webhooks are in force from the first request on, and go with the data they are part of."""
    application.part(Webhooks).load()
