"""One provider id belongs to at most one user: a unique index for each provider of an application."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from parse_auth.configured import SignInProviders
from parse_auth.sessions import USER_CLASS
from parse_core.application import Application
from parse_core.context import RequestContext
from parse_core.schema.changes import registry_change
from parse_core.store.tables import create_unique_index

PREFIX = "linked_"
BUILT_IN = frozenset({"anonymous"})  # made with the table


class ProviderIndexes:
    """Which indexes this process knows to be there; a part of the application."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._known: set[str] = set()

    def ensure(self, context: RequestContext | None, names: Iterable[str]) -> None:
        """Makes the indexes that are not there yet; inside a transaction it is left to the next write."""
        missing = set(names) - self._known - BUILT_IN
        if not missing or (context is not None and context.transaction is not None):
            return
        with registry_change(self._application) as change:
            schema = change.current(USER_CLASS)
            if not schema.exists:
                return
            for name in sorted(missing):
                path = f"authData.{name}.id"
                change.transaction.fetch(
                    create_unique_index(schema.namespace, schema.table, index_name(name), path, lower=False)
                )
        self._known |= missing

    def forget(self) -> None:
        """The tables were dropped."""
        self._known.clear()


def index_name(provider: str) -> str:
    """The registered name of a provider's index."""
    short = provider if len(provider) <= 40 else f"{provider[:20]}_{sha256(provider.encode()).hexdigest()[:16]}"
    return PREFIX + short


def on_configured(application: Application, **_signal: Any) -> None:
    """Makes the providers and their indexes, so that no request has to."""
    providers = application.part(SignInProviders)
    providers.load()
    application.part(ProviderIndexes).ensure(None, _with_ids(application))


def on_reset(application: Application, **_signal: Any) -> None:
    """The new tables need their indexes, too."""
    indexes = application.part(ProviderIndexes)
    indexes.forget()
    indexes.ensure(None, _with_ids(application))


def _with_ids(application: Application) -> list[str]:
    configured = set(application.part(SignInProviders).names())
    return [name for name in application.options.auth if name in configured and name != "mfa"]
