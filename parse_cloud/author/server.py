"""`cloud.server`, which is `Parse.Server` in JavaScript: the running configuration of an application."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from parse_cloud.author.rules import RateLimitZone
from parse_core.options import ConfigurationError, Options
from parse_core.options.fields import Declaration, Group, declarations
from parse_core.options.parsing import parse_value
from parse_core.rest.views.server import COMPATIBLE_VERSION
from parse_core.signals import application_configured

if TYPE_CHECKING:
    from parse_core.application import Application

_MORE: Final = ("version", "RateLimitZone")


class Server(MutableMapping[str, Any]):
    """The options, as a mapping by reference name (`server["appId"]`) and as attributes (`server.app_id`).

    Setting one changes the configuration of this application in this process; a wrong value is refused as at the start.
    """

    RateLimitZone = RateLimitZone
    _application: Application

    def __init__(self, application: Application) -> None:
        vars(self)["_application"] = application

    @property
    def version(self) -> str:
        """The version of parse-server whose behaviour this is."""
        return COMPATIBLE_VERSION

    def __getitem__(self, name: str) -> Any:
        if name in _MORE:
            return getattr(self, name)
        return getattr(self._application.options, self._declaration(name).attribute)

    def __setitem__(self, name: str, value: Any) -> None:
        """Raises `ConfigurationError` for a value that the option cannot have."""
        declaration = self._declaration(name)
        parsed = value if isinstance(value, Group) else parse_value(declaration, value)
        explicit = self._application.options.explicit | {declaration.name}
        changes: dict[str, Any] = {declaration.attribute: parsed, "explicit": explicit}
        options = replace(self._application.options, **changes)
        problems = list(options.problems())
        if problems:
            raise ConfigurationError(problems)
        self._application.options = options
        application_configured.send(type(self._application), application=self._application)

    def __delitem__(self, name: str) -> None:
        """Gives the option its default."""
        self[name] = self._declaration(name).default

    def __iter__(self) -> Iterator[str]:
        return iter(declarations(Options))

    def __len__(self) -> int:
        return len(declarations(Options))

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"There is no option {name}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            self[name] = value
        except KeyError:
            raise AttributeError(f"There is no option {name}") from None

    def _declaration(self, name: str) -> Declaration:
        found = declarations(Options)
        if name in found:
            return found[name]
        return next((each for each in found.values() if each.attribute == name), None) or found[name]

    def __repr__(self) -> str:
        return f"<Server {self._application.id}>"
