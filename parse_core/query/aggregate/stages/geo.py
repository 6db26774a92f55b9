"""`$geoNear`: objects by their distance from a point, nearest first."""

from __future__ import annotations

from dataclasses import replace
from math import pi
from typing import Final

from parse_core.query.aggregate.conditions.match import Match
from parse_core.query.aggregate.documents import TableDocuments
from parse_core.query.aggregate.names import Path, parse_path
from parse_core.query.aggregate.pipeline import Pipeline
from parse_core.query.aggregate.rows import Rows
from parse_core.query.aggregate.stages.base import Stage, register
from parse_core.query.areas import Circle
from parse_core.query.place import Place
from parse_core.store import nearest as store
from parse_core.store.sql import TRUE, Sql
from parse_core.values.geo import Position
from parse_core.values.scalars import Json, type_name

EARTH_RADIUS: Final = 6_378_100  # metres, MongoDB's
OPTIONS: Final = frozenset(
    {"near", "key", "distanceField", "spherical", "maxDistance", "minDistance", "query", "distanceMultiplier",
     "includeLocs"}
)  # fmt: skip


@register
class GeoNear(Stage):
    """The first stage. Distances are in metres from a GeoJSON point or a GeoPoint, in radians from a pair.

    An index on the points finds what is within `maxDistance`, and what a `$limit` behind this stage leaves of all.
    Without either, or without an index, the class is read.
    """

    name = "$geoNear"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        documents = rows.documents
        if not isinstance(documents, TableDocuments) or not rows.is_plain or pipeline.inside == "$facet":
            raise self.refusal("is only valid as the first stage in a pipeline")
        if not isinstance(raw, dict) or not raw.keys() <= OPTIONS:
            raise self.refusal(f"takes {', '.join(sorted(OPTIONS))}")
        latitude, longitude, unit = self.near(raw.get("near"))
        path = self.key(raw.get("key"), documents, pipeline)
        if raw.get("query"):
            condition = Match(pipeline.scope(rows)).conjunction(raw["query"])
            rows = rows.matching(condition.sql(documents.row))
        if "maxDistance" in raw:
            rows = rows.matching(self.around(raw, path, documents, pipeline))
        angle = Sql("parse.angle_between(") + documents.value(path) + Sql(", %s, %s)", (latitude, longitude))
        is_bounded = raw.keys() & {"minDistance", "maxDistance"}
        within = Sql(" BETWEEN %s AND %s", self.bounds(raw, unit)) if is_bounded else Sql(" IS NOT NULL")
        rows = rows.matching(angle + within)
        if pipeline.wanted is not None:
            center, postgis = Position(longitude, latitude), pipeline.compilation.postgis
            rows = nearest(rows, path, center, pipeline.wanted, postgis)
        rows = rows.sorted_by(angle).page(0, pipeline.wanted).arranged()
        factor = unit * self.distance(raw, "distanceMultiplier", 1.0)
        place = pipeline.scope(rows).target(self.text(raw.get("distanceField")))
        distance = Sql("to_jsonb(") + angle + Sql(" * %s::float8)", (factor,))
        document = Sql("parse.with_value(") + documents.whole + Sql(", %s::text[], ", ([place.root, *place.steps],))
        document += distance + Sql(")")
        made = {place.root}
        if raw.get("includeLocs") is not None:
            where = pipeline.scope(rows).target(self.text(raw["includeLocs"]))
            document = Sql("parse.with_value(") + document + Sql(", %s::text[], ", ([where.root, *where.steps],))
            document += documents.value(path) + Sql(")")
            made.add(where.root)
        return pipeline.derive(rows, lambda _scope: document, documents.shape.making(made))

    def around(self, raw: dict[str, Json], path: Path, documents: TableDocuments, pipeline: Pipeline) -> Sql:
        """The condition that an index on the place answers: all that can be near enough, and a little more."""
        latitude, longitude, unit = self.near(raw.get("near"))
        field = documents.field(path)
        if field.type != "GeoPoint" or path.steps:
            return TRUE
        reach = self.bounds(raw, unit)[1] * (1 + 1e-9) + 1e-9
        area = Circle(Position(longitude, latitude), reach, pipeline.compilation.postgis)
        return area.sql(Place(documents.row, field).single() or Sql("NULL"))

    def near(self, raw: Json) -> tuple[float, float, float]:
        """Latitude, longitude and how many units of distance a radian is."""
        unit = 1.0
        pair: Json = raw
        if isinstance(raw, dict):
            unit = EARTH_RADIUS
            is_point = type_name(raw) == "GeoPoint"
            pair = [raw.get("longitude"), raw.get("latitude")] if is_point else raw.get("coordinates")
        if not isinstance(pair, list) or len(pair) != 2 or not all(map(_is_number, pair)):
            raise self.refusal("needs a point as 'near': GeoJSON, a GeoPoint, or [longitude, latitude]")
        longitude, latitude = map(float, pair)
        if abs(longitude) > 180 or abs(latitude) > 90:
            raise self.refusal("needs a longitude within 180 degrees and a latitude within 90")
        return latitude, longitude, unit

    def key(self, raw: Json, documents: TableDocuments, pipeline: Pipeline) -> Path:
        """The column of points: the one that is named, or the only one."""
        if raw is not None:
            name = self.text(raw)
            return parse_path(name, documents.shape, raw=pipeline.compilation.raw_names)
        points = [name for name, column in documents.shape.columns.items() if column.type == "GeoPoint"]
        if len(points) > 1:
            raise self.refusal("needs a 'key' in a class with several GeoPoint fields")
        return Path(points[0] if points else "location")

    def bounds(self, raw: dict[str, Json], unit: float) -> tuple[float, float]:
        """The least and the greatest angle."""
        return self.distance(raw, "minDistance", 0.0) / unit, self.distance(raw, "maxDistance", pi * unit) / unit

    def distance(self, raw: dict[str, Json], name: str, default: float) -> float:
        """A number that is not negative."""
        value = raw.get(name, default)
        if not _is_number(value) or value < 0:
            raise self.refusal(f"needs a number that is not negative as '{name}'")
        return float(value)


def nearest(rows: Rows, path: Path, center: Position, number: int, postgis: str | None) -> Rows:
    """Those rows of a class among which the `number` nearest are, if an index can tell; else all.

    A SELECT of its own, so that other stages of the pipeline can have bounds too.
    """
    documents = rows.documents
    if not isinstance(documents, TableDocuments) or path.steps or path.root not in documents.schema.located_fields:
        return rows
    value = Place(documents.row, documents.field(path)).single() or Sql("NULL")
    source = Sql(" FROM ") + rows.source + Sql(" WHERE ") + rows.condition
    bound = store.bound(source, value, center, number, postgis)
    columns = ", ".join(f"{documents.alias}.{column}" for column in (*documents.columns.split(", "), "sequence"))
    near = bound + Sql(f"SELECT {columns}") + source + Sql(" AND ") + store.within_bound(value, center, postgis)
    return replace(rows, source=Sql("(") + near + Sql(f") AS {documents.alias}"), condition=TRUE)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
