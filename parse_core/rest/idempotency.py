"""Requests that count once however often they arrive (`contract/objects.md` §7, keyed as `config.md` §4.10 says).

A client names a request in `X-Parse-Request-Id`. Some name every request of a run alike, so the method, the path and
the content tell requests apart, too.
"""

from __future__ import annotations

import time
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import orjson

from parse_core.errors import DuplicateRequest
from parse_core.objects.core_classes import IdempotencyKey
from parse_core.schema.changes import registry_change
from parse_core.store.claims import claim, forget_expired
from parse_core.store.database import MissingTable
from parse_core.store.rows import NewRow, Permissions
from parse_core.values.scalars import date_value, iso, new_object_id, now

if TYPE_CHECKING:
    from datetime import datetime

    from parse_core.application import Application
    from parse_core.rest.calls import Call
    from parse_core.store.sql import Sql
    from parse_core.values.scalars import Document

CLEANING: Final = 60.0  # seconds between removals of what has expired
METHODS: Final = {
    "classes": ("POST", "PUT"),
    "users": ("POST", "PUT"),
    "installations": ("POST", "PUT"),
    "functions": ("POST",),
    "jobs": ("POST",),
}
SECRET: Final = Permissions((), ())


def ensure_first(call: Call) -> None:
    """Raises `DuplicateRequest` (159) for a request that was seen before and has not expired, whatever came of it.

    One statement for requests that the option `idempotencyOptions` covers, none for others.
    """
    options = call.context.options.idempotency_options
    if not options.paths:
        return
    request_id = call.context.headers.get("X-Parse-Request-Id")
    if not request_id or call.method not in METHODS.get(call.path.partition("/")[0].lower(), ()):
        return
    if not any(pattern.match(call.path) for pattern in options.paths):
        return
    seen = call.context.application.part(SeenRequests)
    if not seen.claim(request_id, _fingerprint(request_id, call), timedelta(seconds=options.ttl)):
        raise DuplicateRequest


def _fingerprint(request_id: str, call: Call) -> str:
    # What is no JSON is a file of a form.
    content = sha256(orjson.dumps(call.parameters, default=repr, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return sha256(f"{request_id}\0{call.method}\0{call.path}\0{content}".encode("utf-8", "replace")).hexdigest()


class SeenRequests:
    """The requests of one application that were seen: objects of `_Idempotency`."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._next_cleaning = 0.0

    def claim(self, request_id: str, fingerprint: str, lifetime: timedelta) -> bool:
        """Whether this is the first request with the fingerprint; from now on it is not, for `lifetime`."""
        moment = now()
        self._clean(moment)
        data: Document = {
            "objectId": new_object_id(),
            "createdAt": iso(moment),
            "updatedAt": iso(moment),
            "reqId": request_id,
            "expire": date_value(moment + lifetime),
        }
        row = NewRow(data["objectId"], data, SECRET, {"_request": fingerprint})
        try:
            return bool(self._application.database.fetch(claim(self._relation(), row, iso(moment))))
        except MissingTable:
            self._application.schemas.forget()
            return bool(self._application.database.fetch(claim(self._relation(), row, iso(moment))))

    def _relation(self) -> Sql:
        schema = self._application.schemas[IdempotencyKey.name]
        if not schema.exists:  # somebody dropped it
            with registry_change(self._application) as change:
                schema = change.ensure(IdempotencyKey.name)
        return schema.relation

    def _clean(self, moment: datetime) -> None:
        if time.monotonic() > self._next_cleaning:
            self._next_cleaning = time.monotonic() + CLEANING
            self._application.database.fetch(forget_expired(self._relation(), iso(moment)))
