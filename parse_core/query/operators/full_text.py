"""Texts about something: `$text`."""

from __future__ import annotations

from typing import Final

from parse_core.errors import InvalidJson
from parse_core.query.field import FieldRef
from parse_core.query.full_text import Question, Search
from parse_core.query.identity import operand_form
from parse_core.query.operators.base import Clause, Operator, register
from parse_core.query.place import Place
from parse_core.store.sql import FALSE, Sql
from parse_core.store.text_search import LANGUAGES
from parse_core.values.scalars import Document, Json

MAX_LENGTH: Final = 10_000  # characters of a term


@register
class Text(Operator[Search]):
    """`$text`: the text has a word or the phrases of `$search`, and none that are excluded. Once in a query."""

    name = "$text"

    def parse(self, raw: Json, clause: Clause) -> Search:
        search = raw.get("$search") if isinstance(raw, dict) else None
        if not isinstance(search, dict):
            raise _bad("$search, should be object")
        clause.only_once(self.name)
        term = search.get("$term")
        if not isinstance(term, str) or not term:
            raise _bad("$term, should be string")
        if len(term) > MAX_LENGTH:
            raise _bad(f"$term, should have at most {MAX_LENGTH} characters")
        configuration = _configuration(search.get("$language"))
        case, diacritics = _flag("$caseSensitive", search), _flag("$diacriticSensitive", search)
        return Search(Question.parse(operand_form(term)), configuration, case, diacritics, clause.scope.database)

    def sql(self, place: Place, operand: Search) -> Sql:
        value_type = place.field.value_type
        if value_type == "String":
            return operand.sql(place.text())
        return place.any_value(lambda value: _of_json(value, operand)) if value_type is None else FALSE

    def matches(self, field: FieldRef, operand: Search, document: Document) -> bool:
        if field.value_type not in (None, "String"):
            return False
        return operand.matches([value for value in field.values(document) if isinstance(value, str)])


def _configuration(language: Json) -> str:
    if not _is_true(language):
        return "english"
    if not isinstance(language, str):
        raise _bad("$language, should be string")
    configuration = LANGUAGES.get(language.lower())
    if configuration is None:
        raise _bad("$language not supported")
    return configuration


def _flag(name: str, search: Json) -> bool:
    value = search.get(name)
    if _is_true(value) and not isinstance(value, bool):
        raise _bad(f"{name}, should be boolean")
    return value is True


def _is_true(value: Json) -> bool:
    """As JavaScript sees it."""
    return isinstance(value, (dict, list)) or bool(value)


def _of_json(value: Sql, search: Search) -> Sql:
    is_text = Sql(f"jsonb_typeof({value.text}) = 'string'", value.params)
    return Sql("(") + is_text + Sql(" AND ") + search.sql(Sql(f"({value.text} #>> '{{}}')", value.params)) + Sql(")")


def _bad(info: str) -> InvalidJson:
    return InvalidJson(f"bad $text: {info}")
