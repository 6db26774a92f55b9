"""What a query asks of the objects it finds. Each method gives the query back, so that they can be chained."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Self

from parse_cloud.author.sdk.encoding import encode
from parse_cloud.author.sdk.query_text import modifiers_of, quoted
from parse_core.values.scalars import Document

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object
    from parse_cloud.author.sdk.query import Query

_FULL_TEXT: Final = {
    "language": "$language",
    "case_sensitive": "$caseSensitive",
    "diacritic_sensitive": "$diacriticSensitive",
}


class Conditions:
    """Conditions by field, or by a path within one (`"address.city"`); all of them must hold."""

    conditions: Document

    def condition(self, key: str, operator: str, value: Any) -> Self:
        """The query with a condition of REST's: `condition("stars", "$gte", 3)`. An equality there was stays."""
        there = self.conditions.get(key)
        if not isinstance(there, dict) or not all(name.startswith("$") for name in there):
            there = {"$eq": there} if key in self.conditions else {}
        self.conditions[key] = {**there, operator: encode(value)}
        return self

    def equal_to(self, key: str | Mapping[str, Any], value: Any = None) -> Self:
        """The field has the value, or an element of it does. It takes the place of other conditions on the field."""
        for name, each in _pairs(key, value):
            self.conditions[name] = encode(each)
        return self

    def not_equal_to(self, key: str | Mapping[str, Any], value: Any = None) -> Self:
        """The field has another value, or none."""
        for name, each in _pairs(key, value):
            self.condition(name, "$ne", each)
        return self

    def less_than(self, key: str, value: Any) -> Self:
        """The value comes before."""
        return self.condition(key, "$lt", value)

    def less_than_or_equal_to(self, key: str, value: Any) -> Self:
        """The value does not come after."""
        return self.condition(key, "$lte", value)

    def greater_than(self, key: str, value: Any) -> Self:
        """The value comes after."""
        return self.condition(key, "$gt", value)

    def greater_than_or_equal_to(self, key: str, value: Any) -> Self:
        """The value does not come before."""
        return self.condition(key, "$gte", value)

    def contained_in(self, key: str, values: Iterable[Any]) -> Self:
        """The value is one of some."""
        return self.condition(key, "$in", list(values))

    def not_contained_in(self, key: str, values: Iterable[Any]) -> Self:
        """The value is none of some."""
        return self.condition(key, "$nin", list(values))

    def contained_by(self, key: str, values: Iterable[Any]) -> Self:
        """Every element of a list is one of some."""
        return self.condition(key, "$containedBy", list(values))

    def contains_all(self, key: str, values: Iterable[Any]) -> Self:
        """The list has each of some elements."""
        return self.condition(key, "$all", list(values))

    def contains_all_starting_with(self, key: str, prefixes: str | Iterable[str]) -> Self:
        """The list has, for each of some texts, an element that begins with it."""
        each = [prefixes] if isinstance(prefixes, str) else prefixes
        return self.condition(key, "$all", [{"$regex": f"^{quoted(prefix)}"} for prefix in each])

    def exists(self, key: str) -> Self:
        """The field has a value."""
        return self.condition(key, "$exists", value=True)

    def does_not_exist(self, key: str) -> Self:
        """The field has no value."""
        return self.condition(key, "$exists", value=False)

    # --- Texts

    def matches(self, key: str, pattern: str | re.Pattern[str], modifiers: str = "") -> Self:
        """The text fits a regular expression. `modifiers`: `i`, `m`, `s`, `x`, beside those of a compiled one."""
        text = pattern if isinstance(pattern, str) else pattern.pattern
        self.condition(key, "$regex", text)
        found = modifiers if isinstance(pattern, str) else modifiers + modifiers_of(pattern)
        return self.condition(key, "$options", found) if found else self

    def starts_with(self, key: str, prefix: str, modifiers: str = "") -> Self:
        """The text begins with one."""
        return self.matches(key, f"^{quoted(prefix)}", modifiers)

    def ends_with(self, key: str, suffix: str, modifiers: str = "") -> Self:
        """The text ends with one."""
        return self.matches(key, f"{quoted(suffix)}$", modifiers)

    def contains(self, key: str, substring: str) -> Self:
        """The text has one in it."""
        return self.condition(key, "$regex", quoted(substring))

    def full_text(self, key: str, search: str, **options: str | bool) -> Self:
        """The text has the words. Options: `language`, `case_sensitive`, `diacritic_sensitive`."""
        if not search:
            raise ValueError("A search term is required")
        unknown = [name for name in options if name not in _FULL_TEXT]
        if unknown:
            raise TypeError(f"Unknown option: {unknown[0]}")
        term = {"$term": search, **{_FULL_TEXT[name]: value for name, value in options.items()}}
        return self.condition(key, "$text", {"$search": term})

    # --- Other objects

    def matches_query(self, key: str, query: Query[Any]) -> Self:
        """The pointer leads to an object that another query finds."""
        return self.condition(key, "$inQuery", query.as_subquery())

    def does_not_match_query(self, key: str, query: Query[Any]) -> Self:
        """The pointer leads to no object that another query finds."""
        return self.condition(key, "$notInQuery", query.as_subquery())

    def matches_key_in_query(self, key: str, query_key: str, query: Query[Any]) -> Self:
        """The value is that of a field of some object that another query finds."""
        return self.condition(key, "$select", {"key": query_key, "query": query.as_subquery()})

    def does_not_match_key_in_query(self, key: str, query_key: str, query: Query[Any]) -> Self:
        """The value is that field's of no object that another query finds."""
        return self.condition(key, "$dontSelect", {"key": query_key, "query": query.as_subquery()})

    def related_to(self, parent: Object, key: str) -> Self:
        """The object is linked to by a relation of another."""
        self.conditions["$relatedTo"] = {"object": parent.to_pointer(), "key": key}
        return self


def any_of(word: str, queries: Sequence[Conditions]) -> Document:
    """Conditions of several queries joined by `$or`, `$and` or `$nor`."""
    return {word: [query.conditions for query in queries]}


def _pairs(key: str | Mapping[str, Any], value: Any) -> Iterable[tuple[str, Any]]:
    return [(key, value)] if isinstance(key, str) else key.items()
