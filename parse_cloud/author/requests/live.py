"""The requests of triggers of live queries. Beside `use_master_key` they have `master`, with the same meaning."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from parse_cloud.author.requests.base import Request, stored
from parse_cloud.invocations import Invocation, LiveCall

if TYPE_CHECKING:
    from parse_cloud.author.sdk.query import Query


class LiveRequest(Request):
    """A moment of a connection."""

    @property
    def event(self) -> str | None:
        """What happened: `connect`, `subscribe`, `create` …"""
        return self._call.event

    @event.setter
    def event(self, value: str | None) -> None:
        self._call.event = value

    @property
    def client(self) -> Any:
        """The connection."""
        return self._call.details.get("client")

    @property
    def clients(self) -> int | None:
        """How many connections there are."""
        return self._call.details.get("clients")

    @property
    def subscriptions(self) -> int | None:
        """How many subscriptions there are."""
        return self._call.details.get("subscriptions")

    @property
    def session_token(self) -> str | None:
        """The session the client connected or subscribed with."""
        return self._call.details.get("sessionToken") or self._call.context.principal.session_token

    @property
    def use_master_key(self) -> bool:
        """Whether the client has the master key."""
        return self.master

    @property
    def _call(self) -> LiveCall:
        return cast("LiveCall", self._invocation)


class ConnectRequest(LiveRequest):
    """A client connects."""


class SubscribeRequest(LiveRequest):
    """A client subscribes. `query` may be changed, or set anew."""

    def __init__(self, invocation: Invocation) -> None:
        from parse_cloud.author.sdk.query import Query

        super().__init__(invocation)
        asked = self._call.query
        self.query: Query[Any] = Query(self._call.name) if asked is None else Query.from_find(asked)

    @property
    def op(self) -> str:
        """`subscribe` or `update`."""
        return str(self._call.details.get("op", "subscribe"))

    @property
    def request_id(self) -> Any:
        """The client's number of the subscription."""
        return self._call.details.get("requestId")


class LiveQueryEventRequest(LiveRequest):
    """An event on its way to a client (`object`, `original` and `event` may be changed, `send_event` set to False), or
    for `on_live_query_event` whatever happened on a connection.
    """

    @cached_property
    def object(self) -> Any:
        """The object as it is now."""
        return self._object(self._call.object)

    @cached_property
    def original(self) -> Any:
        """The object as it was; None for objects that are new or gone."""
        return self._object(self._call.original)

    @property
    def send_event(self) -> bool:
        """Whether the client is told."""
        return self._call.send_event

    @send_event.setter
    def send_event(self, value: bool) -> None:
        self._call.send_event = bool(value)

    @property
    def error(self) -> Any:
        """What went wrong, of `ws_disconnect_error`."""
        return self._call.details.get("error")

    def _object(self, document: dict[str, Any] | None) -> Any:
        return None if document is None else stored(document, document.get("className", self._call.name))
