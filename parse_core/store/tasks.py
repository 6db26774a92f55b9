"""Statements on the durable queue `parse_task`.

A task belongs to whoever claimed it until its lease ends; every statement of a claimant says so, so that one who lost
its lease changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson
from django.conf import settings

from parse_core.store.sql import Sql

LEASE: Final[float] = settings.PARSE_TASK_LEASE  # seconds a claim lasts without a sign of life


def insert_task(
    application_id: str, kind: str, payload: dict[str, Any], *, turn: str | None = None, delay: float = 0
) -> Sql:
    """Adds a task that is due in `delay` seconds; gives its id. Tasks of one `turn` are limited together."""
    return Sql(
        "INSERT INTO parse_task (application_id, kind, turn, due_at, payload)"
        " VALUES (%s, %s, %s, now() + %s::float8 * interval '1 s', %s::jsonb) RETURNING id",
        (application_id, kind, turn, delay, orjson.dumps(payload).decode()),
    )


def due_tasks(application_ids: Sequence[str], limit: int) -> Sql:
    """The ids and applications of tasks that nobody does though they are due, the oldest first."""
    return Sql(
        "SELECT id, application_id FROM parse_task WHERE application_id = ANY(%s) AND due_at <= now()"
        " AND (claimed_until IS NULL OR claimed_until < now()) ORDER BY due_at, id LIMIT %s",
        (list(application_ids), limit),
    )


def claim_task(task_id: int, claimant: str) -> Sql:
    """Takes a task: its application, kind, payload, turn and the number of this attempt; no row if it is taken."""
    return Sql(
        "UPDATE parse_task SET claimed_by = %s, claimed_until = now() + %s * interval '1 s', attempts = attempts + 1"
        " WHERE id = (SELECT id FROM parse_task WHERE id = %s AND due_at <= now()"
        " AND (claimed_until IS NULL OR claimed_until < now()) FOR UPDATE SKIP LOCKED)"
        " RETURNING application_id, kind, payload, turn, attempts",
        (claimant, LEASE, task_id),
    )


def turn_lock(turn: str) -> Sql:
    """Lets one at a time find out whether a turn has room, until the end of the transaction."""
    return Sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", (f"parse_task:{turn}",))


def running_in_turn(application_id: str, turn: str, but: int) -> Sql:
    """How many other tasks of a turn are being done."""
    return Sql(
        "SELECT count(*) FROM parse_task WHERE application_id = %s AND turn = %s AND id <> %s"
        " AND claimed_by IS NOT NULL AND claimed_until >= now()",
        (application_id, turn, but),
    )


def extend_claims(task_ids: Sequence[int], claimant: str) -> Sql:
    """A sign of life; gives the ids that are still the claimant's."""
    return Sql(
        "UPDATE parse_task SET claimed_until = now() + %s * interval '1 s'"
        " WHERE id = ANY(%s) AND claimed_by = %s RETURNING id",
        (LEASE, list(task_ids), claimant),
    )


def finish_task(task_id: int, claimant: str) -> Sql:
    """Removes a task that is done, or given up."""
    return Sql("DELETE FROM parse_task WHERE id = %s AND claimed_by = %s RETURNING id", (task_id, claimant))


def postpone_task(task_id: int, claimant: str, delay: float, *, counts: bool) -> Sql:
    """Gives a task back, due again in `delay` seconds; `counts`: as an attempt that failed."""
    return Sql(
        "UPDATE parse_task SET claimed_by = NULL, claimed_until = NULL, attempts = attempts - %s,"
        " due_at = now() + %s::float8 * interval '1 s' WHERE id = %s AND claimed_by = %s RETURNING id",
        (0 if counts else 1, delay, task_id, claimant),
    )


def release_claims(claimant: str) -> Sql:
    """Lets others have at once what a process leaves unfinished; it counts as an attempt."""
    return Sql("UPDATE parse_task SET claimed_until = now() - interval '1 ms' WHERE claimed_by = %s", (claimant,))


def seconds_to_next(application_ids: Sequence[str]) -> Sql:
    """How long until the next task is due or its lease ends; None: there is none."""
    return Sql(
        "SELECT extract(epoch FROM min(greatest(due_at, claimed_until)) - now())::float8 FROM parse_task"
        " WHERE application_id = ANY(%s)",
        (list(application_ids),),
    )


def forget_tasks(application_id: str) -> Sql:
    """Removes all tasks of an application."""
    return Sql("DELETE FROM parse_task WHERE application_id = %s", (application_id,))
