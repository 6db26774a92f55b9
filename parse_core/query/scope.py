"""Who a `where` is parsed for and what it may use: the second half of what `parse_where` needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from parse_core.errors import InvalidQuery
from parse_core.query.ast import NOTHING, Node
from parse_core.schema.classes import ClassSchema
from parse_core.store.sql import Row, Sql
from parse_core.values.scalars import Json, now

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.store.database import Database, Executor


MAX_CONDITIONS: Final = 1_000


@dataclass(slots=True)
class Budget:
    """How many more conditions a `where` and its sub-queries may have."""

    left: int = MAX_CONDITIONS

    def spend(self) -> None:
        """Counts one. Raises `InvalidQuery` (102) when there are too many."""
        self.left -= 1
        if self.left < 0:
            message = f"A query can have at most {MAX_CONDITIONS} conditions"
            raise InvalidQuery(message)


@dataclass(frozen=True, slots=True)
class SubSelect:
    """The rows of a class that a sub-query yields: condition and the caller's restriction joined in one node.

    `executor` is where the in-memory face of a condition looks them up; without one it finds none.
    """

    schema: ClassSchema
    condition: Node = NOTHING
    limit: int | None = None
    executor: Executor | None = None

    def rows(self, row: Row, column: Sql) -> Sql:
        """`SELECT <column> FROM <class> <alias> WHERE <condition> LIMIT <limit>`, for a FROM or an IN."""
        select = Sql("SELECT ") + column + Sql(" FROM ")
        if not self.schema.exists:
            return select + Sql(f"(SELECT NULL::text AS object_id, NULL::jsonb AS data) AS {row.alias} WHERE FALSE")
        limit = Sql("")
        if self.limit is not None:
            limit = Sql(f" ORDER BY {row.sequence.text} LIMIT %s", (self.limit,))
        return select + self.schema.relation + Sql(f" AS {row.alias} WHERE ") + self.condition.sql(row) + limit

    def holds(self, condition: Sql) -> bool:
        """The answer to one condition, for the face in memory. One statement."""
        return self.executor is not None and bool(self.executor.fetch(Sql("SELECT ") + condition)[0][0])


class SubQueries(Protocol):
    """What the objects layer provides: other classes with the caller's rights applied.

    Each method makes all the checks of a find of that class and raises their errors; a class nobody has created gives
    an empty selection.
    """

    def subquery(
        self,
        class_name: str,
        where: Json,
        scope: ParseScope,
        redirect_key: str | None = None,
        key: str | None = None,
    ) -> SubSelect:
        """The rows of `class_name` that match `where`, parsed with `scope` (`contract/queries.md` §9.3).

        With `key`, the field whose values are taken: only the rows where the caller may see it.
        """
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
    budget: Budget | None = None  # what the queries that this one is inside of have left
    database: Database | None = None  # what it can do, and where the in-memory face of full text asks

    def inside(self, budget: Budget) -> ParseScope:
        """The scope of a sub-query."""
        return replace(self, level=self.level + 1, budget=budget)

    @property
    def postgis(self) -> str | None:
        """The PostgreSQL schema of PostGIS, None where conditions on places do without."""
        return None if self.database is None else self.database.postgis

    @classmethod
    def of(cls, context: RequestContext, subqueries: SubQueries | None = None) -> ParseScope:
        """What the request's caller may ask."""
        database = context.application.database
        if context.principal.is_privileged:
            return cls(privileged=True, subqueries=subqueries, database=database)
        limits = context.options.request_complexity
        return cls(
            query_depth=limits.query_depth,
            subquery_depth=limits.subquery_depth,
            allow_regex=limits.allow_regex,
            subqueries=subqueries,
            database=database,
        )
