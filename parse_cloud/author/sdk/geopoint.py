"""Places on Earth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from parse_cloud.author.sdk.decoding import decoders
from parse_cloud.author.sdk.encoding import Encodable, Form
from parse_core.values.scalars import Document, Json

EARTH_KILOMETERS: Final = 6371.0
EARTH_MILES: Final = 3958.8


@dataclass(frozen=True, slots=True)
class GeoPoint(Encodable):
    """A place: `GeoPoint(52.5, 13.4)`. It does not change; another place is another `GeoPoint`."""

    latitude: float = 0
    longitude: float = 0

    def __post_init__(self) -> None:
        """Raises `TypeError` for what is no number, `ValueError` beyond ±90 and ±180 degrees."""
        for name, value, bound in (("latitude", self.latitude, 90), ("longitude", self.longitude, 180)):
            if type(value) not in (int, float) or math.isnan(value):
                raise TypeError("GeoPoint latitude and longitude must be valid numbers")
            if abs(value) > bound:
                raise ValueError(f"GeoPoint {name} out of bounds: {value}, at most ±{bound}")

    def radians_to(self, other: GeoPoint) -> float:
        """The angle between both, seen from the centre of the Earth."""
        latitude, other_latitude = math.radians(self.latitude), math.radians(other.latitude)
        half_north = math.sin((latitude - other_latitude) / 2)
        half_east = math.sin(math.radians(self.longitude - other.longitude) / 2)
        chord = half_north**2 + math.cos(latitude) * math.cos(other_latitude) * half_east**2
        return 2 * math.asin(math.sqrt(min(1.0, chord)))

    def kilometers_to(self, other: GeoPoint) -> float:
        """The distance over the ground."""
        return self.radians_to(other) * EARTH_KILOMETERS

    def miles_to(self, other: GeoPoint) -> float:
        """The distance over the ground."""
        return self.radians_to(other) * EARTH_MILES

    def to_json(self) -> Document:
        """`{"__type": "GeoPoint", "latitude": …, "longitude": …}`."""
        return {"__type": "GeoPoint", "latitude": self.latitude, "longitude": self.longitude}

    def encoded(self, form: Form) -> Json:
        return self.to_json()


def _decoded(value: Document) -> Any:
    try:
        return GeoPoint(value["latitude"], value["longitude"])
    except (KeyError, TypeError, ValueError):
        return dict(value)


decoders.add("GeoPoint", _decoded)
