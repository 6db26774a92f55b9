"""Arrays as sets, without regard to order and repetition."""

from __future__ import annotations

from parse_core.query.aggregate.expressions.base import Function, register


class SetOperator(Function):
    """An operation on two arrays as sets."""

    function = "parse.expression_set"
    least = most = 2
    tells_name = True


@register
class SetUnion(SetOperator):
    name = "$setUnion"


@register
class SetIntersection(SetOperator):
    name = "$setIntersection"


@register
class SetDifference(SetOperator):
    name = "$setDifference"


@register
class SetIsSubset(SetOperator):
    name = "$setIsSubset"


@register
class SetEquals(SetOperator):
    name = "$setEquals"
