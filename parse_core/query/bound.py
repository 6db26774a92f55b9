"""The order of values of one kind: what `$lt $lte $gt $gte` compare. Values of different kinds are not ordered."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson

from parse_core.errors import InvalidJson
from parse_core.query.field import FieldRef
from parse_core.query.identity import shown
from parse_core.query.membership import Members, operand
from parse_core.query.place import Place
from parse_core.query.relative_time import relative_time
from parse_core.store.expressions import TIMESTAMPS
from parse_core.store.sql import FALSE, Sql
from parse_core.values.scalars import Document, Json, date_value

Comparison = Literal["<", "<=", ">", ">="]
Kind = Literal["number", "string", "boolean", "Date", "Pointer"]

_COMPARE: Final[dict[Comparison, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NULL: Final = Members.of([None])
# The kind of the values of a typed column; the timestamps are bare texts.
_COLUMN_KINDS: Final[dict[str, Kind]] = {
    "String": "string",
    "Number": "number",
    "Boolean": "boolean",
    "Date": "Date",
    "Pointer": "Pointer",
}
_MEMBER: Final[dict[str, str]] = {"Date": "iso", "Pointer": "objectId"}


def ordered(value: Json) -> tuple[Kind, Any] | None:
    """The kind of a value and what orders it among its kind; None for values without an order."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, (int, float)):
        return "number", value
    if isinstance(value, str):
        return "string", value
    if isinstance(value, dict):
        typed = value.get("__type")
        if typed in ("Date", "Pointer") and isinstance(value.get(_MEMBER[typed]), str):
            return typed, value[_MEMBER[typed]]
    return None


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a range. `kind` None: a null, which only equals itself, or a value that has no order."""

    comparison: Comparison
    kind: Kind | None
    value: Any

    @classmethod
    def parse(cls, comparison: Comparison, raw: Json, field: FieldRef, now: datetime) -> Bound:
        """Raises `InvalidJson` `bad atom: …` for arrays and objects without a type, `bad date: …`."""
        if isinstance(raw, dict) and "$relativeTime" in raw:
            if not field.is_date:
                message = "$relativeTime can only be used with Date field"
                raise InvalidJson(message)
            raw = date_value(relative_time(raw["$relativeTime"], now))
        if isinstance(raw, list) or (isinstance(raw, dict) and "__type" not in raw):
            message = f"bad atom: {shown(raw)}"
            raise InvalidJson(message)
        value = operand(raw, field)
        kind, ordering = ordered(value) or (None, value)
        return cls(comparison, kind, ordering)

    @property
    def _takes_null(self) -> bool:
        return self.kind is None and self.value is None and self.comparison in ("<=", ">=")

    def matches(self, field: FieldRef, document: Document) -> bool:
        """Whether any value of the field is on this side."""
        if self.kind is None:
            return self._takes_null and _NULL.matches(field, document)
        compare = _COMPARE[self.comparison]
        for value in field.values(document):
            found = ordered(value)
            if found is not None and found[0] == self.kind and compare(found[1], self.value):
                return True
        return False

    def sql(self, place: Place) -> Sql:
        """The same in SQL; on a typed column by the expression that declared indexes are made on."""
        if self.kind is None:
            return _NULL.sql(place) if self._takes_null else FALSE
        if self.kind == "boolean":
            compare = _COMPARE[self.comparison]
            return Members.of(value for value in (False, True) if compare(value, self.value)).sql(place)
        value_type = place.field.value_type
        if value_type is None or value_type == "Array":
            return place.any_value(self._of_json)
        expression = place.sortable()
        if expression is None or self.kind != _column_kind(place.field, value_type):
            return FALSE
        return expression + self._right_side()

    def _right_side(self) -> Sql:
        if self.kind == "number":
            return Sql(f" {self.comparison} %s::numeric", (orjson.dumps(self.value).decode(),))
        return Sql(f" {self.comparison} %s", (self.value,))

    def _of_json(self, value: Sql) -> Sql:
        if self.kind == "number":
            text = orjson.dumps(self.value).decode()
            guarded = f"(jsonb_typeof({value.text}) = 'number' AND {value.text} {self.comparison} %s::jsonb)"
            return Sql(guarded, (*value.params, *value.params, text))
        if self.kind == "string":
            guarded = f"(jsonb_typeof({value.text}) = 'string' AND ({value.text} #>> '{{}}') COLLATE \"C\""
            return Sql(f"{guarded} {self.comparison} %s)", (*value.params, *value.params, self.value))
        member = _MEMBER[self.kind or ""]
        guarded = f"({value.text}->>'__type' = '{self.kind}' AND ({value.text}->>'{member}') COLLATE \"C\""
        return Sql(f"{guarded} {self.comparison} %s)", (*value.params, *value.params, self.value))


def _column_kind(field: FieldRef, value_type: str) -> Kind | None:
    return "string" if field.root in TIMESTAMPS else _COLUMN_KINDS.get(value_type)
