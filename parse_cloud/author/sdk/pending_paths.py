"""Pending changes by field, or by a path within one (`"address.city"`): no path of a save leads through another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from parse_cloud.author.sdk.pending import Op, SetOp, UnsetOp
from parse_core.operations.base import MISSING, Missing
from parse_core.values.scalars import Document

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object

Changes = dict[str, Op]


def joined(before: Changes, after: Mapping[str, Op], owner: Object) -> Changes:
    """Former and later changes as one of each field or path. Raises `TypeError` for two that do not go together."""
    changes = dict(before)
    for path, op in after.items():
        outer = next((each for each in changes if path.startswith(f"{each}.")), None)
        inner = [each for each in changes if each.startswith(f"{path}.")]
        replaces = isinstance(op, (SetOp, UnsetOp))
        if outer is not None:
            changes[outer] = _within(changes[outer], outer, path, op, owner)
        elif inner and not replaces:
            raise TypeError(f"Cannot merge {type(op).__name__} of {path} with the previous change of {inner[0]}")
        else:
            changes = {each: known for each, known in changes.items() if each not in inner}
            changes[path] = op.merge(changes.get(path))
    return changes


def _within(before: Op, outer: str, path: str, op: Op, owner: Object) -> Op:
    """The change of a field after another of something within it."""
    if not isinstance(before, (SetOp, UnsetOp)):
        raise TypeError(f"Cannot merge {type(op).__name__} of {path} with the {type(before).__name__} of {outer}")
    if isinstance(before, UnsetOp) and isinstance(op, UnsetOp):
        return before
    current = before.value if isinstance(before, SetOp) else MISSING
    steps = path.split(".")[outer.count(".") :]
    return SetOp(applied_at(current, steps, op, owner))


def applied_at(current: Any | Missing, path: list[str], op: Op, owner: Object) -> Any | Missing:
    """The value of a field after a change of it (`["a"]`) or within (`["a", "b"]`); what is on the way is copied."""
    key, *steps = path
    if not steps:
        return op.apply(current, owner, key)
    step = steps[0]
    if isinstance(current, list) or (step.isdecimal() and not isinstance(current, dict)):
        items = list(current) if isinstance(current, list) else []
        if not step.isdecimal():
            return items
        items += [None] * (int(step) + 1 - len(items))
        before = MISSING if items[int(step)] is None else items[int(step)]
        value = applied_at(before, steps, op, owner)
        items[int(step)] = None if value is MISSING else value
        return items
    members: Document = dict(current) if isinstance(current, dict) else {}
    value = applied_at(members.get(step, MISSING), steps, op, owner)
    if value is MISSING:
        members.pop(step, None)
    else:
        members[step] = value
    return members
