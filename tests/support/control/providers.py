"""Sign-in providers that live in the harness's process: adapters of the option `auth`, and functions among options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from parse_auth.providers.base import ProviderRequest
from tests.support.control.remote import ParseObject, RemoteAdapter, RemoteError

USER = "_User"


def providers(value: Any) -> Any:
    """The option `auth` with every remote adapter as a mapping of its methods and fields."""
    if not isinstance(value, Mapping):
        return value
    return {name: _provider(entry) for name, entry in value.items()}


def _provider(entry: Any) -> Any:
    """An entry of the option: the adapter itself, or `{"module": adapter, "options": …}`."""
    if isinstance(entry, Mapping):
        return {key: _provider(item) for key, item in entry.items()}
    if not isinstance(entry, RemoteAdapter):
        return entry
    made: dict[str, Any] = {key: _provider(item) for key, item in entry.fields.items()}
    made.update({method: _method(entry, method, made) for method in entry.methods})
    return made


def _method(adapter: RemoteAdapter, name: str, made: Mapping[str, Any]) -> Callable[..., Any]:
    itself = {"__bridge": "remote", "id": adapter.id}

    def call(*arguments: Any) -> Any:
        try:
            return adapter.call(name, *(itself if item is made else _sent(item) for item in arguments))
        except RemoteError as error:
            if error.thrown.get("type") == "ParseError":
                raise
            raise RuntimeError(str(error)) from error

    return call


def _sent(item: Any) -> Any:
    if item is None:
        return {"__bridge": "undefined"}
    if not isinstance(item, ProviderRequest):
        return item
    request: dict[str, Any] = {
        "triggerName": item.trigger_name,
        "object": item.object and ParseObject(USER, item.object),
        "original": item.original and ParseObject(USER, item.original),
        "user": item.user_id and ParseObject(USER, {"objectId": item.user_id}),
        "master": item.master,
        "ip": item.ip,
        "headers": dict(item.headers),
        "installationId": item.installation_id,
        "isChallenge": item.is_challenge or None,
    }
    return {key: value for key, value in request.items() if value is not None}
