"""`/security`: the security report, for the master key alone (`contract/cloud.md` §12)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from parse_core.errors import HttpError
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer
from parse_core.rest.routes import routes
from parse_core.security import report

if TYPE_CHECKING:
    from parse_core.rest.calls import Call


class SecurityView(ParseView):
    """The report, made when it is asked for."""

    master_only = True

    def get(self, call: Call) -> Answer:
        """`{"report": {"version", "state", "groups"}}`; 409 unless `security.enableCheck` is set."""
        if not call.context.options.security.enable_check:
            message = "Enable Parse Server option `security.enableCheck` to run security check."
            raise HttpError(HTTPStatus.CONFLICT, message)
        return Answer({"report": report(call.context.application)})


routes.add("security", SecurityView)
