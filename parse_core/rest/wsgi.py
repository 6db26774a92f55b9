"""A short way from the WSGI server to the REST API, past what Django does for every request.

URL resolving, the middleware chain and the request signals cost more than the whole edge, and none of them does
anything for API requests (`docs/decisions/0020-rest-beside-djangos-handler.md`). Everything else goes to Django as
ever; where its own handler is asked for an API path, `urls.py` leads to the same views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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

    def __init__(self, django: Application, mounts: Sequence[str]) -> None:
        """`mounts` are the paths of the API, `"/parse"`; one that begins with another comes before it."""
        self._django = django
        self._mounts = frozenset(mounts)
        self._prefixes = tuple(f"{mount}/" for mount in mounts)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(self._prefixes) and path not in self._mounts:
            return self._django(environ, start_response)
        request = WSGIRequest(environ)
        rest = request.path_info[self._length(path) :]
        found = route(rest)
        served = found.route.view().serve(request, rest, found.arguments)
        for connection in connections.all(initialized_only=True):
            connection.close()
        if isinstance(served, Response):
            start_response(served.status_line, served.headers)
            return [served.body]
        start_response(f"{served.status_code} {served.reason_phrase}", list(served.items()))
        return served

    def _length(self, path: str) -> int:
        """Of the mount and the slash behind it; ASCII, so that it is the same in decoded paths."""
        return next((len(prefix) for prefix in self._prefixes if path.startswith(prefix)), len(path))
