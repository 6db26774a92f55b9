"""What fields are called in a pipeline, and what is known of them between two stages.

Inside, `objectId`, `createdAt` and `updatedAt` go by the names of stored columns. A pointer column `p` is also `_p_p`,
as the text `"Class$id"`. Names of clients end up in parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from parse_core.errors import InvalidKeyName, InvalidQuery
from parse_core.schema.classes import FIELD_NAME, MAX_NAME, ClassSchema, Field
from parse_core.values.scalars import Json

STORED: Final[Mapping[str, str]] = {"objectId": "_id", "createdAt": "_created_at", "updatedAt": "_updated_at"}
PUBLIC: Final[Mapping[str, str]] = {stored: public for public, stored in STORED.items()}
POINTER: Final = "_p_"
NO_VALUES: Final = frozenset({"ACL", "Relation"})  # types whose columns hold nothing in documents


@dataclass(frozen=True, slots=True)
class Path:
    """A place in a document. `as_text`: a pointer column asked for as `"Class$id"`."""

    root: str
    steps: tuple[str, ...] = ()
    as_text: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of documents: which columns of the class still have their values, and which names stages made."""

    columns: Mapping[str, Field] = field(default_factory=dict)
    made: frozenset[str] = frozenset()
    relations: Mapping[str, str] = field(default_factory=dict)  # shown in results, for as long as these are objects

    @classmethod
    def of(cls, schema: ClassSchema) -> Shape:
        """The objects of a class."""
        columns = {
            STORED.get(name, name): column for name, column in schema.fields.items() if column.type not in NO_VALUES
        }
        return cls(columns, frozenset(), schema.relation_fields)

    def making(self, names: Iterable[str]) -> Shape:
        """The same with fields of unknown kind."""
        made = frozenset(names)
        kept = {name: column for name, column in self.columns.items() if name not in made}
        return replace(self, columns=kept, made=self.made | made)

    def keeping(self, names: Iterable[str]) -> Shape:
        """The same without any other field."""
        kept = frozenset(names)
        columns = {name: column for name, column in self.columns.items() if name in kept}
        return replace(self, columns=columns, made=self.made & kept)


def parse_path(name: str, shape: Shape, *, raw: bool) -> Path:
    """The place that a name with dots means; `raw`: it is the name of a stored column.

    Raises `InvalidKeyName` (105) for what is no field: hidden columns among it.
    """
    root, *steps = name.split(".")
    check_name(name)
    if not raw:
        root = STORED.get(root, root)
    if root in PUBLIC or root in shape.made:
        return Path(root, tuple(steps))
    if root.startswith(POINTER) and FIELD_NAME.fullmatch(root.removeprefix(POINTER)):
        return Path(root.removeprefix(POINTER), tuple(steps), as_text=True)
    if FIELD_NAME.fullmatch(root) is None:
        raise invalid_name(root)
    return Path(root, tuple(steps))


def parse_target(name: Json, *, raw: bool) -> Path:
    """The place that a stage gives a value: any name that a document can have."""
    if not isinstance(name, str) or name.startswith("$"):
        raise InvalidQuery(f"Invalid field name in a pipeline: {str(name)[:100]}")
    check_name(name)
    root, *steps = name.split(".")
    if not raw:
        root = STORED.get(root, root)
    return Path(root.removeprefix(POINTER) or root, tuple(steps))


def check_name(name: str) -> None:
    """Refuses a name that no document can have."""
    if len(name) > MAX_NAME or "\0" in name or not all(name.split(".")):
        raise invalid_name(name)
    if not name.isascii() and any("\ud800" <= character <= "\udfff" for character in name):
        raise InvalidKeyName


def invalid_name(name: str) -> InvalidKeyName:
    """105, as `contract/queries.md` §14 has it."""
    return InvalidKeyName(f"Invalid field name: {name[:100]}")
