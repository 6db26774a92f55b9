"""Places: `$nearSphere` with its distances, `$within`, `$geoWithin` and `$geoIntersects`.

Conditions on a GeoPoint field ask whether the point is in an area; `$geoIntersects` asks a Polygon field for a point.
"""

from __future__ import annotations

from math import inf
from typing import ClassVar, Final

from parse_core.errors import InvalidJson
from parse_core.query.area_operands import bad_within, corners, point, sphere
from parse_core.query.areas import Area, Circle, Neighbourhood, Polygon, Rectangle
from parse_core.query.field import FieldRef
from parse_core.query.operators.base import Clause, Companion, Operator, register
from parse_core.query.place import Place
from parse_core.store import geography
from parse_core.store.sql import FALSE, Sql
from parse_core.values import geo
from parse_core.values.geo import Position
from parse_core.values.scalars import Document, Json

KILOMETERS: Final = 6371.0  # of one radian
MILES: Final = 3959.0


class InArea(Operator[Area]):
    """A point of the field is in the area."""

    def sql(self, place: Place, operand: Area) -> Sql:
        return place.any_value(operand.sql) if place.field.value_type in (None, "GeoPoint") else FALSE

    def matches(self, field: FieldRef, operand: Area, document: Document) -> bool:
        if field.value_type not in (None, "GeoPoint"):
            return False
        points = map(geo.position, field.values(document))
        return any(point is not None and operand.covers(point) for point in points)


@register
class NearSphere(InArea):
    """`$nearSphere`: there is a point, no farther than the distances beside it say."""

    name = "$nearSphere"

    def parse(self, raw: Json, clause: Clause) -> Neighbourhood:
        center = point(raw)
        if center is None:
            message = "bad $nearSphere value"
            raise InvalidJson(message)
        reach = min((distance.radians(clause.constraint) for distance in DISTANCES), default=inf)
        return Neighbourhood(center, reach, clause.scope.postgis, nearest_first=clause.outermost)


class Distance(Companion):
    """How far `$nearSphere` reaches."""

    of = "$nearSphere"
    radian: ClassVar[float]  # in the unit of the operand

    @classmethod
    def radians(cls, constraint: Json) -> float:
        """The distance in radians. Raises `InvalidJson` (107) for what is no number, or negative."""
        raw = constraint.get(cls.name, inf)
        if not geo.is_number(raw) or raw < 0:
            message = f"bad {cls.name} value"
            raise InvalidJson(message)
        return float(raw) / cls.radian

    def refuse(self, raw: Json) -> None:
        message = f"bad constraint: {self.name}"
        raise InvalidJson(message)


@register
class MaxDistance(Distance):
    name = "$maxDistance"
    radian = 1.0


@register
class MaxDistanceInRadians(Distance):
    name = "$maxDistanceInRadians"
    radian = 1.0


@register
class MaxDistanceInMiles(Distance):
    name = "$maxDistanceInMiles"
    radian = MILES


@register
class MaxDistanceInKilometers(Distance):
    name = "$maxDistanceInKilometers"
    radian = KILOMETERS


DISTANCES: Final = (MaxDistance, MaxDistanceInRadians, MaxDistanceInMiles, MaxDistanceInKilometers)


@register
class Within(InArea):
    """`$within`: in the `$box` of two opposite corners."""

    name = "$within"

    def parse(self, raw: Json, clause: Clause) -> Area:
        listed = raw.get("$box") if isinstance(raw, dict) else None
        found = [point(corner) for corner in listed] if isinstance(listed, list) and len(listed) == 2 else [None]
        known = [corner for corner in found if corner is not None]
        if len(known) != 2:
            message = "malformatted $within arg"
            raise InvalidJson(message)
        return Rectangle(geo.box_of(known), clause.scope.postgis)


@register
class GeoWithin(InArea):
    """`$geoWithin`: in a `$polygon` or a `$centerSphere`."""

    name = "$geoWithin"

    def parse(self, raw: Json, clause: Clause) -> Area:
        if isinstance(raw, dict) and "$polygon" in raw:
            return Polygon(corners(raw["$polygon"]), clause.scope.postgis)
        if isinstance(raw, dict) and "$centerSphere" in raw:
            center, reach = sphere(raw["$centerSphere"])
            return Circle(center, reach, clause.scope.postgis)
        raise bad_within()


@register
class GeoIntersects(Operator[Position]):
    """`$geoIntersects`: a polygon of the field has the `$point` inside or on its border."""

    name = "$geoIntersects"

    def parse(self, raw: Json, clause: Clause) -> Position:
        place = point(raw.get("$point")) if isinstance(raw, dict) else None
        if place is None:
            message = "bad $geoIntersect value; $point should be GeoPoint"
            raise InvalidJson(message)
        return place

    def sql(self, place: Place, operand: Position) -> Sql:
        if place.field.value_type not in (None, "Polygon"):
            return FALSE
        return place.any_value(lambda value: geography.covers(value, operand))

    def matches(self, field: FieldRef, operand: Position, document: Document) -> bool:
        if field.value_type not in (None, "Polygon"):
            return False
        polygons = map(geo.vertices, field.values(document))
        return any(polygon is not None and geo.covers(polygon, operand) for polygon in polygons)
