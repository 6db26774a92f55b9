"""Reading objects: find, get by id and count, for every transport and for user code.

A plain read never looks inside an object: PostgreSQL joins the stored texts and the answer leaves as bytes.
"""

from __future__ import annotations

from dataclasses import replace

import orjson

from parse_core.context import RequestContext
from parse_core.errors import InvalidQuery, ObjectNotFound
from parse_core.objects.conditions import authorized_condition, read_action, redirected
from parse_core.objects.cursor import placed, with_tokens
from parse_core.objects.find_moments import BeforeFind, announce_found, announce_search
from parse_core.objects.include import read
from parse_core.objects.projection import projection, selection
from parse_core.objects.requests import FindRequest, Found
from parse_core.permissions.access import EVERYTHING_VISIBLE
from parse_core.permissions.actions import Action
from parse_core.permissions.authorize import authorize, authorize_class
from parse_core.query.ast import EVERYTHING, IdIs, both
from parse_core.query.order import SCORE, parse_order
from parse_core.query.ranking import score
from parse_core.query.select import Select
from parse_core.query.selection import Selection
from parse_core.query.splice import opened
from parse_core.schema.classes import ClassSchema
from parse_core.schema.system_class import system_class
from parse_core.store.counts import RowCounts
from parse_core.store.database import MissingTable
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json

EXPLAIN_PLANS = (True, "true", "queryPlanner", "queryPlannerExtended")
EXPLAIN_ANALYZES = ("executionStats", "allPlansExecution")


def find(context: RequestContext, request: FindRequest) -> Found:
    """The objects that match, as JSON bytes `[{…},{…}]`, and their number when `request.count` asks for it.

    One statement; with includes through arrays or objects, one more per class and level. A class nobody has created is
    empty. Raises what parsing and `authorize` raise.

    1. Whether the caller may have the query explained.
    2. `before_find`, where somebody listens, who may answer instead.
    3. The class: the one addressed, or the one its relation leads to.
    4. The condition and the caller's rights: find (or get), and count; then includes and order.
    5. One statement.
    6. `after_find`, where somebody listens.
    """
    _check_explain(context, request)
    search = announce_search(context, request)
    found = _find_again(context, search.request) if search.documents is None else _supplied(context, search)
    request = search.request
    if found.class_name is not None:  # what was found is of the class that a relation led to
        request = replace(request, class_name=found.class_name)
    return announce_found(context, request, found)


def get(context: RequestContext, request: FindRequest) -> Found:
    """The one object with the id of the request, as JSON bytes. One statement, as for `find`.

    Raises `ObjectNotFound` when there is none that the caller may read, and what `authorize` raises.

    1. `before_find`, where somebody listens.
    2. The caller's right to get, and what to include.
    3. One statement.
    4. What the system class adds to an object that is read by its id.
    5. `after_find`, where somebody listens.
    """
    search = announce_search(context, request)
    found = _get_again(context, search.request) if search.documents is None else _supplied_one(context, search)
    return announce_found(context, search.request, found)


def _find_again(context: RequestContext, request: FindRequest) -> Found:
    try:
        return _find(context, request)
    except MissingTable:  # dropped by another process a moment ago
        context.application.schemas.forget()
        return _find(context, request)


def _get_again(context: RequestContext, request: FindRequest) -> Found:
    try:
        return _get(context, request)
    except MissingTable:
        context.application.schemas.forget()
        return _get(context, request)


def _supplied(context: RequestContext, search: BeforeFind) -> Found:
    """What a listener answered; stored objects among it as this caller may read them, or not at all."""
    documents, ids = search.documents or [], search.supplied_ids
    if ids and not context.principal.is_privileged:
        asked = search.request
        again = FindRequest(
            asked.class_name,
            where={"objectId": {"$in": ids}},
            keys=asked.keys,
            exclude_keys=asked.exclude_keys,
            include=asked.include,
            include_all=asked.include_all,
            limit=len(ids),
        )
        readable = {each["objectId"]: each for each in orjson.loads(_find_again(context, again).json)}
        shown = (readable.get(each["objectId"]) if each.get("objectId") else each for each in documents)
        documents = [each for each in shown if each is not None]
    return Found(orjson.dumps(documents))


def _supplied_one(context: RequestContext, search: BeforeFind) -> Found:
    """The first object that a listener answered, as the caller may read it. Raises `ObjectNotFound` without one."""
    if not search.documents:
        raise ObjectNotFound
    ids = search.supplied_ids
    if ids and not context.principal.is_privileged:
        return _get_again(context, replace(search.request, object_id=ids[0]))
    return Found(orjson.dumps(search.documents[0]))


def _find(context: RequestContext, request: FindRequest) -> Found:
    schema = context.schema(request.class_name)
    if request.redirect_key is not None:
        schema = redirected(context, schema, request.redirect_key)
    class_name = schema.name if request.redirect_key is not None else None
    query, wanted = _query(context, request, schema)
    if not schema.exists or (query.limit == 0 and query.counted is None):
        return Found(b"[]", 0 if request.count else None, class_name)
    if request.explain is not None:
        return Found(_plan(context, query, request.explain))
    text, count, ends = read(context, query, wanted, class_name=class_name)
    if query.counted is EVERYTHING and count is not None and context.transaction is None:
        application = context.application
        application.part(RowCounts).counted(application.database, schema.namespace, schema.table, count)
    found = Found(f"[{text}]".encode(), count, class_name)
    return with_tokens(context.application, request, query, found, ends) if query.placed else found


def _query(context: RequestContext, request: FindRequest, schema: ClassSchema) -> tuple[Select, Selection]:
    """The statement to be, with the caller's rights in it, and what to include."""
    options = context.options
    limit = options.default_limit if request.limit is None else request.limit
    if request.limit is not None and options.max_limit is not None:
        limit = min(limit, options.max_limit)
    actions = [read_action(request.where)] if limit else []
    if request.count:
        actions.append(Action.COUNT)
    order_fields = [name.removeprefix("-") for name in request.order]
    condition, access = authorized_condition(context, schema, request.where, actions, order_fields=order_fields)
    if not actions:
        authorize_class(context, schema, Action.FIND)
    rows = access[0] if limit else EVERYTHING_VISIBLE
    wanted = selection(context, request, schema)
    shown = projection(context, schema, wanted, rows)
    if SCORE in (request.keys or ()):
        shown = replace(shown, score=score(condition))
    query = Select(
        schema,
        both(condition, rows.restriction),
        parse_order(request.order, schema, condition),
        limit,
        request.skip,
        shown,
        counted=both(condition, access[-1].restriction) if request.count else None,
        comment=request.comment,
    )
    return placed(context.application, request, query), wanted


def _get(context: RequestContext, request: FindRequest) -> Found:
    schema = context.schema(request.class_name)
    access = authorize(context, schema, Action.GET)
    special = system_class(schema.name)
    wanted = selection(context, request, schema)
    if not schema.exists or not request.object_id or "\0" in request.object_id:
        raise special.not_found(context, Action.GET) or ObjectNotFound()
    condition = both(IdIs(request.object_id), access.restriction)
    if request.where:
        condition = both(condition, authorized_condition(context, schema, request.where, ())[0])
    query = Select(schema, condition, projection=projection(context, schema, wanted, access))
    if wanted.included:
        text, _, _ = read(context, query, wanted)
    else:
        rows = context.executor.fetch(query.single())
        text = opened(rows[0][0], query) if rows else ""
    if not text:
        raise special.not_found(context, Action.GET) or ObjectNotFound()
    if special.reads_rows:
        return Found(orjson.dumps(special.after_read(context, orjson.loads(text))))
    return Found(text.encode())


def _check_explain(context: RequestContext, request: FindRequest) -> None:
    if request.explain is None:
        return
    if not context.principal.is_master and not context.options.database_options.allow_public_explain:
        message = "Using the explain query parameter requires the master key"
        raise InvalidQuery(message)
    if request.explain not in (*EXPLAIN_PLANS, *EXPLAIN_ANALYZES):
        message = "Invalid value for explain"
        raise InvalidQuery(message)


def _plan(context: RequestContext, query: Select, explain: Json) -> bytes:
    """`[{"QUERY PLAN": [{"Plan": {…}}]}]`: what PostgreSQL would do, or did, for the plain page."""
    options = "ANALYZE, FORMAT JSON" if explain in EXPLAIN_ANALYZES else "FORMAT JSON"
    rows = context.executor.fetch(Sql(f"EXPLAIN ({options}) ") + query.sql())
    return orjson.dumps([{"QUERY PLAN": rows[0][0]}])
