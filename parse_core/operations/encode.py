"""Operations as clients write them: the way back from `operations/parse.py`, for code outside this process."""

from __future__ import annotations

from parse_core.operations.base import Operation
from parse_core.operations.data import ArrayOperation, Increment, Set, SetOnInsert
from parse_core.operations.relations import LinkChange
from parse_core.values.scalars import Document, Json, pointer

_DELETE: Document = {"__op": "Delete"}


def encode(operation: Operation) -> Json:
    """The JSON that asks for an operation: a plain value to set, else `{"__op": …}`."""
    if isinstance(operation, Set):
        return operation.value
    if isinstance(operation, Increment):
        return {"__op": operation.name, "amount": operation.amount}
    if isinstance(operation, ArrayOperation):
        return {"__op": operation.name, "objects": operation.objects}
    if isinstance(operation, SetOnInsert):
        return {"__op": operation.name, "amount": operation.value}
    if isinstance(operation, LinkChange):
        return _links(operation)
    return dict(_DELETE)


def _links(change: LinkChange) -> Document:
    if change.clear:
        return dict(_DELETE)
    target = change.target_class or ""
    steps: list[Document] = [
        {"__op": name, "objects": [pointer(target, each) for each in ids]}
        for name, ids in (("RemoveRelation", change.removed), ("AddRelation", change.added))
        if ids
    ]
    if not steps:
        return {"__op": "AddRelation", "objects": []}
    return steps[0] if len(steps) == 1 else {"__op": "Batch", "ops": steps}
