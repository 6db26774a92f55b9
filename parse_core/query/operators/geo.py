"""Places: `$nearSphere` with its distances, `$within`, `$geoWithin` and `$geoIntersects`.

Conditions on a GeoPoint field ask whether the point is in an area; `$geoIntersects` asks a Polygon field for a point.
"""

from __future__ import annotations

from math import inf
from typing import ClassVar, Final

from parse_core.errors import InvalidJson
from parse_core.query.areas import Area, Circle, Neighbourhood, Polygon, Rectangle
from parse_core.query.field import FieldRef
from parse_core.query.operators.base import Clause, Companion, Operator, register
from parse_core.query.place import Place
from parse_core.store import geography
from parse_core.store.sql import FALSE, Sql
from parse_core.values import geo
from parse_core.values.geo import Position
from parse_core.values.scalars import Document, Json, type_name

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
        center = _point(raw)
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
        corners = [_point(corner) for corner in listed] if isinstance(listed, list) and len(listed) == 2 else [None]
        known = [corner for corner in corners if corner is not None]
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
            return Polygon(_corners(raw["$polygon"]), clause.scope.postgis)
        if isinstance(raw, dict) and "$centerSphere" in raw:
            center, reach = _sphere(raw["$centerSphere"])
            return Circle(center, reach, clause.scope.postgis)
        raise _bad_within()


@register
class GeoIntersects(Operator[Position]):
    """`$geoIntersects`: a polygon of the field has the `$point` inside or on its border."""

    name = "$geoIntersects"

    def parse(self, raw: Json, clause: Clause) -> Position:
        place = _point(raw.get("$point")) if isinstance(raw, dict) else None
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


def _point(raw: Json, *, pairs: bool = False) -> Position | None:
    """Where a GeoPoint is, or a pair of longitude and latitude if these are taken; None for anything else.

    Raises `InvalidGeometry` (1) for a position that is not on Earth.
    """
    if type_name(raw) == "GeoPoint":
        found = geo.position(raw)
    elif pairs and isinstance(raw, list) and len(raw) == 2 and all(map(geo.is_number, raw)):
        found = Position(*raw)
    else:
        found = None
    return None if found is None else Position(*map(float, geo.checked(found)))


def _corners(raw: Json) -> tuple[Position, ...]:
    if type_name(raw) == "Polygon":
        listed, least = raw.get("coordinates"), "Polygon.coordinates should contain at least 3 lon/lat pairs"
    else:
        listed, least = raw, "$polygon should contain at least 3 GeoPoints"
        if not isinstance(listed, list):
            raise _bad_within("$polygon should be Polygon object or Array of Parse.GeoPoint's")
    if not isinstance(listed, list) or len(listed) < 3:
        raise _bad_within(least)
    corners = []
    for corner in listed:
        found = _point(corner, pairs=True)
        if found is None:
            raise _bad_within()
        corners.append(found)
    return tuple(corners)


def _sphere(raw: Json) -> tuple[Position, float]:
    if not isinstance(raw, list) or len(raw) < 2:
        raise _bad_within("$centerSphere should be an array of Parse.GeoPoint and distance")
    center = _point(raw[0], pairs=True)
    if center is None:
        raise _bad_within("$centerSphere geo point invalid")
    if not geo.is_number(raw[1]) or raw[1] < 0:
        raise _bad_within("$centerSphere distance invalid")
    return center, float(raw[1])


def _bad_within(info: str = "") -> InvalidJson:
    return InvalidJson("bad $geoWithin value" + (f"; {info}" if info else ""))
