"""Stored objects as user code knows them: with real file addresses, and with their relations."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

import orjson

from parse_cloud.invocations import BeforeFindCall, Upload
from parse_core.context import RequestContext
from parse_core.objects.requests import FindRequest
from parse_core.operations.base import Operation
from parse_core.operations.data import ArrayOperation, Set, SetOnInsert
from parse_core.rest.renderers import FileUrls
from parse_core.schema.classes import ClassSchema
from parse_core.values.nested import FileAddresses, stored_form
from parse_core.values.scalars import Document

_LISTS: Final = {"order": "order", "keys": "keys", "excludeKeys": "exclude_keys", "include": "include"}


def shown(context: RequestContext, value: Any) -> Any:
    """A value with real file addresses, nothing of it shared with the argument."""
    text = orjson.dumps(value)
    return orjson.loads(context.application.part(FileUrls).filled_in(text))


def whole(context: RequestContext, schema: ClassSchema, document: Document) -> Document:
    """A stored object as its handlers see it."""
    relations = {name: {"__type": "Relation", "className": target} for name, target in schema.relation_fields.items()}
    return {**relations, **shown(context, document)}


def shown_changes(context: RequestContext, changes: Mapping[str, Operation]) -> dict[str, Operation]:
    """Operations with real file addresses in their operands; the same ones where there are none."""
    marker = context.application.file_marker.encode()
    return {key: _shown_operation(context, operation, marker) for key, operation in changes.items()}


def _shown_operation(context: RequestContext, operation: Operation, marker: bytes) -> Operation:
    if isinstance(operation, (Set, SetOnInsert)):
        if type(operation.value) in (dict, list) and marker in orjson.dumps(operation.value):
            return type(operation)(shown(context, operation.value))
    elif isinstance(operation, ArrayOperation) and marker in orjson.dumps(operation.objects):
        return type(operation)(shown(context, operation.objects))
    return operation


def stored_operation(operation: Operation, files: FileAddresses) -> Operation:
    """An operation that user code made, with its operands in stored form. Raises what storing them raises."""
    if isinstance(operation, (Set, SetOnInsert)):
        return type(operation)(stored_form(operation.value, files))
    if isinstance(operation, ArrayOperation):
        return type(operation)(stored_form(operation.objects, files))
    return operation


def copied(cloud: Mapping[str, Any]) -> Document:
    """A handler's own copy of the context object."""
    return deepcopy(dict(cloud)) if cloud else {}


def query_json(request: FindRequest) -> Document:
    """A query as the SDK's `withJSON` takes it: the options that say something, by their names in REST."""
    query: Document = {"where": request.where or {}}
    for name, attribute in _LISTS.items():
        if names := getattr(request, attribute):
            query[name] = ",".join(names)
    if request.include_all:
        query["includeAll"] = True
    for name in ("limit", "skip", "explain", "comment"):
        if value := getattr(request, name):
            query[name] = value
    return query


def asked_json(call: BeforeFindCall) -> Document:
    """The query of a search that is to be made, with the limit that applies when a list is asked for without one."""
    query = query_json(call.query)
    if not call.is_get:
        query.setdefault("limit", call.context.options.default_limit)
    return query


def with_uploads(value: Any, shown: Callable[[Document], Document] = lambda upload: upload) -> Any:
    """Parameters of a function as JSON, file parts as `shown` makes them of their name, type and bytes in base64."""
    if isinstance(value, dict):
        return {key: with_uploads(item, shown) for key, item in value.items()}
    if isinstance(value, list):
        return [with_uploads(item, shown) for item in value]
    if isinstance(value, Upload):
        data = b64encode(value.data).decode()
        return shown({"filename": value.filename, "contentType": value.content_type, "base64": data})
    return value
