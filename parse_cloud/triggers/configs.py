"""The triggers of the global config (`contract/cloud.md` §4.11): they may refuse, and cannot change it."""

from __future__ import annotations

from parse_cloud.handlers import Handler
from parse_cloud.invocations import ConfigCall
from parse_cloud.kinds import CONFIG, Kind
from parse_cloud.running import invoke
from parse_cloud.triggers.listening import on
from parse_cloud.wire import copied, shown
from parse_core.context import RequestContext
from parse_core.objects.events import ConfigChange
from parse_core.signals import after_config_change, before_config_change


@on(before_config_change, Kind.BEFORE_SAVE, CONFIG)
@on(after_config_change, Kind.AFTER_SAVE, CONFIG)
def run(handler: Handler, context: RequestContext, event: ConfigChange) -> None:
    """Before a change the handler sees what was sent, afterwards all there is."""
    call = ConfigCall(
        kind=handler.kind,
        name=CONFIG,
        context=context,
        cloud=copied(context.cloud),
        object=shown(context, event.params),
        original=None if event.original is None else shown(context, event.original),
    )
    invoke(handler, call)
