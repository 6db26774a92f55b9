"""The condition under which a write may be stored: its class is still as the write was checked against.

It stands in the statement that writes, which PostgreSQL begins with a lock on the table and only then takes its view of
the data. A change that takes values away locks the table, too (`RegistryChange.drop_fields`): of a write and such a
change one comes first, and is seen by the other.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from parse_core.store.sql import Sql, inlined

if TYPE_CHECKING:
    from parse_core.schema.classes import ClassSchema


def unchanged(application_id: str, schema: ClassSchema, version: int | None = None) -> Sql:
    """True, or the statement fails with `StaleClass`; evaluated once per statement, also when no row meets the rest."""
    return Sql(_condition(application_id, schema.name), (schema.version if version is None else version,))


@lru_cache(maxsize=16_384)
def _condition(application_id: str, class_name: str) -> str:
    """The names stand in the text, which names the table anyway: only the version is left to send."""
    present = inlined(
        Sql(
            "SELECT c.version FROM parse_class c WHERE c.application_id = %s AND c.name = %s",
            (application_id, class_name),
        )
    )
    return f"(SELECT coalesce(({present.text}), -1) = %s OR parse.stale_class())"
