"""The routes of Cloud Code."""

from __future__ import annotations

from parse_cloud.functions import FunctionRequest, Functions
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import routes


class FunctionView(ParseView):
    """`/functions/<name>`: calls a function; parameters of the address go before those of the body."""

    def post(self, call: Call, name: str) -> Answer:
        """`{"result": …}`."""
        request = FunctionRequest(name, {**call.parameters, **call.query}, call.context)
        return Answer({"result": call.context.application.part(Functions).run(request)})


routes.add("functions/<name...>", FunctionView)
