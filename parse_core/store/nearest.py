"""How far PostgreSQL has to look for the nearest rows of a place: a bound found through the index, before the rows are.

An index can give rows by distance, but neither with equals in a lasting order nor by the distance on a sphere. So it
names as many rows as are wanted that are near by its own measure, and the farthest of them is as far as any wanted row
can be; with PostGIS, whose measure fails among places in line, circles grow until there are enough rows in one. What is
within the bound is sorted. Both times few rows are read.
"""

from __future__ import annotations

from math import cos, radians
from typing import Final

from parse_core.store import geography
from parse_core.store.sql import Sql, join
from parse_core.values.geo import Position

NAME: Final = "near"  # of the part of the statement with the bound
MARGIN: Final = 1e-6  # degrees (a decimetre) of the boxes, beyond all rounding
EVERYWHERE: Final = "box '((infinity,infinity),(-infinity,-infinity))'"
SMALLEST: Final = 5.0  # metres
HALF_AROUND: Final = 20_100_000.0  # metres: beyond that there is nothing


def bound(source: Sql, value: Sql, center: Position, number: int, postgis: str | None) -> Sql:
    """What a SELECT begins with: WITH, and how far the `number` rows that are nearest to the center can be.

    `source` is the FROM and WHERE of all rows, `value` the stored GeoPoint in them.
    """
    if postgis is not None:
        return _circles(source, value, center, number, postgis)
    return Sql(f"WITH {NAME} AS MATERIALIZED (") + _boxes(_farthest(source, value, center, number), center) + Sql(") ")


def within_bound(value: Sql, center: Position, postgis: str | None) -> Sql:
    """The condition that a row is near enough to be one of them."""
    if postgis is not None:
        return geography.within_metres(value, center, Sql(f"(SELECT reach FROM {NAME})"), postgis)  # noqa: S608 (ours)
    here = geography.point(value)
    boxes = (here + Sql(f" <@ (SELECT {side} FROM {NAME})") for side in ("one", "other"))  # noqa: S608 (our own names)
    return Sql("(") + join(" OR ", boxes) + Sql(")")


def _circles(source: Sql, value: Sql, center: Position, number: int, postgis: str) -> Sql:
    """Circles twice as wide each time, until one holds enough rows, or the Earth."""
    within = geography.within_metres(value, center, Sql("2 * ring.reach"), postgis)
    rows = Sql("SELECT 1") + source + Sql(" AND ") + within + Sql(" LIMIT %s", (number,))
    counted = Sql("(SELECT count(*) FROM (") + rows + Sql(") rows)")
    return (
        Sql(f"WITH RECURSIVE ring (reach, found) AS (SELECT {SMALLEST}::float8, 0::bigint UNION ALL SELECT 2 * reach, ")
        + counted
        + Sql(f" FROM ring WHERE found < %s AND reach < {HALF_AROUND})", (number,))
        + Sql(f", {NAME} AS MATERIALIZED (SELECT max(reach) AS reach FROM ring) ")  # noqa: S608 (our own names)
    )


def _farthest(source: Sql, value: Sql, center: Position, number: int) -> Sql:
    """How far the farthest row is of those that are nearest on the map, on either side of its edge: `reach`."""
    away = geography.distance(value, center, None)
    sides = (
        Sql("SELECT sequence, ")
        + away
        + Sql(" AS away")
        + source
        + Sql(" ORDER BY ")
        + geography.point(value)
        + Sql(" <-> point(%s, %s) LIMIT %s", (*side, number))
        for side in (center, _beyond_the_edge(center))
    )
    both = Sql("(") + join(") UNION (", sides) + Sql(")")
    rows = Sql("(SELECT away FROM (") + both + Sql(") sides ORDER BY away LIMIT %s) rows", (number,))
    return Sql("SELECT CASE WHEN count(*) = %s THEN max(away) END AS reach FROM ", (number,)) + rows


def _boxes(reach: Sql, center: Position) -> Sql:
    """The twin of `values.geo.boxes_around` for a reach that only the statement knows, NULL for all of the Earth."""
    latitude = center.latitude
    width = Sql(
        f"CASE WHEN height + %s >= 90 THEN 360 ELSE degrees(asin(least(1, sin(reach) / %s))) + {MARGIN} END AS width",
        (abs(latitude), max(cos(radians(latitude)), 1e-12)),
    )
    sized = Sql(f"SELECT reach, degrees(reach) + {MARGIN} AS height FROM (") + reach + Sql(") found")  # noqa: S608 (ours)
    shaped = Sql("SELECT height, ") + width + Sql(" FROM (") + sized + Sql(") sized")
    one, other = (
        Sql(
            "box(point(%s - width, %s - height), point(%s + width, %s + height))",
            (side.longitude, latitude, side.longitude, latitude),
        )
        for side in (center, _beyond_the_edge(center))
    )
    boxes = Sql("SELECT COALESCE(") + one + Sql(f", {EVERYWHERE}) AS one, ") + other + Sql(" AS other FROM (")
    return boxes + shaped + Sql(") shaped")


def _beyond_the_edge(center: Position) -> Position:
    """The same place as a map shows it that begins half way round."""
    return center._replace(longitude=center.longitude - 360 if center.longitude > 0 else center.longitude + 360)
