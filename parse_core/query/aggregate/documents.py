"""Where the documents of a stage are read from: the table of a class, what the stage before made, or an array."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from parse_core.query.aggregate.names import PUBLIC, Path, Shape
from parse_core.query.ast import Node
from parse_core.query.field import ANY, FieldRef, field_ref
from parse_core.schema.classes import ClassSchema
from parse_core.store.sql import Row, Sql
from parse_core.values.scalars import Document

BOX: Final = "v"  # the one member of a value that a condition is asked of
DESCENDED: Final = frozenset({"Object", "Array"})  # columns that conditions look into


class PipelineNode(Node):
    """A condition of a pipeline. Pipelines run in the database alone."""

    __slots__ = ()

    def matches(self, document: Document) -> bool:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Boxed(PipelineNode):
    """A condition on one computed value, as the member `BOX` of a document of its own."""

    node: Node
    value: Sql
    alias: str

    def sql(self, row: Row) -> Sql:
        box = Sql("(SELECT parse.boxed(") + self.value + Sql(f") AS data) AS {self.alias}")
        return Sql("(SELECT ") + self.node.sql(Row(self.alias)) + Sql(" FROM ") + box + Sql(")")


class Documents(ABC):
    """The documents of one FROM item, which goes by `alias`."""

    alias: str
    shape: Shape
    columns: str  # what of the FROM item the documents are made of

    class_name: str = ""  # whose objects they still are

    @property
    @abstractmethod
    def whole(self) -> Sql:
        """The document as jsonb."""

    @abstractmethod
    def member(self, name: str) -> Sql:
        """The value of a root field by its stored name, NULL when it is missing."""

    @property
    def row(self) -> Row:
        """What conditions of `query` are asked of."""
        return Row(self.alias)

    def value(self, path: Path) -> Sql:
        """What a path leads to."""
        found = self.member(path.root)
        if path.as_text:
            found = Sql("parse.pointer_text(") + found + Sql(")")
        if path.steps:
            found = Sql("parse.path_value(") + found + Sql(", %s::text[])", (list(path.steps),))
        return found

    def condition(self, path: Path, make: Callable[[FieldRef], Node], alias: str) -> Node:
        """What `make` says of the field at a path; `alias` is free for the statement to use."""
        column = self.shape.columns.get(path.root)
        if column is None or path.as_text:
            place = FieldRef(BOX, BOX, path.steps, ANY)
        elif path.steps and column.type not in DESCENDED:
            return make(FieldRef(BOX, BOX, path.steps))
        else:
            place = FieldRef(BOX, BOX, path.steps, column.type, column.target_class)
        return Boxed(make(place), self.value(Path(path.root, as_text=path.as_text)), alias)


@dataclass(frozen=True, slots=True)
class TableDocuments(Documents):
    """The objects of a class, straight from its table: conditions on columns find its indexes."""

    alias: str
    schema: ClassSchema
    shape: Shape
    columns = "object_id, data"

    @property
    def class_name(self) -> str:  # type: ignore[override]
        return self.schema.name

    @property
    def whole(self) -> Sql:
        return Sql(f"parse.aggregate_document({self.alias}.data)")

    def member(self, name: str) -> Sql:
        if name == "_id":
            return Sql(f"to_jsonb({self.alias}.object_id)")
        if name in PUBLIC:
            return Sql(f"parse.date_json({self.alias}.data->'{PUBLIC[name]}')")
        if name not in self.shape.columns:
            return Sql("NULL::jsonb")
        return Sql(f"({self.alias}.data->%s)", (name,))

    def field(self, path: Path) -> FieldRef:
        """The column as `query` knows it."""
        name = ".".join((PUBLIC.get(path.root, path.root), *path.steps))
        if path.root not in self.shape.columns:
            return FieldRef(name, path.root, path.steps)
        return field_ref(name, self.schema)

    def condition(self, path: Path, make: Callable[[FieldRef], Node], alias: str) -> Node:
        if path.as_text:
            return Documents.condition(self, path, make, alias)
        return make(self.field(path))


@dataclass(frozen=True, slots=True)
class StageDocuments(Documents):
    """What a stage made: a column `doc`, and `ord` for their order."""

    alias: str
    shape: Shape
    columns = "doc"

    @property
    def whole(self) -> Sql:
        return Sql(f"{self.alias}.doc")

    def member(self, name: str) -> Sql:
        return Sql(f"({self.alias}.doc->%s)", (name,))


@dataclass(frozen=True, slots=True)
class ElementDocuments(Documents):
    """The elements of an array: a column `item`."""

    alias: str
    shape: Shape
    columns = "item"

    @property
    def whole(self) -> Sql:
        return Sql(f"{self.alias}.item")

    def member(self, name: str) -> Sql:
        return Sql(f"({self.alias}.item->%s)", (name,))
