"""Areas that a point can be in: circles, boxes and polygons, in both faces.

`postgis` is the PostgreSQL schema of the extension where the database has it, else None; the answers are the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from parse_core.store import geography
from parse_core.store.sql import Sql
from parse_core.values import geo
from parse_core.values.geo import Box, Position


class Area(ABC):
    """Some part of the Earth, its border included."""

    @abstractmethod
    def covers(self, place: Position) -> bool:
        """Whether the position is in it."""

    @abstractmethod
    def sql(self, value: Sql) -> Sql:
        """The condition that a stored GeoPoint, a jsonb expression, is in it."""


@dataclass(frozen=True, slots=True)
class Circle(Area):
    """What is at most `reach` radians from the center."""

    center: Position
    reach: float
    postgis: str | None

    def covers(self, place: Position) -> bool:
        return geo.angle(self.center, place) <= self.reach

    def sql(self, value: Sql) -> Sql:
        return geography.within_circle(value, self.center, self.reach, self.postgis)


@dataclass(frozen=True, slots=True)
class Neighbourhood(Circle):
    """A circle whose rows are wanted from near to far (`query.ranking`), if nothing else orders them."""

    nearest_first: bool = False


@dataclass(frozen=True, slots=True)
class Rectangle(Area):
    """What is between two corners."""

    box: Box
    postgis: str | None

    def covers(self, place: Position) -> bool:
        return self.box.covers(place)

    def sql(self, value: Sql) -> Sql:
        return geography.within_box(value, self.box, self.postgis)


@dataclass(frozen=True, slots=True)
class Polygon(Area):
    """What is between sides that are straight on the map."""

    corners: tuple[Position, ...]
    postgis: str | None

    def covers(self, place: Position) -> bool:
        return geo.covers(self.corners, place)

    def sql(self, value: Sql) -> Sql:
        return geography.within_polygon(value, self.corners, self.postgis)
