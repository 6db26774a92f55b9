"""Included objects put where their pointers stand, in text: the rows themselves are never decoded.

PostgreSQL writes a stored pointer in one way only, so its text can be looked for. That a nested value does not hold the
same text is not assumed but counted: the statement says how many pointers there are, and when more are found than that,
the rows are decoded after all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import orjson

from parse_core.query.projection import Projection
from parse_core.query.select import BREAK, Level, Linked, Select
from parse_core.schema.classes import ClassSchema
from parse_core.values.scalars import Document


def opened(text: str, query: Select, class_name: str | None = None) -> str:
    """The rows of a level as results of their class: with relation stubs and, if given, the class's name."""
    head = _stubs(query.schema, query.projection)
    if class_name is not None:
        head = f'"className": "{class_name}", {head}'
    return f"{{{head}{text[1:]}".replace("\n{", "\n{" + head) if text and head else text


def _stubs(schema: ClassSchema, projection: Projection) -> str:
    """The text that stands for an object's relations, which are not stored with it."""
    if not schema.relation_fields:
        return ""
    concealed = projection.removed.union(*(rule.fields for rule in projection.hidden))
    return "".join(
        f'"{name}": {{"__type": "Relation", "className": "{target}"}}, '
        for name, target in schema.relation_fields.items()
        if name not in concealed
    )


def spliced(level: Level, linked: Sequence[Linked]) -> str:
    """The rows of a level, joined by `BREAK`, with every pointer of its links replaced by the object it leads to.

    A pointer to an object that is not there is left out. Raises the refusal of a link that has pointers.
    """
    pointers = sum(level.pointers)
    if not pointers:
        return level.text
    values: dict[str, Mapping[str, str]] = {}
    for link, below, count in zip(linked, level.below, level.pointers, strict=True):
        if count and link.refusal is not None:
            raise link.refusal
        objects = _objects(link, below)
        values.update(dict.fromkeys(link.fields, objects))
    text = _replaced(level.text, values, pointers)
    return _replaced_by_decoding(level.text, values) if text is None else text


def _objects(linked: Linked, level: Level | None) -> Mapping[str, str]:
    """The linked objects by id, as they are put in."""
    if level is None or not level.ids:
        return {}
    schema = linked.schema
    opening = f'{{"__type": "Object", "className": "{schema.name}", {_stubs(schema, linked.projection)}'
    rows = f"{spliced(level, linked.linked)},".split("\n")
    return {object_id: f"{opening}{row[1:-1]}" for object_id, row in zip(level.ids, rows, strict=True)}


def _replaced(text: str, values: Mapping[str, Mapping[str, str]], pointers: int) -> str | None:
    """The text with its pointers replaced; None when it holds another number of such texts than the rows have pointers.

    `values` has the objects by field and id.
    """
    parts = _pointer(tuple(values)).split(text)  # between pointers, key, id, between, key, id, …, between
    if len(parts) // 3 != pointers:
        return None
    objects = {f'"{field}": ': by_id for field, by_id in values.items()}
    found = [objects[key].get(_plain(written)) for key, written in zip(parts[1::3], parts[2::3], strict=True)]
    if None not in found:
        parts[2::3] = found
        return "".join(parts)
    pieces = [parts[0]]
    for key, value, after in zip(parts[1::3], found, parts[3::3], strict=True):
        if value is not None:
            pieces += (key, value, after)
        elif after[:2] == ", ":
            pieces[-1] += after[2:]
        else:
            pieces[-1] = pieces[-1][:-2] + after
    return "".join(pieces)


@lru_cache(maxsize=1024)
def _pointer(fields: tuple[str, ...]) -> re.Pattern[str]:
    """Matches a pointer in one of the fields as PostgreSQL writes it, whatever its id: key, and id as it is written.

    One that it missed would make up, in the count, for one nested in another value.
    """
    names = "|".join(re.escape(field) for field in fields)
    key = f'("(?:{names})": )' if len(fields) > 1 else f'("{names}": )'
    return re.compile(key + r'{"__type": "Pointer", "objectId": "([^"\\]*(?:\\.[^"\\]*)*)", "className": "[^"]*"}')


def _plain(written: str) -> str:
    """An id that was written inside quotes."""
    object_id: str = orjson.loads(f'"{written}"') if "\\" in written else written
    return object_id


def _replaced_by_decoding(text: str, values: Mapping[str, Mapping[str, str]]) -> str:
    rows: list[Document] = orjson.loads(f"[{text}]")
    for row in rows:
        for field, objects in values.items():
            pointer = row.get(field)
            if isinstance(pointer, dict):
                found = objects.get(pointer["objectId"])
                if found is None:
                    del row[field]
                else:
                    row[field] = orjson.Fragment(found)
    return BREAK.join(orjson.dumps(row).decode() for row in rows)
