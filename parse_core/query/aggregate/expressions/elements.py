"""`$map $filter $reduce`: an expression for each element of an array; `$let`: variables for an expression."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Final

from parse_core.query.aggregate.expressions.base import (
    MISSING,
    Named,
    Operator,
    call,
    compiled,
    register,
    truth,
)
from parse_core.query.aggregate.pipeline import Scope
from parse_core.schema.classes import FIELD_NAME
from parse_core.store.sql import Sql, join
from parse_core.values.scalars import Json

_NOTHING: Final = Sql("")


class ForEach(Named):
    """An operator with an expression that is evaluated for each element of an array; null makes null."""

    def collected(self, given: Mapping[str, Json], scope: Scope, *, tail: Sql = _NOTHING) -> Sql:
        """The array of what `chosen` says of each element; `tail` ends the SELECT of elements."""
        alias, whole = scope.compilation.name("e"), scope.compilation.name("list")
        listed = call("parse.array_operand", Sql(f"'{self.name}'"), compiled(given["input"], scope))
        inside = scope.binding({self.variable(given.get("as", "this")): Sql(f"{alias}.item")})
        value, condition = self.chosen(given, inside, Sql(f"{alias}.item"))
        elements = (
            Sql("SELECT "), value, Sql(f" AS value, {alias}.place"),
            Sql(f" FROM jsonb_array_elements({whole}.list) WITH ORDINALITY AS {alias}(item, place)"),
            condition, Sql(f" ORDER BY {alias}.place"), tail,
        )  # fmt: skip
        array_of = Sql("(SELECT coalesce(jsonb_agg(value ORDER BY place), '[]') FROM (")
        array_of += join("", elements) + Sql(f") AS {alias})")
        result = Sql(f"(SELECT CASE WHEN {whole}.list IS NULL THEN 'null' ELSE ") + array_of
        return result + Sql(" END FROM (SELECT ") + listed + Sql(f" AS list OFFSET 0) AS {whole})")

    @abstractmethod
    def chosen(self, given: Mapping[str, Json], inside: Scope, item: Sql) -> tuple[Sql, Sql]:
        """What is taken of an element, and a WHERE for which; `inside` names the element."""

    def variable(self, name: Json) -> str:
        """A name that a variable can have."""
        if not isinstance(name, str) or FIELD_NAME.fullmatch(name) is None:
            raise self.refusal("needs a variable name that starts with a letter")
        return name


@register
class Filter(ForEach):
    """`$filter`: `{"input": …, "as": "this", "cond": …, "limit": …}`."""

    name = "$filter"
    required = ("input", "cond")
    optional = ("as", "limit")

    def sql(self, raw: Json, scope: Scope) -> Sql:
        given = self.given(raw)
        limit = _NOTHING
        if given.get("limit") is not None:
            limit = Sql(" LIMIT ") + call("parse.integer_operand", Sql("'$filter'"), compiled(given["limit"], scope))
        return self.collected(given, scope, tail=limit)

    def chosen(self, given: Mapping[str, Json], inside: Scope, item: Sql) -> tuple[Sql, Sql]:
        return item, Sql(" WHERE ") + truth(given["cond"], inside)


@register
class Map(ForEach):
    """`$map`: `{"input": …, "as": "this", "in": …}`."""

    name = "$map"
    required = ("input", "in")
    optional = ("as",)

    def sql(self, raw: Json, scope: Scope) -> Sql:
        return self.collected(self.given(raw), scope)

    def chosen(self, given: Mapping[str, Json], inside: Scope, item: Sql) -> tuple[Sql, Sql]:
        return Sql("coalesce(") + compiled(given["in"], inside) + Sql(", 'null')"), _NOTHING


@register
class Reduce(Named):
    """`$reduce`: `{"input": …, "initialValue": …, "in": …}`, where `in` makes the next `$$value` of it and `$$this`."""

    name = "$reduce"
    required = ("input", "initialValue", "in")

    def sql(self, raw: Json, scope: Scope) -> Sql:
        given = self.given(raw)
        fold, items = scope.compilation.name("fold"), scope.compilation.name("items")
        listed = call("parse.array_operand", Sql("'$reduce'"), compiled(given["input"], scope))
        this = Sql(f"({items}.list -> {fold}.place)")
        inside = scope.binding({"value": Sql(f"{fold}.value"), "this": this})
        steps = (
            Sql(f"WITH RECURSIVE {items} AS (SELECT "), listed, Sql(f" AS list), {fold}(place, value) AS (SELECT 0, "),
            compiled(given["initialValue"], scope),
            Sql(f" FROM {items} WHERE list IS NOT NULL UNION ALL SELECT {fold}.place + 1, "),
            compiled(given["in"], inside),
            Sql(f" FROM {fold}, {items} WHERE {fold}.place < jsonb_array_length({items}.list))"),
            Sql(f" SELECT CASE WHEN list IS NULL THEN 'null' ELSE (SELECT value FROM {fold} ORDER BY place DESC"),  # noqa: S608 - own names
            Sql(f" LIMIT 1) END FROM {items}"),
        )  # fmt: skip
        return Sql("(") + join("", steps) + Sql(")")


@register
class Let(Operator):
    """`$let`: `{"vars": {"name": …}, "in": …}`."""

    name = "$let"

    def sql(self, raw: Json, scope: Scope) -> Sql:
        variables = raw.get("vars") if isinstance(raw, dict) and raw.keys() == {"vars", "in"} else None
        if not isinstance(variables, dict) or not all(map(FIELD_NAME.fullmatch, variables)):
            raise self.refusal("needs 'vars' and 'in'")
        alias = scope.compilation.name("let")
        columns = {name: f"v{number}" for number, name in enumerate(variables)}
        values = [compiled(value, scope) + Sql(f" AS {columns[name]}") for name, value in variables.items()]
        inside = scope.binding({name: Sql(f"{alias}.{column}") for name, column in columns.items()})
        source = join(", ", values or [MISSING])
        return Sql("(SELECT ") + compiled(raw["in"], inside) + Sql(" FROM (SELECT ") + source + Sql(f") AS {alias})")
