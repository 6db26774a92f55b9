"""Areas on Earth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from parse_cloud.author.sdk.decoding import decoders
from parse_cloud.author.sdk.encoding import Encodable, Form
from parse_cloud.author.sdk.geopoint import GeoPoint
from parse_core.values.scalars import Document, Json

Corner = GeoPoint | Sequence[float]


@dataclass(frozen=True, slots=True, init=False)
class Polygon(Encodable):
    """An area by its corners: `Polygon([(0, 0), (0, 1), (1, 1)])`, each a `GeoPoint` or (latitude, longitude)."""

    points: tuple[GeoPoint, ...]

    def __init__(self, corners: Iterable[Corner]) -> None:
        """Raises `TypeError` for fewer than three corners, or what is none."""
        points = tuple(corner if isinstance(corner, GeoPoint) else GeoPoint(*corner) for corner in corners)
        if len(points) < 3:
            raise TypeError("Polygon must have at least 3 GeoPoints or Points")
        object.__setattr__(self, "points", points)

    @property
    def coordinates(self) -> list[list[float]]:
        """`[[latitude, longitude], …]`."""
        return [[point.latitude, point.longitude] for point in self.points]

    def contains_point(self, point: GeoPoint) -> bool:
        """Whether a place is within; latitude and longitude count as plane coordinates."""
        inside = False
        for start, end in zip(self.points, (self.points[-1], *self.points[:-1]), strict=True):
            crosses = (start.longitude > point.longitude) != (end.longitude > point.longitude)
            if crosses:
                slope = (end.latitude - start.latitude) / (end.longitude - start.longitude)
                inside ^= point.latitude < slope * (point.longitude - start.longitude) + start.latitude
        return inside

    def to_json(self) -> Document:
        """`{"__type": "Polygon", "coordinates": [[latitude, longitude], …]}`."""
        return {"__type": "Polygon", "coordinates": self.coordinates}

    def encoded(self, form: Form) -> Json:
        return self.to_json()


def _decoded(value: Document) -> Any:
    try:
        return Polygon(value["coordinates"])
    except (KeyError, TypeError, ValueError):
        return dict(value)


decoders.add("Polygon", _decoded)
