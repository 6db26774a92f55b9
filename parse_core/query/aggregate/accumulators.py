"""Accumulators of `$group`: each is one class, registered by its name. Values are aggregated by PostgreSQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.expressions.base import MISSING, compiled
from parse_core.query.aggregate.pipeline import Scope
from parse_core.registry import Registry
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json


class Accumulator(ABC):
    """One `$name`. `is_ordered`: the result depends on the order of the documents."""

    name: ClassVar[str]
    is_ordered: ClassVar[bool] = False

    def value(self, raw: Json, scope: Scope) -> Sql:
        """What is aggregated, of one document."""
        return compiled(raw, scope)

    @abstractmethod
    def total(self, value: str, place: str) -> str:
        """The aggregate, as jsonb, of a column of values; `place` is the column that orders them."""


accumulators: Registry[Accumulator] = Registry("accumulator")


def register(cls: type[Accumulator]) -> type[Accumulator]:
    """Class decorator: makes one instance the owner of its name."""
    accumulators.add(cls.name, cls())
    return cls


@register
class Sum(Accumulator):
    """`$sum`: of what is a number; 0 of nothing."""

    name = "$sum"

    def total(self, value: str, place: str) -> str:
        return f"to_jsonb(coalesce(sum(parse.number_of({value})), 0)::float8)"


@register
class Average(Accumulator):
    """`$avg`: of what is a number; null of nothing."""

    name = "$avg"

    def total(self, value: str, place: str) -> str:
        return f"coalesce(to_jsonb(avg(parse.number_of({value}))::float8), 'null')"


@register
class Least(Accumulator):
    """`$min`: of values of all kinds; null and missing do not count."""

    name = "$min"

    def total(self, value: str, place: str) -> str:
        return f"coalesce(parse.least_value({value}), 'null')"


@register
class Greatest(Accumulator):
    """`$max`: of values of all kinds; null and missing do not count."""

    name = "$max"

    def total(self, value: str, place: str) -> str:
        return f"coalesce(parse.greatest_value({value}), 'null')"


@register
class Count(Accumulator):
    """`$count`: of documents; its operand is `{}`."""

    name = "$count"

    def value(self, raw: Json, scope: Scope) -> Sql:
        if raw != {}:
            raise InvalidQuery("$count takes no arguments")
        return MISSING

    def total(self, value: str, place: str) -> str:
        return "to_jsonb(count(*))"


@register
class First(Accumulator):
    """`$first`: null when it is missing."""

    name = "$first"
    is_ordered = True

    def total(self, value: str, place: str) -> str:
        return f"coalesce((array_agg({value} ORDER BY {place}))[1], 'null')"


@register
class Last(Accumulator):
    """`$last`: null when it is missing."""

    name = "$last"
    is_ordered = True

    def total(self, value: str, place: str) -> str:
        return f"coalesce((array_agg({value} ORDER BY {place} DESC))[1], 'null')"


@register
class Push(Accumulator):
    """`$push`: all values that are not missing."""

    name = "$push"
    is_ordered = True

    def total(self, value: str, place: str) -> str:
        return f"coalesce(jsonb_agg({value} ORDER BY {place}) FILTER (WHERE {value} IS NOT NULL), '[]')"


@register
class AddToSet(Accumulator):
    """`$addToSet`: each value once."""

    name = "$addToSet"

    def total(self, value: str, place: str) -> str:
        return f"coalesce(jsonb_agg(DISTINCT {value}) FILTER (WHERE {value} IS NOT NULL), '[]')"


@register
class DeviationOfPopulation(Accumulator):
    name = "$stdDevPop"

    def total(self, value: str, place: str) -> str:
        return f"coalesce(to_jsonb(stddev_pop(parse.number_of({value})::float8)), 'null')"


@register
class DeviationOfSample(Accumulator):
    """`$stdDevSamp`: null of less than two numbers."""

    name = "$stdDevSamp"

    def total(self, value: str, place: str) -> str:
        return f"coalesce(to_jsonb(stddev_samp(parse.number_of({value})::float8)), 'null')"


@register
class MergeObjects(Accumulator):
    """`$mergeObjects`: the last of the members with one name."""

    name = "$mergeObjects"
    is_ordered = True

    def total(self, value: str, place: str) -> str:
        return f"parse.expression_merge(VARIADIC array_agg({value} ORDER BY {place}))"
