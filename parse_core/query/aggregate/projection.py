"""Which fields `$project` keeps, leaves out and computes; `$addFields` only computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.expressions.base import array, compiled
from parse_core.query.aggregate.names import Shape
from parse_core.query.aggregate.pipeline import Scope
from parse_core.store.sql import Sql, json_param
from parse_core.values.scalars import Json, type_name

Steps = tuple[str, ...]
Tree = dict[str, Any]  # {"name": True, "address": {"city": True}}


@dataclass(slots=True)
class Projection:
    """The entries of one specification, by where they point."""

    included: list[Steps] = field(default_factory=list)
    excluded: list[Steps] = field(default_factory=list)
    computed: dict[Steps, Json] = field(default_factory=dict)

    @classmethod
    def parse(cls, stage: str, raw: Json, scope: Scope, *, switches: bool) -> Projection:
        """`switches`: numbers and booleans keep fields or leave them out, else they are values."""
        if not isinstance(raw, dict) or not raw:
            raise InvalidQuery(f"{stage} needs an object with at least one field")
        projection = cls()
        for steps, value in _entries(stage, raw, scope, ()):
            if switches and isinstance(value, bool | int | float):
                (projection.included if value else projection.excluded).append(steps)
            else:
                projection.computed[steps] = value
        _check_collisions(stage, [*projection.included, *projection.excluded, *projection.computed])
        return projection

    @property
    def roots(self) -> set[str]:
        """The root fields that get a value of their own."""
        return {steps[0] for steps in self.computed}


def _entries(stage: str, raw: Mapping[str, Json], scope: Scope, parents: Steps) -> Iterator[tuple[Steps, Json]]:
    """Where each entry points, and its value; an object without operators holds entries below it."""
    for name, value in raw.items():
        scope.compilation.spend_expression()
        steps = (*parents, *_steps(name, scope, nested=bool(parents)))
        if isinstance(value, dict) and type_name(value) is None and not any(key.startswith("$") for key in value):
            if not value:
                raise InvalidQuery(f"{stage}: an empty object is not a valid value")
            yield from _entries(stage, value, scope, steps)
        else:
            yield steps, value


def _steps(name: str, scope: Scope, *, nested: bool) -> Steps:
    path = scope.target(name)  # below the root no name stands for another
    return tuple(name.split(".")) if nested else (path.root, *path.steps)


def _check_collisions(stage: str, paths: list[Steps]) -> None:
    known = set(paths)
    if len(known) < len(paths) or any(path[:size] in known for path in known for size in range(1, len(path))):
        raise InvalidQuery(f"{stage}: a field is named twice, or beside one it is in")


def put(document: Sql, computed: Mapping[Steps, Json], scope: Scope) -> Sql:
    """A document with computed values, a missing one of which takes the field away."""
    flat = {steps[0]: value for steps, value in computed.items() if len(steps) == 1}
    if flat:
        values = array([compiled(value, scope) for value in flat.values()])
        names = list(flat)
        document = Sql("(") + document + Sql(" - %s::text[] || parse.members(%s::text[], ", (names, names))
        document += values + Sql("))")
    for steps, value in computed.items():
        if len(steps) > 1:
            document = Sql("parse.with_value(") + document + Sql(", %s::text[], ", (list(steps),))
            document += compiled(value, scope) + Sql(")")
    return document


def included(projection: Projection, scope: Scope) -> Sql:
    """The document with nothing but what is kept and what is computed."""
    plain = [steps[0] for steps in projection.included if len(steps) == 1]
    tree = _tree([steps for steps in projection.included if len(steps) > 1])
    for steps in projection.computed:
        _branch(tree, steps[:-1])
    values = [scope.documents.member(name) for name in plain]
    for name, branches in tree.items():
        kept = Sql("parse.including(") + scope.documents.member(name) + Sql(", ") + json_param(branches) + Sql(")")
        values.append(kept)
    document = Sql("parse.members(%s::text[], ", ([*plain, *tree],)) + array(values) + Sql(")")
    return put(document, projection.computed, scope)


def excluded(paths: list[Steps], document: Sql) -> Sql:
    """The document without some places."""
    flat = [steps[0] for steps in paths if len(steps) == 1]
    if flat:
        document = Sql("(") + document + Sql(" - %s::text[])", (flat,))
    deep = _tree([steps for steps in paths if len(steps) > 1])
    if deep:
        document = Sql("parse.excluding(") + document + Sql(", ") + json_param(deep) + Sql(")")
    return document


def _tree(paths: list[Steps]) -> Tree:
    tree: Tree = {}
    for steps in paths:
        _branch(tree, steps[:-1])[steps[-1]] = True
    return tree


def _branch(tree: Tree, steps: Steps) -> Tree:
    for step in steps:
        tree = tree.setdefault(step, {})
    return tree


def shape_of_included(projection: Projection, shape: Shape) -> Shape:
    """What is known of documents after `included`."""
    kept = [steps[0] for steps in projection.included if len(steps) == 1]
    partly = {steps[0] for steps in projection.included if len(steps) > 1}
    return shape.keeping(kept).making(partly | projection.roots)
