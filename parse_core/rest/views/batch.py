"""`POST /batch`: many requests in one, each by the handler that would serve it alone (`contract/objects.md` §13)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import orjson

from parse_core.context import Level
from parse_core.errors import ConnectionFailed, HttpError, InternalError, InvalidJson, ParseError, WriteConflict
from parse_core.rest import exceptions, query_string
from parse_core.rest.base import Outcome, ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.guards import guard
from parse_core.rest.renderers import public_url
from parse_core.rest.routes import Match, routes
from parse_core.rest.throttling import Caller, RateLimits

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.context import RequestContext
    from parse_core.options import Options
    from parse_core.store.database import Transaction
    from parse_core.values.scalars import Document, Json

RETRIES: Final = 5  # of a transaction that met a write conflict
ALONE: Final = 5.0  # seconds
METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE"})


class BatchView(ParseView):
    """Runs requests in order, by themselves or in one transaction."""

    refuses_read_only_key = False  # each request is asked
    in_batch = False

    def post(self, call: Call) -> Answer:
        """`[{"success": …}, {"error": {"code": …, "error": …}}, …]`, in the order of the requests.

        1. The batch as a whole: a list of bounded length. 2. Every request has a route and passes the guards.
        3. None is one too many. 4. They run: one after another, those for one route together; in a transaction all or
        none.
        """
        parts = list(_parts(call))
        if call.http is not None:
            _throttle(call.context, parts)
        if call.parameters.get("transaction") is True:
            return _in_transaction(call.context, parts)
        return _results(list(_outcomes(call.context, parts)), call.context.options)


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch, routed."""

    view: type[ParseView]
    method: str
    path: str
    arguments: dict[str, str]
    parameters: Document
    query: Document

    def call(self, context: RequestContext) -> Call:
        """The request as its handler sees it."""
        return Call(context, self.method, self.path, self.parameters, self.query)


def _parts(call: Call) -> Iterator[Part]:
    """The requests of the batch. Raises 107 if anything about the batch or one of them is wrong, before any runs.

    The server's own code (`inside.py`) may ask for as many requests, and for what routes, it likes.
    """
    requests = call.parameters.get("requests")
    if not isinstance(requests, list):
        raise InvalidJson("requests must be an array")
    options, level = call.context.options, call.context.principal.level
    limit = options.request_complexity.batch_request_limit if call.http is not None else -1
    if -1 < limit < len(requests) and level is Level.CLIENT:
        raise InvalidJson(f"Batch request contains {len(requests)} sub-requests, which exceeds the limit of {limit}.")
    if not all(isinstance(request, dict) and isinstance(request.get("path"), str) for request in requests):
        raise InvalidJson("batch request path must be a string")
    prefixes = _prefixes(call)
    for request in requests:
        yield _part(request, prefixes, call)


def _throttle(context: RequestContext, parts: Sequence[Part]) -> None:
    """Counts the requests. Raises `ConnectionFailed` (100) for the batch as a whole if one of them is one too many."""
    limits = context.application.part(RateLimits)
    if not limits.entries:
        return
    caller = Caller(context.principal.level, context.client_address, lambda: context.principal)
    verdict = limits.count([(part.method, part.path) for part in parts], caller)
    if verdict.refusal is not None:
        raise ConnectionFailed(verdict.refusal)


def _part(request: Document, prefixes: Sequence[str], batch: Call) -> Part:
    method = _method(request)
    routable, _, query_text = _routable(request["path"], prefixes).partition("?")
    path = unquote(routable).strip("/")
    if "\x00" in path:
        raise InvalidJson("NUL is not allowed in a path.")
    match = routes.match(path)
    if match is not None and match.route.view is BatchView and method.upper() == "POST":
        raise InvalidJson("nested batch requests are not allowed")
    if batch.http is not None:
        guard(batch.context.options, batch.context.principal.level, method, path)
    if match is None or method not in METHODS or not _is_reachable(match, method):
        raise InvalidJson(f"cannot route {method} {routable}")
    query = query_string.parse(query_text) if query_text else {}
    body = _body(request.get("body"))
    parameters = {**body, **query_string.decoded(query)} if query and method == "GET" else body
    return Part(match.route.view, method, path, match.arguments, parameters, query)


def _is_reachable(match: Match, method: str) -> bool:
    return match.route.view.in_batch and match.route.view.handles(method)


def _method(request: Document) -> str:
    """The method as sent, or as JavaScript would print what is none."""
    method = request.get("method", "undefined")
    return method if isinstance(method, str) else orjson.dumps(method).decode()


def _body(body: Json) -> Document:
    if body is None:
        return {}
    if isinstance(body, list):
        return {str(index): item for index, item in enumerate(body)}
    if not isinstance(body, dict):
        raise InvalidJson("batch request body must be an object")
    return body


def _prefixes(call: Call) -> list[str]:
    """What paths may start with, longest first: the mount of this request, and the mounts clients know."""
    path = "" if call.http is None else call.http.path.rstrip("/")
    own = path[: len(path) - len("/batch")].rstrip("/")
    known = (urlsplit(url).path.rstrip("/") for url in _urls(call.context.application) if url)
    return sorted({own, *known}, key=len, reverse=True)


def _urls(application: Application) -> tuple[str | None, str | None]:
    return application.options.server_url, public_url(application)


def _routable(path: str, prefixes: Sequence[str]) -> str:
    """The path below the mount: `/classes/Post`."""
    for prefix in prefixes:
        if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("/", ""):
            return "/" + path[len(prefix) :].lstrip("/")
    raise InvalidJson(f"cannot route batch path {path}")


def _outcomes(context: RequestContext, parts: Sequence[Part]) -> Iterator[Outcome]:
    """What came of each request, in order; consecutive ones for the same route and method are handed over together."""
    for (view, _), group in groupby(parts, key=lambda part: (part.view, part.method)):
        yield from view().answer_many([(part.call(context), part.arguments) for part in group])


class Turns:
    """When transactions of an application last met a write conflict here: for a while they then run one at a time.

    PostgreSQL takes a second to notice that two wait for each other; a busy application would do little else.
    """

    def __init__(self, _application: Application) -> None:
        self.alone_until = 0.0

    def met_conflict(self) -> None:
        self.alone_until = time.monotonic() + ALONE


def _in_transaction(context: RequestContext, parts: Sequence[Part], *, retries: int = RETRIES) -> Answer:
    """The results if all went well; else the first error alone, with 400, and nothing is stored.

    An error of what runs after the commit is answered the same way, although all is stored.
    """
    application, turns = context.application, context.application.part(Turns)
    transaction: Transaction | None = None
    try:
        with application.database.transaction() as transaction:
            transaction.take_turn(application.namespace, alone=time.monotonic() < turns.alone_until)
            results = list(_all_or_nothing(_outcomes(replace(context, transaction=transaction), parts)))
    except InternalError:
        raise
    except (ParseError, HttpError) as error:
        is_stored = transaction is not None and transaction.is_committed
        if retries and isinstance(error, WriteConflict) and not is_stored:
            turns.met_conflict()
            application.schemas.refresh()  # inside a transaction nobody looks
            return _in_transaction(context, parts, retries=retries - 1)
        return Answer(exceptions.body(error, context.options, context.request_id), 400)
    return _results(results, context.options)


def _all_or_nothing(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    for outcome in outcomes:
        if not isinstance(outcome, Answer):
            raise outcome
        yield outcome


def _results(outcomes: Sequence[Outcome], options: Options) -> Answer:
    return Answer(orjson.dumps([_result(outcome, options) for outcome in outcomes]))


def _result(outcome: Outcome, options: Options) -> dict[str, Any]:
    if isinstance(outcome, Answer):
        return {"success": orjson.Fragment(outcome.body) if isinstance(outcome.body, bytes) else outcome.body}
    return {"error": exceptions.body(outcome, options)}


routes.add("batch", BatchView)
