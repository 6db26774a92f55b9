"""Equality with any of several values: what `$eq`, `$ne`, `$in`, `$nin`, `$all` and plain values are made of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import orjson

from parse_core.errors import InvalidJson
from parse_core.query.field import FieldRef
from parse_core.query.identity import is_flat, key, operand_form
from parse_core.query.place import Place
from parse_core.store.expressions import TIMESTAMPS
from parse_core.store.sql import FALSE, Sql, any_of
from parse_core.values.scalars import Document, Json, normal_iso, pointer

# Up to so many operands the index on `data` is asked for each; more are looked up in a hash table, row by row.
INDEXED: Final = 200


@dataclass(frozen=True)
class Members:
    """The operands, each as it is compared (`identity.operand_form`)."""

    values: tuple[Json, ...]  # without null
    null: bool

    @cached_property
    def keys(self) -> frozenset[Hashable]:
        """The operands for the face in memory; null is the key of what is missing."""
        return frozenset([*map(key, self.values), *[None] * self.null])

    @classmethod
    def of(cls, values: Iterable[Json]) -> Members:
        """From values in their operand form."""
        kept = tuple(values)
        present = tuple([value for value in kept if value is not None])
        return cls(present, len(present) < len(kept))

    def matches(self, field: FieldRef, document: Document) -> bool:
        """Whether any value of the field is one of them. Links are not in documents."""
        return field.join is None and any(key(value) in self.keys for value in field.values(document))

    def sql(self, place: Place) -> Sql:
        """The same in SQL."""
        if place.field.name == "objectId":
            return _object_ids(place, self.values)
        if place.field.join is not None:
            linked = [pointed for value in self.values if (pointed := _pointed(value, place.field)) is not None]
            return place.linked(Sql("(SELECT unnest(%s::text[]))", (linked,))) if linked else FALSE
        parts = [place.is_null()] if self.null else []
        flat: list[Json] = []
        nested: list[Json] = []
        for value in self.values:
            (flat if is_flat(value) else nested).append(value)
        if flat:
            parts.append(_flat(place, flat))
        if nested:
            parts.append(_nested(place, nested))
        return any_of(parts)


def operand(raw: Json, field: FieldRef) -> Json:
    """One operand as the field is compared with it: texts become dates and pointers where the column says so.

    Raises `InvalidJson` `bad date: …`.
    """
    value = operand_form(raw)
    if field.is_date:
        return _date(value, field)
    if field.value_type == "Pointer" and isinstance(value, str):
        return pointer(field.target_class or "", value)
    return value


def _date(value: Json, field: FieldRef) -> Json:
    text = value.get("iso") if isinstance(value, dict) and value.get("__type") == "Date" else value
    if not isinstance(text, str):
        if isinstance(value, dict) and value.get("__type") == "Date":
            raise bad_date(text)
        return value
    iso = normal_iso(text)
    if iso is None:
        raise bad_date(text)
    return iso if field.root in TIMESTAMPS else {"__type": "Date", "iso": iso}


def bad_date(text: Json) -> InvalidJson:
    """The refusal of a text that is no date."""
    return InvalidJson(f"bad date: {text}")


def _object_ids(place: Place, values: tuple[Json, ...]) -> Sql:
    ids = [value for value in values if isinstance(value, str)]
    column = place.row.object_id
    if len(ids) == 1:
        return column + Sql(" = %s", (ids[0],))
    return column + Sql(" = ANY(%s::text[])", (ids,)) if ids else FALSE


def _flat(place: Place, values: list[Json]) -> Sql:
    """Any of values whose containment is equality; by what an index sorts, if one begins with it."""
    texts = None if place.field.sorted is None else _texts(place, values)
    if texts is not None:
        return texts if place.field.sorted else texts & _found(place, values)
    return _found(place, values)


def _found(place: Place, values: list[Json]) -> Sql:
    if len(values) == 1 and not place.field.path:
        return _contained(place, values[0])
    if len(values) <= INDEXED and not place.field.has_index:
        return place.any_path(" || ".join(map(_jsonpath, values)))
    texts = _texts(place, values)
    if texts is not None:
        return texts
    return place.any_value(_is_one_of(values))


def _contained(place: Place, value: Json) -> Sql:
    if place.field.type == "Array":
        return place.contains([value])
    if place.may_be_array:
        return place.contains(value) | place.contains([value])
    return place.contains(value)


def _texts(place: Place, values: list[Json]) -> Sql | None:
    """A long list against a typed column: by the column's text, None when it is not told apart by one."""
    read = _READ.get(place.field.value_type or "")
    expression = place.sortable()
    if read is None or expression is None:
        return None
    texts = [text for value in values if (text := read(value, place.field)) is not None]
    sort = "numeric" if place.field.value_type == "Number" else "text"
    if len(texts) == 1:
        return expression + Sql(f" = %s::{sort}", (texts[0],))
    return expression + Sql(f" = ANY(%s::{sort}[])", (texts,))


def _string(value: Json, _field: FieldRef) -> str | None:
    return value if isinstance(value, str) else None


def _iso(value: Json, _field: FieldRef) -> str | None:
    if isinstance(value, dict):
        return value["iso"] if value.get("__type") == "Date" else None
    return value if isinstance(value, str) else None


def _pointed(value: Json, field: FieldRef) -> str | None:
    is_pointer = isinstance(value, dict) and value.get("__type") == "Pointer"
    return value["objectId"] if is_pointer and value["className"] == field.target_class else None


def _number(value: Json, _field: FieldRef) -> str | None:
    return _json(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _boolean(value: Json, _field: FieldRef) -> str | None:
    return _json(value) if isinstance(value, bool) else None


_READ: Final[dict[str, Callable[[Json, FieldRef], str | None]]] = {
    "String": _string,
    "Number": _number,
    "Boolean": _boolean,
    "Date": _iso,
    "Pointer": _pointed,
}


def _jsonpath(value: Json) -> str:
    """A jsonpath predicate that `@` is the value."""
    if not isinstance(value, dict):
        return f"@ == {_json(value)}"
    return "(" + " && ".join(f"@.{_json(name)} == {_json(member)}" for name, member in value.items()) + ")"


def _json(value: Json) -> str:
    return orjson.dumps(value).decode()


def _nested(place: Place, values: list[Json]) -> Sql:
    """Any of objects and arrays: the index narrows the rows down, a look at each value decides."""
    leaf_is_one = _is_one_of(values)
    found = place.any_leaf(leaf_is_one)
    if place.may_be_array:
        found = found | place.any_value(leaf_is_one)
    if place.field.path:
        return found
    return any_of(_narrowed(place, value) for value in values) & found


def _narrowed(place: Place, value: Json) -> Sql:
    if place.field.type == "Array":
        return place.contains([value]) | place.contains(value) if isinstance(value, list) else place.contains([value])
    return place.contains(value) | place.contains([value]) if place.may_be_array else place.contains(value)


def _is_one_of(values: list[Json]) -> Callable[[Sql], Sql]:
    texts = [_json(value) for value in values]
    return lambda value: Sql(f"parse.identity({value.text}) = ANY(%s::jsonb[])", (*value.params, texts))
