"""A field in the rows of a statement: the SQL that operators are made of.

Every condition is TRUE where it holds and FALSE or NULL where it does not (negation takes NULL for false), and none
raises, whatever is stored. Equality is written so that the GIN index on `data` answers it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from parse_core.query.field import ANY, PERMISSIONS, FieldRef
from parse_core.store.expressions import literal, sortable, sortable_in
from parse_core.store.sql import FALSE, TRUE, Row, Sql, param

Predicate = Callable[[Sql], Sql]


@dataclass(frozen=True, slots=True)
class Place:
    """A field that exists (`field.type` is not None), in the rows of an alias."""

    row: Row
    field: FieldRef

    @property
    def document(self) -> Sql:
        """The jsonb document the field is in."""
        root = self.field.root
        if root in PERMISSIONS:
            return Sql(f"jsonb_strip_nulls(jsonb_build_object('{root}', {self.row.alias}.{root[1:]}))")
        if root.startswith("_"):
            return Sql(f"COALESCE({self.row.internal.text}, '{{}}')")
        return self.row.data

    @property
    def may_be_array(self) -> bool:
        """Whether a leaf can be an array."""
        return self.field.value_type in (None, "Array")

    def sortable(self) -> Sql | None:
        """The typed expression of a top-level field (`store.expressions`), None when it has none."""
        value_type = self.field.value_type
        if value_type is None:
            return None
        if self.field.root.startswith("_"):
            return sortable_in(self.document, self.field.root, value_type)
        return sortable(self.row, self.field.root, value_type)

    def single(self) -> Sql | None:
        """The one leaf as a jsonb expression, NULL when missing; None when there can be several."""
        if self.field.fans_out or (self.field.type == ANY and self.field.path):
            return None
        if self.field.path and self.field.type == "Array":
            # Not `-> 0`: PostgreSQL takes a scalar for an array of one there.
            return Sql(f"({self.document.text} #> %s::text[])", ([self.field.root, *self.field.path],))
        value = Sql(f"({self.document.text}->") + literal(self.field.root)
        for step in self.field.path:
            value += Sql("->%s::text", (step,))
        return value + Sql(")")

    def text(self) -> Sql:
        """The value of a String column; as it is in indexes of full text."""
        return Sql(f"({self.document.text}->>") + literal(self.field.root) + Sql(")")

    def linked(self, ids: Sql) -> Sql:
        """A Relation links the object to one of these ids: a parenthesised list or SELECT."""
        join = self.field.join or Sql("")
        source = Sql(" IN (SELECT owning_id FROM ") + join + Sql(" WHERE related_id IN ")
        return self.row.object_id + source + ids + Sql(")")

    def exists(self) -> Sql:
        """There is a value, null included."""
        if not self.field.path:
            return self.document + Sql(" ? ") + literal(self.field.root)
        return self.any_leaf(lambda value: value + Sql(" IS NOT NULL"))

    def is_null(self) -> Sql:
        """A value is null, or missing."""
        single = self.single()
        if single is None:
            return self._exists("parse.values_at", lambda v: Sql(f"({v.text} IS NULL OR {v.text} = 'null')"))
        null = Sql(f"(({single.text} #>> '{{}}') IS NULL", single.params)
        if not self.may_be_array:
            return null + Sql(")")
        element = single + Sql(" @> '[null]'") if self.field.path else self.contains([None])
        return null + Sql(" OR ") + element + Sql(")")

    def contains(self, value: object) -> Sql:
        """Containment of the value in the root field: the condition that the index on `data` answers."""
        shape = orjson.dumps({self.field.root: value}).decode()
        return self.document + Sql(" @> %s::jsonb", (shape,))

    def any_path(self, predicate: str) -> Sql:
        """A jsonpath predicate on `@` holds for a leaf, or an element of one; the index answers its equalities.

        Not for paths with array indexes: jsonpath takes the first of anything for itself.
        """
        guarded = f'@.type() != "array" && ({predicate})' if self.may_be_array else predicate
        return self.document + Sql(" @? %s::jsonpath", (f"{self._jsonpath()} ? ({guarded})",))

    def any_leaf(self, predicate: Predicate) -> Sql:
        """A predicate on jsonb holds for a leaf."""
        single = self.single()
        if single is not None:
            return predicate(single)
        if self.field.has_index:
            return self._exists("parse.leaves_at", predicate)
        return self._query(self._jsonpath(), predicate)

    def any_value(self, predicate: Predicate) -> Sql:
        """A predicate on jsonb holds for a leaf that is no array, or for an element of one."""
        single = self.single()
        if single is None:
            if self.field.has_index:
                return self._exists("parse.values_at", predicate)
            return self._query(f"{self._jsonpath()}[*]", predicate)
        if not self.may_be_array:
            return predicate(single)
        elements = Sql("EXISTS (SELECT 1 FROM jsonb_array_elements(") + single + Sql(") AS _value(value) WHERE ")
        elements += predicate(Sql("_value.value")) + Sql(")")
        return (
            Sql("CASE WHEN jsonb_typeof(") + single + Sql(") = 'array' THEN ") + elements
            + Sql(" ELSE ") + predicate(single) + Sql(" END")
        )  # fmt: skip

    def any_whole_value(self, predicate: Predicate) -> Sql:
        """A predicate on jsonb holds for a leaf, which may be a whole array, or for an element of one."""
        single = self.single()
        if single is not None and not self.may_be_array:
            return predicate(single)
        return self._exists("parse.values_at", predicate)

    def _jsonpath(self) -> str:
        steps = (self.field.root, *self.field.path)
        return "$" + "".join(f".{orjson.dumps(step).decode()}" for step in steps)

    def _query(self, path: str, predicate: Predicate) -> Sql:
        source = Sql("jsonb_path_query(") + self.document + Sql(", %s::jsonpath)", (path,))
        return (
            Sql("EXISTS (SELECT 1 FROM ")
            + source
            + Sql(" AS _value(value) WHERE ")
            + predicate(Sql("_value.value"))
            + Sql(")")
        )

    def _exists(self, function: str, predicate: Predicate) -> Sql:
        arguments = self.document + Sql(", ") + param([self.field.root, *self.field.path]) + Sql("::text[]")
        return (
            Sql("EXISTS (SELECT 1 FROM ") + Sql(function) + Sql("(") + arguments + Sql(") AS _value(value) WHERE ")
            + predicate(Sql("_value.value")) + Sql(")")
        )  # fmt: skip


def constant(*, holds: bool) -> Sql:
    """A condition whose answer does not depend on the row."""
    return TRUE if holds else FALSE
