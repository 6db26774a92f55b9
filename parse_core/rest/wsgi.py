"""A short way from the WSGI server to the REST API, past what Django does for every request.

URL resolving, the middleware chain and the request signals cost more than the whole edge, and none of them does
anything for API requests (`docs/decisions/0020-rest-beside-djangos-handler.md`). Everything else goes to Django as
ever; where its own handler is asked for an API path, `urls.py` leads to the same views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.db import connections

from parse_core.rest.responses import Response
from parse_core.rest.routes import route

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class RestFirst:
    """A WSGI application: API paths go to the dispatcher, all others to Django's handler."""

    def __init__(self, django: Application, mount: str) -> None:
        """`mount` is the path of the API: `"/parse"`, or `"/"`."""
        self._django = django
        self._mount = mount.rstrip("/")
        self._prefix = self._mount + "/"

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(self._prefix) and path != self._mount:
            return self._django(environ, start_response)
        request = WSGIRequest(environ)
        rest = request.path_info[len(self._prefix) :]
        found = route(rest)
        served = found.route.view().serve(request, rest, found.arguments)
        for connection in connections.all(initialized_only=True):
            connection.close()
        if isinstance(served, Response):
            start_response(served.status_line, served.headers)
            return [served.body]
        start_response(f"{served.status_code} {served.reason_phrase}", list(served.items()))
        return served
