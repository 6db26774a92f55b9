"""Indexes as `/schemas` declares them (`contract/objects.md` §19)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from parse_core.errors import InvalidJson, InvalidQuery
from parse_core.schema.classes import MAX_NAME, Field
from parse_core.store.text_search import LANGUAGES
from parse_core.values.scalars import Json

Index = Mapping[str, Json]
PRIMARY: Final = "_id_"  # listed with the first index somebody adds, as clients know it
OPTIONS: Final = frozenset(
    {"$unique", "$where", "$everything", "$language"}
)  # beside the fields; ours, and no field's name


class IndexChanges:
    """What a request does to the indexes of a class: `added` by name, `dropped` names, and what comes of it."""

    def __init__(
        self,
        present: Mapping[str, Index],
        submitted: Json,
        fields: Mapping[str, Field],
        *,
        dropped_fields: frozenset[str] = frozenset(),
        check_fields: bool = True,
    ) -> None:
        """Raises `InvalidQuery` (102), or `InvalidJson` (107) for what is no declaration at all.

        `fields` are the columns the class will have; an index goes with a field of it that is dropped.
        """
        self.added: dict[str, Index] = {}
        self.dropped: frozenset[str] = frozenset()
        declared = _objects({} if submitted is None else submitted)
        known = {**({PRIMARY: {"_id": 1}} if declared else {}), **present}
        for name, index in declared.items():
            if any(len(each) > MAX_NAME for each in (name, *index)):
                message = f"An index or a field of it has a name of more than {MAX_NAME} characters."
                raise InvalidQuery(message)
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
            _check_options(name, index)
            if check_fields:
                _check_columns(index, fields)
            self.added[name] = index
        kept = {
            name: index
            for name, index in known.items()
            if name not in self.dropped and dropped_fields.isdisjoint(map(_root, index))
        }
        self.indexes: Mapping[str, Index] = MappingProxyType({**kept, **self.added})


def _check_columns(index: Index, fields: Mapping[str, Field]) -> None:
    for key in index:
        if key not in OPTIONS and not _is_column(key, fields):
            message = f"Field {key} does not exist, cannot add index."
            raise InvalidQuery(message)


def _is_column(key: str, fields: Mapping[str, Field]) -> bool:
    """A field, what is below one, or a pointer by its name in other databases (`_p_author`)."""
    if key in fields:
        return True
    field = fields.get(_root(key))
    if field is None:
        return False
    return field.type in ("Object", "Array") if "." in key else field.type == "Pointer"


def _root(key: str) -> str:
    return key.removeprefix("_p_").partition(".")[0]


def _check_options(name: str, index: Index) -> None:
    unique, where, everything = (index.get(option) for option in ("$unique", "$where", "$everything"))
    if (
        unique not in (None, True, False)
        or not isinstance(where, (dict, type(None)))
        or ("$everything" in index and (everything is not False or len(index) > 1))
        or ("$language" in index and not _is_language(index))
    ):
        message = f"Index {name} has an invalid option."
        raise InvalidQuery(message)


def _is_language(index: Index) -> bool:
    """Whether the index is on texts and names a language they can be searched in."""
    language = index["$language"]
    return "text" in index.values() and isinstance(language, str) and language.lower() in LANGUAGES


def _objects(submitted: Json) -> Mapping[str, Index]:
    if not isinstance(submitted, dict) or not all(isinstance(index, dict) for index in submitted.values()):
        message = "invalid JSON"
        raise InvalidJson(message)
    return submitted
