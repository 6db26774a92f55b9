"""Which fields of its objects a read shows: those asked for, within limits, without what the caller may not see."""

from __future__ import annotations

from typing import Final

from parse_core.context import RequestContext
from parse_core.errors import InvalidQuery
from parse_core.objects.requests import FindRequest
from parse_core.permissions.access import Access
from parse_core.query.projection import ALWAYS, WHOLE, Hidden, Projection
from parse_core.query.selection import Selection, select
from parse_core.schema.classes import ClassSchema

MAX_DEPTH: Final = 100  # of include paths, for callers that no option binds
EVERYTHING_SELECTED: Final = Selection()


def selection(context: RequestContext, request: FindRequest, schema: ClassSchema) -> Selection:
    """What a read wants of its objects. Raises `InvalidQuery` (102) for more includes than the caller may ask."""
    if request.keys is None and not (request.include or request.exclude_keys or request.include_all):
        return EVERYTHING_SELECTED
    limits = context.options.request_complexity
    bound = not context.principal.is_privileged
    included = (path.count(".") + 1 for path in request.include)
    implied = (path.count(".") for path in (*(request.keys or ()), *request.exclude_keys))
    depth = max((*included, *implied), default=0)
    allowed = limits.include_depth if bound and limits.include_depth >= 0 else MAX_DEPTH
    if depth > allowed:
        message = f"Include depth of {depth} exceeds maximum allowed depth of {allowed}"
        raise InvalidQuery(message)
    wanted = select(
        schema,
        keys=request.keys,
        excluded=request.exclude_keys,
        include=request.include,
        everything=request.include_all,
    )
    count = wanted.paths()
    if bound and 0 <= limits.include_count < count:
        message = f"Number of include fields ({count}) exceeds maximum allowed ({limits.include_count})"
        raise InvalidQuery(message)
    return wanted


def projection(context: RequestContext, schema: ClassSchema, wanted: Selection, access: Access) -> Projection:
    """The fields of a class that are sent: those wanted that the caller may see."""
    internal = context.principal.is_maintenance
    if wanted.keys is None and not (wanted.excluded or access.mask or internal):
        return WHOLE
    keys = wanted.keys
    if keys is not None:
        keys = {name for name in keys if name in schema.fields or (internal and name[:1] == "_")}
    removed = wanted.excluded.intersection(schema.fields).difference(ALWAYS, schema.relation_fields)
    for rule in access.mask:
        if rule.unless is None:
            removed |= rule.fields
    hidden = tuple(Hidden(rule.fields, rule.unless) for rule in access.mask if rule.unless is not None)
    return Projection(
        None if keys is None else frozenset(keys), frozenset(removed) - {"objectId"}, hidden, internal=internal
    )
