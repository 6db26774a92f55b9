"""Objects in the place of the pointers to them (`contract/queries.md` §5.3).

Through a Pointer column the class is known, so the included objects come in the statement of the page, each once. What
arrays and objects point to is known from the rows alone: those rows are decoded, and each level costs one more
statement per class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from parse_core.context import RequestContext
from parse_core.errors import ParseError
from parse_core.objects.conditions import authorized_condition
from parse_core.objects.find_moments import announce_documents, announce_search, is_heard
from parse_core.objects.projection import projection
from parse_core.objects.requests import FindRequest
from parse_core.permissions.access import Access, MaskRule
from parse_core.permissions.actions import Action
from parse_core.permissions.authorize import authorize
from parse_core.query.ast import IdIn, Node, both
from parse_core.query.projection import Projection
from parse_core.query.select import Ends, Linked, Select
from parse_core.query.selection import Selection
from parse_core.query.splice import opened, spliced
from parse_core.schema.classes import ClassSchema
from parse_core.schema.system_class import system_class
from parse_core.values.scalars import Document, Json

_GONE: Final = object()


def read(
    context: RequestContext, query: Select, wanted: Selection, *, class_name: str | None = None
) -> tuple[str, int | None, Ends]:
    """The texts of the results, joined by commas, the count and the places of both ends if `query` asks for them."""
    links: tuple[Linked, ...] | None = ()
    if wanted.included and query.limit != 0:
        links = linked(context, query.schema, wanted, query.projection)
    if links is not None:
        query = replace(query, linked=links) if links else query
        page, count = query.read(context.executor.fetch(query.sql())[0])
        return opened(spliced(page, links), query, class_name), count, page.ends
    page, count = query.read(context.executor.fetch(query.sql())[0])
    documents = orjson.loads(f"[{opened(page.text, query, class_name)}]")
    _fill(context, documents, wanted)
    return orjson.dumps(documents).decode()[1:-1], count, page.ends


def linked(
    context: RequestContext, schema: ClassSchema, wanted: Selection, shown: Projection
) -> tuple[Linked, ...] | None:
    """What to fetch with the rows of a class; None when that can only be told from the rows themselves."""
    if any(not rule.fields.isdisjoint(wanted.included) for rule in shown.hidden):
        return None
    found: list[tuple[str, Selection, list[str]]] = []
    for name, below in wanted.included.items():
        column = schema.fields.get(name)
        if column is None or name in shown.removed or (shown.keys is not None and name not in shown.keys):
            continue
        if column.type == "Array" or (column.type == "Object" and below.included):
            return None
        if column.type == "Pointer":
            target = column.target_class or ""
            same = next((fields for known, other, fields in found if known == target and other == below), None)
            if same is None:
                found.append((target, below, [name]))
            else:
                same.append(name)
    levels = [_linked(context, target, below, tuple(fields)) for target, below, fields in found]
    return None if None in levels else tuple(level for level in levels if level is not None)


def _linked(context: RequestContext, target: str, wanted: Selection, fields: tuple[str, ...]) -> Linked | None:
    if is_heard(context, target):
        return None
    schema = context.schema(target)
    try:
        access = _access(context, schema)
    except ParseError as refusal:
        return Linked(schema, fields, refusal=refusal)
    shown = projection(context, schema, wanted, access)
    below = linked(context, schema, wanted, shown) if wanted.included else ()
    if below is None:
        return None
    return Linked(schema, fields, access.restriction, shown, below)


def _access(context: RequestContext, schema: ClassSchema) -> Access:
    """What the caller may get of a class when it is included: less than by its own id, if the class says so."""
    access = authorize(context, schema, Action.GET)
    unseen = system_class(schema.name).hidden_in_includes
    if not unseen or context.principal.is_privileged:
        return access
    return replace(access, mask=(*access.mask, MaskRule(unseen)))


Visit = Callable[[Document, Selection], Any]
Pointed = dict[tuple[Json, int], tuple[Selection, set[str]]]


def _fill(context: RequestContext, documents: list[Document], wanted: Selection) -> None:
    """Replaces the pointers in decoded objects, in place; what they point to is fetched once per class and path."""
    pointed: Pointed = {}

    def note(pointer: Document, below: Selection) -> Json:
        class_name, object_id = pointer.get("className"), pointer.get("objectId")
        if isinstance(class_name, str) and isinstance(object_id, str):
            pointed.setdefault((class_name, id(below)), (below, set()))[1].add(object_id)
        return pointer

    for document in documents:
        _visit_included(document, wanted, note)
    fetched = {
        (class_name, place): _objects(context, class_name, ids, below)
        for (class_name, place), (below, ids) in pointed.items()
    }

    def put(pointer: Document, below: Selection) -> Json:
        return fetched.get((pointer.get("className"), id(below)), {}).get(str(pointer.get("objectId")), _GONE)

    for document in documents:
        _visit_included(document, wanted, put)


def _visit_included(value: Document, wanted: Selection, visit: Visit) -> None:
    for name, below in wanted.included.items():
        if name in value:
            result = _visited(value[name], below, visit)
            if result is _GONE:
                del value[name]
            else:
                value[name] = result


def _visited(value: Json, wanted: Selection, visit: Visit) -> Json:
    """The value with its pointers replaced by what `visit` gives; elements of arrays may go."""
    if isinstance(value, list):
        return [result for item in value if (result := _visited(item, wanted, visit)) is not _GONE]
    if isinstance(value, dict):
        if value.get("__type") == "Pointer":
            return visit(value, wanted)
        _visit_included(value, wanted, visit)
    return value


def _objects(context: RequestContext, class_name: str, ids: set[str], wanted: Selection) -> Mapping[str, Document]:
    """The objects of a class that the caller may get, by id, ready to be put in."""
    schema = context.schema(class_name)
    access = _access(context, schema)
    if not schema.exists:
        return {}
    sought = _sought(class_name, ids)
    search = announce_search(context, sought)
    if search.documents is not None and context.principal.is_privileged:
        documents = search.documents
    else:
        condition: Node = IdIn(tuple(ids if search.documents is None else search.supplied_ids))
        if search.request is not sought:
            condition = both(condition, authorized_condition(context, schema, search.request.where, ())[0])
        shown = projection(context, schema, wanted, access)
        text, _, _ = read(context, Select(schema, both(condition, access.restriction), projection=shown), wanted)
        documents = orjson.loads(f"[{text}]")
    documents = announce_documents(context, search.request, documents)
    return {
        document["objectId"]: {"__type": "Object", "className": class_name, **document}
        for document in documents
        if "objectId" in document
    }


def _sought(class_name: str, ids: set[str]) -> FindRequest:
    """What listeners are told: of one object, that it is a get."""
    if len(ids) == 1:
        (only,) = ids
        return FindRequest(class_name, where={"objectId": only}, object_id=only)
    return FindRequest(class_name, where={"objectId": {"$in": sorted(ids)}})
