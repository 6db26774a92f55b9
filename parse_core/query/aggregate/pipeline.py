"""One pipeline being compiled: its stages in order, each a part of the one statement that answers the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Final

from parse_core.errors import InvalidQuery
from parse_core.query.aggregate.documents import Documents, StageDocuments
from parse_core.query.aggregate.names import Path, Shape, parse_path, parse_target
from parse_core.query.aggregate.rows import Rows
from parse_core.schema.classes import ClassSchema
from parse_core.store.sql import Sql, join
from parse_core.values.scalars import Json

MAX_STAGES: Final = 200  # in a pipeline and those inside of it
MAX_EXPRESSIONS: Final = 2_000


@dataclass(slots=True)
class Compilation:
    """What all pipelines of one statement share.

    `schema` gives a class by its name. `raw_names`: fields go by the names of stored columns, in and out.
    """

    schema: Callable[[str], ClassSchema]
    now: datetime
    raw_names: bool = False
    postgis: str | None = None  # the schema of the database that the extension is in
    stages: int = MAX_STAGES
    expressions: int = MAX_EXPRESSIONS
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def name(self, stem: str) -> str:
        """A name that nothing in the statement has yet."""
        return f"{stem}{next(self._numbers)}"

    def spend_stage(self) -> None:
        """Counts a stage. Raises `InvalidQuery` (102) when there are too many."""
        self.stages -= 1
        if self.stages < 0:
            raise InvalidQuery(f"A pipeline can have at most {MAX_STAGES} stages")

    def spend_expression(self) -> None:
        """Counts an expression. Raises `InvalidQuery` (102) when there are too many."""
        self.expressions -= 1
        if self.expressions < 0:
            raise InvalidQuery(f"A pipeline can have at most {MAX_EXPRESSIONS} expressions")


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name: the fields of the documents, and variables as jsonb expressions."""

    documents: Documents
    compilation: Compilation
    variables: Mapping[str, Sql] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """The place in the documents that a name means."""
        return parse_path(name, self.documents.shape, raw=self.compilation.raw_names)

    def target(self, name: Json) -> Path:
        """The place in the documents that a value is put at."""
        return parse_target(name, raw=self.compilation.raw_names)

    def binding(self, variables: Mapping[str, Sql]) -> Scope:
        """The scope inside of which further variables have a value."""
        return replace(self, variables={**self.variables, **variables})


@dataclass(slots=True)
class Pipeline:
    """The parts of a statement that the stages of one pipeline have made so far."""

    compilation: Compilation
    variables: Mapping[str, Sql] = field(default_factory=dict)
    inside: str | None = None  # the stage whose sub-pipeline this is
    wanted: int | None = None  # how many documents of the next stage those after it read; None: who knows
    _parts: list[Sql] = field(default_factory=list)

    def scope(self, rows: Rows) -> Scope:
        """What expressions over these rows may name."""
        return Scope(rows.documents, self.compilation, self.variables)

    def part(self, select: Sql) -> str:
        """The name of a further part of the statement."""
        name = self.compilation.name("stage")
        self._parts.append(Sql(f"{name} AS (") + select + Sql(")"))
        return name

    def stage(self, select: Sql, shape: Shape) -> Rows:
        """What a SELECT of `doc` and `ord` gives, as rows for the next stage."""
        return Rows.of_stage(self.part(select), self.compilation.name("s"), shape)

    def derive(self, rows: Rows, document: Callable[[Scope], Sql], shape: Shape) -> Rows:
        """The rows with other documents, made of each by an expression."""
        rows = rows.arranged()
        columns = document(self.scope(rows)) + Sql(f" AS doc, {rows.place} AS ord")
        # Fenced: what the next stages do with a document must not compute it again, nor before this stage's condition
        return self.stage(rows.select(columns) + Sql(" OFFSET 0"), shape)

    def settled(self, rows: Rows) -> Rows:
        """The same rows as a part of the statement, for stages that read them more than once."""
        if rows.is_plain and isinstance(rows.documents, StageDocuments):
            return rows
        return self.derive(rows, lambda scope: scope.documents.whole, rows.documents.shape)

    def class_rows(self, class_name: str) -> Rows:
        """All objects of a class."""
        return Rows.of_class(self.compilation.schema(class_name), self.compilation.name("t"))

    def below(self, stage: str, variables: Mapping[str, Sql] | None = None) -> Pipeline:
        """A pipeline inside of a stage."""
        return Pipeline(self.compilation, {**self.variables, **(variables or {})}, stage)

    def statement(self, select: Sql) -> Sql:
        """The SELECT after all parts it may read."""
        return Sql("WITH ") + join(", ", self._parts) + Sql(" ") + select if self._parts else select

    def documents(self, rows: Rows) -> Sql:
        """The statement that gives the `doc` and `ord` of each row."""
        rows = rows.arranged()
        return self.statement(rows.select(rows.documents.whole + Sql(f" AS doc, {rows.place} AS ord")))
