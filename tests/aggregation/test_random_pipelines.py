"""Whatever a pipeline is made of, it is answered or refused with a reason: nothing in it is our own fault."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

import pytest

from parse_core.errors import ParseError
from parse_core.query.aggregate import parse as _all_loaded  # noqa: F401
from parse_core.query.aggregate.accumulators import accumulators
from parse_core.query.aggregate.conditions.base import document_operators, field_operators
from parse_core.query.aggregate.expressions.base import operators
from parse_core.query.aggregate.stages.base import stages
from parse_core.query.operators.base import operators as where_operators
from tests.aggregation.data import date, run
from tests.objects.worlds import World, pointer

FIELDS: Final = ("title", "pages", "price", "author", "tags", "out", "about", "about.lang", "others.objectId", "good",
                 "_id", "createdAt", "_p_author", "nope", "at", "readers", "x", "x.y")  # fmt: skip
VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 2.5, 1e300, 2**40, "", "a", "%Y", "UTC", "2020-01-01", "[", "y", [], {}, [1, "a"],
    {"a": 1}, date("2020-02-15"), pointer("Author", "ann"), {"$date": "2020-01-01"},
    {"__type": "GeoPoint", "latitude": 1, "longitude": 1}, {"__type": "Date", "iso": "never"},
)  # fmt: skip
NAMES: Final = ("input", "in", "cond", "as", "initialValue", "date", "format", "timezone", "onNull", "chars", "find",
                "regex", "replacement", "branches", "case", "then", "default", "if", "else", "vars")  # fmt: skip


class Maker:
    """Makes pipelines that are nearly right."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same every time

    def one(self, choices: Any) -> Any:
        return self.random.choice(list(choices))

    def expression(self, depth: int = 3) -> Any:
        kind = self.random.random()
        if depth == 0 or kind < 0.35:
            return f"${self.one(FIELDS)}" if self.random.random() < 0.6 else self.one(VALUES)
        if kind < 0.4:
            return self.one(("$$ROOT", "$$this", "$$value", "$$NOW", "$$REMOVE", "$$this.x"))
        operator = operators[self.one(operators)]
        required = getattr(operator, "required", None)
        if required is not None:
            names = [*required, *(name for name in getattr(operator, "optional", ()) if self.random.random() < 0.3)]
            return {operator.name: {name: self.expression(depth - 1) for name in names}}
        if self.random.random() < 0.1:
            return {operator.name: {self.one(NAMES): self.expression(depth - 1) for _ in range(2)}}
        least, most = getattr(operator, "least", 1), getattr(operator, "most", 2)
        count = self.random.randint(least, max(least, most or 3))
        return {operator.name: [self.expression(depth - 1) for _ in range(count)]}

    def condition(self, depth: int = 2) -> Any:
        found: dict[str, Any] = {}
        for _ in range(self.random.randint(1, 2)):
            kind = self.random.random()
            if depth and kind < 0.2:
                name = self.one(("$and", "$or", "$nor"))
                found[name] = [self.condition(depth - 1) for _ in range(2)]
            elif kind < 0.3:
                found["$expr"] = self.expression()
            elif kind < 0.5:
                found[self.one(FIELDS)] = self.one(VALUES)
            else:
                found[self.one(FIELDS)] = self.constraint(depth)
        return found

    def constraint(self, depth: int) -> Any:
        name = self.one((*where_operators, *field_operators, *document_operators))
        operand = self.one(VALUES)
        if name in ("$not", "$elemMatch") and depth:
            operand = self.constraint(depth - 1) if self.random.random() < 0.5 else self.condition(depth - 1)
        elif name in ("$in", "$nin", "$all", "$containedBy"):
            operand = [self.one(VALUES) for _ in range(3)]
        return {name: operand}

    def stage(self, depth: int = 2) -> dict[str, Any]:
        name = self.one(stages)
        make: dict[str, Callable[[], Any]] = {
            "$match": self.condition,
            "$project": lambda: {self.one(FIELDS): self.one((1, 0, self.expression())) for _ in range(2)},
            "$addFields": lambda: {self.one(FIELDS): self.expression() for _ in range(2)},
            "$set": lambda: {"x": self.expression(), "x2.y": self.expression()},
            "$unset": lambda: self.one(FIELDS),
            "$group": lambda: {"_id": self.expression(2), "x": {self.one(accumulators): self.expression(2)}},
            "$sort": lambda: {self.one(FIELDS): self.one((1, -1)), "x": 1},
            "$limit": lambda: self.random.randint(1, 5),
            "$skip": lambda: self.random.randint(0, 2),
            "$sample": lambda: {"size": 3},
            "$count": lambda: "x",
            "$sortByCount": self.expression,
            "$unwind": lambda: {"path": f"${self.one(FIELDS)}", "includeArrayIndex": "x"},
            "$lookup": lambda: {
                "from": self.one(("Author", "Book", "Nope")), "as": "x", "localField": self.one(FIELDS),
                "foreignField": self.one(FIELDS), **({"pipeline": self.pipeline(depth - 1)} if depth else {}),
            },
            "$replaceRoot": lambda: {"newRoot": self.one(("$about", "$$ROOT", {"x": self.expression()}))},
            "$replaceWith": lambda: {"x": self.expression(), "_id": "$pages"},
            "$facet": lambda: {"x": self.pipeline(depth - 1) if depth else [], "tags": []},
            "$bucket": lambda: {"groupBy": self.expression(1), "boundaries": [0, 150, 400], "default": "x"},
            "$unionWith": lambda: {"coll": "Author", "pipeline": self.pipeline(depth - 1) if depth else []},
            "$geoNear": lambda: {"near": [1, 1], "key": self.one(FIELDS), "distanceField": "x"},
        }  # fmt: skip
        return {name: make[name]()}

    def pipeline(self, depth: int = 2) -> list[dict[str, Any]]:
        return [self.stage(depth) for _ in range(self.random.randint(0, 4))]


@pytest.mark.parametrize("seed", range(20))
def test_a_random_pipeline_is_answered_or_refused(world: World, seed: int) -> None:
    maker = Maker(seed)
    answered = 0
    for _ in range(60):
        pipeline = maker.pipeline()
        try:
            run(world, "Book", pipeline, rawFieldNames=maker.one((True, False)), rawValues=maker.one((True, False)))
        except ParseError as error:
            refusal = error
        else:
            answered += 1
            continue
        assert refusal.code in (102, 105, 107), pipeline
        assert refusal.status == 400, pipeline
    assert answered > 15
