"""Points and areas as clients name them in conditions (`contract/queries.md` §10)."""

from __future__ import annotations

from parse_core.errors import InvalidJson
from parse_core.values import geo
from parse_core.values.geo import Position
from parse_core.values.scalars import Json, type_name


def point(raw: Json, *, pairs: bool = False) -> Position | None:
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


def corners(raw: Json) -> tuple[Position, ...]:
    """The corners of a `$polygon`: a Polygon object, or a list of points or pairs. Longitude comes first in both."""
    if type_name(raw) == "Polygon":
        listed, least = raw.get("coordinates"), "Polygon.coordinates should contain at least 3 lon/lat pairs"
    else:
        listed, least = raw, "$polygon should contain at least 3 GeoPoints"
        if not isinstance(listed, list):
            raise bad_within("$polygon should be Polygon object or Array of Parse.GeoPoint's")
    if not isinstance(listed, list) or len(listed) < 3:
        raise bad_within(least)
    found = []
    for corner in listed:
        place = point(corner, pairs=True)
        if place is None:
            raise bad_within()
        found.append(place)
    return tuple(found)


def sphere(raw: Json) -> tuple[Position, float]:
    """The center of a `$centerSphere`, and how many radians it reaches."""
    if not isinstance(raw, list) or len(raw) < 2:
        raise bad_within("$centerSphere should be an array of Parse.GeoPoint and distance")
    center = point(raw[0], pairs=True)
    if center is None:
        raise bad_within("$centerSphere geo point invalid")
    if not geo.is_number(raw[1]) or raw[1] < 0:
        raise bad_within("$centerSphere distance invalid")
    return center, float(raw[1])


def bad_within(info: str = "") -> InvalidJson:
    """The refusal of what is no area."""
    return InvalidJson("bad $geoWithin value" + (f"; {info}" if info else ""))
