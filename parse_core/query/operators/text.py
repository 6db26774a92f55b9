"""Texts that match a pattern: `$regex` with `$options`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from parse_core.errors import InvalidQuery
from parse_core.query.field import FieldRef
from parse_core.query.operators.base import Clause, Companion, Operator, register
from parse_core.query.place import Place
from parse_core.query.regular_expressions import Expression, compiled, starting_with
from parse_core.store.sql import BRIEF, FALSE, Sql
from parse_core.values.scalars import Document, Json

_OPTIONS: Final = re.compile(r"[imxsu]+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that any text among a field's values may match; values of other kinds never do."""

    expression: Expression

    @classmethod
    def starting_with(cls, text: str) -> Pattern:
        """Matches the texts that begin with `text`."""
        return cls(starting_with(text))

    def matches(self, field: FieldRef, document: Document) -> bool:
        """Whether any value does."""
        if field.value_type not in (None, "Array", "String"):
            return False
        return any(isinstance(value, str) and self.expression.search(value) for value in field.values(document))

    def sql(self, place: Place) -> Sql:
        """The same in SQL, under the collation of declared indexes, which serve a literal beginning."""
        value_type = place.field.value_type
        if value_type is None or value_type == "Array":
            return place.any_value(self._of_json)
        text = place.sortable() if value_type == "String" else None
        return FALSE if text is None else text + Sql(f" ~ {self._brief}%s", (self.expression.sql,))

    @property
    def _brief(self) -> str:
        return BRIEF if self.expression.grouped else ""

    def _of_json(self, value: Sql) -> Sql:
        text = f"({value.text} #>> '{{}}') COLLATE \"C\""
        matching = f"(jsonb_typeof({value.text}) = 'string' AND {text} ~ {self._brief}%s)"
        return Sql(matching, (*value.params, *value.params, self.expression.sql))


@register
class Regex(Operator[Pattern]):
    """`$regex`: unanchored, case-sensitive, under the letters of `$options`."""

    name = "$regex"

    def parse(self, raw: Json, clause: Clause) -> Pattern:
        if not clause.scope.allow_regex:
            message = "$regex operator is not allowed"
            raise InvalidQuery(message)
        if not isinstance(raw, str):
            message = "$regex value must be a string"
            raise InvalidQuery(message)
        return Pattern(compiled(raw, _options(clause)))

    def sql(self, place: Place, operand: Pattern) -> Sql:
        return operand.sql(place)

    def matches(self, field: FieldRef, operand: Pattern, document: Document) -> bool:
        return operand.matches(field, document)


def _options(clause: Clause) -> str:
    if "$options" not in clause.constraint:
        return ""
    options = clause.constraint["$options"]
    if not isinstance(options, str):
        message = "$options value must be a string"
        raise InvalidQuery(message)
    if _OPTIONS.fullmatch(options) is None:
        message = f"Bad $options value for query: {options}"
        raise InvalidQuery(message)
    return options


@register
class Options(Companion):
    """`$options`: letters for the `$regex` beside it."""

    name = "$options"
    of = "$regex"

    def refuse(self, raw: Json) -> None:
        message = "$regex value must be a string"
        raise InvalidQuery(message)
