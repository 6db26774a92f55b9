"""Arrays as a whole: `$all` and `$containedBy`."""

from __future__ import annotations

from typing import Final, TypeAlias

import orjson

from parse_core.errors import InvalidJson, InvalidQuery
from parse_core.query.field import FieldRef
from parse_core.query.identity import key, shown
from parse_core.query.membership import Members, operand
from parse_core.query.operators.base import Clause, Operator, register
from parse_core.query.operators.text import Pattern
from parse_core.query.place import Place
from parse_core.store.sql import FALSE, Sql, all_of
from parse_core.values.scalars import Document, Json

_QUOTED: Final = (r"^\Q", r"\E")

Required: TypeAlias = "tuple[Members | Pattern, ...]"


@register
class All(Operator[Required]):
    """`$all`: for each entry there is a value that equals it, or that starts with it. Nothing has all of nothing."""

    name = "$all"

    def parse(self, raw: Json, clause: Clause) -> Required:
        if not isinstance(raw, list):
            message = "bad $all value"
            raise InvalidJson(message)
        if any(isinstance(entry, dict) and "$regex" in entry for entry in raw):
            return _beginnings(raw, clause)
        if any(_is_no_value(entry) for entry in raw):
            return ()
        return tuple(Members.of([operand(entry, clause.field)]) for entry in raw)

    def sql(self, place: Place, operand: Required) -> Sql:
        return all_of(each.sql(place) for each in operand) if operand else FALSE

    def matches(self, field: FieldRef, operand: Required, document: Document) -> bool:
        return bool(operand) and all(each.matches(field, document) for each in operand)


def _beginnings(entries: list[Json], clause: Clause) -> Required:
    if not clause.scope.allow_regex:
        message = "$regex operator is not allowed"
        raise InvalidQuery(message)
    before, after = _QUOTED
    patterns = [entry.get("$regex") if isinstance(entry, dict) and len(entry) == 1 else None for entry in entries]
    texts = []
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern.startswith(before) or not pattern.endswith(after):
            message = f"All $all values must be of regex type or none: {shown(entries)}"
            raise InvalidJson(message)
        texts.append(pattern.removeprefix(before).removesuffix(after).replace(r"\E\\E\Q", r"\E"))
    return tuple(Pattern.starting_with(text) for text in texts)


def _is_no_value(entry: Json) -> bool:
    return isinstance(entry, dict) and (not entry or any(name.startswith("$") for name in entry))


@register
class ContainedBy(Operator[Members]):
    """`$containedBy`: an array, all of whose elements are in the list; the empty array too."""

    name = "$containedBy"

    def parse(self, raw: Json, clause: Clause) -> Members:
        if not isinstance(raw, list):
            message = "bad $containedBy: should be an array"
            raise InvalidJson(message)
        return Members.of(operand(entry, clause.field) for entry in raw)

    def sql(self, place: Place, operand: Members) -> Sql:
        if not place.may_be_array:
            return FALSE
        listed = [orjson.dumps(value).decode() for value in operand.values] + ["null"] * operand.null
        stranger = "NOT parse.identity(element.value) = ANY(%s::jsonb[])"

        def contained(leaf: Sql) -> Sql:
            elements = Sql("jsonb_array_elements(") + leaf + Sql(") AS element(value)")
            all_listed = Sql("NOT EXISTS (SELECT 1 FROM ") + elements + Sql(f" WHERE {stranger})", (listed,))
            return Sql("CASE WHEN jsonb_typeof(") + leaf + Sql(") = 'array' THEN ") + all_listed + Sql(" END")

        return place.any_leaf(contained)

    def matches(self, field: FieldRef, operand: Members, document: Document) -> bool:
        return any(
            isinstance(leaf, list) and all(key(element) in operand.keys for element in leaf)
            for leaf in field.leaves(document)
        )
