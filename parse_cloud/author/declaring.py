"""Registering Python code: what decorators declare becomes the handlers of an application."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from parse_cloud.author.python_handler import PythonHandler
from parse_cloud.author.python_validator import validator_of
from parse_cloud.author.rules import How
from parse_cloud.handlers import Handler, Handlers
from parse_cloud.kinds import CONFIG, FILE, NAMED, Kind, class_of
from parse_cloud.registry import CloudCode, Origin

if TYPE_CHECKING:
    from parse_core.application import Application

_NO_OPTIONS: Final[Mapping[str, object]] = {}


class Declaring:
    """The Python handlers of one application, as one load of its code registered them."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._handlers = Handlers()
        self._lock = threading.Lock()
        self._in_force = False

    def declare(
        self,
        kind: Kind,
        target: Any,
        function: Callable[..., Any],
        how: How | None = None,
        options: Mapping[str, object] = _NO_OPTIONS,
    ) -> None:
        """Registers a function. Raises `IllegalRegistration` or `TypeError` for what could never run."""
        if not callable(function):
            raise TypeError(f"A handler is a function, not {function!r}")
        asked = dict(how or {})
        timeout: Any = asked.pop("timeout", None)
        handler = Handler(
            kind,
            _name(kind, target, function),
            PythonHandler(self.application, kind, function, timeout),
            validator_of(self.application, kind, asked.pop("validator", None), asked),
            timeout,
            options,
        )
        with self._lock:
            if not self._in_force:
                self._handlers.add(handler)
                return
            self._handlers = _copied(self._handlers)  # whoever looks meanwhile sees the former ones
            self._handlers.add(handler)
            self._publish()

    def take_effect(self) -> None:
        """Puts these handlers in the place of all former Python ones, at once."""
        with self._lock:
            self._in_force = True
            self._publish()

    def retire(self) -> None:
        """These handlers were replaced: what is declared from now on is without effect."""
        with self._lock:
            self._in_force = False

    def clear(self) -> None:
        """Removes all Python handlers."""
        with self._lock:
            self._handlers = Handlers()
            if self._in_force:
                self._publish()

    @property
    def handlers(self) -> Handlers:
        """What was declared."""
        return self._handlers

    def _publish(self) -> None:
        self.application.part(CloudCode).replace(Origin.PYTHON, self._handlers)


def _copied(handlers: Handlers) -> Handlers:
    copied = Handlers()
    for handler in handlers:
        copied.add(handler)
    return copied


def _name(kind: Kind, target: Any, function: Callable[..., Any]) -> str:
    """The name of a function or job, or the class of a trigger."""
    if kind is Kind.ON_LIVE_QUERY_EVENT:
        return ""
    if kind in NAMED:
        name = _own_name(function) if target is None else target
        if not isinstance(name, str) or not name:
            raise TypeError(f"A {kind} has a text as its name, not {name!r}")
        return name
    name = class_of(kind, None if target is None else class_name_of(target))
    if not name:
        raise TypeError(f"{kind} needs a class: a name or a class of the SDK")
    return name


def _own_name(function: Callable[..., Any]) -> Any:
    while isinstance(function, partial):
        function = function.func
    return getattr(function, "__name__", None)


def class_name_of(target: Any) -> str:
    """The class that a name or a class of the SDK stands for; `@File` and `@Config` for those two."""
    if isinstance(target, str):
        return target
    from parse_cloud.author.sdk.config import Config
    from parse_cloud.author.sdk.file import File

    if isinstance(target, type) and issubclass(target, File):
        return FILE
    if isinstance(target, type) and issubclass(target, Config):
        return CONFIG
    name = getattr(target, "class_name", None)
    if not isinstance(name, str):
        raise TypeError(f"{target!r} is not a class of the SDK, nor the name of a class")
    return name
