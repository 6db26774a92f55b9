"""The REST API for the server's own code: the same handlers, without HTTP.

What only protects the server from its network is left out: client keys, the allow-list of routes, rate limits and
idempotency. Permissions, triggers and validation are the handlers' own, and hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from parse_core.context import Level, Principal
from parse_core.errors import InvalidJson
from parse_core.rest import authentication, query_string
from parse_core.rest.base import UnknownRoute
from parse_core.rest.calls import Answer, Call
from parse_core.rest.renderers import FileUrls, renderer
from parse_core.rest.routes import routes

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.context import RequestContext
    from parse_core.values.scalars import Document, Json


def caller(application: Application, *, master: bool = False, session_token: str | None = None) -> Principal:
    """Who the server's own code acts for: nobody, unless it says so. Raises `InvalidSessionToken` (209)."""
    if master:
        return authentication.privileged(Level.MASTER)
    if session_token is None:
        return authentication.privileged(Level.CLIENT)
    return authentication.user_of(application, session_token, None, "")


def perform(
    context: RequestContext,
    method: str,
    path: str,
    body: Document | None = None,
    query: Mapping[str, Json] | None = None,
    *,
    verbatim: bool = False,
) -> Answer:
    """The answer of a route to the caller, its body as clients read it: decoded, with real file URLs.

    `path` is below the mount and may have a query string, unless it is `verbatim`: then a `?` is part of a name or id.
    `query` has parameters as values, which a GET reads like
    those of a body. Raises `UnknownRoute` (404) and whatever the handler raises.
    """
    plain, _, text = (path, "", "") if verbatim else path.partition("?")
    plain = plain.strip("/")
    if "\x00" in plain:
        raise InvalidJson("NUL is not allowed in a path.")
    match = routes.match(plain)
    view = None if match is None else match.route.view
    if match is None or view is None or not view.handles(method):
        raise UnknownRoute(method, f"/{plain}")
    sent = query_string.parse(text) if text else {}
    parameters = {**(body or {}), **query_string.decoded(sent), **(query or {})} if method == "GET" else body or {}
    call = Call(
        context,
        method,
        plain,
        parameters,
        {**sent, **(query or {})},
        session_token=context.principal.session_token,
        content_type=renderer.media_type,
    )
    answer = view().answer(call, match.arguments)
    if not isinstance(answer, Answer):
        raise UnknownRoute(method, f"/{plain}")  # a page or a download is for browsers
    return replace(answer, body=read(context.application, answer.body))


def read(application: Application, body: bytes | Document | list[Any]) -> Any:
    """The body of an answer as values, with real file URLs."""
    return orjson.loads(application.part(FileUrls).filled_in(renderer.render(body)))
