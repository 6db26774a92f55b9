"""From the JSON body of a write to operations by field or dotted path (`contract/objects.md` §11.3, §11.4)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from parse_core.errors import CommandUnavailable, IncorrectType, InvalidJson
from parse_core.operations.base import Operation
from parse_core.operations.data import Add, AddUnique, Increment, Remove, Set, SetOnInsert, Unset
from parse_core.operations.relations import LinkChange
from parse_core.registry import Registry
from parse_core.values.nested import FileAddresses, stored_form
from parse_core.values.scalars import MAX_ID, Document, Json

Parser = Callable[[Document, FileAddresses], Operation]
operations: Registry[Parser] = Registry("operation")


def parse_operation(value: Json, files: FileAddresses) -> Operation:
    """The operation a body value asks for; anything but an `__op` object (or a relation placeholder) sets it.

    Raises `CommandUnavailable` (108) for an unknown `__op`, `InvalidJson` (107) for malformed operands.
    """
    kind = type(value)
    if kind is str or kind is int or kind is bool:
        return Set(value)
    if kind is dict:
        if "__op" in value:
            name = value["__op"]
            parser = operations.get(name) if isinstance(name, str) else None
            if parser is None:
                message = f"The {name} operator is not supported yet."
                raise CommandUnavailable(message)
            return parser(value, files)
        if value.get("__type") == "Relation":
            target = value.get("className")
            if not isinstance(target, str) or not target:
                message = "This is not a valid Relation"
                raise IncorrectType(message)
            return LinkChange(target)
    return Set(stored_form(value, files))


def _increment(body: Document, _files: FileAddresses) -> Operation:
    amount = body.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, (int, float)) or not math.isfinite(amount):
        message = "incrementing must provide a number"
        raise InvalidJson(message)
    return Increment(amount)


def _objects(body: Document, verb: str) -> list[Json]:
    objects = body.get("objects")
    if not isinstance(objects, list):
        message = f"objects to {verb} must be an array"
        raise InvalidJson(message)
    return objects


def _array(cls: Callable[[list[Json]], Operation], verb: str) -> Parser:
    def parse(body: Document, files: FileAddresses) -> Operation:
        stored: list[Json] = stored_form(_objects(body, verb), files)
        return cls(stored)

    return parse


def _set_on_insert(body: Document, files: FileAddresses) -> Operation:
    return SetOnInsert(stored_form(body.get("amount"), files))


def _pointed(item: Json, verb: str) -> tuple[str, str]:
    """Class and id of an object to link. Raises `InvalidJson` for what names none."""
    class_name, object_id = (item.get("className"), item.get("objectId")) if isinstance(item, Mapping) else ("", "")
    if not isinstance(class_name, str) or not class_name or not isinstance(object_id, str) or not object_id:
        message = f"objects to {verb} must be pointers with an objectId"
        raise InvalidJson(message)
    if len(object_id) > MAX_ID:
        message = f"an objectId has at most {MAX_ID} characters"
        raise InvalidJson(message)
    return class_name, object_id


def _links(verb: str) -> Callable[[Document, FileAddresses], LinkChange]:
    def parse(body: Document, _files: FileAddresses) -> LinkChange:
        ids: dict[str, None] = {}
        target: str | None = None
        for item in _objects(body, verb):
            class_name, object_id = _pointed(item, verb)
            if target is not None and class_name != target:
                message = f"a relation links objects of one class, got {target} and {class_name}"
                raise IncorrectType(message)
            target = class_name
            ids[object_id] = None
        return LinkChange(target, added=tuple(ids)) if verb == "add" else LinkChange(target, removed=tuple(ids))

    return parse


def _batch(body: Document, files: FileAddresses) -> Operation:
    steps = body.get("ops")
    if not isinstance(steps, list):
        message = "ops of a Batch operation must be an array"
        raise InvalidJson(message)
    change = LinkChange(None)
    for step in steps:
        name = step.get("__op") if isinstance(step, dict) else None
        if name not in _RELATION_OPERATIONS:
            message = "a Batch operation holds AddRelation and RemoveRelation operations"
            raise InvalidJson(message)
        later = _RELATION_OPERATIONS[name](step, files)
        if change.target_class and later.target_class and change.target_class != later.target_class:
            message = f"a relation links objects of one class, got {change.target_class} and {later.target_class}"
            raise IncorrectType(message)
        change = change.then(later)
    return change


_RELATION_OPERATIONS: Final = {"AddRelation": _links("add"), "RemoveRelation": _links("remove")}

operations.add("Delete", lambda _body, _files: Unset())
operations.add("Increment", _increment)
operations.add("Add", _array(Add, "add"))
operations.add("AddUnique", _array(AddUnique, "add"))
operations.add("Remove", _array(Remove, "remove"))
operations.add("SetOnInsert", _set_on_insert)
operations.add("AddRelation", _RELATION_OPERATIONS["AddRelation"])
operations.add("RemoveRelation", _RELATION_OPERATIONS["RemoveRelation"])
operations.add("Batch", _batch)
