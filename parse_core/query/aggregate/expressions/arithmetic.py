"""Numbers: `$add $subtract $multiply $divide $mod`, rounding, roots and powers. Null and missing make null."""

from __future__ import annotations

from parse_core.query.aggregate.expressions.base import Function, register
from parse_core.store.sql import Sql


@register
class Add(Function):
    """`$add`: the sum; with one date among the numbers, that many milliseconds later."""

    name = "$add"
    function = "parse.expression_add"
    least, most = 0, None


@register
class Subtract(Function):
    """`$subtract`: numbers; milliseconds between dates; a date so many milliseconds earlier."""

    name = "$subtract"
    function = "parse.expression_subtract"
    least = most = 2


@register
class Multiply(Function):
    name = "$multiply"
    function = "parse.expression_multiply"
    least, most = 0, None


@register
class Divide(Function):
    name = "$divide"
    function = "parse.expression_divide"
    least = most = 2


@register
class Mod(Function):
    """`$mod`: with the sign of the dividend."""

    name = "$mod"
    function = "parse.expression_mod"
    least = most = 2


class MathFunction(Function):
    """A function of one number."""

    function = "parse.expression_math"
    tells_name = True


@register
class Abs(MathFunction):
    name = "$abs"


@register
class Ceil(MathFunction):
    name = "$ceil"


@register
class Floor(MathFunction):
    name = "$floor"


@register
class Sqrt(MathFunction):
    name = "$sqrt"


@register
class Exp(MathFunction):
    name = "$exp"


@register
class NaturalLogarithm(MathFunction):
    name = "$ln"


@register
class DecimalLogarithm(MathFunction):
    name = "$log10"


@register
class Pow(Function):
    name = "$pow"
    function = "parse.expression_pow"
    least = most = 2


@register
class Round(Function):
    """`$round`: `[number, places]`, halves to the even neighbour."""

    name = "$round"
    function = "parse.expression_round"
    most = 2
    tells_name = True
    defaults = (Sql("'0'::jsonb"),)


@register
class Trunc(Round):
    name = "$trunc"
