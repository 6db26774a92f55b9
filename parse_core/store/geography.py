"""Places in SQL: with PostGIS on its `geography`, else on the geometric types that every PostgreSQL has.

Both give the same answers. Conditions and index creation take their expressions from here, because PostgreSQL uses an
index only for the very expression it was made on. `postgis` is always the schema that the extension is in, or None.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import Final

from parse_core.store.expressions import literal
from parse_core.store.sql import TRUE, Sql, any_of, identifier
from parse_core.values.geo import Box, Position, box_of, boxes_around, circle_around

# PostGIS measures metres on a sphere of the mean radius of WGS 84; in radians it agrees with a sphere of any radius.
POSTGIS_RADIUS: Final = 6371008.7714150598
# PostgreSQL's polygons count as the border what is 1e-6 away, and more for short sides. A power of two, so that nothing
# is rounded: the border is 1e-9 degrees wide.
SCALE: Final = 1024


def point(value: Sql) -> Sql:
    """The PostgreSQL `point` (longitude, latitude) of a stored GeoPoint, NULL for anything else."""
    return Sql("parse.geo_point(") + value + Sql(")")


def point_index(name: str, postgis: str | None) -> Sql:
    """What a CREATE INDEX says after the table, to serve every condition on a GeoPoint field: `USING gist (…)`."""
    return Sql("USING gist ((") + _indexed(point(Sql("data->") + literal(name)), postgis) + Sql("))")


def polygon_index(name: str) -> Sql:
    """The same for a Polygon field."""
    return Sql("USING gist ((parse.geo_bounds(data->") + literal(name) + Sql(")))")


def distance(value: Sql, center: Position, postgis: str | None) -> Sql:
    """What rows are sorted by from near to far: radians, with PostGIS metres; NULL without a point."""
    if postgis is None:
        return Sql("parse.geo_angle(") + point(value) + Sql(", point(%s, %s))", center)
    # Not `<->`, though an index gives rows by it: among places in line, it fails of what it has rounded.
    arguments = _indexed(point(value), postgis) + Sql(", ") + _place(center, postgis)
    return _function(postgis, "st_distance") + arguments + Sql(", FALSE)")


def within_circle(value: Sql, center: Position, reach: float, postgis: str | None) -> Sql:
    """The point is at most `reach` radians away."""
    if reach >= pi:
        return point(value) + Sql(" IS NOT NULL")
    if postgis is not None:
        return _within_reach(value, center, reach, postgis)
    around = any_of(_in_box(value, box) for box in boxes_around(center, reach))
    return around & (distance(value, center, None) + Sql(" <= %s", (reach,)))


def within_box(value: Sql, box: Box, postgis: str | None) -> Sql:
    """The point is in the box or on its border."""
    return _near_box(value, box, postgis) & _in_box(value, box)


def within_polygon(value: Sql, corners: Sequence[Position], postgis: str | None) -> Sql:
    """The point is in the polygon or on its border."""
    box = box_of(corners)
    near = _in_box(value, box) if postgis is None else _near_box(value, box, postgis)
    polygon = ",".join(f"({longitude * SCALE!r},{latitude * SCALE!r})" for longitude, latitude in corners)
    inside = Sql(f" * point({SCALE}, 0) <@ %s::polygon", (f"({polygon})",))
    return near & (Sql("(") + point(value) + inside + Sql(")"))


def covers(value: Sql, place: Position) -> Sql:
    """The stored Polygon has the position inside or on its border."""
    here = (place.latitude, place.longitude)  # as polygons are stored
    bounds = Sql("parse.geo_bounds(") + value + Sql(") @> box(point(%s, %s), point(%s, %s))", (*here, *here))
    scaled = tuple(coordinate * SCALE for coordinate in here)
    polygon = Sql("parse.geo_polygon(") + value + Sql(f", {SCALE}) @> point(%s, %s)", scaled)
    return bounds & polygon


def _indexed(place: Sql, postgis: str | None) -> Sql:
    if postgis is None:
        return place
    return _function(postgis, "geography") + _function(postgis, "geometry") + place + Sql("))")


def _place(position: Position, postgis: str) -> Sql:
    made = _function(postgis, "geography") + _function(postgis, "st_makepoint")
    return made + Sql("%s::float8, %s::float8))", position)


def _function(postgis: str, name: str) -> Sql:
    return identifier(postgis, name) + Sql("(")


def within_metres(value: Sql, center: Position, metres: Sql, postgis: str) -> Sql:
    """The point is at most so far away, for PostGIS."""
    arguments = _indexed(point(value), postgis) + Sql(", ") + _place(center, postgis)
    return _function(postgis, "st_dwithin") + arguments + Sql(", ") + metres + Sql(", FALSE)")


def _within_reach(value: Sql, center: Position, reach: float, postgis: str) -> Sql:
    return within_metres(value, center, Sql("%s::float8", (reach * POSTGIS_RADIUS,)), postgis)


def _in_box(value: Sql, box: Box) -> Sql:
    return point(value) + Sql(" <@ box(point(%s, %s), point(%s, %s))", (*box.south_west, *box.north_east))


def _near_box(value: Sql, box: Box, postgis: str | None) -> Sql:
    """With PostGIS: the condition on the geography, which alone is indexed, that whatever is in the box satisfies."""
    center, reach = circle_around(box)
    return TRUE if postgis is None or reach >= pi else _within_reach(value, center, reach, postgis)
