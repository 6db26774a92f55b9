"""Objects: `$mergeObjects $objectToArray $arrayToObject`, and `$literal`, what is taken as it stands."""

from __future__ import annotations

from parse_core.query.aggregate.expressions.base import Function, Operator, constant, register
from parse_core.query.aggregate.pipeline import Scope
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json


@register
class MergeObjects(Function):
    """`$mergeObjects`: the last of the members with one name; null and missing add nothing."""

    name = "$mergeObjects"
    function = "parse.expression_merge"
    least, most = 0, None


@register
class ObjectToArray(Function):
    """`$objectToArray`: `[{"k": name, "v": value}]`, by name."""

    name = "$objectToArray"
    function = "parse.expression_object_to_array"


@register
class ArrayToObject(Function):
    """`$arrayToObject`: of `[{"k": name, "v": value}]` or `[[name, value]]`."""

    name = "$arrayToObject"
    function = "parse.expression_array_to_object"


@register
class Literal(Operator):
    name = "$literal"

    def sql(self, raw: Json, scope: Scope) -> Sql:
        return constant(raw)
