"""From the JSON of a pipeline to rows, stage by stage (`contract/queries.md` §13.1, §13.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate import conditions as condition_package
from parse_core.query.aggregate import expressions as expression_package
from parse_core.query.aggregate import stages as stage_package
from parse_core.query.aggregate.pipeline import MAX_STAGES, Pipeline
from parse_core.query.aggregate.rows import Rows
from parse_core.query.aggregate.stages.base import LARGEST, stages
from parse_core.registry import autoload
from parse_core.values.scalars import Json

ONE_OF_EACH: Final = frozenset({"$project", "$addFields", "$set", "$unset"})  # the stages that keep number and order
# What writes, or runs code, is nobody's to register.
REFUSED: Final = frozenset({"$out", "$merge", "$function", "$where", "$accumulator"})


def apply_all(raw: Json, rows: Rows, pipeline: Pipeline) -> Rows:
    """The rows after all stages. Raises 102 for stages that cannot be, 105 for fields that cannot be."""
    listed = list(parse_stages(raw))
    for place, (name, specification) in enumerate(listed, 1):
        pipeline.compilation.spend_stage()
        pipeline.wanted = wanted(listed[place:])
        stage = None if name in REFUSED else stages.get(name)
        if stage is None:
            raise InvalidQuery(f"Unsupported aggregation stage: {name[:100]}")
        rows = stage.apply(specification, rows, pipeline)
    return rows


def parse_stages(raw: Json) -> Iterator[tuple[str, Json]]:
    """Name and specification of each stage: of a list of objects with one key each, or of one object with many."""
    listed: list[Json]
    if isinstance(raw, dict):
        listed = [{name: value} for name, value in raw.items()]
    elif isinstance(raw, list):
        listed = raw
    else:
        raise InvalidQuery("Invalid pipeline: it must be an array or an object.")
    if len(listed) > MAX_STAGES:
        raise InvalidQuery(f"A pipeline can have at most {MAX_STAGES} stages")
    for stage in listed:
        if not (isinstance(stage, dict) and len(stage) == 1):
            found = ", ".join(stage)[:1000] if isinstance(stage, dict) else ""
            raise InvalidQuery(f"Pipeline stages should only have one key but found {found}.")
        check_stage_name(next(iter(stage)))
    for stage in listed:
        yield from stage.items()


def wanted(following: Sequence[tuple[str, Json]]) -> int | None:
    """How many documents of a stage are read by those after it: what a `$limit` lets through, behind `$skip`."""
    skipped = 0
    for name, number in following:
        if name in ONE_OF_EACH:
            continue
        if name not in ("$skip", "$limit") or type(number) is not int or not 0 <= number <= LARGEST:
            return None
        skipped += number
        if name == "$limit":
            return skipped
    return None


def check_stage_name(name: str) -> None:
    """Refuses what is no stage."""
    if not name.startswith("$"):
        raise InvalidQuery(f"Invalid aggregate stage '{name[:1000]}'.")


for package in (expression_package, condition_package, stage_package):
    autoload(package)
