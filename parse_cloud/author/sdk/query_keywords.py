"""Conditions as keywords: `where(stars__gte=3, author=user, address__city="Bonn")`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Self

from parse_cloud.author.sdk.query_places import Places

_BY_NAME: Final[Mapping[str, Callable[[Places, str, Any], Any]]] = MappingProxyType(
    {
        "eq": Places.equal_to,
        "ne": Places.not_equal_to,
        "lt": Places.less_than,
        "lte": Places.less_than_or_equal_to,
        "gt": Places.greater_than,
        "gte": Places.greater_than_or_equal_to,
        "in": Places.contained_in,
        "not_in": Places.not_contained_in,
        "contained_by": Places.contained_by,
        "all": Places.contains_all,
        "exists": lambda query, key, value: query.exists(key) if value else query.does_not_exist(key),
        "matches": Places.matches,
        "startswith": Places.starts_with,
        "endswith": Places.ends_with,
        "contains": Places.contains,
        "text": Places.full_text,
        "in_query": Places.matches_query,
        "not_in_query": Places.does_not_match_query,
        "near": Places.near,
        "within_polygon": Places.within_polygon,
        "polygon_contains": Places.polygon_contains,
    }
)


class Keywords(Places):
    """Conditions by keyword: a field, steps into it, and what is asked of it, separated by two underscores."""

    def where(self, **conditions: Any) -> Self:
        """The query with a condition per keyword; without a known last word it is that the field has the value."""
        for keyword, value in conditions.items():
            *path, last = keyword.split("__")
            if path and last in _BY_NAME:
                _BY_NAME[last](self, ".".join(path), value)
            else:
                self.equal_to(keyword.replace("__", "."), value)
        return self
