"""Arrays: measured, cut, joined and added up."""

from __future__ import annotations

from typing import Final

from parse_core.query.aggregate.expressions.base import (
    Function,
    array,
    call,
    register,
)
from parse_core.query.aggregate.pipeline import Scope
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json

_NOTHING: Final = Sql("")


@register
class Size(Function):
    """`$size`: of anything but an array, refused."""

    name = "$size"
    function = "parse.expression_size"


@register
class ArrayElementAt(Function):
    """`$arrayElemAt`: `[array, place]`, from the end when negative; missing beyond the ends."""

    name = "$arrayElemAt"
    function = "parse.expression_element"
    least = most = 2
    tells_name = True


@register
class First(Function):
    name = "$first"
    function = "parse.expression_element"
    tells_name = True

    def sql(self, raw: Json, scope: Scope) -> Sql:
        place = Sql("'0'::jsonb" if self.name == "$first" else "'-1'::jsonb")
        return call(self.function, Sql(f"'{self.name}'"), *self.arguments(raw, scope), place)


@register
class Last(First):
    name = "$last"


@register
class In(Function):
    """`$in`: `[value, array]`."""

    name = "$in"
    function = "parse.expression_in"
    least = most = 2


@register
class Slice(Function):
    """`$slice`: `[array, number]` or `[array, place, number]`."""

    name = "$slice"
    function = "parse.expression_slice"
    least, most = 2, 3


@register
class ConcatArrays(Function):
    name = "$concatArrays"
    function = "parse.expression_concat_arrays"
    least, most = 0, None


@register
class ReverseArray(Function):
    name = "$reverseArray"
    function = "parse.expression_reverse"


@register
class Range(Function):
    """`$range`: `[first, past the last, step]`."""

    name = "$range"
    function = "parse.expression_range"
    least, most = 2, 3
    defaults = (Sql("'1'::jsonb"),)


@register
class IsArray(Function):
    name = "$isArray"

    def sql(self, raw: Json, scope: Scope) -> Sql:
        (value,) = self.arguments(raw, scope)
        return Sql("to_jsonb(jsonb_typeof(") + value + Sql(") IS NOT DISTINCT FROM 'array')")


class Total(Function):
    """What accumulators of the same name are in `$group`: over several values, or over the elements of one array."""

    least, most = 1, None

    def sql(self, raw: Json, scope: Scope) -> Sql:
        values = array(self.arguments(raw, scope))
        return Sql(f"parse.expression_total('{self.name}', VARIADIC ") + values + Sql(")")


@register
class Sum(Total):
    name = "$sum"


@register
class Average(Total):
    name = "$avg"


@register
class Least(Total):
    name = "$min"


@register
class Greatest(Total):
    name = "$max"
