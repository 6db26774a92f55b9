"""Analytics: events that clients report go to the adapter of the option `analyticsAdapter` (`contract/cloud.md` §9)."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from parse_core.adapters import adapter_of
from parse_core.logs.recording import about
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import routes

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.context import RequestContext
    from parse_core.options import Options
    from parse_core.values.scalars import Document

log = logging.getLogger("parse_cloud.analytics")


@runtime_checkable
class AnalyticsAdapter(Protocol):
    """Takes events; each method may be async. What it returns is the answer, if it is JSON.

    `parameters` are what the client sent: `{"dimensions": {…}, "at": {…}}`. `request` says who sent it.
    """

    def app_opened(self, parameters: Document, request: RequestContext) -> Any:
        """The application was opened, perhaps by a push notification (`push_hash`)."""

    def track_event(self, name: str, parameters: Document, request: RequestContext) -> Any:
        """An event of the application's own."""


class Analytics:
    """The adapter of one application: `application.part(Analytics)`."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._made_for: Options | None = None
        self._adapter: AnalyticsAdapter | None = None

    @property
    def adapter(self) -> AnalyticsAdapter | None:
        """What the option says; None without one."""
        options = self._application.options
        if options is not self._made_for:
            value = options.analytics_adapter
            refusal = "analyticsAdapter must have the methods app_opened and track_event."
            self._adapter = None if value is None else adapter_of(value, AnalyticsAdapter, refusal)  # type: ignore[type-abstract]
            self._made_for = options
        return self._adapter


class EventView(ParseView):
    """`/events/<name>`: takes an event. Nothing that goes wrong here is the client's business."""

    def post(self, call: Call, name: str) -> Answer:
        """What the adapter answers; `{}` otherwise."""
        application = call.context.application
        try:
            answer = _tracked(application.part(Analytics).adapter, call, name)
        except Exception:
            log.exception("an event could not be tracked", extra=about(application))
            answer = None
        return Answer(answer if isinstance(answer, dict) else {})


def _tracked(adapter: AnalyticsAdapter | None, call: Call, name: str) -> Any:
    if adapter is None:
        return None
    if name == "AppOpened":
        answer = adapter.app_opened(call.parameters, call.context)
    else:
        answer = adapter.track_event(name, call.parameters, call.context)
    return asyncio.run(_awaited(answer)) if inspect.isawaitable(answer) else answer


async def _awaited(answer: Any) -> Any:
    return await answer


routes.add("events/<name...>", EventView)
