"""Sub-queries of operators: they stay inside the one statement, and bring along what the caller may read."""

from __future__ import annotations

from typing import Final

from parse_core.errors import InvalidJson, InvalidQuery
from parse_core.query.operators.base import Clause
from parse_core.query.scope import SubSelect
from parse_core.store.sql import Row
from parse_core.values.scalars import Json

OTHER: Final = Row("s")  # the rows of a sub-query


def subselect(name: str, query: Json, clause: Clause, *, key: str | None = None) -> SubSelect:
    """The rows of a sub-query; only class, condition and redirection of it count."""
    class_name = query.get("className") if isinstance(query, dict) else None
    if not isinstance(class_name, str) or not class_name:
        message = f"improper usage of {name}"
        raise InvalidQuery(message)
    scope = clause.scope.inside(clause.budget)
    if 0 <= scope.subquery_depth < scope.level:
        message = f"Subquery nesting depth exceeds maximum allowed depth of {scope.subquery_depth}"
        raise InvalidQuery(message)
    if scope.subqueries is None:
        message = f"bad constraint: {name}"
        raise InvalidJson(message)
    redirect_key = query.get("redirectClassNameForKey")
    return scope.subqueries.subquery(
        class_name,
        query.get("where") or {},
        scope,
        redirect_key=redirect_key if isinstance(redirect_key, str) else None,
        key=key,
    )
