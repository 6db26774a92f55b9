"""Asking a webhook, and asking again later what it only had to be told (§7.2).

Functions and before-kinds wait for their answer. What happened already (`afterSave`, `afterDelete`, `afterLogout`) is
told at once as well; if the other server cannot be reached, or fails, it is told again until it listens.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from parse_cloud.kinds import Failure, Kind
from parse_cloud.webhooks import reply
from parse_cloud.webhooks.payload import payload
from parse_cloud.webhooks.sending import Sender, Undelivered
from parse_core.context import MASTER, RequestContext
from parse_core.tasks import enqueue

if TYPE_CHECKING:
    from parse_cloud.invocations import Invocation

log = logging.getLogger("parse_cloud.webhooks")

TASK: Final = "webhook"
AFTERWARDS: Final = frozenset({Kind.AFTER_SAVE, Kind.AFTER_DELETE, Kind.AFTER_LOGOUT})
FIRST_PAUSE: Final = 2.0  # seconds until it is told again


def call_webhook(url: str, invocation: Invocation) -> None:
    """Runs a webhook as a handler. Raises `Failure` for what it answers as an error, and when it does not answer."""
    body = payload(invocation)
    application = invocation.context.application
    try:
        content = application.part(Sender).send(url, body)
    except Undelivered as failure:
        if invocation.kind not in AFTERWARDS:
            raise Failure(failure.reason) from failure
        log.warning("%s of %s is told again later: %s", invocation.kind, invocation.name, failure.reason)
        context = RequestContext(application, MASTER)
        message = {"kind": invocation.kind.value, "name": invocation.name, "body": body}
        enqueue(context, TASK, message, delay=FIRST_PAUSE)
        return
    reply.put(reply.read(content), invocation)
