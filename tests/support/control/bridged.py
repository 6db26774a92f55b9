"""The options that may live in the harness's process: what each looks like to our code.

An entry of `BRIDGED` makes Python code out of a remote function or adapter; `/info` tells the harness of the entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from parse_auth.flows.verify_email import SendRequest
from parse_auth.verification import VerificationRequest
from parse_core.options.fields import camel_case
from tests.support.control.providers import providers
from tests.support.control.remote import ParseObject, RemoteAdapter, RemoteFunction

USER = "_User"
OBJECTS = ("object", "original", "user")  # members of requests that are users


def bridged(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with every remote part as our code expects it."""
    result = dict(config)
    for path, wrap in BRIDGED.items():
        _replace(result, path.split("."), wrap)
    return result


def _replace(options: dict[str, Any], path: list[str], wrap: Callable[[Any], Any]) -> None:
    name, rest = path[0], path[1:]
    if name not in options:
        return
    if not rest:
        options[name] = wrap(options[name])
    elif isinstance(options[name], dict):
        options[name] = dict(options[name])
        _replace(options[name], rest, wrap)


def _as_it_is(value: Any) -> Any:
    return value


class RemoteMail:
    """A mail adapter; only the methods that the harness's has are there."""

    def __init__(self, adapter: RemoteAdapter) -> None:
        if "sendMail" in adapter.methods:
            self.send_mail = lambda to, subject, text: adapter.call(
                "sendMail", {"to": to, "subject": subject, "text": text}
            )
        if "sendVerificationEmail" in adapter.methods:
            self.send_verification_email = _sender(adapter, "sendVerificationEmail")
        if "sendPasswordResetEmail" in adapter.methods:
            self.send_password_reset_email = _sender(adapter, "sendPasswordResetEmail")


def _sender(adapter: RemoteAdapter, method: str) -> Callable[..., Any]:
    def send(link: str, app_name: str, user: Mapping[str, Any]) -> Any:
        return adapter.call(method, {"link": link, "appName": app_name, "user": ParseObject(USER, user)})

    return send


def _mail(value: Any) -> Any:
    return RemoteMail(value) if isinstance(value, RemoteAdapter) else value


def _asking(value: Any) -> Any:
    """A function that is asked about a user: its request holds objects of the SDK."""
    if not isinstance(value, RemoteFunction):
        return value

    def ask(request: VerificationRequest | SendRequest) -> Any:
        members = {field.name: getattr(request, field.name) for field in fields(request)}
        said = {
            camel_case(name): item for name, item in members.items() if item not in (None, False) or name == "master"
        }
        return value({key: ParseObject(USER, item) if key in OBJECTS else item for key, item in said.items()})

    return ask


class RemoteAnalytics:
    """An adapter for events."""

    def __init__(self, adapter: RemoteAdapter) -> None:
        self._adapter = adapter

    def app_opened(self, parameters: Mapping[str, Any], _request: object) -> Any:
        return self._adapter.call("appOpened", parameters, {})

    def track_event(self, name: str, parameters: Mapping[str, Any], _request: object) -> Any:
        return self._adapter.call("trackEvent", name, parameters, {})


def _analytics(value: Any) -> Any:
    return RemoteAnalytics(value) if isinstance(value, RemoteAdapter) else value


BRIDGED: Mapping[str, Callable[[Any], Any]] = {
    "auth": providers,
    "emailAdapter": _mail,
    "analyticsAdapter": _analytics,
    "verifyUserEmails": _asking,
    "preventLoginWithUnverifiedEmail": _asking,
    "sendUserEmailVerification": _asking,
    "passwordPolicy.validatorCallback": _as_it_is,
    "publicServerURL": _as_it_is,
    "masterKey": _as_it_is,
    "pages.placeholders": _as_it_is,
    "pages.customRoutes": _as_it_is,
    "schema.beforeMigration": _as_it_is,
    "schema.afterMigration": _as_it_is,
}
