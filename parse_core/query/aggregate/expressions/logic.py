"""Comparison and choice: `$eq $cmp …`, `$and $or $not`, `$cond $ifNull $switch`.

Values of all kinds compare; false, null, 0 and missing are not true. What need not be evaluated is not.
"""

from __future__ import annotations

from typing import ClassVar

from parse_core.query.aggregate.expressions.base import Function, Operator, compiled, register, truth
from parse_core.query.aggregate.pipeline import Scope
from parse_core.store.sql import Sql, join
from parse_core.values.scalars import Json


class Comparison(Function):
    """A comparison of two values."""

    least = most = 2
    comparison: ClassVar[str]

    def sql(self, raw: Json, scope: Scope) -> Sql:
        one, other = self.arguments(raw, scope)
        return Sql("to_jsonb(parse.compare(") + one + Sql(", ") + other + Sql(f") {self.comparison} 0)")


@register
class Equal(Comparison):
    name = "$eq"
    same = "IS NOT DISTINCT FROM"

    def sql(self, raw: Json, scope: Scope) -> Sql:
        one, other = self.arguments(raw, scope)
        return Sql("to_jsonb(") + one + Sql(f" {self.same} ") + other + Sql(")")


@register
class NotEqual(Equal):
    name = "$ne"
    same = "IS DISTINCT FROM"


@register
class LessThan(Comparison):
    name = "$lt"
    comparison = "<"


@register
class LessThanOrEqual(Comparison):
    name = "$lte"
    comparison = "<="


@register
class GreaterThan(Comparison):
    name = "$gt"
    comparison = ">"


@register
class GreaterThanOrEqual(Comparison):
    name = "$gte"
    comparison = ">="


@register
class Compare(Function):
    """`$cmp`: -1, 0 or 1."""

    name = "$cmp"
    least = most = 2

    def sql(self, raw: Json, scope: Scope) -> Sql:
        one, other = self.arguments(raw, scope)
        return Sql("to_jsonb(parse.compare(") + one + Sql(", ") + other + Sql("))")


class Connective(Operator):
    """`$and` and `$or`: the first argument that decides is the last one evaluated."""

    deciding: ClassVar[str]

    def sql(self, raw: Json, scope: Scope) -> Sql:
        arguments = [truth(argument, scope) for argument in (raw if isinstance(raw, list) else [raw])]
        decided = "true" if self.deciding == "" else "false"
        undecided = Sql(f"'{'false' if decided == 'true' else 'true'}'::jsonb")
        if not arguments:
            return undecided
        cases = [Sql(f" WHEN {self.deciding}") + argument + Sql(f" THEN '{decided}'::jsonb") for argument in arguments]
        return Sql("CASE") + join("", cases) + Sql(" ELSE ") + undecided + Sql(" END")


@register
class And(Connective):
    name = "$and"
    deciding = "NOT "


@register
class Or(Connective):
    name = "$or"
    deciding = ""


@register
class Not(Operator):
    name = "$not"

    def sql(self, raw: Json, scope: Scope) -> Sql:
        if isinstance(raw, list) and len(raw) != 1:
            raise self.refusal(f"does not take {len(raw)} arguments")
        return Sql("to_jsonb(NOT ") + truth(raw[0] if isinstance(raw, list) else raw, scope) + Sql(")")


@register
class Cond(Operator):
    """`$cond`: `[if, then, else]` or `{"if": …, "then": …, "else": …}`."""

    name = "$cond"

    def sql(self, raw: Json, scope: Scope) -> Sql:
        if isinstance(raw, dict) and raw.keys() == {"if", "then", "else"}:
            raw = [raw["if"], raw["then"], raw["else"]]
        if not isinstance(raw, list) or len(raw) != 3:
            raise self.refusal("needs 'if', 'then' and 'else'")
        condition, then, otherwise = raw
        return (
            Sql("CASE WHEN ") + truth(condition, scope) + Sql(" THEN ") + compiled(then, scope)
            + Sql(" ELSE ") + compiled(otherwise, scope) + Sql(" END")
        )  # fmt: skip


@register
class IfNull(Function):
    """`$ifNull`: the first value that is neither null nor missing, or else the last."""

    name = "$ifNull"
    least, most = 2, None

    def sql(self, raw: Json, scope: Scope) -> Sql:
        *tried, last = self.arguments(raw, scope)
        values = [Sql("nullif(") + value + Sql(", 'null')") for value in tried]
        return Sql("coalesce(") + join(", ", [*values, last]) + Sql(")")


@register
class Switch(Operator):
    """`$switch`: `{"branches": [{"case": …, "then": …}], "default": …}`."""

    name = "$switch"

    def sql(self, raw: Json, scope: Scope) -> Sql:
        branches = raw.get("branches") if isinstance(raw, dict) else None
        if not isinstance(branches, list) or not branches or not raw.keys() <= {"branches", "default"}:
            raise self.refusal("needs at least one branch")
        parts = [Sql("CASE")]
        for branch in branches:
            if not isinstance(branch, dict) or branch.keys() != {"case", "then"}:
                raise self.refusal("needs 'case' and 'then' in each branch")
            parts += [Sql(" WHEN "), truth(branch["case"], scope), Sql(" THEN "), compiled(branch["then"], scope)]
        none = Sql("parse.refuse('$switch could not find a matching branch, and no default was specified')")
        parts += [Sql(" ELSE "), compiled(raw["default"], scope) if "default" in raw else none, Sql(" END")]
        return join("", parts)
