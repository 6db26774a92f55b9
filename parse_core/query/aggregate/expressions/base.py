"""What an expression is, and what an operator makes of its arguments: jsonb in SQL, NULL where a value is missing.

An operator is one class in a file of this folder, registered by its name. Most call the SQL function that does the work
(`0004_aggregate_operators.sql`), so that each argument stands in the statement once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.names import check_name
from parse_core.query.aggregate.pipeline import Scope
from parse_core.query.aggregate.values import is_constant
from parse_core.query.identity import operand_form
from parse_core.registry import Registry
from parse_core.store.sql import Sql, join, json_param
from parse_core.values.scalars import Json, date_value

MISSING = Sql("NULL::jsonb")
NULL = Sql("'null'::jsonb")


class Operator(ABC):
    """One `$name` of an expression."""

    name: ClassVar[str]

    @abstractmethod
    def sql(self, raw: Json, scope: Scope) -> Sql:
        """The value. Raises `InvalidQuery` (102) for arguments the operator does not take."""

    def refusal(self, why: str) -> InvalidQuery:
        """The error for arguments that cannot be."""
        return InvalidQuery(f"{self.name} {why}")


operators: Registry[Operator] = Registry("expression operator")


def register(cls: type[Operator]) -> type[Operator]:
    """Class decorator: makes one instance the owner of its name."""
    operators.add(cls.name, cls())
    return cls


class Function(Operator):
    """An operator with a list of arguments, `least` to `most` (None: any number), that a SQL function computes.

    With `tells_name` the function, which several operators share, has the operator's name as its first argument; what
    is not given of `defaults` is put in, last for last.
    """

    function: ClassVar[str]
    least: ClassVar[int] = 1
    most: ClassVar[int | None] = 1
    tells_name: ClassVar[bool] = False
    defaults: ClassVar[Sequence[Sql]] = ()

    def sql(self, raw: Json, scope: Scope) -> Sql:
        arguments = self.arguments(raw, scope)
        if self.most is None:
            values = [Sql("VARIADIC ") + array(arguments)]
        else:
            missing = self.most - len(arguments)
            values = [*arguments, *(self.defaults[-missing:] if missing else ())]
        return call(self.function, *([Sql(f"'{self.name}'")] if self.tells_name else []), *values)

    def arguments(self, raw: Json, scope: Scope) -> list[Sql]:
        """The values of the arguments, of which there are as many as the operator takes."""
        listed = raw if isinstance(raw, list) else [raw]
        if len(listed) < self.least or (self.most is not None and len(listed) > self.most):
            raise self.refusal(f"does not take {len(listed)} arguments")
        return [compiled(argument, scope) for argument in listed]


class Named(Operator):
    """An operator whose arguments have names."""

    required: ClassVar[Sequence[str]]
    optional: ClassVar[Sequence[str]] = ()

    def given(self, raw: Json) -> Mapping[str, Json]:
        """The arguments by name."""
        if not isinstance(raw, dict):
            raise self.refusal("needs an object of arguments")
        for name in self.required:
            if name not in raw:
                raise self.refusal(f"needs the argument '{name}'")
        for name in raw:
            if name not in self.required and name not in self.optional:
                raise self.refusal(f"has no argument '{name[:100]}'")
        return raw


def compiled(raw: Json, scope: Scope) -> Sql:
    """The value of an expression.

    Raises `InvalidQuery` (102) for what is none, `InvalidKeyName` (105) for a field that cannot be.
    """
    scope.compilation.spend_expression()
    if isinstance(raw, str) and raw.startswith("$"):
        return _variable(raw[2:], scope) if raw.startswith("$$") else scope.documents.value(scope.path(raw[1:]))
    if is_constant(raw):
        return constant(raw)
    if isinstance(raw, list):
        return array_json([compiled(item, scope) for item in raw])
    name = operator_name(raw)
    if name is None:
        return _object(raw, scope)
    operator = operators.get(name)
    if operator is None:
        raise InvalidQuery(f"Unsupported aggregation operator: {name[:100]}")
    return operator.sql(raw[name], scope)


def operator_name(raw: Mapping[str, Json]) -> str | None:
    """The operator of an expression object, None for an object of expressions."""
    named = [name for name in raw if name.startswith("$")]
    if not named:
        return None
    if len(raw) > 1:
        raise InvalidQuery("An object representing an expression must have exactly one field")
    return named[0]


def constant(value: Json) -> Sql:
    """A value of the client's, in the form that it equals stored ones in."""
    return NULL if value is None else json_param(operand_form(value))


def truth(raw: Json, scope: Scope) -> Sql:
    """Whether an expression is true, as a boolean of SQL."""
    return call("parse.truth", compiled(raw, scope))


def call(function: str, *arguments: Sql) -> Sql:
    """A function of ours, called."""
    return Sql(f"{function}(") + join(", ", arguments) + Sql(")")


def array(values: Sequence[Sql]) -> Sql:
    """An array of SQL."""
    return Sql("ARRAY[") + join(", ", values) + Sql("]::jsonb[]")


def array_json(values: Sequence[Sql]) -> Sql:
    """An array of JSON: missing values are null in it."""
    return Sql("to_jsonb(") + array(values) + Sql(")")


def members(values: Mapping[str, Sql]) -> Sql:
    """An object of JSON without the missing ones."""
    return Sql("parse.members(%s::text[], ", (list(values),)) + array(list(values.values())) + Sql(")")


def _object(raw: Mapping[str, Json], scope: Scope) -> Sql:
    for name in raw:
        check_name(name)
        if "." in name:
            raise InvalidQuery("Field names of an object expression may not contain '.'")
    return members({name: compiled(value, scope) for name, value in raw.items()})


def _variable(name: str, scope: Scope) -> Sql:
    root, *steps = name.split(".")
    check_name(name)
    if root in ("ROOT", "CURRENT"):
        if steps:
            return scope.documents.value(scope.path(".".join(steps)))
        value = scope.documents.whole
    elif root == "NOW":
        value = constant(date_value(scope.compilation.now))
    elif root == "REMOVE":
        return MISSING
    elif root in scope.variables:
        value = scope.variables[root]
    else:
        raise InvalidQuery(f"Use of undefined variable: {root[:100]}")
    if not steps:
        return value
    return Sql("parse.path_value(") + value + Sql(", %s::text[])", (steps,))
