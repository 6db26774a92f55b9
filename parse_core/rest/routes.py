"""The routes of the REST API: one table, to which each app adds its own, for HTTP requests and batches alike.

A look-up goes by the first word of the path, so it costs the same however many routes there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from django.views.decorators.csrf import csrf_exempt

from parse_core.registry import Registry
from parse_core.rest.base import ParseView

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


class Route:
    """A pattern such as `classes/<class_name>/<object_id...>`, and the view behind it.

    `<name>` is one part of the path, `<name...>` at the end all that is left of it: servers decode `%2F` before they
    hand a path over, so an id that may hold a slash needs it. Words match in any case. `arguments` go to the view
    besides what the path says.
    """

    def __init__(self, pattern: str, view: type[ParseView], arguments: Mapping[str, str]) -> None:
        parts = pattern.split("/")
        self.pattern = pattern
        self.view = view
        self.endpoint = view.as_view()
        self._arguments = dict(arguments)
        self._length = len(parts)
        self._takes_rest = parts[-1].endswith("...>")
        self._words = [(place, part.lower()) for place, part in enumerate(parts) if not part.startswith("<")]
        self._names = [(place, part.strip("<.>")) for place, part in enumerate(parts) if part.startswith("<")]

    @property
    def first_word(self) -> str:
        """The word the table is ordered by."""
        return self._words[0][1]

    @cached_property
    def rank(self) -> tuple[bool, int]:
        """Routes that say more go first: `users/me` before `users/<object_id>`."""
        return self._takes_rest, -len(self._words)

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """The arguments of the view for a path in its parts, None when it is not this route's."""
        if len(parts) != self._length and not (self._takes_rest and len(parts) > self._length):
            return None
        for place, word in self._words:
            if parts[place].lower() != word:
                return None
        arguments = self._arguments.copy()
        for place, name in self._names:
            if not parts[place]:
                return None
            arguments[name] = parts[place]
        if len(parts) > self._length:
            arguments[self._names[-1][1]] = "/".join(parts[self._length - 1 :])
        return arguments


class Match(NamedTuple):
    """The route of a path, and what the path says to its view."""

    route: Route
    arguments: dict[str, str]


class Routes:
    """The table. An app adds its routes in `ready`: `routes.add("login", LoginView)`."""

    def __init__(self) -> None:
        self._routes: Registry[Route] = Registry("route")
        self._by_word: dict[str, list[Route]] = {}
        self._finders: list[Callable[[str], Match | None]] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes.values())

    def add(self, pattern: str, view: type[ParseView], **arguments: str) -> None:
        """Adds a route. A second one with the same pattern is a programming error: `ValueError`."""
        self._index(self._routes.add(pattern, Route(pattern, view, arguments)))

    def add_finder(self, finder: Callable[[str], Match | None]) -> None:
        """Adds what finds the views of paths that options name; asked last, and for requests over HTTP alone."""
        self._finders.append(finder)

    def found(self, path: str) -> Match | None:
        """The route that a finder has for a path which none of the table matches."""
        return next((match for finder in self._finders if (match := finder(path)) is not None), None)

    def _index(self, route: Route) -> None:
        routes = [*self._by_word.get(route.first_word, ()), route]
        self._by_word[route.first_word] = sorted(routes, key=lambda each: each.rank)

    @contextmanager
    def temporarily(self, pattern: str, view: type[ParseView], **arguments: str) -> Iterator[None]:
        """For tests: the route is there inside the block."""
        before = self._by_word
        self._by_word = dict(before)
        with self._routes.temporarily(pattern, Route(pattern, view, arguments)) as route:
            self._index(route)
            try:
                yield
            finally:
                self._by_word = before

    def match(self, path: str) -> Match | None:
        """The route of a path below the mount, without slashes around it."""
        parts = path.split("/")
        for route in self._by_word.get(parts[0].lower(), ()):
            arguments = route.match(parts)
            if arguments is not None:
                return Match(route, arguments)
        return None


class UnknownView(ParseView):
    """What no route matches: 404, but 403 first for who names no application."""


routes = Routes()
_UNKNOWN = Match(Route("unknown", UnknownView, {}), {})


def route(rest: str) -> Match:
    """The route of the path after the mount, with any slashes around it."""
    path = rest.strip("/")
    return routes.match(path) or routes.found(path) or _UNKNOWN


@csrf_exempt
def dispatch(request: HttpRequest, rest: str) -> HttpResponseBase:
    """The one Django view of the REST API."""
    found = route(rest)
    return found.route.endpoint(request, rest=rest, **found.arguments)
