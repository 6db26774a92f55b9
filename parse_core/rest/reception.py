"""From an HTTP request to a `Call`: which application, which caller, which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from itertools import count
from os import getpid
from time import time_ns
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from parse_core.application import applications
from parse_core.context import Level, Principal, RequestContext
from parse_core.errors import HttpError, InternalError, InvalidJson, ParseError, TooManyRequests, Unauthorized
from parse_core.rest import authentication, credentials, keys, log_lines, query_string
from parse_core.rest.addresses import address_of_mount, client_address
from parse_core.rest.calls import Call
from parse_core.rest.guards import guard
from parse_core.rest.headers import RequestHeaders
from parse_core.rest.parsers import TooLarge, json_object, parser, read_body
from parse_core.rest.throttling import Caller, RateLimits
from parse_core.state import Readiness
from parse_core.values.decoding import JsonRefused, decode

if TYPE_CHECKING:
    from django.http import HttpRequest

    from parse_core.application import Application
    from parse_core.options import Options
    from parse_core.rest.base import ParseView
    from parse_core.values.scalars import Document

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_process = f"{getpid():x}-{time_ns() >> 20:x}"
_numbers = count()


class Reception:
    """One HTTP request while it is being found out what it is.

    `application` is None until headers or body have named a known one; it is kept here because an error on the way is
    answered by that application's options.
    """

    __slots__ = (
        "application",
        "credentials",
        "headers",
        "level",
        "meta",
        "mount",
        "named_by_headers",
        "path",
        "request",
        "request_id",
    )

    def __init__(self, request: HttpRequest, rest: str) -> None:
        """`rest` is the part of the path after the mount, as it came."""
        self.request = request
        self.meta: Mapping[str, Any] = request.META
        self.mount = request.path[: len(request.path) - len(rest)].rstrip("/")
        self.path = rest.strip("/")
        self.request_id = f"{_process}-{next(_numbers):x}"
        self.level = Level.CLIENT
        self.headers: Mapping[str, str] = _NOTHING  # of the response, whatever becomes of the request
        self.credentials = credentials.from_headers(self.meta)
        self.application: Application | None = None
        if self.credentials.application_id is not None:
            self.application = _served(self.credentials.application_id, self.mount)
        self.named_by_headers = self.application is not None

    @property
    def options(self) -> Options | None:
        """The options that apply: the application's; while none is known, those of the only one there is."""
        if self.application is not None:
            return self.application.options
        only = next(iter(applications.values()), None) if len(applications) == 1 else None
        return None if only is None else only.options

    @property
    def base_url(self) -> str:
        """Scheme, host and mount as the client addressed them."""
        trust = () if self.application is None else self.application.options.trust_proxy
        return address_of_mount(self.meta, self.mount, trust)

    def call(self, view: ParseView) -> Call:
        """The request as a handler sees it. The numbers are the contract's (`objects.md` §1.3).

        3. Keys in the headers are weighed. 7. The body is decoded (4.-6. are routes that read none). 8. `_method`
        replaces the method. 9. Application and keys in the body; cloud context; state; client keys. 10. Rate limits.
        11. Guards. 12. The session token becomes a user.
        """
        if self.application is not None:
            self.weigh_keys(self.application)  # 3
        elif applications.starting:
            raise InternalError("Invalid server state: starting")
        body = self._body(view)  # 7
        method = self._method(body)  # 8
        application = self.application or self._application_of_body(body)  # 9
        log_lines.received(self, application, method, body)
        cloud = self._cloud_context()
        self._check_state(application)
        self._check_keys(application, view)
        limits = application.part(RateLimits)
        if limits.entries:
            self._throttle(application, limits, method)  # 10
        guard(application.options, self.level, method, self.path)  # 11
        context = self._context(application, self._principal(application, view), cloud)  # 12
        query_text = self.meta.get("QUERY_STRING")
        query = query_string.parse(query_text) if query_text else {}
        return Call(
            context,
            method,
            self.path,
            _parameters(method, self._content(body, view), query),
            query,
            self.credentials.session_token,
            self.credentials.content_type or self.meta.get("CONTENT_TYPE", ""),
            self.request,
        )

    @property
    def neighbours(self) -> list[Application]:
        """The applications that this mount serves."""
        return [each for each in applications.values() if _mount(each) == self.mount] or [*applications.values()]

    def weigh_keys(self, application: Application) -> Level:
        """What the keys sent are worth to an application. Raises `Unauthorized` for a key from a wrong address."""
        self.level = keys.level(application, self.credentials, self._address(application))
        return self.level

    def _address(self, application: Application) -> str:
        return client_address(self.meta, application.options.trust_proxy)

    def _body(self, view: ParseView) -> Document:
        """The decoded body; of a route that reads its own, only when no header names the application."""
        if "\x00" in self.path:
            raise InvalidJson("NUL is not allowed in a path.")
        if self.named_by_headers and not view.parses_body:
            return {}
        limit, content_type = _body_limit(self.application), self.meta.get("CONTENT_TYPE", "")
        try:
            raw = read_body(self.request, limit)
        except TooLarge:
            raise view.too_large(content_type) from None
        if not raw:
            return {}
        if not view.parses_body:
            return json_object(raw)
        if self.named_by_headers:
            return view.decoded(raw, content_type, limit)
        return parser.parse(BytesIO(raw), content_type)

    def _content(self, body: Document, view: ParseView) -> Document:
        """The body as the handler sees it."""
        if self.named_by_headers and view.keeps_control_members:
            return body
        return credentials.without_control_members(body)

    def _method(self, body: Document) -> str:
        method = self.request.method or ""
        if method != "POST" or "_method" not in body:
            return method
        override = body.pop("_method")
        return override.upper() if override and isinstance(override, str) else method

    def _application_of_body(self, body: Document) -> Application:
        self.credentials = credentials.from_body(body, self.credentials)
        application = _served(self.credentials.application_id or "", self.mount)
        if application is None:
            raise Unauthorized
        self.application = application
        self.weigh_keys(application)
        return application

    def _cloud_context(self) -> Document:
        sent = self.credentials.cloud_context
        if sent is None:
            sent = self.meta.get("HTTP_X_PARSE_CLOUD_CONTEXT")
            if sent is None:
                return {}
        try:
            value = decode(sent.encode("latin-1", "replace")) if isinstance(sent, str) else sent
        except JsonRefused:
            value = None
        if not isinstance(value, dict):
            raise InvalidJson("Invalid object for context.")
        return value

    def _check_state(self, application: Application) -> None:
        state = application.part(Readiness).state
        if state != "ok":
            raise InternalError(f"Invalid server state: {state}")

    def _check_keys(self, application: Application, view: ParseView) -> None:
        if self.level is Level.READ_ONLY and view.ignores_read_only_key:
            self.level = Level.CLIENT
        if self.level is Level.CLIENT:
            keys.check_client_key(application, self.credentials)

    def _throttle(self, application: Application, limits: RateLimits, method: str) -> None:
        """Counts the request. Raises `TooManyRequests` (429) for one too many."""
        caller = Caller(self.level, self._address(application), lambda: self._known_principal(application))
        verdict = limits.count([(method, self.path)], caller)
        self.headers = verdict.headers
        if verdict.refusal is not None:
            raise TooManyRequests(verdict.refusal)

    def _known_principal(self, application: Application) -> Principal:
        """The caller as far as it matters for counting: nobody, when the token is no good."""
        token = self.credentials.session_token
        if self.level is not Level.CLIENT or not token:
            return authentication.privileged(self.level)
        try:
            return authentication.user_of(application, token, self.credentials.installation_id, self.path)
        except (ParseError, HttpError):
            return authentication.privileged(Level.CLIENT)

    def _principal(self, application: Application, view: ParseView) -> Principal:
        token = self.credentials.session_token
        if self.level is not Level.CLIENT or not token or not view.resolves_session:
            return authentication.privileged(self.level)
        return authentication.user_of(application, token, self.credentials.installation_id, self.path)

    def _context(self, application: Application, principal: Principal, cloud: Document) -> RequestContext:
        return RequestContext(
            application,
            principal,
            credentials.installation(self.credentials, self.level, by_headers=self.named_by_headers),
            self._address(application),
            self.base_url,
            self.request_id,
            RequestHeaders(self.meta),
            cloud,
        )


def _served(application_id: str, mount: str) -> Application | None:
    """The application of this id, unless the mount belongs to others (`contract/config.md` §8)."""
    application = applications.get(application_id)
    if application is None or _mount(application) == mount:
        return application
    belongs_to_others = any(_mount(other) == mount for other in applications.values())
    return None if belongs_to_others else application


def _mount(application: Application) -> str:
    return application.options.mount_path.rstrip("/")


def _body_limit(application: Application | None) -> int:
    """The largest body accepted, in bytes; before the application is known, what the most generous one accepts."""
    if application is not None:
        return application.options.max_upload_size
    return max((each.options.max_upload_size for each in applications.values()), default=0)


def _parameters(method: str, body: Document, query: Document) -> Document:
    if query and method in ("GET", "HEAD"):
        return {**body, **query_string.decoded(query)}
    return body
