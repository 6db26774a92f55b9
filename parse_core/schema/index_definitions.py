"""Indexes as `/schemas` declares them (`contract/objects.md` §19)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from parse_core.errors import InvalidJson, InvalidQuery
from parse_core.schema.classes import Field
from parse_core.values.scalars import Json

Index = Mapping[str, Json]
PRIMARY: Final = "_id_"  # listed with the first index somebody adds, as clients know it


class IndexChanges:
    """What a request does to the indexes of a class: `added` by name, `dropped` names, and what comes of it."""

    def __init__(
        self, present: Mapping[str, Index], submitted: Json, fields: Mapping[str, Field], *, check_fields: bool = True
    ) -> None:
        """Raises `InvalidQuery` (102), or `InvalidJson` (107) for what is no declaration at all.

        `fields` are the columns the class will have.
        """
        self.added: dict[str, Index] = {}
        self.dropped: frozenset[str] = frozenset()
        declared = _objects({} if submitted is None else submitted)
        known = {**({PRIMARY: {"_id": 1}} if declared else {}), **present}
        for name, index in declared.items():
            deletes = index.get("__op") == "Delete"
            if name == PRIMARY or (name in known and not deletes):
                message = f"Index {name} exists, cannot update."
                raise InvalidQuery(message)
            if name not in known and deletes:
                message = f"Index {name} does not exist, cannot delete."
                raise InvalidQuery(message)
            if deletes:
                self.dropped |= {name}
                continue
            if check_fields:
                _check_columns(index, fields)
            self.added[name] = index
        kept = {name: index for name, index in known.items() if name not in self.dropped}
        self.indexes: Mapping[str, Index] = MappingProxyType({**kept, **self.added})


def _check_columns(index: Index, fields: Mapping[str, Field]) -> None:
    for key in index:
        pointer = fields.get(key.removeprefix("_p_")) if key.startswith("_p_") else None
        if key not in fields and (pointer is None or pointer.type != "Pointer"):
            message = f"Field {key} does not exist, cannot add index."
            raise InvalidQuery(message)


def _objects(submitted: Json) -> Mapping[str, Index]:
    if not isinstance(submitted, dict) or not all(isinstance(index, dict) for index in submitted.values()):
        message = "invalid JSON"
        raise InvalidJson(message)
    return submitted
