"""Cloud functions: named code of an application that clients call (`contract/cloud.md` §2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from parse_core.application import Application
from parse_core.context import RequestContext
from parse_core.errors import ScriptFailed
from parse_core.values.scalars import Json


@dataclass(frozen=True, slots=True)
class FunctionRequest:
    """What a function gets: who calls, and the parameters as JSON."""

    name: str
    params: Mapping[str, Json]
    context: RequestContext


Function = Callable[[FunctionRequest], Json]


class Functions:
    """The functions of one application by name: `application.part(Functions)`."""

    def __init__(self, _application: Application) -> None:
        self._functions: dict[str, Function] = {}

    def define(self, name: str, function: Function) -> None:
        """Makes `function` the one that clients call by `name`, in place of a former one."""
        self._functions[name] = function

    def run(self, request: FunctionRequest) -> Json:
        """What the function returns, as JSON.

        A client's name is looked up here and nowhere else: no attribute, no import path. Raises `ScriptFailed` (141)
        for a name nobody defined.
        """
        function = self._functions.get(request.name)
        if function is None:
            message = f'Invalid function: "{request.name}"'
            raise ScriptFailed(message)
        return function(request)
