"""What a query asks of places and areas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from parse_cloud.author.sdk.geopoint import EARTH_KILOMETERS, EARTH_MILES, GeoPoint
from parse_cloud.author.sdk.polygon import Corner
from parse_cloud.author.sdk.query_conditions import Conditions


class Places(Conditions):
    """Conditions on fields that hold a `GeoPoint` or a `Polygon`. A place may be given as (latitude, longitude) too."""

    def near(self, key: str, point: Corner) -> Self:
        """Nearest first."""
        return self.condition(key, "$nearSphere", _point(point))

    def within_radians(self, key: str, point: Corner, distance: float, *, sorted: bool = True) -> Self:  # noqa: A002
        """Within a distance, seen as an angle from the centre of the Earth; nearest first unless not `sorted`."""
        place = _point(point)
        if sorted:
            return self.near(key, place).condition(key, "$maxDistance", distance)
        centre: Any = [[place.longitude, place.latitude], distance]
        return self.condition(key, "$geoWithin", {"$centerSphere": centre})

    def within_miles(self, key: str, point: Corner, distance: float, *, sorted: bool = True) -> Self:  # noqa: A002
        """Within some miles over the ground; nearest first unless not `sorted`."""
        return self.within_radians(key, point, distance / EARTH_MILES, sorted=sorted)

    def within_kilometers(self, key: str, point: Corner, distance: float, *, sorted: bool = True) -> Self:  # noqa: A002
        """Within some kilometers over the ground; nearest first unless not `sorted`."""
        return self.within_radians(key, point, distance / EARTH_KILOMETERS, sorted=sorted)

    def within_geo_box(self, key: str, southwest: Corner, northeast: Corner) -> Self:
        """Between two corners."""
        return self.condition(key, "$within", {"$box": [_point(southwest), _point(northeast)]})

    def within_polygon(self, key: str, corners: Iterable[Corner]) -> Self:
        """The place is in an area."""
        return self.condition(key, "$geoWithin", {"$polygon": [_point(corner) for corner in corners]})

    def polygon_contains(self, key: str, point: Corner) -> Self:
        """The area has a place in it."""
        return self.condition(key, "$geoIntersects", {"$point": _point(point)})


def _point(point: Corner) -> GeoPoint:
    return point if isinstance(point, GeoPoint) else GeoPoint(*point)
