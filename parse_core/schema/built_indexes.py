"""Declared indexes as PostgreSQL has them: brought in line with the declarations whenever a class is stored.

An index is named after its definition, so that comparing names says what is missing and what is left over: after a
change of the declarations, of a field's type, or a build that was interrupted. What an index is made of is for the
query compiler to say, which knows what it asks for; it registers as the owner of `DECLARED`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from parse_core.registry import Registry
from parse_core.store.database import Transaction
from parse_core.store.sql import Sql, identifier
from parse_core.store.tables import declared_index, declared_index_name, everything_index, index_name

if TYPE_CHECKING:
    from parse_core.schema.classes import ClassSchema
    from parse_core.store.database import Executor

DECLARED: Final = "declared"
LARGE: Final = 8_000  # pages of a table, 64 MB: up to there an index is built before anybody notices


class IndexCompiler(Protocol):
    """From the declarations of a class to definitions."""

    def __call__(self, schema: ClassSchema, postgis: str | None) -> Iterable[tuple[Sql, bool]]:
        """What CREATE INDEX says after the table, and whether it is unique; of fields that do not exist, nothing."""
        ...


index_compilers: Registry[IndexCompiler] = Registry("index compiler")


def bring_in_line(transaction: Transaction, schema: ClassSchema, postgis: str | None) -> None:
    """Drops what is not declared and builds what is, blocking writers of the class meanwhile.

    Raises `DuplicateValue` (137) when the objects there are violate a unique index.
    """
    wanted = _wanted(schema, postgis)
    present = _present(transaction, schema)
    for name, complete in present.items():
        if name not in wanted or not complete:
            transaction.fetch(Sql("DROP INDEX ") + identifier(schema.namespace, name))
    missing = [statement for name, statement in wanted.items() if not present.get(name)]
    for statement in missing:
        transaction.fetch(statement)
    if missing:
        transaction.fetch(_analyze(schema))


def build_ahead(executor: Executor, schema: ClassSchema, postgis: str | None) -> None:
    """Builds the missing indexes of a large class while it is written to; for outside of any transaction.

    Whatever this leaves undone, also when it is interrupted, `bring_in_line` does. Raises `DuplicateValue`.
    """
    wanted = _wanted(schema, postgis)
    pages = executor.fetch(Sql("SELECT relpages FROM pg_class WHERE oid = to_regclass(%s)", (schema.relation.text,)))
    if not pages or pages[0][0] < LARGE:
        return
    present = _present(executor, schema)
    missing = {name: statement for name, statement in wanted.items() if not present.get(name)}
    for name, statement in missing.items():
        dropping = Sql("DROP INDEX CONCURRENTLY IF EXISTS ") + identifier(schema.namespace, name)
        executor.fetch(dropping)
        try:
            executor.fetch(Sql(statement.text.replace("INDEX ", "INDEX CONCURRENTLY ", 1)))
        except Exception:
            executor.fetch(dropping)
            raise
    if missing:
        executor.fetch(_analyze(schema))


def _analyze(schema: ClassSchema) -> Sql:
    """What tells the planner of the values of new expressions; it takes every third row for a match before."""
    return Sql("ANALYZE ") + schema.relation


def _wanted(schema: ClassSchema, postgis: str | None) -> Mapping[str, Sql]:
    """The statements that make the indexes of a class, by the names of the indexes."""
    wanted: dict[str, Sql] = {}
    if schema.has_everything_index:
        wanted[index_name(schema.table, "data")] = everything_index(schema.namespace, schema.table)
    for compiler in index_compilers.values():
        for definition, unique in compiler(schema, postgis):
            name = declared_index_name(schema.table, definition, unique=unique)
            wanted[name] = declared_index(schema.namespace, schema.table, definition, unique=unique)
    return wanted


def _present(executor: Executor, schema: ClassSchema) -> Mapping[str, bool]:
    """The indexes there are, of those that declarations rule, and whether each is complete."""
    rows = executor.fetch(
        Sql(
            "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = to_regclass(%s) AND (c.relname LIKE '%%:index:%%' OR c.relname = %s)",
            (schema.relation.text, index_name(schema.table, "data")),
        )
    )
    return dict(rows)
