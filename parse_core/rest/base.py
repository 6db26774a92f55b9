"""The base of every route of the REST API: one HTTP request from its first header to its last byte.

What happens between routing and handler happens here, so that a route says only what it does: one handler per method
that takes a `Call` and returns an `Answer`. A batch calls the same handlers without HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from rest_framework.views import APIView

from parse_core.context import Level
from parse_core.errors import Forbidden, HttpError, InternalError, MasterKeyRequired, ParseError
from parse_core.rest import audit, exceptions, log_lines, responses
from parse_core.rest.calls import Answer, Call
from parse_core.rest.idempotency import ensure_first
from parse_core.rest.parsers import TooLarge, parser
from parse_core.rest.reception import Reception
from parse_core.rest.responses import Response
from parse_core.store.database import counting

if TYPE_CHECKING:
    from parse_core.values.scalars import Document

Handler = Callable[..., Answer | HttpResponseBase]
Outcome = Answer | ParseError | HttpError

COUNT_STATEMENTS: bool = settings.PARSE_COUNT_STATEMENTS
STATEMENT_COUNT = "X-Parse-Statement-Count"

# The only names a client's method can lead to.
_HANDLERS: Mapping[str, str] = MappingProxyType(
    {"GET": "get", "HEAD": "get", "POST": "post", "PUT": "put", "DELETE": "delete"}
)
_VERBS: Mapping[str, str] = MappingProxyType({"POST": "create", "PUT": "update", "DELETE": "delete"})


class UnknownRoute(HttpError):
    """No route has this path and method: 404."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__(404, f"Cannot {method} {path}")


class ParseView(APIView):
    """A route. Subclasses define `get`, `post`, `put`, `delete` as `(self, call, **arguments) -> Answer`.

    `arguments` are the variable parts of the path. The attributes below say what is special about the route's callers.
    DRF's own request, negotiation and response objects are left out: they cost more than the whole of our part.
    """

    master_only: ClassVar[bool] = False
    # False: a session token is neither looked up nor refused; the handler finds it in `call.session_token`.
    resolves_session: ClassVar[bool] = True
    # False: the handler reads `call.http` itself. A body that has to name the application is decoded all the same.
    parses_body: ClassVar[bool] = True
    # True: where headers named the application, the handler sees the members of a body that speak about the request.
    keeps_control_members: ClassVar[bool] = False
    # The read-only master key is refused on methods that may write, unless a route knows better;
    refuses_read_only_key: ClassVar[bool] = True
    # or it counts as no key at all, where the answer would be the same without any.
    ignores_read_only_key: ClassVar[bool] = False
    # False: a batch cannot reach it.
    in_batch: ClassVar[bool] = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Django's way in: `kwargs` are the path after the mount, as `rest`, and the arguments of the route."""
        served = self.serve(request, kwargs.pop("rest"), kwargs)
        return served.as_django() if isinstance(served, Response) else served

    def serve(self, request: HttpRequest, rest: str, arguments: Mapping[str, str]) -> Response | HttpResponseBase:
        """The response to an HTTP request; `rest` is the path after the mount."""
        if not COUNT_STATEMENTS:
            return self._serve(request, rest, arguments)
        with counting() as statements:
            served = self._serve(request, rest, arguments)
        if isinstance(served, Response):
            served.headers.append((STATEMENT_COUNT, str(len(statements))))
        return served

    def _serve(self, request: HttpRequest, rest: str, arguments: Mapping[str, str]) -> Response | HttpResponseBase:
        """The numbers are the contract's (`objects.md` §1.3).

        1. OPTIONS is answered. (2. is the router's.) 3.-12. The request becomes a `Call`. 13. The handler answers.
        14. Errors become answers.
        """
        reception = Reception(request, rest)
        if request.method == "OPTIONS":
            return responses.preflight(reception)  # 1
        try:
            answer = self.respond(reception, arguments)  # 3-13
            if isinstance(answer, Answer):
                log_lines.answered(reception, answer)
            return responses.rendered(reception, answer)
        except Exception as error:  # noqa: BLE001 (rendered and logged in one place)
            log_lines.refused(reception, error)
            answer = exceptions.answer(error, reception.options, reception.request_id)  # 14
        return responses.response(reception, answer)

    def respond(self, reception: Reception, arguments: Mapping[str, str]) -> Answer | HttpResponseBase:
        """Steps 3-13; for routes that are served without credentials to do otherwise."""
        call = reception.call(self)
        ensure_first(call)
        return self.answer(call, arguments)

    def decoded(self, raw: bytes, content_type: str, limit: int) -> Document:
        """The body of a request; for routes that take other kinds of body, too. `limit` is `maxUploadSize`."""
        return parser.parse(BytesIO(raw), content_type)

    def too_large(self, content_type: str) -> ParseError | HttpError:
        """The refusal of a body beyond `maxUploadSize`."""
        return TooLarge()

    def answer(self, call: Call, arguments: Mapping[str, str]) -> Answer | HttpResponseBase:
        """What the handler of the call's method answers, if the caller's keys let it; told of in the audit log."""
        if call.context.options.audit_log and audit.concerns(call):
            told: Answer | HttpResponseBase = audit.audited(call, arguments, lambda: self._answer(call, arguments))
            return told
        return self._answer(call, arguments)

    def _answer(self, call: Call, arguments: Mapping[str, str]) -> Answer | HttpResponseBase:
        handler = self.handler(call.method)
        if handler is None:
            path = call.http.path if call.http is not None else f"/{call.path}"
            raise UnknownRoute(call.method, path)
        if self.master_only and not call.context.principal.is_master:
            raise MasterKeyRequired
        if call.context.principal.level is Level.READ_ONLY and call.method in _VERBS and self.refuses_read_only_key:
            raise Forbidden(self.read_only_refusal(call))
        return handler(call, **arguments)

    def answer_many(self, calls: Sequence[tuple[Call, Mapping[str, str]]]) -> Iterator[Outcome]:
        """The outcomes of consecutive calls of a batch to this route, all with one method.

        For routes that do several at once better than one after another. What is not asked for is not done.
        """
        return (self.outcome(call.apart(), arguments) for call, arguments in calls)

    def outcome(self, call: Call, arguments: Mapping[str, str]) -> Outcome:
        """The answer, or the error in its place."""
        try:
            answer = self.answer(call, arguments)
        except Exception as error:  # noqa: BLE001 (rendered and logged in one place)
            return exceptions.as_known(error, call.context.request_id) or InternalError()
        return answer if isinstance(answer, Answer) else InternalError()

    @classmethod
    def handles(cls, method: str) -> bool:
        """Whether the route has a handler for a method."""
        return method in _HANDLERS and hasattr(cls, _HANDLERS[method])

    def handler(self, method: str) -> Handler | None:
        """The handler of a method, None when the route has none."""
        name = _HANDLERS.get(method)
        return None if name is None else cast("Handler | None", getattr(self, name, None))

    def read_only_refusal(self, call: Call) -> str:
        """The text for the read-only master key on a method that may write; for the log, as clients read less."""
        return f"read-only masterKey isn't allowed to perform the {_VERBS[call.method]} operation."
