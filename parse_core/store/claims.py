"""Statements on rows that claim something for a time: the first who comes has it until it expires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parse_core.store.rows import insert
from parse_core.store.sql import Sql

if TYPE_CHECKING:
    from parse_core.store.rows import NewRow


def claim(relation: Sql, row: NewRow, moment: str) -> Sql:
    """Inserts a claim, named by `_request` in its internal columns; gives a row if it was free, or had expired.

    Who comes second waits for who came first. `moment` is the present as ISO text, as is `expire` in the documents.
    """
    return (
        insert(relation, row)
        + Sql(" ON CONFLICT ((internal->>'_request')) WHERE internal->>'_request' IS NOT NULL DO UPDATE SET")
        + Sql(" object_id = excluded.object_id, data = excluded.data, version = ")
        + relation
        + Sql(".version + 1 WHERE ")
        + relation
        + Sql(".data->'expire'->>'iso' <= %s RETURNING 1", (moment,))
    )


def forget_expired(relation: Sql, moment: str) -> Sql:
    """Deletes claims that have expired."""
    return Sql("DELETE FROM ") + relation + Sql(" WHERE data->'expire'->>'iso' <= %s", (moment,))
