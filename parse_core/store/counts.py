"""How many rows a class table has, exactly and quickly (`migrations/0009_deleted_rows.sql`).

Rows get their numbers in order, so what lies below some number changes by deletions alone: it is counted once,
deletions are noted, and a count reads only the notes and the rows above. Inserts and updates do nothing for it, nor do
deletions in classes that were never counted while they were large.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from parse_core.store.sql import Sql, inlined

if TYPE_CHECKING:
    from parse_core.store.database import Database

LARGE: Final = 10_000  # rows; fewer are counted as they are
STEP: Final = 5_000  # rows or notes that a count reads before it is worth a step forward
PAUSE: Final = 1.0  # seconds between the steps of one process
STEPS: Final = 3  # to begin, to wait for writers, to count


def watch(namespace: str, table: str) -> Sql:
    """For a new table: has it noted when the table is emptied, and forgets a former one of the same name."""
    return inlined(Sql("SELECT parse.watch_rows(%s, %s)", (namespace, table)))


def forget(namespace: str, table: str) -> Sql:
    """For a table that is dropped."""
    return Sql("SELECT parse.forget_rows(%s, %s)", (namespace, table))


def row_count(namespace: str, table: str) -> Sql:
    """The number of rows, as an expression."""
    return Sql("parse.rows_of(%s, %s)", (namespace, table))


class RowCounts:
    """When this process last brought which count forward."""

    def __init__(self, _owner: Any) -> None:
        self._asked: dict[tuple[str, str], float] = {}

    def counted(self, database: Database, namespace: str, table: str, rows: int) -> None:
        """A count has just given `rows`: brings it forward if it is large. Up to three statements, once a second."""
        if rows < LARGE:
            return
        now = time.monotonic()
        if now - self._asked.get((namespace, table), -PAUSE) < PAUSE:
            return
        self._asked[namespace, table] = now
        step = Sql("SELECT parse.advance_count(%s, %s, %s)", (namespace, table, STEP))
        for _ in range(STEPS):
            if database.fetch(step)[0][0]:
                return
