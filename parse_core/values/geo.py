"""Places on a sphere of 6371 km radius: GeoPoint and Polygon values, distances between them, and what lies inside what.

Angles and distances are radians, coordinates degrees. `store/geography.py` says the same in SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import asin, cos, degrees, pi, radians, sin, sqrt
from typing import Final, NamedTuple, TypeGuard

from parse_core.errors import InvalidGeometry
from parse_core.values.scalars import Json

BORDER: Final = 1e-9  # degrees (0.1 mm) within which a corner is hit; see `store.geography.SCALE`
_CROSS: Final = 1e-12  # the same for a side, in square degrees


class Position(NamedTuple):
    """A point: x is the longitude, y the latitude."""

    longitude: float
    latitude: float


class Box(NamedTuple):
    """The positions between two corners; no box crosses the 180° meridian."""

    south_west: Position
    north_east: Position

    def covers(self, position: Position) -> bool:
        """Whether the position is inside or on the border."""
        (west, south), (east, north) = self
        return west <= position.longitude <= east and south <= position.latitude <= north


WORLD: Final = Box(Position(-180, -90), Position(180, 90))


def is_number(value: Json) -> TypeGuard[float]:
    """Whether the value is a JSON number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def position(value: Json) -> Position | None:
    """Where a stored GeoPoint is; None for anything else."""
    if not isinstance(value, dict):
        return None
    longitude, latitude = value.get("longitude"), value.get("latitude")
    return Position(longitude, latitude) if is_number(longitude) and is_number(latitude) else None


def vertices(value: Json) -> tuple[Position, ...] | None:
    """The corners of a stored Polygon, whose pairs are latitude and longitude; None for anything else."""
    pairs = value.get("coordinates") if isinstance(value, dict) else None
    if not isinstance(pairs, list) or not pairs:
        return None
    if not all(isinstance(pair, list) and len(pair) == 2 and all(map(is_number, pair)) for pair in pairs):
        return None
    found = tuple(Position(longitude, latitude) for latitude, longitude in pairs)
    return found if all(map(WORLD.covers, found)) else None


def checked(found: Position) -> Position:
    """The position, if it is one on Earth. Raises `InvalidGeometry` (code 1)."""
    for axis, worth, bound in (("latitude", found.latitude, 90.0), ("longitude", found.longitude, 180.0)):
        if abs(worth) > bound:
            beyond = f"> {bound}" if worth > 0 else f"< -{bound}"
            message = f"GeoPoint {axis} out of bounds: {worth} {beyond}."
            raise InvalidGeometry(message)
    return found


def angle(one: Position, other: Position) -> float:
    """The distance between two positions in radians."""
    height = sin(radians(one.latitude - other.latitude) / 2) ** 2
    width = sin(radians(one.longitude - other.longitude) / 2) ** 2
    return 2 * asin(min(1.0, sqrt(height + cos(radians(one.latitude)) * cos(radians(other.latitude)) * width)))


def boxes_around(center: Position, reach: float) -> tuple[Box, ...]:
    """One or two boxes (two across the 180° meridian) that hold every position within `reach` radians."""
    height = degrees(reach) + BORDER
    south, north = center.latitude - height, center.latitude + height
    if south <= -90 or north >= 90:  # a pole is inside: all longitudes
        return (Box(Position(-180, max(south, -90)), Position(180, min(north, 90))),)
    width = degrees(asin(min(1.0, sin(reach) / cos(radians(center.latitude))))) + BORDER
    west, east = center.longitude - width, center.longitude + width
    if west < -180:
        spans = [(-180.0, east), (west + 360, 180.0)]
    elif east > 180:
        spans = [(west, 180.0), (-180.0, east - 360)]
    else:
        spans = [(west, east)]
    return tuple(Box(Position(west, south), Position(east, north)) for west, east in spans)


def box_of(corners: Sequence[Position]) -> Box:
    """The smallest box that holds the corners."""
    longitudes, latitudes = [one.longitude for one in corners], [one.latitude for one in corners]
    return Box(Position(min(longitudes), min(latitudes)), Position(max(longitudes), max(latitudes)))


def circle_around(box: Box) -> tuple[Position, float]:
    """A center and a reach in radians that hold the box; a reach of `pi` holds everything."""
    (west, south), (east, north) = box
    center = Position((west + east) / 2, (south + north) / 2)
    if east - west > 180:  # the farthest position of a wider box is not a corner
        return center, pi
    return center, max(angle(center, Position(west, south)), angle(center, Position(west, north))) * (1 + 1e-9) + 1e-9


def covers(corners: Sequence[Position], place: Position) -> bool:
    """Whether a position is inside a polygon or on its border; sides are straight on the map, not great circles."""
    x, y = place
    winding = 0
    for (x1, y1), (x2, y2) in pairwise((*corners, corners[0])):
        cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        near = min(x1, x2) - BORDER <= x <= max(x1, x2) + BORDER and min(y1, y2) - BORDER <= y <= max(y1, y2) + BORDER
        if near and abs(cross) <= _CROSS:
            return True
        if y1 <= y < y2 and cross > 0:
            winding += 1
        elif y2 <= y < y1 and cross < 0:
            winding -= 1
    return winding != 0
