"""Who a `where` is parsed for and what it may use: the second half of what `parse_where` needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from parse_core.query.ast import NOTHING, Node
from parse_core.schema.classes import ClassSchema
from parse_core.store.sql import Row, Sql
from parse_core.values.scalars import Json, now

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.store.database import Executor


@dataclass(frozen=True, slots=True)
class SubSelect:
    """The rows of a class that a sub-query yields: condition and the caller's restriction joined in one node.

    `executor` is where the in-memory face of a condition looks them up; without one it finds none.
    """

    schema: ClassSchema
    condition: Node = NOTHING
    limit: int | None = None
    executor: Executor | None = None

    def rows(self, row: Row, columns: Sql) -> Sql:
        """`SELECT <columns> FROM <class> <alias> WHERE <condition> LIMIT <limit>`, for a FROM or an IN."""
        if not self.schema.exists:
            return Sql("SELECT NULL WHERE FALSE")
        limit = Sql("") if self.limit is None else Sql(" LIMIT %s", (self.limit,))
        select = Sql("SELECT ") + columns + Sql(" FROM ") + self.schema.relation + Sql(f" AS {row.alias} WHERE ")
        return select + self.condition.sql(row) + limit


class SubQueries(Protocol):
    """What the objects layer provides: other classes with the caller's rights applied.

    Each method makes all the checks of a find of that class and raises their errors; a class nobody has created gives
    an empty selection.
    """

    def subquery(self, class_name: str, where: Json, scope: ParseScope, redirect_key: str | None = None) -> SubSelect:
        """The rows of `class_name` that match `where`, parsed with `scope` (`contract/queries.md` §9.3)."""
        ...

    def owner(self, class_name: str, object_id: str, key: str) -> SubSelect:
        """The one object whose relation `key` is asked for by `$relatedTo`, nothing when the caller can't read it."""
        ...


@dataclass(frozen=True, slots=True)
class ParseScope:
    """The caller's side of a `where`.

    `privileged` callers may ask about internal columns and are bound by none of the limits, which are -1 for none.
    """

    privileged: bool = False
    query_depth: int = -1
    subquery_depth: int = -1
    allow_regex: bool = True
    now: datetime = field(default_factory=now)
    subqueries: SubQueries | None = None
    level: int = 0  # how many sub-queries this one is inside of

    @classmethod
    def of(cls, context: RequestContext, subqueries: SubQueries | None = None) -> ParseScope:
        """What the request's caller may ask."""
        if context.principal.is_privileged:
            return cls(privileged=True, subqueries=subqueries)
        limits = context.options.request_complexity
        return cls(
            query_depth=limits.query_depth,
            subquery_depth=limits.subquery_depth,
            allow_regex=limits.allow_regex,
            subqueries=subqueries,
        )
