"""Orders that a condition gives rows: by distance from where `$nearSphere` is, by how well a text answers `$text`."""

from __future__ import annotations

from dataclasses import dataclass

from parse_core.query.areas import Neighbourhood
from parse_core.query.ast import Node
from parse_core.query.field import FieldRef
from parse_core.query.full_text import Search
from parse_core.query.operators.base import Condition
from parse_core.query.place import Place
from parse_core.store import geography
from parse_core.store import nearest as store
from parse_core.store.sql import Row, Sql
from parse_core.values import geo
from parse_core.values.scalars import Document


@dataclass(frozen=True, slots=True)
class ByDistance:
    """From near to far."""

    field: FieldRef
    area: Neighbourhood
    descending: bool = False

    def value(self, row: Row) -> Sql:
        """The GeoPoint that counts."""
        return Place(row, self.field).single() or Sql("NULL")

    def sql(self, row: Row) -> Sql:
        return geography.distance(self.value(row), self.area.center, self.area.postgis)

    def sort_key(self, document: Document) -> float:
        place = geo.position(self.field.leaves(document)[0])
        return float("inf") if place is None else geo.angle(self.area.center, place)


@dataclass(frozen=True, slots=True)
class Bound(Node):
    """The rows that can be among the `number` nearest that satisfy a condition; `source` is the FROM of them all."""

    order: ByDistance
    source: Sql
    condition: Node
    number: int

    @property
    def before(self) -> Sql:
        """What the SELECT has to begin with."""
        area, row = self.order.area, Row("n")
        source = self.source + self.condition.sql(row)
        return store.bound(source, self.order.value(row), area.center, self.number, area.postgis)

    def sql(self, row: Row) -> Sql:
        return store.within_bound(self.order.value(row), self.order.area.center, self.order.area.postgis)

    def matches(self, document: Document) -> bool:
        """Nobody asks: what is nearest depends on the others."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Score:
    """How well a row answers the `$text` of its query."""

    field: FieldRef
    search: Search

    def sql(self, row: Row) -> Sql:
        """A number."""
        place = Place(row, self.field)
        single = place.single()
        if self.field.value_type == "String" or single is None:
            return self.search.score(place.text())
        return self.search.score(Sql("(") + single + Sql(" #>> '{}')"))


@dataclass(frozen=True, slots=True)
class ByScore:
    """From the best answer to the worst. The face in memory has no scores: all are equal."""

    score: Score
    descending: bool = False

    def sql(self, row: Row) -> Sql:
        return self.score.sql(row) + Sql(" DESC")

    def sort_key(self, document: Document) -> float:
        return 0.0


def nearest(condition: Node) -> ByDistance | None:
    """The order of a `$nearSphere` that is not inside of logic, of a field that can be in one place only."""
    for leaf in condition.leaves():
        if isinstance(leaf, Condition) and isinstance(leaf.operand, Neighbourhood) and leaf.operand.nearest_first:
            return None if leaf.field.fans_out or leaf.field.type is None else ByDistance(leaf.field, leaf.operand)
    return None


def score(condition: Node) -> Score | None:
    """How well rows answer the condition's `$text`."""
    for leaf in condition.leaves():
        if isinstance(leaf, Condition) and isinstance(leaf.operand, Search) and leaf.field.type is not None:
            return Score(leaf.field, leaf.operand)
    return None
