"""Values of one kind made of those of another: `$toString $toInt $toDouble $toDate`; what cannot be is refused."""

from __future__ import annotations

from parse_core.query.aggregate.expressions.base import Function, register
from parse_core.query.aggregate.pipeline import Scope
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json


@register
class ToString(Function):
    name = "$toString"
    function = "parse.expression_to_string"


@register
class ToInt(Function):
    """`$toInt`: cut to an integer of 32 bits."""

    name = "$toInt"
    function = "parse.expression_to_number"
    tells_name = True


@register
class ToLong(ToInt):
    """`$toLong`: of dates, milliseconds since 1970."""

    name = "$toLong"


@register
class ToDouble(ToInt):
    name = "$toDouble"


@register
class ToBool(Function):
    name = "$toBool"
    function = "parse.expression_to_bool"


@register
class ToDate(Function):
    """`$toDate`: of milliseconds since 1970 and of ISO texts."""

    name = "$toDate"
    function = "parse.expression_to_date"


@register
class Type(Function):
    """`$type`: `"missing"`, `"null"`, `"number"`, `"string"`, `"date"` …; JSON has one kind of number."""

    name = "$type"

    def sql(self, raw: Json, scope: Scope) -> Sql:
        (value,) = self.arguments(raw, scope)
        return Sql("to_jsonb(parse.kind(") + value + Sql("))")
