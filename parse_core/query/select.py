"""The one statement that answers a read: page, count and objects reached through pointers.

The answer is text that PostgreSQL joined from stored texts; what becomes of it is `query/splice.py`'s part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from parse_core.errors import ParseError
from parse_core.query.ast import EVERYTHING, Node, both
from parse_core.query.keyset import Beyond, keys, ordered, position_of
from parse_core.query.order import Order
from parse_core.query.projection import WHOLE, Projection
from parse_core.query.ranking import Bound, ByDistance
from parse_core.schema.classes import ClassSchema
from parse_core.store.counts import row_count
from parse_core.store.sql import Row, Sql, commented, join

ROW: Final = Row("t")
# Between the texts of two rows. JSON text escapes line breaks, so one always starts a row.
BREAK: Final = ",\n"
_JOIN_TEXTS: Final = "string_agg(text, E',\\n')"
_ENDS: Final = "(array_agg(place))[1], (array_agg(place))[count(*)::int], count(*)"
_JOINED: Final = Sql("(SELECT ") + Sql(_JOIN_TEXTS) + Sql(" FROM (")


Ends = tuple[str | None, str | None, int]  # the places of the first and last row (`keyset`), and how many rows


@dataclass(frozen=True)
class Linked:
    """The objects of one class that pointer fields of the level above lead to, each fetched once.

    `fields` are those pointer fields. An object that does not satisfy `restriction`, or does not exist, is not there.
    `refusal` is the answer to the whole read if any row has such a pointer.
    """

    schema: ClassSchema
    fields: tuple[str, ...]
    restriction: Node = EVERYTHING
    projection: Projection = WHOLE
    linked: tuple[Linked, ...] = ()
    refusal: ParseError | None = None

    @property
    def fetched(self) -> bool:
        """Whether there is anything to look up."""
        return self.schema.exists and self.refusal is None


@dataclass(slots=True)
class Level:
    """What came back of one level: its rows' texts joined by `BREAK`, and for each link, how many pointers there are.

    `below` holds the linked levels in the same order, None for those that were not fetched.
    """

    ids: Sequence[str]
    text: str
    pointers: Sequence[int] = ()
    below: Sequence[Level | None] = ()
    ends: Ends = (None, None, 0)


@dataclass(frozen=True)
class Select:
    """A page of one class. `limit` 0 selects no rows, None all; `counted` adds the number of all that satisfy it."""

    schema: ClassSchema
    condition: Node = EVERYTHING
    order: Order | None = None
    limit: int | None = None
    skip: int = 0
    projection: Projection = WHOLE
    linked: tuple[Linked, ...] = ()
    counted: Node | None = None
    beyond: Beyond | None = None  # where the page begins, or ends
    placed: bool = False  # whether the places of first and last row are wanted
    comment: str | None = None  # what the statement says to whoever watches the database

    def sql(self) -> Sql:
        """One statement that gives one row, for `read`."""
        return commented(self._statement(), self.comment)

    def _statement(self) -> Sql:
        if self.linked:
            return self._with_linked()
        columns = []
        if self.placed:
            return self._with_places()
        if self.limit != 0:
            columns.append(_JOINED + self._page() + Sql(") p)"))
        if self.counted is not None:
            columns.append(self._count(self.counted))
        return Sql("SELECT ") + join(", ", columns)

    def single(self) -> Sql:
        """The statement for a condition that fixes the id: its row's text, or no row. For reads without links."""
        return join("", (Sql("SELECT "), self.projection.sql(ROW), *self._source(self.condition)))

    def read(self, row: Sequence[Any]) -> tuple[Level, int | None]:
        """The levels and the count in the row that the statement gave."""
        columns = iter(row)
        page = _read(columns, self.linked, top=True, placed=self.placed) if self.limit != 0 else Level((), "")
        return page, None if self.counted is None else next(columns)

    def _with_places(self) -> Sql:
        columns = [Sql("p.*")] if self.counted is None else [Sql("p.*, "), self._count(self.counted)]
        source = Sql(f" FROM (SELECT {_JOIN_TEXTS}, {_ENDS} FROM (") + self._placed_page() + Sql(") p) p")  # noqa: S608
        return join("", (Sql("SELECT "), *columns, source))

    def _placed_page(self, links: Sequence[Sql] = ()) -> Sql:
        """The page with each row's place. One that ends before a place is searched backwards, then turned round."""
        found = keys(self.order, ROW)
        backwards = self.beyond is not None and self.beyond.backwards
        terms = [key.backwards() for key in found] if backwards else found
        place = position_of(found) + Sql(" AS place")
        columns = join(", ", (self.projection.sql(ROW) + Sql(" AS text"), *links, place))
        condition = self.condition if self.beyond is None else both(self.condition, self.beyond)
        bound, condition = (Sql(""), condition) if backwards else self._bounded(condition)
        page = join("", (bound, Sql("SELECT "), columns, *self._source(condition), Sql(" ORDER BY "), ordered(terms)))
        page += Sql(" LIMIT %s", (self.limit,))
        if not backwards:
            return page
        numbered = Sql("SELECT *, row_number() OVER () AS number FROM (") + page + Sql(") b")
        return Sql("SELECT * FROM (") + numbered + Sql(") n ORDER BY number DESC")

    def _page(self, links: Sequence[Sql] = ()) -> Sql:
        if self.placed:
            return self._placed_page(links)
        columns = join(", ", (self.projection.sql(ROW) + Sql(" AS text"), *links))
        bound, condition = self._bounded(self.condition)
        parts = [bound, Sql("SELECT "), columns, *self._source(condition), Sql(" ORDER BY ")]
        if self.order is not None:
            parts += (self.order.sql(ROW), Sql(", "))
        parts.append(ROW.sequence)
        if self.limit is not None:
            parts.append(Sql(" LIMIT %s", (self.limit,)))
        if self.skip:
            parts.append(Sql(" OFFSET %s", (self.skip,)))
        return join("", parts)

    def _bounded(self, condition: Node) -> tuple[Sql, Node]:
        """What stands before the SELECT of a page, and its condition: of the nearest rows, with how far they can be."""
        first = None if self.order is None else self.order.keys[0]
        if (
            not isinstance(first, ByDistance)
            or self.limit is None
            or first.field.name not in self.schema.located_fields
        ):
            return Sql(""), condition
        bound = Bound(first, Sql(" FROM ") + self.schema.relation + Sql(" n WHERE "), condition, self.skip + self.limit)
        return bound.before, both(condition, bound)

    def _count(self, counted: Node) -> Sql:
        if counted is EVERYTHING:
            return row_count(self.schema.namespace, self.schema.table)
        return join("", (Sql("(SELECT count(*)"), *self._source(counted), Sql(")")))

    def _source(self, condition: Node) -> tuple[Sql, ...]:
        return (Sql(" FROM "), self.schema.relation, Sql(" t WHERE "), condition.sql(ROW))

    def _with_linked(self) -> Sql:
        ctes = [Sql("l0 AS MATERIALIZED (") + self._page(_link_columns(self.linked)) + Sql(")")]
        sources = [_totals("l0", self.linked, top=True, placed=self.placed)]
        _add_levels(self.linked, "l0", ctes, sources)
        if self.counted is not None:
            sources.append(Sql("(SELECT ") + self._count(self.counted) + Sql(") AS matches"))
        return join("", (Sql("WITH "), join(", ", ctes), Sql(" SELECT * FROM "), join(", ", sources)))


def _add_levels(linked: Sequence[Linked], parent: str, ctes: list[Sql], sources: list[Sql]) -> None:
    """Depth first, as `_read` expects it: a CTE `l1`, `l2` … for each level to fetch, and what is read of it."""
    for number, one in enumerate(linked):
        if one.fetched:
            name = f"l{len(ctes)}"
            ctes.append(_level(name, one, parent, number))
            sources.append(_totals(name, one.linked, top=False))
            _add_levels(one.linked, name, ctes, sources)


def _link_columns(linked: Sequence[Linked]) -> list[Sql]:
    """The ids that each link leads to, as columns `k0_0`, `k0_1`, `k1_0` …"""
    return [
        Sql(f"t.data -> %s ->> 'objectId' AS k{number}_{place}", (field,))
        for number, one in enumerate(linked)
        for place, field in enumerate(one.fields)
    ]


def _level(name: str, linked: Linked, parent: str, number: int) -> Sql:
    places = range(len(linked.fields))
    ids = " UNION ALL ".join(f"SELECT k{number}_{place} FROM {parent}" for place in places)  # noqa: S608 - own names
    columns = [ROW.object_id, linked.projection.sql(ROW) + Sql(" AS text"), *_link_columns(linked.linked)]
    parts = (
        Sql(f"{name} AS MATERIALIZED (SELECT "),
        join(", ", columns),
        Sql(" FROM "),
        linked.schema.relation,
        # An array, not a join: then few ids are looked up in the index, however large the planner thinks the page is
        Sql(f" t WHERE t.object_id = ANY(ARRAY({ids})) AND "),
        linked.restriction.sql(ROW),
        Sql(")"),
    )
    return join("", parts)


def _totals(name: str, linked: Sequence[Linked], *, top: bool, placed: bool = False) -> Sql:
    """One row per level: ids (below the page), joined text, and the number of pointers of each link."""
    columns = [] if top else ["array_agg(object_id)"]
    columns.append(_JOIN_TEXTS)
    if placed:
        columns.append(_ENDS)
    for number, one in enumerate(linked):
        columns.append(" + ".join(f"count(k{number}_{place})" for place in range(len(one.fields))))
    return Sql(f"(SELECT {', '.join(columns)} FROM {name}) {name}_totals")  # noqa: S608 - own names


def _read(columns: Iterator[Any], linked: Sequence[Linked], *, top: bool, placed: bool = False) -> Level:
    """The inverse of `_totals` for a level and all below it."""
    ids = () if top else next(columns) or ()
    text = next(columns) or ""
    ends = (next(columns), next(columns), next(columns)) if placed else (None, None, 0)
    pointers = [next(columns) for _ in linked]
    below = [_read(columns, one.linked, top=False) if one.fetched else None for one in linked]
    return Level(ids, text, pointers, below, ends)
