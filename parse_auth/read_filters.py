"""What reads show of stored provider data: each provider may hide what nobody needs to see (`auth_providers.md` §6)."""

from __future__ import annotations

from typing import Any

from parse_auth.configured import SignInProviders
from parse_auth.proofs import FIELD
from parse_auth.providers.base import ProviderRequest
from parse_auth.sessions import USER_CLASS
from parse_core.application import Application
from parse_core.context import RequestContext
from parse_core.objects.find_moments import AfterFind
from parse_core.values.scalars import Document


def is_needed(application: Application, class_name: str) -> bool:
    """Whether reads of a class have to be looked at."""
    return class_name == USER_CLASS and application.part(SignInProviders).filters()


def on_found(context: RequestContext, event: AfterFind, **_signal: Any) -> None:
    """Puts what the providers show in the place of what is stored."""
    if event.class_name != USER_CLASS:
        return
    for document in event.documents:
        if isinstance(document.get(FIELD), dict):
            document[FIELD] = filtered(context, document[FIELD])


def filtered(context: RequestContext, auth_data: Document) -> Document:
    """The data of a user as a caller who may see them at all is shown them."""
    configured, request = context.application.part(SignInProviders), ProviderRequest(context)
    shown: Document = {}
    for name, data in auth_data.items():
        provider = configured.known(name)
        seen = provider.shown(data, request) if provider is not None and provider.filters_reads else None
        shown[name] = data if seen is None else seen
    return shown
