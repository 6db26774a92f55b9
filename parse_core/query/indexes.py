"""What declared indexes are made of: the very expressions that conditions and orders compile to.

The text of a definition names the index, so it must be the same each time for the same declaration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from parse_core.errors import InvalidQuery, ParseError
from parse_core.query.parse import parse_where
from parse_core.query.scope import ParseScope
from parse_core.schema.built_indexes import DECLARED, index_compilers
from parse_core.schema.classes import ClassSchema, Field, sorts
from parse_core.store.expressions import differing_keys, index_term, order_key
from parse_core.store.geography import point_index, polygon_index
from parse_core.store.sql import Row, Sql, identifier, inlined, join, text_array
from parse_core.store.text_search import LANGUAGES, vector_index
from parse_core.values.scalars import Json

_UNSORTED: Final = frozenset({"ACL", "Relation"})
_SPECIAL: Final = frozenset({"GeoPoint", "Polygon"})


def definitions(schema: ClassSchema, postgis: str | None) -> Iterator[tuple[Sql, bool]]:
    """What CREATE INDEX says after the table for each declared index of a class, and whether it is unique.

    Entries on texts and places become indexes of their own; those that sort become one together. Fields that do not
    exist make none.
    """
    for name, index in schema.indexes.items():
        where = _condition(name, index.get("$where"), schema)
        terms, is_whole = [], True
        for key, kind in index.items():
            field = schema.fields.get(_path(key)[0])
            if key.startswith("$"):
                continue
            if field is None:
                is_whole = False
            elif not sorts(key, kind) or field.type in _SPECIAL:
                special = _special(key, field, index, postgis)
                if special is not None:
                    yield special + where, False
            elif field.type not in _UNSORTED:
                terms.append(_term(key, field, descending=isinstance(kind, (int, float)) and kind < 0))
        if terms and is_whole:
            yield _sorted(index, terms, where), index.get("$unique") is True
    yield from _several(schema)


def _several(schema: ClassSchema) -> Iterator[tuple[Sql, bool]]:
    """Beside each index that begins with a path, the rows with several values there, of which that sorts by one."""
    for path in schema.keyed_paths:
        steps = tuple(_path(path))
        if steps[0] in schema.fields:
            yield Sql("USING btree (sequence) WHERE ") + inlined(differing_keys(Sql("data"), steps)), False


def _sorted(index: Mapping[str, Json], terms: list[Sql], where: Sql) -> Sql:
    """A B-tree. One that is not unique ends in the order of insertion: no sort is left for what is equal."""
    if index.get("$unique") is not True:
        return Sql("USING btree (") + join(", ", [*terms, Sql("sequence")]) + Sql(")") + where
    paths = [steps for key in index if sorts(key, index[key]) and len(steps := _path(key)) > 1]
    there = [Sql("data #>> ") + _array(steps) + Sql(" IS NOT NULL") for steps in paths]
    if there and where.text:
        message = "An index on what is inside of objects cannot be unique under a condition."
        raise InvalidQuery(message)
    if there:  # or rows without a value would be equal
        where = Sql(" WHERE ") + join(" AND ", there)
    return Sql("USING btree (") + join(", ", terms) + Sql(")") + where


def _term(key: str, field: Field, *, descending: bool) -> Sql:
    steps = _path(key)
    term = index_term(steps[0], field.type, descending=descending) if len(steps) == 1 else None
    if term is not None:
        return term
    made = inlined(order_key(Sql("data"), tuple(steps), descending=descending))
    return made + Sql(" DESC" if descending else " ASC")


def _special(key: str, field: Field, index: Mapping[str, Json], postgis: str | None) -> Sql | None:
    """An index that does not sort; None where the field has nothing for it."""
    if len(_path(key)) > 1:
        return None
    if index[key] == "text":
        language = LANGUAGES[index.get("$language", "english").lower()]
        return vector_index(key, language) if field.type == "String" else None
    if field.type == "GeoPoint":
        return point_index(key, postgis)
    return polygon_index(key) if field.type == "Polygon" else None


def _condition(name: str, where: Json, schema: ClassSchema) -> Sql:
    """The ` WHERE …` of an index on some of the objects, empty without. Raises `InvalidQuery` (102)."""
    if not where:
        return Sql("")
    try:
        condition = parse_where(where, schema, ParseScope(privileged=True))
    except ParseError as error:
        message = f"Index {name} has an invalid $where: {error.message}"
        raise InvalidQuery(message) from error
    return Sql(" WHERE ") + inlined(condition.sql(Row(identifier(schema.table).text)))


def _path(key: str) -> list[str]:
    return key.removeprefix("_p_").split(".")


def _array(steps: list[str]) -> Sql:
    return inlined(Sql("%s", (text_array(tuple(steps)),)))


index_compilers.add(DECLARED, definitions)
