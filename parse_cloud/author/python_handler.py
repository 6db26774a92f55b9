"""Runs a Python function as a handler: `Handler.run` of this origin."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from parse_cloud import running
from parse_cloud.author import execution
from parse_cloud.author.answers import take, take_status
from parse_cloud.author.current import Current, acting, current
from parse_cloud.author.failures import failure
from parse_cloud.author.requests import Request, request_of
from parse_cloud.author.response import FunctionResponse
from parse_cloud.invocations import FunctionCall, Invocation
from parse_cloud.kinds import Kind

if TYPE_CHECKING:
    from parse_core.application import Application


class PythonHandler:
    """A function, sync or async, that gets the request of its kind."""

    def __init__(
        self, application: Application, kind: Kind, function: Callable[..., Any], timeout: float | None
    ) -> None:
        self._application = application
        self._kind = kind
        self._function = function
        self._timeout = timeout
        self._is_async = inspect.iscoroutinefunction(function)
        self._parameters = _parameters(function)

    def __call__(self, invocation: Invocation) -> None:
        """Runs the function and takes over what it left. Raises `Failure` for whatever it raised."""
        request = None
        try:
            with acting(self._now(invocation)):
                request = request_of(invocation)
                response = FunctionResponse()
                try:
                    result = self._run(request, response, self._patience())
                    take(invocation, request, result, response)
                finally:
                    if isinstance(invocation, FunctionCall):
                        take_status(invocation, response)
        except BaseException as error:  # even what means to end the process is no more than a failed handler
            raise failure(error, self._application) from error

    def validate(self, invocation: Invocation) -> None:
        """Runs the function as a validator: only what it raises counts."""
        try:
            with acting(self._now(invocation)):
                self._run(request_of(invocation), None, None)
        except BaseException as error:
            raise failure(error, self._application) from error

    def _run(self, request: Request, response: FunctionResponse | None, timeout: float | None) -> Any:
        if self._is_async:
            request.prepare()
        arguments = (request, response)[: self._parameters]
        return execution.run(self._application, running.depth.get(), self._function, *arguments, timeout=timeout)

    def _now(self, invocation: Invocation) -> Current:
        return Current(self._application, invocation.context, running.depth.get())

    def _patience(self) -> float | None:
        if self._timeout is not None or self._kind is not Kind.FUNCTION:
            return self._timeout
        return self._application.options.cloud_function_timeout


class RanOn:
    """Small pieces of user code that get no request, such as the functions of a validator."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the function returns, awaited if need be. Raises `Failure` for whatever it raises."""
        now = current.get(None)
        if now is None or now.application is not self._application:
            now = Current.of(self._application)
        try:
            with acting(now):
                return execution.run(self._application, running.depth.get(), function, *arguments, timeout=None)
        except BaseException as error:
            raise failure(error, self._application) from error


def _parameters(function: Callable[..., Any]) -> int:
    """How many arguments a function is given: one, but none if it takes none, and two if it wants two."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # built-in ones do not always tell
        return 1
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return max(1, sum(map(_is_positional, parameters)))
    places = [each for each in parameters if _is_positional(each)]
    wanted = sum(each.default is each.empty for each in places)
    return min(2, max(wanted, min(1, len(places))))


def _is_positional(parameter: inspect.Parameter) -> bool:
    return parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
