"""What a query gives of the objects it finds: which of them, in which order, with which fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from parse_cloud.author.sdk.query_keywords import Keywords
from parse_core.values.scalars import Document

Names = str | Iterable[str]


class Shape(Keywords):
    """Order, pages, fields and hints."""

    # By the names of REST; what is not set is not there.
    options: dict[str, Any]

    def ascending(self, *keys: Names) -> Self:
        """Smallest first, by fields in the place of those before."""
        self.options["order"] = _names(keys)
        return self

    def add_ascending(self, *keys: Names) -> Self:
        """Smallest first, by fields that decide where those before are equal."""
        return self._more("order", _names(keys))

    def descending(self, *keys: Names) -> Self:
        """Largest first, by fields in the place of those before."""
        self.options["order"] = [f"-{key}" for key in _names(keys)]
        return self

    def add_descending(self, *keys: Names) -> Self:
        """Largest first, by fields that decide where those before are equal."""
        return self._more("order", [f"-{key}" for key in _names(keys)])

    def sort_by_text_score(self) -> Self:
        """Best match of `full_text` first, with its `$score`."""
        return self.ascending("$score").select("$score")

    def limit(self, count: int) -> Self:
        """At most so many objects; a negative number: as many as the application gives by itself."""
        if type(count) is not int:
            raise TypeError("You can only set the limit to a numeric value")
        return self._set("limit", count if count >= 0 else None)

    def skip(self, count: int) -> Self:
        """Without the first so many objects."""
        if type(count) is not int or count < 0:
            raise ValueError("You can only skip by a positive number")
        return self._set("skip", count or None)

    def with_count(self, include_count: bool = True) -> Self:  # noqa: FBT001, FBT002 (as in every SDK)
        """With the number of all objects that match, as `total` of the results."""
        return self._set("count", 1 if include_count else None)

    def include(self, *keys: Names) -> Self:
        """With the objects that pointers lead to; `"author.city"` for those that these point to."""
        return self._more("include", _names(keys))

    def include_all(self) -> Self:
        """With the objects that any pointer leads to."""
        return self.include("*")

    def select(self, *keys: Names) -> Self:
        """With these fields alone."""
        return self._more("keys", _names(keys))

    def exclude(self, *keys: Names) -> Self:
        """Without these fields."""
        return self._more("excludeKeys", _names(keys))

    def watch(self, *keys: Names) -> Self:
        """As a live query: for changes of these fields alone."""
        return self._more("watch", _names(keys))

    def hint(self, index: Any) -> Self:
        """Tells the database an index to use, where it lets itself be told."""
        return self._set("hint", index)

    def explain(self, explain: bool = True) -> Self:  # noqa: FBT001, FBT002
        """With how the database finds the objects, in the place of them."""
        return self._set("explain", value=True if explain else None)

    def comment(self, text: str | None) -> Self:
        """With a text for the database's log."""
        if text is not None and not isinstance(text, str):
            raise TypeError("The value of a comment to be sent with this query must be a string.")
        return self._set("comment", text)

    def read_preference(
        self,
        read_preference: str,
        include_read_preference: str | None = None,
        subquery_read_preference: str | None = None,
    ) -> Self:
        """Which replica to ask, where the database has some: `"SECONDARY"`."""
        self._set("readPreference", read_preference)
        self._set("includeReadPreference", include_read_preference)
        return self._set("subqueryReadPreference", subquery_read_preference)

    def redirect_class_name_for_key(self, key: str) -> Self:
        """Finds objects of the class that a pointer or relation of this one leads to."""
        return self._set("redirectClassNameForKey", key)

    def _more(self, option: str, names: list[str]) -> Self:
        self.options[option] = [*self.options.get(option, ()), *names]
        return self

    def _set(self, option: str, value: Any) -> Self:
        if value is None:
            self.options.pop(option, None)
        else:
            self.options[option] = value
        return self


def _names(keys: Iterable[Names]) -> list[str]:
    """Names given one by one, in lists, or separated by commas."""
    flat = [name for key in keys for name in ([key] if isinstance(key, str) else key)]
    return [stripped for name in flat for part in name.split(",") if (stripped := part.strip())]


def as_parameters(conditions: Document, options: dict[str, Any]) -> Document:
    """The parameters of a request: lists of names separated by commas."""
    written = {name: ",".join(value) if isinstance(value, list) else value for name, value in options.items()}
    return {"where": conditions, **written}


def as_options(parameters: Document) -> dict[str, Any]:
    """The options that the parameters of a request stand for."""
    listed = {"include", "keys", "excludeKeys", "order", "watch"}
    return {
        name: _names([value]) if name in listed else value
        for name, value in parameters.items()
        if name != "where" and value not in (None, "", [])
    }
