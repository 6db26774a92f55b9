"""Listening to a moment for the classes that have a handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parse_cloud.handlers import Handler
from parse_cloud.kinds import Kind
from parse_cloud.registry import CloudCode
from parse_core.application import Application
from parse_core.context import RequestContext
from parse_core.signals import Moment

Run = Callable[[Handler, RequestContext, Any], None]


def on(moment: Moment, kind: Kind, name: str | None = None) -> Callable[[Run], Run]:
    """Decorator: runs `(handler, context, event)` at a moment, if there is a handler of the kind.

    Handlers are registered for the event's class, or for `name` whatever the class.
    """

    def decorate(run: Run) -> Run:
        def receive(context: RequestContext, event: Any, **_signal: object) -> None:
            handler = context.application.part(CloudCode).find(kind, name or event.class_name)
            if handler is not None:
                run(handler, context, event)

        def interest(application: Application, class_name: str) -> bool:
            return application.part(CloudCode).find(kind, name or class_name) is not None

        moment.listen(receive, interest)
        return run

    return decorate
