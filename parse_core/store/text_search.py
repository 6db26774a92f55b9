"""Full text in SQL: languages, and the expression that searches and indexes share.

Words are told apart, stemmed and compared by the functions of `0005_search_functions.sql`.
"""

from __future__ import annotations

from typing import Final

from parse_core.store.expressions import literal
from parse_core.store.sql import Sql

_CODES: Final = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch", "en": "english",
    "fi": "finnish", "fr": "french", "de": "german", "el": "greek", "hi": "hindi", "hu": "hungarian",
    "id": "indonesian", "ga": "irish", "it": "italian", "lt": "lithuanian", "ne": "nepali", "no": "norwegian",
    "nb": "norwegian", "nn": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "es": "spanish", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish", "none": "simple",
}  # fmt: skip
LANGUAGES: Final = {**_CODES, **{name: name for name in _CODES.values()}}
"""What a `$language` may say, in lower case, and the PostgreSQL configuration it means."""


def vector(text: Sql, language: str, *, keep_marks: bool = False) -> Sql:
    """The `tsvector` of a text; without `keep_marks`, what an index is made of."""
    return in_language("search_vector", language) + text + Sql(", TRUE)" if keep_marks else ", FALSE)")


def vector_index(name: str, language: str = "english") -> Sql:
    """What a CREATE INDEX says after the table, to serve searches of a String field: `USING gin (…)`."""
    text = Sql("(data->>") + literal(name) + Sql(")")
    return Sql("USING gin (") + vector(text, language) + Sql(") WITH (fastupdate = off)")


def in_language(function: str, language: str) -> Sql:
    """The beginning of a call. The name, one of ours, is in the text: only so does the planner see an index's."""
    return Sql(f"parse.{function}('pg_catalog.{language}'::regconfig, ")
