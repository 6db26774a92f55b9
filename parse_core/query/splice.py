"""Included objects put where their pointers stand, in text: the rows themselves are never decoded.

PostgreSQL writes a stored pointer in one way only, so its text can be looked for. That a nested value does not hold the
same text is not assumed but counted: the statement says how many pointers there are, and when more are found than that,
the rows are decoded after all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import orjson

from parse_core.query.select import BREAK, Level, Linked
from parse_core.schema.classes import ClassSchema
from parse_core.values.scalars import Document

_ESCAPED: Final = re.compile(r'["\\\x00-\x1f]')  # ids whose JSON text is not the id itself


class Openings:
    """How objects of a class start when they are sent: the text that takes the place of their opening brace."""

    def __init__(self, schema: ClassSchema) -> None:
        stubs = "".join(
            f'"{name}": {{"__type": "Relation", "className": "{target}"}}, '
            for name, target in schema.relation_fields.items()
        )
        self.stubs = stubs
        self.included = f'{{"__type": "Object", "className": "{schema.name}", {stubs}'


def opened(text: str, schema: ClassSchema, class_name: str | None = None) -> str:
    """The rows of a level as results of their class: with relation stubs and, if given, the class's name."""
    head = schema.part(Openings).stubs
    if class_name is not None:
        head = f'"className": "{class_name}", {head}'
    return f"{{{head}{text[1:]}".replace("\n{", "\n{" + head) if text and head else text


def spliced(level: Level, linked: Sequence[Linked]) -> str:
    """The rows of a level, joined by `BREAK`, with every pointer of its links replaced by the object it leads to.

    A pointer to an object that is not there is left out. Raises the refusal of a link that has pointers.
    """
    if not any(level.pointers):
        return level.text
    objects = [_objects(*pair) for pair in zip(linked, level.below, level.pointers, strict=True)]
    text = _replaced(level.text, linked, objects, sum(level.pointers))
    return _replaced_by_decoding(level.text, linked, objects) if text is None else text


def _objects(linked: Linked, level: Level | None, pointers: int) -> Mapping[str, str]:
    """The linked objects by id, each without its opening brace."""
    if pointers and linked.refusal is not None:
        raise linked.refusal
    if level is None or not level.ids:
        return {}
    rows = f"{spliced(level, linked.linked)},".split("\n")
    return {object_id: row[1:-1] for object_id, row in zip(level.ids, rows, strict=True)}


def _replaced(text: str, linked: Sequence[Linked], objects: Sequence[Mapping[str, str]], pointers: int) -> str | None:
    """The text with its pointers replaced; None when it holds more or less of such text than the rows have pointers."""
    pieces = [text]  # what was put in stands at the odd places
    found = 0
    for link, bodies in zip(linked, objects, strict=True):
        if _ESCAPED.search("".join(bodies)):
            return None
        opening = link.schema.part(Openings).included
        closing = f'", "className": "{link.schema.name}"}}'
        for field in link.fields:
            head = f'"{field}": '
            values = {object_id: f"{head}{opening}{body}" for object_id, body in bodies.items()}
            before, pieces = pieces, []
            for place, piece in enumerate(before):
                if place % 2:
                    pieces.append(piece)
                else:
                    found += _replace(piece, f'{head}{{"__type": "Pointer", "objectId": "', closing, values, pieces)
    return "".join(pieces) if found == pointers else None


def _replace(piece: str, opening: str, closing: str, values: Mapping[str, str], pieces: list[str]) -> int:
    """Adds a piece to `pieces`, taken apart where pointers stand in it; how many those are."""
    plain, *rest = piece.split(opening)
    for part in rest:
        object_id, _, after = part.partition(closing)
        value = values.get(object_id)
        if value is not None:
            pieces.append(plain)
            pieces.append(value)
            plain = after
        elif after[:2] == ", ":
            plain += after[2:]
        else:
            plain = plain[:-2] + after
    pieces.append(plain)
    return len(rest)


def _replaced_by_decoding(text: str, linked: Sequence[Linked], objects: Sequence[Mapping[str, str]]) -> str:
    rows: list[Document] = orjson.loads(f"[{text}]")
    for link, bodies in zip(linked, objects, strict=True):
        opening = link.schema.part(Openings).included
        for row in rows:
            for field in link.fields:
                value = row.get(field)
                if isinstance(value, dict):
                    body = bodies.get(value["objectId"])
                    if body is None:
                        del row[field]
                    else:
                        row[field] = orjson.Fragment(opening + body)
    return BREAK.join(orjson.dumps(row).decode() for row in rows)
