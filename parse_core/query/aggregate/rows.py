"""Documents with what is still to be done to them: conditions, order and page go into the statement as late as can be.

So `$match $sort $limit` at the start of a pipeline read a class as a find does, through its indexes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from parse_core.query.aggregate.documents import Documents, StageDocuments, TableDocuments
from parse_core.query.aggregate.names import Shape
from parse_core.schema.classes import ClassSchema
from parse_core.store.sql import TRUE, Sql, join

_NO_ROWS = "(SELECT NULL::text AS object_id, NULL::jsonb AS data, NULL::bigint AS sequence WHERE FALSE) AS "


@dataclass(frozen=True)
class Rows:
    """The rows of `source` that satisfy `condition`, ordered by `terms`, then by `place`, which no two rows have alike.

    Of those, `limit` after the first `skip`.
    """

    source: Sql
    documents: Documents
    place: str
    condition: Sql = TRUE
    terms: tuple[Sql, ...] = ()
    skip: int = 0
    limit: int | None = None

    @classmethod
    def of_class(cls, schema: ClassSchema, alias: str) -> Rows:
        """All objects of a class, in the order they were made in."""
        source = schema.relation + Sql(f" AS {alias}") if schema.exists else Sql(_NO_ROWS + alias)
        return cls(source, TableDocuments(alias, schema, Shape.of(schema)), f"{alias}.sequence")

    @classmethod
    def of_stage(cls, name: str, alias: str, shape: Shape) -> Rows:
        """What a stage put under a name of the statement."""
        return cls(Sql(f"{name} AS {alias}"), StageDocuments(alias, shape), f"{alias}.ord")

    @property
    def is_paged(self) -> bool:
        """Whether some rows are left out by their number."""
        return bool(self.skip) or self.limit is not None

    @property
    def is_plain(self) -> bool:
        """Whether nothing is left to be done."""
        return self.condition is TRUE and not self.terms and not self.is_paged

    def matching(self, condition: Sql) -> Rows:
        """The rows that also satisfy a condition."""
        rows = self.arranged() if self.is_paged else self
        return replace(rows, condition=rows.condition & condition)

    def sorted_by(self, *terms: Sql) -> Rows:
        """The same rows, in another order."""
        rows = self.arranged() if self.is_paged else self
        return replace(rows, terms=(*terms, *rows.terms))

    def page(self, skip: int, limit: int | None) -> Rows:
        """`limit` rows after the first `skip` of these."""
        left = None if self.limit is None else max(self.limit - skip, 0)
        limits = [each for each in (left, limit) if each is not None]
        return replace(self, skip=self.skip + skip, limit=min(limits) if limits else None)

    def arranged(self) -> Rows:
        """The same rows in the order of their place, no page left to be cut out."""
        if not self.terms and not self.is_paged:
            return self
        alias, columns = self.documents.alias, self.documents.columns
        place = self.place.removeprefix(f"{alias}.")
        # Rows are numbered as they come out of the inner SELECT, so the page is cut by a top-N sort or an index
        numbered = Sql(f"(SELECT {columns}, row_number() OVER () AS {place} FROM (")  # noqa: S608 - own names
        page = self.select(Sql(", ".join(f"{alias}.{column}" for column in columns.split(", "))))
        return Rows(numbered + page + Sql(f") AS {alias}) AS {alias}"), self.documents, self.place)

    def select(self, columns: Sql, *, grouped: bool = False) -> Sql:
        """A SELECT of expressions over the documents. `grouped`: of aggregates, for which the order does not count."""
        parts = [Sql("SELECT "), columns, Sql(" FROM "), self.source]
        if self.condition is not TRUE:
            parts += [Sql(" WHERE "), self.condition]
        if not grouped and (self.terms or self.is_paged):
            parts += [Sql(" ORDER BY "), join(", ", (*self.terms, Sql(self.place)))]
        if self.limit is not None:
            parts.append(Sql(" LIMIT %s", (self.limit,)))
        if self.skip:
            parts.append(Sql(" OFFSET %s", (self.skip,)))
        return join("", parts)
