"""The tables behind classes: made with the class, of one fixed shape, so that a new field is never DDL.

Every function gives statements as `Sql`; `schema/changes.py` runs them in the transaction that changes the registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from parse_core.store.counts import watch
from parse_core.store.sql import Sql, identifier


def create_namespace(namespace: str) -> Sql:
    """The PostgreSQL schema of an application."""
    return Sql("CREATE SCHEMA IF NOT EXISTS ") + identifier(namespace)


def drop_namespace(namespace: str) -> Sql:
    """Everything an application stored."""
    return Sql("DROP SCHEMA IF EXISTS ") + identifier(namespace) + Sql(" CASCADE")


def create_class_table(namespace: str, table: str) -> Iterator[Sql]:
    """The table of a class with its primary key, its insertion order and its index on every field.

    `wire` is the document's text, rendered once at write so that a read copies it. The GIN index takes new entries in
    groups of 64 kB: that halves the cost of a write, and equality look-ups do not feel a list so short. Rows up to a
    page stay in it uncompressed: conditions on documents of 3 kB that PostgreSQL had compressed take ten times as long.
    """
    qualified = identifier(namespace, table)
    key, order = (identifier(index_name(table, name)) for name in ("pkey", "order"))
    yield (
        Sql("CREATE TABLE ")
        + qualified
        + Sql(' (object_id text COLLATE "C" CONSTRAINT ')
        + key
        + Sql(" PRIMARY KEY, sequence bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME ")
        + identifier(namespace, index_name(table, "sequence"))
        + Sql(") CONSTRAINT ")
        + order
        + Sql(
            """ UNIQUE,
            version bigint NOT NULL DEFAULT 1,
            data jsonb NOT NULL,
            wire text GENERATED ALWAYS AS (data::text) STORED,
            rperm text[],
            wperm text[],
            internal jsonb
            ) WITH (fillfactor = 90, toast_tuple_target = 8160)"""
        )
    )
    yield everything_index(namespace, table)
    yield watch(namespace, table)


def everything_index(namespace: str, table: str) -> Sql:
    """The index that answers equality on every field."""
    columns = Sql(" USING gin (data jsonb_path_ops) WITH (gin_pending_list_limit = 64)")
    return _create_index(namespace, table, index_name(table, "data"), columns)


def declared_index(namespace: str, table: str, definition: Sql, *, unique: bool) -> Sql:
    """An index that a class declares; `definition` is what CREATE INDEX says after the table."""
    name = declared_index_name(table, definition, unique=unique)
    return _create_index(namespace, table, name, Sql(" ") + definition, unique=unique)


def declared_index_name(table: str, definition: Sql, *, unique: bool) -> str:
    """`Post:index:0a1b2c3d4e5f6071`: what is defined alike is named alike, and nothing else is."""
    digest = sha256(f"{table} {unique} {definition.text}".encode()).hexdigest()[:16]
    return f"{table[:40]}:index:{digest}"


def _create_index(namespace: str, table: str, name: str, definition: Sql, *, unique: bool = False) -> Sql:
    kind = Sql("CREATE UNIQUE INDEX ") if unique else Sql("CREATE INDEX ")
    return kind + identifier(name) + Sql(" ON ") + identifier(namespace, table) + definition


def create_unique_index(namespace: str, table: str, name: str, path: str, *, lower: bool) -> Sql:
    """A unique index on a text field of `data`, or of `internal` for a path that begins with `_`.

    Rows without the field are not in it and never collide. `path` is a key path with dots. The index is named
    `<table>:<name>`, by which a violation is traced back to `name`.
    """
    keys = path.split(".")
    document = Sql("internal" if path.startswith("_") else "data")
    column = document + Sql("".join(f"->'{_literal(key)}'" for key in keys[:-1]) + f"->>'{_literal(keys[-1])}'")
    expression = Sql("lower(") + column + Sql(")") if lower else column
    return (
        Sql("CREATE UNIQUE INDEX IF NOT EXISTS ")
        + identifier(index_name(table, name))
        + Sql(" ON ")
        + identifier(namespace, table)
        + Sql(" ((")
        + expression
        + Sql(")) WHERE ")
        + column
        + Sql(" IS NOT NULL")
    )


def index_name(table: str, name: str) -> str:
    """The PostgreSQL name of an index of a table: `Post:data`, which no class can have; at most 63 bytes.

    Tables, indexes and sequences share their names in PostgreSQL: a class `Post_pkey` must not meet what `Post` has.
    """
    full = f"{table}:{name}"
    if len(full.encode()) <= 63:
        return full
    return f"{table[:40]}:{sha256(full.encode()).hexdigest()[:20]}"


def create_join_table(relation: Sql) -> Iterator[Sql]:
    """The links of one Relation field, found from either side."""
    yield (
        Sql("CREATE TABLE IF NOT EXISTS ")
        + relation
        + Sql(
            """ (
            owning_id text COLLATE "C" NOT NULL,
            related_id text COLLATE "C" NOT NULL,
            PRIMARY KEY (owning_id, related_id))"""
        )
    )
    yield Sql("CREATE INDEX ON ") + relation + Sql(" (related_id, owning_id)")


def drop_tables(relations: Iterable[Sql]) -> Iterator[Sql]:
    """Drops tables that may or may not be there."""
    for relation in relations:
        yield Sql("DROP TABLE IF EXISTS ") + relation


def _literal(key: str) -> str:
    """A key of this code base (a system class's field) inside quotes."""
    if not key.replace("_", "").isalnum():
        raise ValueError(key)
    return key
