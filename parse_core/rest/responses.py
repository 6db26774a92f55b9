"""From an `Answer` to the HTTP response: encoding, file URLs, entity tag, CORS."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from django.http import HttpResponse, HttpResponseBase

from parse_core.rest import conditional, cors
from parse_core.rest.renderers import FileUrls, renderer

if TYPE_CHECKING:
    from parse_core.rest.calls import Answer
    from parse_core.rest.reception import Reception

HttpResponseT = TypeVar("HttpResponseT", bound=HttpResponseBase)


def response(reception: Reception, answer: Answer) -> HttpResponse:
    """The response to a request: a GET answered with 200 has an entity tag, and is 304 for who has it already."""
    application, method = reception.application, reception.request.method
    body = renderer.render(answer.body)
    if application is not None:
        body = application.part(FileUrls).filled_in(body)
    status = answer.status
    headers = {"Content-Type": renderer.content_type, **answer.headers}
    if status == HTTPStatus.OK and method in ("GET", "HEAD"):
        headers["ETag"] = tag = conditional.entity_tag(body)
        if conditional.is_fresh(reception.meta, tag):
            status, body = HTTPStatus.NOT_MODIFIED, b""
            del headers["Content-Type"]
    if status != HTTPStatus.NOT_MODIFIED:
        headers["Content-Length"] = str(len(body))
    made = HttpResponse(b"" if method == "HEAD" else body, status=status, headers=headers)
    return with_cors(reception, made)


def preflight(reception: Reception) -> HttpResponse:
    """The answer to OPTIONS on any path, with or without credentials."""
    made = HttpResponse(b"OK", content_type="text/plain; charset=utf-8", headers={"Content-Length": "2"})
    return with_cors(reception, made)


def with_cors(reception: Reception, made: HttpResponseT) -> HttpResponseT:
    """The response with the headers that every response below the mount carries."""
    options = reception.options
    for name, value in cors.headers(options, reception.meta.get("HTTP_ORIGIN")):
        made.headers[name] = value
    return made
