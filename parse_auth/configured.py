"""The sign-in providers of an application as its option `auth` has them: made once, kept until it is reconfigured."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from parse_auth.custom_provider import CustomProvider, adapter_of, members_of
from parse_auth.providers.base import Misconfigured, Provider, Settings, providers
from parse_core.application import Application
from parse_core.errors import InternalError, ParseError, UnsupportedService
from parse_core.options import Options

log = logging.getLogger(__name__)

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Options that make a provider of any name one of the generic kinds
GENERIC = {"oauth2": "oauth2", "openIdConnect": "oidc"}

INSECURE = (
    "DeprecationWarning: The sign-in provider '%s' is configured with 'enableInsecureAuth', which is deprecated and "
    "will be removed in a future version: a token that another application was given is accepted from whoever holds it."
)


class SignInProviders:
    """A part of the application. What is wrong with a provider is logged at start, and answers every use of it."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._options: Options | None = None
        self._made: dict[str, Provider | ParseError] = {}
        self._filters = False

    def get(self, name: str) -> Provider:
        """The provider of a name. Raises `UnsupportedService` (252), or what is wrong with its options."""
        made = self._current().get(name)
        if isinstance(made, Provider):
            return made
        if made is None:
            raise UnsupportedService
        raise type(made)(made.message)

    def known(self, name: str) -> Provider | None:
        """The provider, None when there is none that works."""
        made = self._current().get(name)
        return made if isinstance(made, Provider) else None

    def names(self) -> list[str]:
        """The providers that work."""
        return [name for name, made in self._current().items() if isinstance(made, Provider)]

    def filters(self) -> bool:
        """Whether any provider has a say in what reads show."""
        self._current()
        return self._filters

    def load(self) -> None:
        """Makes the providers of the current options."""
        options = self._application.options
        made: dict[str, Provider | ParseError] = {}
        for name in {*providers, *options.auth}:
            found = _made(name, options)
            if found is not None:
                made[name] = found
        self._filters = any(isinstance(found, Provider) and found.filters_reads for found in made.values())
        self._made, self._options = made, options
        for name in options.auth:
            failure = made.get(name)
            if isinstance(failure, ParseError) and not isinstance(failure, UnsupportedService):
                log.error("the sign-in provider %s is not usable: %s", name, failure.message)
            elif isinstance(failure, Provider) and failure.settings.allows_insecure:
                log.warning(INSECURE, name)

    def _current(self) -> Mapping[str, Provider | ParseError]:
        if self._options is not self._application.options:
            self.load()
        return self._made


def _made(name: str, options: Options) -> Provider | ParseError | None:
    """The provider, what is wrong with it, None for one that the application does not have."""
    try:
        return _provider(name, options)
    except UnsupportedService:
        return None
    except ParseError as error:
        return error
    except Exception as error:
        log.exception("the sign-in provider %s cannot be made", name)
        return Misconfigured(str(error)) if str(error) else InternalError()


def _provider(name: str, options: Options) -> Provider | None:
    value = options.auth.get(name)
    builtin = providers.get(name)
    if not NAME.fullmatch(name):
        return None
    if value is None:
        usable = builtin is not None and builtin.answers_unconfigured
        return builtin(Settings(name, {}, options)) if builtin is not None and usable else None
    if _of(value, "enabled") is False:
        return None
    for key, kind in GENERIC.items():
        if _of(value, key) is True:
            builtin = providers[kind]
    adapter, given = adapter_of(value) if not isinstance(value, bool) else ({}, {})
    if members_of(adapter):
        return CustomProvider(Settings(name, given, options), adapter, _base(builtin, name, given, options))
    if builtin is None:
        return CustomProvider(Settings(name, given, options), adapter, None) if not _is_plain(value) else None
    return builtin(Settings(name, given, options))


def _base(builtin: type[Provider] | None, name: str, given: Mapping[str, Any], options: Options) -> Provider | None:
    """The built-in provider under an adapter; without one where its options do not suffice."""
    if builtin is None:
        return None
    try:
        return builtin(Settings(name, given, options))
    except ParseError:
        return None


def _of(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else getattr(value, key, None)


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, Mapping) and "module" not in value)
