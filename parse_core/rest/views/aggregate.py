"""`/aggregate/<class>`: pipelines and distinct values, for the master key."""

from __future__ import annotations

from parse_core.context import Level
from parse_core.errors import OperationForbidden
from parse_core.objects.aggregate import aggregate, parse_aggregate
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import routes


class AggregateView(ParseView):
    """What a pipeline makes of the objects of a class."""

    master_only = True

    def get(self, call: Call, class_name: str) -> Answer:
        """`{"results": […]}`."""
        context = call.context
        if (
            context.principal.level is Level.READ_ONLY
            and not context.options.allow_aggregation_for_read_only_master_key
        ):
            raise OperationForbidden("Cannot run an aggregation pipeline when using the readOnlyMasterKey")
        return Answer(b'{"results":%b}' % aggregate(context, parse_aggregate(class_name, call.parameters)))


routes.add("aggregate/<class_name>", AggregateView)
