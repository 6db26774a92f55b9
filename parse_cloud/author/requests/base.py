"""What all requests tell: who asks, from where, with which context."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from parse_cloud.author.log import Log
from parse_cloud.author.sdk.calls import CallOptions
from parse_cloud.author.sdk.object import Object
from parse_cloud.invocations import Invocation
from parse_cloud.kinds import Kind

if TYPE_CHECKING:
    from parse_cloud.author.sdk.user import User
    from parse_cloud.author.server import Server
    from parse_core.values.scalars import Document

_UNSET: Final = object()
_HUMP: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")


class Request:
    """A request. Names in camelCase work too: `request.installationId`."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._user: Any = _UNSET

    def prepare(self) -> None:
        """Looks up what code on the event loop must not wait for."""
        _ = self.user

    @property
    def kind(self) -> Kind:
        """Which kind of handler this is the request of."""
        return self._invocation.kind

    @property
    def master(self) -> bool:
        """Whether the master key was sent, the read-only one included."""
        return self._invocation.master

    @property
    def is_read_only(self) -> bool:
        """Whether it was the read-only master key."""
        return self._invocation.is_read_only

    @property
    def user(self) -> User | None:
        """The user who asks, as stored at this moment; None without a session."""
        if self._user is _UNSET:
            document = self._invocation.user
            self._user = None if document is None else stored(document, "_User")
        user: User | None = self._user
        return user

    @property
    def installation_id(self) -> str | None:
        """The installation of the app that asks."""
        return self._invocation.installation_id

    @property
    def ip(self) -> str:
        """The address of the client."""
        return self._invocation.ip

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the HTTP request, names in lower case."""
        return self._invocation.headers

    @property
    def context(self) -> dict[str, Any]:
        """What the client, and handlers before this one, want handlers to know; may be changed or set anew."""
        return self._invocation.cloud

    @context.setter
    def context(self, value: dict[str, Any]) -> None:
        self._invocation.cloud = value

    @property
    def log(self) -> Log:
        """The log, with the names it has in JavaScript: `info`, `warn`, `error`, `verbose`, `debug`, `silly`."""
        return Log(logging.getLogger("parse_cloud.code"), self._invocation)

    @property
    def config(self) -> Server:
        """The configuration of the application."""
        from parse_cloud.author.server import Server

        return Server(self._invocation.context.application)

    def as_user(self) -> CallOptions:
        """Options that make a call for whoever asks: `post.save(**request.as_user())`."""
        options: CallOptions = {}
        principal = self._invocation.context.principal
        if principal.is_master:
            options["use_master_key"] = True
            if self.is_read_only:
                options["read_only"] = True
        elif principal.session_token is not None:
            options["session_token"] = principal.session_token
        if self.installation_id is not None:
            options["installation_id"] = self.installation_id
        return options

    def __getattr__(self, name: str) -> Any:
        own = _HUMP.sub(lambda found: f"_{found[1].lower()}", name)
        if own == name or not hasattr(type(self), own):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self, own)

    def __setattr__(self, name: str, value: Any) -> None:
        own = _HUMP.sub(lambda found: f"_{found[1].lower()}", name)
        super().__setattr__(own if own != name and hasattr(type(self), own) else name, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.kind} {self._invocation.name}>"


def stored(document: Document, class_name: str) -> Any:
    """The object that a document of a class describes."""
    return Object.from_json({**document, "className": class_name})
