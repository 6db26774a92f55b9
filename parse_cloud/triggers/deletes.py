"""`beforeDelete` and `afterDelete` (`contract/cloud.md` §4.6). What either raises is the answer."""

from __future__ import annotations

from parse_cloud.handlers import Handler
from parse_cloud.invocations import ObjectCall
from parse_cloud.kinds import Kind
from parse_cloud.running import invoke
from parse_cloud.triggers.listening import on
from parse_cloud.wire import copied, whole
from parse_core.context import RequestContext
from parse_core.objects.events import Deletion
from parse_core.signals import after_delete, before_delete


@on(before_delete, Kind.BEFORE_DELETE)
@on(after_delete, Kind.AFTER_DELETE)
def run(handler: Handler, context: RequestContext, event: Deletion) -> None:
    """The handler sees the object as it is, or was, stored."""
    document = {key: value for key, value in event.original.items() if key != "className"}
    call = ObjectCall(
        kind=handler.kind,
        name=event.class_name,
        context=context,
        cloud=copied(context.cloud),
        object=whole(context, event.schema, document),
    )
    invoke(handler, call)
