"""From operations to what storage takes: a new document, or the assignments of an update."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from parse_core.objects.requests import Write
from parse_core.operations.base import MISSING, Missing, Operation
from parse_core.operations.data import Set, SetOnInsert, Unset
from parse_core.operations.relations import LinkChange
from parse_core.schema.classes import ClassSchema
from parse_core.store.rows import ROW, Assignments, Links, NewRow, Permissions, object_of
from parse_core.store.sql import Sql, param
from parse_core.values.acl import Acl
from parse_core.values.nested import is_index
from parse_core.values.scalars import Document, Json, iso


def new_row(write: Write, created: str, updated: str) -> NewRow:
    """The row a create stores."""
    data: Document = {"objectId": write.object_id, "createdAt": created, "updatedAt": updated}
    for key, operation in write.changes.items():
        root, *path = key.split(".")
        value = _applied(data.get(root, MISSING), path, operation)
        if value is not MISSING:
            data[root] = value
    return NewRow(write.object_id, data, permissions(data.get("ACL")), dict(write.internal) or None)


def overlaid(document: Document, changes: Mapping[str, Operation]) -> Document:
    """The document after some operations; links are not in documents, so changes of them do not show."""
    data = dict(document)
    for key, operation in changes.items():
        if isinstance(operation, LinkChange):
            continue
        root, *path = key.split(".")
        value = _applied(data.get(root, MISSING), path, operation)
        if value is MISSING:
            data.pop(root, None)
        else:
            data[root] = value
    return data


def assignments(write: Write) -> Assignments:
    """What an update does to its row: plain values as they are, everything else computed from the stored value."""
    values: dict[str, Any] = {"updatedAt": iso(write.now)}
    computed: dict[str, Sql] = {}
    clearable: dict[str, Sql] = {}
    unset: list[str] = []
    for key, operation in write.changes.items():
        root, *path = key.split(".")
        if isinstance(operation, (LinkChange, SetOnInsert)):
            continue
        if path and isinstance(write.changes.get(root), Set | Unset):
            # What the client takes for the root's value is known; from then on it is the same as on a new object.
            if root in values or root in unset:
                values[root] = _applied(values.get(root, MISSING), path, operation)
        elif path:
            computed[root] = _nested(computed.get(root) or _current(root), root, path, operation)
        elif isinstance(operation, Set):
            values[root] = operation.value
        elif isinstance(operation, Unset):
            values.pop(root, None)
            unset.append(root)
        else:
            (clearable if operation.may_unset else computed)[root] = operation.sql(_current(root)) or Sql("NULL")
    acl = write.changes.get("ACL")
    columns = permissions(acl.value) if isinstance(acl, Set) else None
    internal = dict(write.internal)
    if "_rperm" in internal or "_wperm" in internal:
        columns = Permissions(internal.pop("_rperm", None), internal.pop("_wperm", None))
    return Assignments(values, computed, clearable, unset, columns, internal)


def links(write: Write, schema: ClassSchema) -> Sequence[Links]:
    """The changes in join tables."""
    return [
        Links(schema.join_table(key), change.added, change.removed, change.clear)
        for key, change in write.changes.items()
        if isinstance(change, LinkChange) and not change.is_empty and key in schema.relation_fields
    ]


def permissions(acl: Json) -> Permissions:
    """The ACL columns of a stored ACL; None stands for everybody."""
    if acl is None:
        return Permissions(None, None)
    parsed = Acl(acl)
    return Permissions(parsed.allowing("read"), parsed.allowing("write"))


def echo_columns(keys: Iterable[str]) -> Sql:
    """One expression that gives the values of the root fields behind `keys` as a JSON object's text."""
    roots = dict.fromkeys(key.partition(".")[0] for key in keys)
    if not roots:
        return Sql("NULL::text")
    return Sql("(") + object_of({root: _current(root) for root in roots}) + Sql(")::text")


def echoed(keys: Iterable[str], text: str | None) -> Document:
    """What a response carries of operations: under a dotted key the value nested, under an index the whole array."""
    stored: Mapping[str, Json] = orjson.loads(text) if text else {}
    body: Document = {}
    for key in keys:
        root, *path = key.split(".")
        value = stored.get(root)
        if not path or isinstance(value, list):
            if root in stored:
                body[root] = value
            continue
        _nest(body, root, path, value)
    return body


def _nest(body: Document, root: str, path: Sequence[str], value: Json) -> None:
    """Copies the value at a path of a stored object into the same place of the body."""
    target = body.setdefault(root, {})
    for place, step in enumerate(path):
        if not isinstance(value, dict) or step not in value:
            return
        value = value[step]
        if place == len(path) - 1 or isinstance(value, list):
            target[step] = value
            return
        target = target.setdefault(step, {})


def _current(root: str) -> Sql:
    return ROW.data + Sql(" -> ") + param(root)


def _nested(current: Sql, root: str, path: Sequence[str], operation: Operation) -> Sql:
    """The root's expression after an operation at a path inside it; `current` has what other operations did.

    The value at the path is the stored one: no path of a write leads through another. Taken from `current`, the
    expression would double with every operation.
    """
    steps = list(path)
    before = Sql("parse.value_at(") + _current(root) + Sql(", %s::text[])", (steps,))
    after = operation.sql(before)
    if after is None:
        return Sql("parse.unset_at(") + current + Sql(", %s::text[])", (steps,))
    return Sql("parse.set_at(") + current + Sql(", %s::text[], ", (steps,)) + after + Sql(")")


def _applied(current: Json | Missing, path: Sequence[str], operation: Operation) -> Json | Missing:
    """The value of a root field after an operation at a path inside it; parents are made, arrays padded with null."""
    if not path:
        return operation.apply(current)
    step, rest = path[0], path[1:]
    if is_index(step) and not isinstance(current, dict):
        items = list(current) if isinstance(current, list) else []
        place = int(step)
        items += [None] * (place + 1 - len(items))
        value = _applied(items[place] if items[place] is not None else MISSING, rest, operation)
        items[place] = None if value is MISSING else value
        return items
    mapping = dict(current) if isinstance(current, dict) else {}
    value = _applied(mapping.get(step, MISSING), rest, operation)
    if value is MISSING:
        mapping.pop(step, None)
    else:
        mapping[step] = value
    return mapping
