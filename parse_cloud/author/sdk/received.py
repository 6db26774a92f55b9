"""Operations that come from elsewhere: from REST JSON, and from a write of the server's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from parse_cloud.author.sdk.decoding import decode
from parse_cloud.author.sdk.pending import IncrementOp, Op, SetOp, UnsetOp
from parse_cloud.author.sdk.pending_arrays import AddOp, AddUniqueOp, RemoveOp
from parse_cloud.author.sdk.pending_links import CoreOp, RelationOp
from parse_cloud.author.sdk.values import decode_field
from parse_core.operations.base import Operation
from parse_core.operations.data import Add, AddUnique, Increment, Remove, Set, SetOnInsert, Unset
from parse_core.operations.relations import LinkChange
from parse_core.values.scalars import Document


def op_from_json(value: Document) -> Op:
    """The change that `{"__op": …}` asks for. Raises `TypeError` for an unknown one."""
    name = value.get("__op")
    reader = _READERS.get(name) if isinstance(name, str) else None
    if reader is None:
        raise TypeError(f"There is no operation {name!r}")
    return reader(value)


def op_of(key: str, operation: Operation) -> Op:
    """The pending change of an object for an operation of a write."""
    if isinstance(operation, Set):
        return SetOp(decode_field(key, operation.value))
    if isinstance(operation, Unset):
        return UnsetOp()
    if isinstance(operation, Increment):
        return IncrementOp(operation.amount)
    if isinstance(operation, (Add, AddUnique, Remove)):
        return _ARRAYS[type(operation)](decode(operation.objects))
    if isinstance(operation, LinkChange):
        return RelationOp(operation.target_class, operation.added, operation.removed, clear=operation.clear)
    return CoreOp(operation)


def _links(*, adds: bool) -> Callable[[Document], RelationOp]:
    def read(value: Document) -> RelationOp:
        objects = decode(value.get("objects") or [])
        return RelationOp.of(added=objects) if adds else RelationOp.of(removed=objects)

    return read


def _batch(value: Document) -> Op:
    change: Op = RelationOp()
    for step in value.get("ops", []):
        change = op_from_json(step).merge(change)
    return change


_ARRAYS: Final[dict[type[Operation], Callable[[Any], Op]]] = {Add: AddOp, AddUnique: AddUniqueOp, Remove: RemoveOp}
_READERS: Final[dict[str, Callable[[Document], Op]]] = {
    "Delete": lambda _value: UnsetOp(),
    "Increment": lambda value: IncrementOp(value["amount"]),
    "Add": lambda value: AddOp(decode(value["objects"])),
    "AddUnique": lambda value: AddUniqueOp(decode(value["objects"])),
    "Remove": lambda value: RemoveOp(decode(value["objects"])),
    "SetOnInsert": lambda value: CoreOp(SetOnInsert(value.get("amount"))),
    "AddRelation": _links(adds=True),
    "RemoveRelation": _links(adds=False),
    "Batch": _batch,
}
