"""Stored objects as user code knows them: with real file addresses, and with their relations."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import orjson

from parse_core.context import RequestContext
from parse_core.operations.base import Operation
from parse_core.operations.data import ArrayOperation, Set, SetOnInsert
from parse_core.rest.renderers import FileUrls
from parse_core.schema.classes import ClassSchema
from parse_core.values.nested import FileAddresses, stored_form
from parse_core.values.scalars import Document


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
