"""Cursor tokens: a place in an order as a text that clients keep and send back (`docs/cursor-paging.md`).

A token is signed with a key of the application and names class and order, so that a place is never taken for one in
another list. It hides nothing from who may sort by those fields, and is no secret.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import orjson

from parse_core.errors import InvalidQuery
from parse_core.objects.requests import FindRequest, Found
from parse_core.query.keyset import Beyond, Position, keys
from parse_core.query.select import ROW, Ends, Select

if TYPE_CHECKING:
    from parse_core.application import Application

_SIGNATURE: Final = 12  # bytes
LARGEST: Final = 100_000  # characters of a token


def placed(application: Application, request: FindRequest, query: Select) -> Select:
    """The query as the cursor parameters of the request want it. Raises `InvalidQuery` (102)."""
    given = request.before if request.after is None else request.after
    if given is None and not request.cursor:
        return query
    if (request.after is not None and request.before is not None) or request.skip:
        raise InvalidQuery("A cursor goes one way, and without skip.")
    if not query.limit:
        return query
    if given is None:
        return replace(query, placed=True)
    place = parse_token(application, query.schema.name, request.order, given)
    if len(place) != len(keys(query.order, ROW)):
        raise InvalidQuery("Invalid cursor.")
    return replace(query, placed=True, beyond=Beyond(query.order, place, backwards=request.before is not None))


def with_tokens(application: Application, request: FindRequest, query: Select, found: Found, ends: Ends) -> Found:
    """The answer with the tokens of the pages beside it: where it came from, and onwards while pages are full."""
    first, last, count = ends
    if first is None or last is None:
        return found
    is_full, came_back = count == query.limit, request.before is not None
    onwards, back = came_back or is_full, is_full if came_back else request.after is not None

    def made(position: str) -> str:
        return token(application, query.schema.name, request.order, position)

    return replace(found, next=made(last) if onwards else None, previous=made(first) if back else None)


def token(application: Application, class_name: str, order: Sequence[str], position: str) -> str:
    """The token for a place, given as the JSON text that `keyset.position_of` makes."""
    content = position.encode()
    signature = _signature(application, class_name, order, content)
    return urlsafe_b64encode(signature + content).decode().rstrip("=")


def parse_token(application: Application, class_name: str, order: Sequence[str], text: str) -> Position:
    """The place a token stands for. Raises `InvalidQuery` (102) for one we did not make, or not for this list."""
    try:
        if len(text) > LARGEST:
            raise InvalidQuery("Invalid cursor.")
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        raise InvalidQuery("Invalid cursor.") from None
    signature, content = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(application, class_name, order, content)):
        raise InvalidQuery("Invalid cursor.")
    return tuple(orjson.loads(content))


def _signature(application: Application, class_name: str, order: Sequence[str], content: bytes) -> bytes:
    named = orjson.dumps([application.id, class_name, list(order)])
    secret = f"cursor {application.options.master_key}".encode()
    return hmac.digest(secret, named + b"\n" + content, sha256)[:_SIGNATURE]
