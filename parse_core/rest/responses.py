"""From an `Answer` to what goes over the wire: encoding, file URLs, entity tag, CORS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from string import ascii_letters, digits, punctuation
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseBase

from parse_core.rest import conditional, cors
from parse_core.rest.calls import Answer
from parse_core.rest.reception import Reception
from parse_core.rest.renderers import FileUrls, renderer

_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED})
_CONTENT_TYPE = ("Content-Type", renderer.content_type)
_VISIBLE = ascii_letters + digits + punctuation
_STATUS_LINES: Mapping[int, str] = {int(status): f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass(slots=True)
class Response:
    """A response as a WSGI server takes it. Building Django's costs more than all else that is done to an answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def status_line(self) -> str:
        """`"200 OK"`."""
        return _STATUS_LINES.get(self.status) or f"{self.status} Unknown"

    def as_django(self) -> HttpResponse:
        """The same for Django's own handler."""
        return HttpResponse(self.body, status=self.status, headers=dict(self.headers))


def rendered(reception: Reception, answer: Answer | HttpResponseBase) -> Response | HttpResponseBase:
    """The response to a request, of an answer or of what a route made itself (a download)."""
    return response(reception, answer) if isinstance(answer, Answer) else with_cors(reception, answer)


def response(reception: Reception, answer: Answer) -> Response:
    """The response to a request: a GET answered with 200 has an entity tag, and is 304 for who has it already."""
    application, method = reception.application, reception.request.method
    body = renderer.render(answer.body)
    if application is not None:
        body = application.part(FileUrls).filled_in(body)
    headers = [_CONTENT_TYPE, *cors_headers(reception)]
    if answer.headers:
        headers.extend((name, header_text(value)) for name, value in answer.headers.items())
    if reception.headers:
        headers.extend(reception.headers.items())
    if answer.status == HTTPStatus.OK and method in ("GET", "HEAD"):
        tag = conditional.entity_tag(body)
        headers.append(("ETag", tag))
        if conditional.is_fresh(reception.meta, tag):
            return Response(HTTPStatus.NOT_MODIFIED, headers[1:], b"")
    if answer.status in _WITHOUT_BODY:
        return Response(answer.status, headers[1:], b"")
    headers.append(("Content-Length", str(len(body))))
    return Response(answer.status, headers, b"" if method == "HEAD" else body)


def header_text(value: str) -> str:
    """A header value in which nothing ends the header: other than visible ASCII is percent-encoded."""
    return value if value.isascii() and value.isprintable() else quote(value, safe=_VISIBLE)


def preflight(reception: Reception) -> Response:
    """The answer to OPTIONS on any path, with or without credentials."""
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "2"), *cors_headers(reception)]
    return Response(HTTPStatus.OK, headers, b"OK")


def with_cors(reception: Reception, made: HttpResponseBase) -> HttpResponseBase:
    """A response with the headers that all have."""
    for name, value in (*cors_headers(reception), *reception.headers.items()):
        made.headers[name] = value
    return made


def cors_headers(reception: Reception) -> cors.Headers:
    """The headers that every response below the mount carries."""
    return cors.headers(reception.options, reception.meta.get("HTTP_ORIGIN"))
