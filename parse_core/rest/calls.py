"""What goes into a route's handler and what comes out of it, over HTTP and inside a batch alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest

    from parse_core.context import RequestContext
    from parse_core.values.scalars import Document, Json


@dataclass(frozen=True, slots=True)
class Call:
    """One request, identified and decoded.

    `method` is the one after `_method`; `path` is what follows the mount, without slashes around it:
    `"classes/Post/x1"`. `parameters` is the JSON body without control members, on GET merged with the query string,
    whose values were tried as JSON. `query` is the query string with its values as text. `http` is None in a batch.
    """

    context: RequestContext
    method: str
    path: str
    parameters: Document
    query: Mapping[str, Json] = field(default_factory=dict)
    session_token: str | None = None
    content_type: str = ""
    http: HttpRequest | None = None

    def apart(self) -> Call:
        """The same call with a context object for triggers of its own."""
        return replace(self, context=self.context.apart())


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers: JSON as bytes ready to send, or a value still to be encoded."""

    body: bytes | Document | list[Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
