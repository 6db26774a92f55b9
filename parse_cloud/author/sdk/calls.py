"""How user code asks the server: the REST API from inside, for whom it says (`parse_core/rest/inside.py`)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

import orjson

from parse_cloud.author.current import acting_for
from parse_cloud.author.sdk.error import ParseError
from parse_core.context import ANONYMOUS, Level, Principal, RequestContext
from parse_core.errors import HttpError, InternalError, InvalidJson
from parse_core.errors import ParseError as ServerError
from parse_core.rest import exceptions, inside
from parse_core.rest.authentication import privileged
from parse_core.rest.calls import Answer
from parse_core.values.decoding import decode

if TYPE_CHECKING:
    from parse_cloud.author.current import Current
    from parse_cloud.author.sdk.user import User
    from parse_core.values.scalars import Document, Json

CLOUD_INSTALLATION = "cloud"  # whose calls these are, unless they say otherwise


class CallOptions(TypedDict, total=False):
    """For whom a call is made, as keyword arguments of every method that asks the server. Without: for nobody.

    `use_master_key` goes before `session_token`, that before `user`; with `read_only` it is the read-only master key.
    `context` is handed to the triggers, as a copy.
    """

    use_master_key: bool
    read_only: bool
    session_token: str | None
    user: User | None
    installation_id: str | None
    context: Mapping[str, Any] | None


class Api:
    """The REST API as one caller asks it."""

    __slots__ = ("context",)

    def __init__(self, options: CallOptions) -> None:
        """Raises `ParseError` 209 for a session token nobody has, 162 for a context that cannot be copied."""
        self.context = _context(acting_for(), **options)

    def ask(
        self, method: str, path: str, body: Document | None = None, query: Mapping[str, Json] | None = None
    ) -> Answer:
        """The answer of a route, its body decoded. Raises `ParseError` as a client would get it."""
        try:
            sent = None if body is None else _as_sent(body)
            asked = None if query is None else _as_sent(query)
            answer = inside.perform(self.context, method, path, sent, asked, verbatim=True)
        except Exception as error:
            raise as_client_sees(error, self.context) from error
        if answer.status >= 400 and isinstance(answer.body, dict):  # a transaction that was refused as a whole
            raise ParseError(answer.body.get("code", ParseError.OTHER_CAUSE), answer.body.get("error"))
        return answer

    def get(self, path: str, query: Mapping[str, Json] | None = None) -> Any:
        """The body of the answer to a GET."""
        return self.ask("GET", path, query=query).body

    def post(self, path: str, body: Document | None = None) -> Any:
        """The body of the answer to a POST."""
        return self.ask("POST", path, body).body


def _as_sent(document: Mapping[str, Json]) -> Document:
    """What the server would have read if it had come over the network: NUL and deep nesting are refused (107)."""
    try:
        sent: Document = decode(orjson.dumps(document))
    except orjson.JSONEncodeError as error:
        raise InvalidJson(f"This cannot be sent as JSON: {error}.") from error
    return sent


def as_client_sees(error: Exception, context: RequestContext) -> ParseError:
    """A failure of the server as its clients are told of it; the server's own defects are logged and say nothing."""
    if isinstance(error, ParseError):
        return error
    known = exceptions.as_known(error, context.request_id) or InternalError()
    if isinstance(known, HttpError):
        code = ParseError.OPERATION_FORBIDDEN if known.status == 403 else ParseError.OTHER_CAUSE
    else:
        code = int(known.code)
    body = exceptions.body(known, context.options, context.request_id)
    return ParseError(int(body.get("code", code)), body.get("error"))


def _context(  # noqa: PLR0913 (the options of every call: Python refuses others by their names)
    now: Current,
    *,
    use_master_key: bool = False,
    read_only: bool = False,
    session_token: str | None = None,
    user: User | None = None,
    installation_id: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> RequestContext:
    asked = replace(
        now.context,
        principal=ANONYMOUS,
        installation_id=installation_id or CLOUD_INSTALLATION,
        cloud=_copied(context),
        transaction=now.joined,
    )
    if use_master_key:
        return replace(asked, principal=privileged(Level.READ_ONLY if read_only else Level.MASTER))
    token = session_token or (user.session_token if user is not None else None)
    if token is not None:
        return replace(asked, principal=_behind(token, now, asked))
    return asked if user is None else replace(asked, principal=_user(user, now, asked))


def _behind(token: str, now: Current, asked: RequestContext) -> Principal:
    """The caller with a session token; that of the request is known already."""
    if now.context.principal.session_token == token:
        return now.context.principal
    try:
        return inside.caller(now.application, session_token=token)
    except (ServerError, HttpError) as error:
        raise as_client_sees(error, asked) from error


def _user(user: User, now: Current, asked: RequestContext) -> Principal:
    """A user without a session, such as one that a query found: the server's own code may act for anybody."""
    from parse_auth.roles import roles_of

    if user.id is None:
        raise ParseError(ParseError.MISSING_OBJECT_ID, "A user that is not saved cannot be acted for")
    if now.context.principal.user_id == user.id:
        return now.context.principal
    return Principal(Level.CLIENT, user.id, roles_of(asked, user.id))


def _copied(context: Mapping[str, Any] | None) -> dict[str, Any]:
    if not context:
        return {}
    try:
        return copy.deepcopy(dict(context))
    except Exception as error:
        raise ParseError(ParseError.INVALID_VALUE, f"Context contains non-cloneable values: {error}") from error
