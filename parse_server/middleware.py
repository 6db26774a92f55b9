"""Keeps Django's usual middleware to the admin, away from the API, where it would double the cost of a request."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class AdminMiddleware:
    """`settings.ADMIN_MIDDLEWARE`, in order, around the admin and its static files; nothing around other paths."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.paths = (settings.ADMIN_PATH, settings.ADMIN_PATH.rstrip("/"), settings.STATIC_URL)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(self.paths):
            return self._chain[0](request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Django asks only us before it calls a view; we ask each of the chain (the CSRF check is done there)."""
        if not request.path_info.startswith(self.paths):
            return None
        for middleware in self._chain[1]:
            process = getattr(middleware, "process_view", _pass)
            response: HttpResponseBase | None = process(request, view, args, kwargs)
            if response is not None:
                return response
        return None

    @cached_property
    def _chain(self) -> tuple[GetResponse, list[Any]]:
        """The outermost function to call, and the middleware in it; made by the first request to the admin."""
        handler: GetResponse = self.get_response
        chain: list[Any] = []
        for path in reversed(settings.ADMIN_MIDDLEWARE):
            middleware = import_string(path)(handler)
            chain.insert(0, middleware)
            handler = cast("GetResponse", convert_exception_to_response(middleware))
        return handler, chain


def _pass(*_args: object) -> None:
    """Stands in for a hook that a middleware doesn't have."""
