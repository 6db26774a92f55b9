"""Stages that give each document other fields: `$project $addFields $set $unset $replaceRoot $replaceWith`."""

from __future__ import annotations

from parse_core.query.aggregate.expressions.base import call, compiled
from parse_core.query.aggregate.names import Shape
from parse_core.query.aggregate.pipeline import Pipeline, Scope
from parse_core.query.aggregate.projection import Projection, Steps, excluded, included, put, shape_of_included
from parse_core.query.aggregate.rows import Rows
from parse_core.query.aggregate.stages.base import Stage, register
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json

ID: Steps = ("_id",)


@register
class Project(Stage):
    """`$project`: fields to keep (1) and to compute, or to leave out (0); the id stays unless it is left out."""

    name = "$project"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        projection = Projection.parse(self.name, raw, pipeline.scope(rows), switches=True)
        shape = rows.documents.shape
        left_out = [steps for steps in projection.excluded if steps != ID]
        keeps = projection.computed or [steps for steps in projection.included if steps != ID]
        if left_out and keeps:
            raise self.refusal("cannot leave fields out of those it keeps")
        if left_out or (projection.excluded and not keeps and not projection.included):
            return _without(projection.excluded, rows, pipeline)
        if not projection.excluded and ID not in projection.included and ID not in projection.computed:
            projection.included.append(ID)
        return pipeline.derive(rows, lambda scope: included(projection, scope), shape_of_included(projection, shape))


def _without(paths: list[Steps], rows: Rows, pipeline: Pipeline) -> Rows:
    shape = rows.documents.shape
    gone = {steps[0] for steps in paths if len(steps) == 1}
    partly = {steps[0] for steps in paths if len(steps) > 1}
    kept = shape.keeping((shape.columns.keys() | shape.made) - gone).making(partly)
    return pipeline.derive(rows, lambda scope: excluded(paths, scope.documents.whole), kept)


@register
class AddFields(Stage):
    """`$addFields`: fields with computed values, beside or in the place of those that are there."""

    name = "$addFields"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        projection = Projection.parse(self.name, raw, pipeline.scope(rows), switches=False)
        shape = rows.documents.shape.making(projection.roots)
        return pipeline.derive(rows, lambda scope: put(scope.documents.whole, projection.computed, scope), shape)


@register
class Set(AddFields):
    """`$set`: another name of `$addFields`."""

    name = "$set"


@register
class Unset(Stage):
    """`$unset`: a field, or a list of them."""

    name = "$unset"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        names = raw if isinstance(raw, list) else [raw]
        if not names:
            raise self.refusal("needs at least one field")
        targets = [pipeline.scope(rows).target(name) for name in names]
        return _without([(path.root, *path.steps) for path in targets], rows, pipeline)


@register
class ReplaceRoot(Stage):
    """`$replaceRoot`: `{"newRoot": <an object>}` takes the place of the document."""

    name = "$replaceRoot"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        if not isinstance(raw, dict) or raw.keys() != {"newRoot"}:
            raise self.refusal("needs 'newRoot' and nothing else")
        return self.replaced(raw["newRoot"], rows, pipeline)

    def replaced(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        """The rows with what an expression gives as documents."""

        def root(scope: Scope) -> Sql:
            return call("parse.as_document", compiled(raw, scope), Sql(f"'{self.name}'"))

        return pipeline.derive(rows, root, Shape(made=frozenset(raw) if isinstance(raw, dict) else frozenset()))


@register
class ReplaceWith(ReplaceRoot):
    """`$replaceWith`: the same with the expression alone."""

    name = "$replaceWith"

    def apply(self, raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
        return self.replaced(raw, rows, pipeline)
