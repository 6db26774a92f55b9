"""Aggregation: what a pipeline makes of a class, and the distinct values of a field (`contract/queries.md` §13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import orjson

from parse_core.context import RequestContext
from parse_core.errors import InvalidJson, InvalidQuery
from parse_core.objects.conditions import authorized_condition
from parse_core.objects.find import EXPLAIN_ANALYZES, EXPLAIN_PLANS
from parse_core.objects.find_moments import announce_search
from parse_core.objects.find_request import READ_PREFERENCES
from parse_core.objects.requests import FindRequest
from parse_core.permissions.actions import Action
from parse_core.query.aggregate.parse import check_stage_name
from parse_core.query.aggregate.result import Rendering, distinct_sql, pipeline_sql
from parse_core.query.ast import both
from parse_core.schema.classes import ClassSchema
from parse_core.store.database import MissingTable
from parse_core.store.sql import Sql, commented
from parse_core.values.decoding import JsonRefused, decode
from parse_core.values.scalars import Json, now

_IGNORED: Final = ("hint", "comment")


@dataclass(frozen=True, slots=True)
class AggregateRequest:
    """An aggregation as it was asked; `distinct` names the field whose values are wanted, and then nothing else counts.

    `raw_names` and `raw_values` None: as the application's options say.
    """

    class_name: str
    pipeline: Json = None
    distinct: str | None = None
    where: Json = None
    explain: Json = None
    raw_names: bool | None = None
    raw_values: bool | None = None
    comment: str | None = None
    read_preference: str | None = None


def parse_aggregate(class_name: str, parameters: Mapping[str, Json]) -> AggregateRequest:
    """The aggregation that the parameters of a request ask for.

    A pipeline is `pipeline`, or else the parameters that begin with `$`. Raises `InvalidQuery` (102) for names that are
    no stage, an unknown read preference or explanation, `InvalidJson` (107) for a `where` that is no JSON object.
    """
    given = {name: value for name, value in parameters.items() if not (name in _IGNORED and value)}
    preference, explain = given.get("readPreference"), given.get("explain")
    if isinstance(preference, str) and preference and preference.upper() not in READ_PREFERENCES:
        raise InvalidQuery("Not supported read preference.")
    if explain in (False, "false", "", None):
        explain = None
    elif explain not in (*EXPLAIN_PLANS, *EXPLAIN_ANALYZES):
        raise InvalidQuery("Invalid value for explain")
    modes = {name: given.pop(name) for name in ("rawFieldNames", "rawValues") if isinstance(given.get(name), bool)}
    for name in ("readPreference", "explain", *_IGNORED):
        given.pop(name, None)
    distinct, where = given.pop("distinct", None), given.pop("where", None)
    return AggregateRequest(
        class_name,
        None if distinct else _pipeline(given),
        _text(distinct) if distinct else None,
        _where(where),
        explain,
        modes.get("rawFieldNames"),
        modes.get("rawValues"),
        comment if isinstance(comment := parameters.get("comment"), str) else None,
        preference if isinstance(preference, str) and preference else None,
    )


def _pipeline(given: dict[str, Json]) -> Json:
    pipeline = given.get("pipeline")
    if isinstance(pipeline, str) and pipeline:
        try:
            pipeline = decode(pipeline.encode())
        except JsonRefused:
            raise InvalidQuery("Invalid pipeline: it must be an array or an object.") from None
    if pipeline or isinstance(pipeline, list | dict):
        return pipeline
    for name in given:
        check_stage_name(name)
    return given


def _where(where: Json) -> Json:
    if isinstance(where, str) and where:
        try:
            where = decode(where.encode())
        except JsonRefused:
            raise InvalidJson("where parameter is not valid JSON") from None
    if where not in (None, "", []) and not isinstance(where, dict):
        raise InvalidJson("where parameter is not valid JSON")
    return where or None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def aggregate(context: RequestContext, request: AggregateRequest) -> bytes:
    """The results as JSON bytes `[{…},{…}]`. One statement. Object and class-level permissions do not apply.

    Raises 102 and 105 for what cannot be asked, 102 also for what an operator refuses of a value.

    1. `before_find`, where somebody listens; what it leaves as condition holds before all stages, what it supplies is
       the answer: aggregations are for callers who may read everything.
    2. The statement, which is also made, and so checked, for a class nobody has created.
    3. One statement.
    """
    asked = FindRequest(
        request.class_name,
        where=request.where,
        comment=request.comment,
        read_preference=request.read_preference,
    )
    search = announce_search(context, asked)
    if search.documents is not None:
        return orjson.dumps(search.documents)
    where, request = search.request.where, replace(request, comment=search.request.comment)
    try:
        return _aggregate(context, request, where)
    except MissingTable:  # dropped by another process a moment ago
        context.application.schemas.forget()
        return _aggregate(context, request, where)


def _aggregate(context: RequestContext, request: AggregateRequest, where: Json) -> bytes:
    schema = context.schema(request.class_name)
    condition, (access,) = authorized_condition(context, schema, where, [Action.FIND])
    condition = both(condition, access.restriction)
    options = context.options.query
    rendering = Rendering(
        options.aggregation_raw_field_names if request.raw_names is None else request.raw_names,
        options.aggregation_raw_values if request.raw_values is None else request.raw_values,
    )
    if request.distinct is not None:
        statement = distinct_sql(request.distinct, schema, condition, rendering)
    else:
        statement = pipeline_sql(
            request.pipeline,
            schema,
            lambda name: named_class(context, name),
            now=now(),
            condition=condition if where != request.where else None,
            postgis=context.application.database.postgis,
            rendering=rendering,
        )
    if statement is None or not schema.exists:
        return b"[]"
    if request.explain is not None:
        return _plan(context, commented(statement, request.comment), request.explain)
    text = context.executor.fetch(commented(statement, request.comment))[0][0]
    return b"[]" if text is None else f"[{text}]".encode()


def named_class(context: RequestContext, name: str) -> ClassSchema:
    """The class a stage names, with or without the prefix that collections have in a MongoDB of Parse."""
    if "\0" in name or len(name) > 200:
        raise InvalidQuery("Invalid class name in a pipeline")
    schema = context.schema(name)
    if not schema.exists and "_" in name:
        unprefixed = context.schema(name.partition("_")[2])
        return unprefixed if unprefixed.exists else schema
    return schema


def _plan(context: RequestContext, statement: Sql, explain: Json) -> bytes:
    options = "ANALYZE, FORMAT JSON" if explain in EXPLAIN_ANALYZES else "FORMAT JSON"
    rows = context.executor.fetch(Sql(f"EXPLAIN ({options}) ") + statement)
    return orjson.dumps([{"QUERY PLAN": rows[0][0]}])
