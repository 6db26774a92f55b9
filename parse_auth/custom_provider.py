"""Providers of one's own: any object, class or mapping with the methods of `contract/auth_providers.md` §3.

Methods are looked up as `validate_set_up` or `validateSetUp`, may be coroutines, and may be given for a built-in
provider, which they then overlay.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from asgiref.sync import async_to_sync
from django.utils.module_loading import import_string

from parse_auth.providers.base import (
    POLICIES,
    AuthFailed,
    NotAllowed,
    Provider,
    ProviderRequest,
    Settings,
    Validated,
)
from parse_core.context import RequestContext
from parse_core.errors import ParseError
from parse_core.values.scalars import Document, Json

MEMBERS = (
    "policy",
    "validateOptions",
    "validateAppId",
    "beforeFind",
    "validateAuthData",
    "validateSetUp",
    "validateLogin",
    "validateUpdate",
    "challenge",
    "afterFind",
)
SITUATIONS = ("validateSetUp", "validateLogin", "validateUpdate")
NO_METHODS = (
    "Adapter is not configured. Implement either validateAuthData or all of the following: "
    "validateSetUp, validateLogin and validateUpdate"
)
BAD_POLICY = (
    "AuthAdapter policy is not configured correctly. The value must be either "
    '"solo", "additional", "default" or undefined (will be handled as "default")'
)


def members_of(adapter: Any) -> Mapping[str, Any]:
    """The members of the interface that an adapter has, by their camelCase names."""
    found = {name: _member(adapter, name) for name in MEMBERS}
    return {name: member for name, member in found.items() if member is not None}


def adapter_of(value: Any) -> tuple[Any, Mapping[str, Any]]:
    """The adapter that a configuration names, and the options for its methods.

    A dotted path is imported, a class is made with the options; `{"module": path, "options": {…}}` holds both.
    """
    options: Any = value
    if isinstance(value, Mapping) and "module" in value:
        options, value = {**(value.get("options") or {}), **_app_ids(value)}, value["module"]
        made: Any = import_string(value) if isinstance(value, str) else value
        return (_instance(made, options) if inspect.isclass(made) else made), options
    if isinstance(value, str):
        value = import_string(value)
        options = {}
    if inspect.isclass(value):
        value = value()
    if isinstance(value, list | tuple):  # several configurations of one provider, of which a client names one
        return {}, {"configurations": value, **(value[0] if value else {})}
    return value, options if isinstance(options, Mapping) else _fields(value)


class CustomProvider(Provider):
    """A provider whose methods are an adapter's; where it has none, those of the built-in provider it overlays."""

    def __init__(self, settings: Settings, adapter: Any, base: Provider | None) -> None:
        super().__init__(settings)
        self._members = members_of(adapter)
        self._base = base
        self.has_challenge = "challenge" in self._members or (base is not None and base.has_challenge)
        self.filters_reads = "afterFind" in self._members or (base is not None and base.filters_reads)
        if "validateOptions" in self._members:
            self._call("validateOptions", settings.options)

    def policy(self, request: ProviderRequest, stored: Document) -> str:
        policy = self._members.get("policy")
        if policy is None:
            return self._base.policy(request, stored) if self._base is not None else "default"
        if callable(policy):
            policy = self._call("policy", request, stored)
        if policy not in POLICIES:
            raise NotAllowed(BAD_POLICY)
        return str(policy)

    def prove(self, data: Document, context: RequestContext) -> Document:
        if self._base is not None and not self._validates:
            data = self._base.prove(data, context)
        if "beforeFind" in self._members:
            changed = self._call("beforeFind", data)
            return changed if isinstance(changed, dict) and "id" in changed else data
        return data

    def validate(self, data: Document, request: ProviderRequest) -> Validated:
        self._check_policy(request)
        if "validateAppId" in self._members and self.options.get("appIds"):
            self._call("validateAppId", self.options["appIds"], data, self.options, request)
        if not self._validates:
            if self._base is None:
                raise NotAllowed(NO_METHODS)
            return self._base.validate(data, request)
        name = "validateAuthData" if "validateAuthData" in self._members else request.trigger_name or "validateLogin"
        return _validated(self._call(name, data, self.options, request))

    def address(self, data: Document) -> str | None:
        return self._base.address(data) if self._base is not None and not self._validates else None

    def spend(self, data: Document, context: RequestContext) -> None:
        if self._base is not None and not self._validates:
            self._base.spend(data, context)

    def challenge(self, challenge: Json, data: Document | None, request: ProviderRequest) -> Json:
        if "challenge" not in self._members:
            return self._base.challenge(challenge, data, request) if self._base is not None else None
        return self._call(
            "challenge", challenge, data, self.options, request, failure="Challenge failed. Unknown error."
        )

    def shown(self, data: Document, request: ProviderRequest) -> Document | None:
        if "afterFind" not in self._members:
            return self._base.shown(data, request) if self._base is not None else None
        found = self._call("afterFind", data, self.options, request)
        return found if isinstance(found, dict) and found else None

    @property
    def _validates(self) -> bool:
        return "validateAuthData" in self._members or all(name in self._members for name in SITUATIONS)

    def _check_policy(self, request: ProviderRequest) -> None:
        if not callable(self._members.get("policy")):
            self.policy(request, {})

    def _call(self, name: str, *arguments: Any, failure: str | None = None) -> Any:
        """What a method returns; whatever it raises becomes an error with its text (141)."""
        method: Callable[..., Any] = self._members[name]
        try:
            result = method(*arguments)
            return async_to_sync(_awaited)(result) if inspect.isawaitable(result) else result
        except ParseError:
            raise
        except Exception as error:
            raise AuthFailed(str(error) or failure) from error


async def _awaited(result: Any) -> Any:
    return await result


def _validated(result: Any) -> Validated:
    if not isinstance(result, Mapping):
        return Validated()
    saved = result.get("save")
    return Validated(
        save=dict(saved) if isinstance(saved, Mapping) else None,
        response=result.get("response"),
        discards=result.get("doNotSave", result.get("do_not_save")) is True,
    )


def _member(adapter: Any, name: str) -> Any:
    names = (name, re.sub(r"(?=[A-Z])", "_", name).lower())
    if isinstance(adapter, Mapping):
        return next((adapter[n] for n in names if adapter.get(n) is not None), None)
    return next((found for n in names if (found := getattr(adapter, n, None)) is not None), None)


def _instance(cls: Callable[..., Any], options: Mapping[str, Any]) -> Any:
    return cls(options)


def _app_ids(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"appIds": value["appIds"]} if value.get("appIds") else {}


def _fields(adapter: Any) -> Mapping[str, Any]:
    options = getattr(adapter, "options", None)
    app_ids = getattr(adapter, "appIds", None)
    return {**(options if isinstance(options, Mapping) else {}), **({"appIds": app_ids} if app_ids else {})}
