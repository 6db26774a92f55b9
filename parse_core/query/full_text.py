"""Full-text search: what a `$term` asks for, and how a text answers it and how well (`contract/queries.md` §11).

Words are told apart, stemmed and compared by functions of the database (`store.text_search`). The face in memory asks
them too, one statement per document, so that both faces agree in every language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from parse_core.store.sql import Sql, all_of
from parse_core.store.text_search import in_language, vector

if TYPE_CHECKING:
    from parse_core.store.database import Database

_PART: Final = re.compile(r'(?P<minus>-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Question:
    """What a `$term` asks for.

    `words` holds all that count, of phrases too: a text has one of them, every phrase, and nothing of the excluded.
    """

    words: str
    phrases: tuple[str, ...] = ()
    excluded: str = ""
    excluded_phrases: tuple[str, ...] = ()

    @classmethod
    def parse(cls, term: str) -> Question:
        """From `coffee "flat white" -decaf`. A minus counts where a word or phrase begins."""
        words: dict[bool, list[str]] = {True: [], False: []}
        phrases: dict[bool, list[str]] = {True: [], False: []}
        for part in _PART.finditer(term):
            excludes = part["minus"] is not None
            if part["word"] is not None:
                words[excludes].append(part["word"])
            elif any(map(str.isalnum, part["phrase"])):
                phrases[excludes].append(part["phrase"])
        wanted = " ".join((*words[False], *phrases[False]))
        return cls(wanted, tuple(phrases[False]), " ".join(words[True]), tuple(phrases[True]))


@dataclass(frozen=True, slots=True)
class Search:
    """One `$text`. `database` is asked by the face in memory, which finds nothing without one."""

    question: Question
    language: str
    case_sensitive: bool
    diacritic_sensitive: bool
    database: Database | None

    def sql(self, text: Sql) -> Sql:
        """The condition on a text expression. The index on `vector` answers it."""
        question = self.question
        parts = [vector(text, self.language) + Sql(" @@ ") + self._query(question.words)]
        if self.case_sensitive or self.diacritic_sensitive:
            parts.append(self._has_any(text, question.words))
        parts += [self._has_phrase(text, phrase) for phrase in question.phrases]
        if question.excluded:
            parts.append(~self._has_any(text, question.excluded))
        parts += [~self._has_phrase(text, phrase) for phrase in question.excluded_phrases]
        return all_of(parts)

    def score(self, text: Sql) -> Sql:
        """How well a text that was found answers, higher is better: rarer in short texts than in long ones."""
        marks = self.diacritic_sensitive
        found = vector(text, self.language, keep_marks=marks)
        return Sql("ts_rank(") + found + Sql(", ") + self._query(self.question.words, keep_marks=marks) + Sql(", 1)")

    def matches(self, texts: list[str]) -> bool:
        """Whether any of the texts answers. One statement."""
        if self.database is None or not texts:
            return False
        condition = self.sql(Sql("each.text"))
        source = Sql("SELECT EXISTS (SELECT FROM unnest(%s::text[]) AS each(text) WHERE ", (texts,))
        return bool(self.database.fetch(source + condition + Sql(")"))[0][0])

    def _query(self, words: str, *, keep_marks: bool = False) -> Sql:
        """The `tsquery` for any of the words. A sub-select, so that it is made once and not for every row."""
        marks = "TRUE" if keep_marks else "FALSE"
        return Sql("(SELECT ") + in_language("search_query", self.language) + Sql(f"%s, {marks}))", (words,))

    def _has_any(self, text: Sql, words: str) -> Sql:
        if not self.case_sensitive:
            keep = self.diacritic_sensitive
            return vector(text, self.language, keep_marks=keep) + Sql(" @@ ") + self._query(words, keep_marks=keep)
        terms = in_language("search_terms", self.language) + Sql(f"%s, {self._flags})", (words,))
        return Sql("string_to_array(") + self._words(text) + Sql(", ' ') && (SELECT ") + terms + Sql(")")

    def _has_phrase(self, text: Sql, phrase: str) -> Sql:
        """The very words of the phrase, stop words too, one after the other."""
        wanted = self._words(Sql("%s", (phrase,)))
        return Sql("position((SELECT ") + wanted + Sql(") IN ") + self._words(text) + Sql(") > 0")

    def _words(self, text: Sql) -> Sql:
        return Sql("parse.search_words(") + text + Sql(f", {self._flags})")

    @property
    def _flags(self) -> str:
        return f"{self.case_sensitive}, {self.diacritic_sensitive}".upper()
