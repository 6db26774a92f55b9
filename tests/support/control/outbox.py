"""Mails of the control process: the harness counts them right after a request, so they are sent before its answer."""

from __future__ import annotations

from parse_auth.mail.outbox import Outbox, Task, run
from parse_core.context import RequestContext


class AtOnce(Outbox):
    """Does every task at once."""

    def add(self, context: RequestContext, task: Task) -> None:
        run(context, task)
