"""Telling webhooks again what they did not hear (§7.2)."""

from __future__ import annotations

import logging
from typing import Final

from parse_cloud.kinds import Failure, Kind
from parse_cloud.webhooks import calling, reply
from parse_cloud.webhooks.hooks import Webhooks
from parse_cloud.webhooks.sending import Sender, Undelivered
from parse_core.tasks import Retry, Task, TaskKind, task_kinds

log = logging.getLogger("parse_cloud.webhooks")

ATTEMPTS: Final = 10  # each after twice the time: the last one comes after 17 minutes


class WebhookTask(TaskKind):
    """Telling a webhook again."""

    def run(self, task: Task) -> None:
        """Tells whoever is registered now; nobody is told what has been taken off the list meanwhile."""
        hook = task.application.part(Webhooks).find(Kind(task.payload["kind"]), task.payload["name"])
        if hook is None:
            return
        try:
            reply.read(task.application.part(Sender).send(hook.url, task.payload["body"]))
        except Undelivered as failure:
            raise Retry(calling.FIRST_PAUSE * 2**task.attempt) from failure
        except Failure as failure:
            log.warning("%s of %s failed: %s", hook.kind, hook.name, failure.message)

    def attempts(self, task: Task) -> int:
        return ATTEMPTS

    def give_up(self, task: Task, *, was_interrupted: bool) -> None:
        log.error("%s of %s could not be told to its webhook", task.payload["kind"], task.payload["name"])


task_kinds.add(calling.TASK, WebhookTask())
