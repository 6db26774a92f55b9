"""Objects of other classes: `$inQuery $notInQuery $select $dontSelect`, and `$relatedTo` about the class itself.

Sub-queries stay inside the one statement. What the caller may read of the other class comes with them
(`query.scope.SubQueries`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, TypeGuard

from parse_core.errors import InvalidJson, InvalidQuery
from parse_core.query.ast import NOTHING, Node
from parse_core.query.field import FieldRef
from parse_core.query.identity import MISSING, operand_form, shown
from parse_core.query.operators.base import Clause, Operator, register
from parse_core.query.place import Place
from parse_core.query.scope import ParseScope, SubSelect
from parse_core.schema.classes import ClassSchema
from parse_core.store.sql import FALSE, Row, Sql
from parse_core.values.scalars import Document, Json, type_name

_OTHER = Row("s")


def _subselect(name: str, query: Json, clause: Clause, *, key: str | None = None) -> SubSelect:
    """The rows of a sub-query; only class, condition and redirection of it count."""
    class_name = query.get("className") if isinstance(query, dict) else None
    if not isinstance(class_name, str) or not class_name:
        message = f"improper usage of {name}"
        raise InvalidQuery(message)
    scope = clause.scope.inside(clause.budget)
    if 0 <= scope.subquery_depth < scope.level:
        message = f"Subquery nesting depth exceeds maximum allowed depth of {scope.subquery_depth}"
        raise InvalidQuery(message)
    if scope.subqueries is None:
        message = f"bad constraint: {name}"
        raise InvalidJson(message)
    redirect_key = query.get("redirectClassNameForKey")
    return scope.subqueries.subquery(
        class_name,
        query.get("where") or {},
        scope,
        redirect_key=redirect_key if isinstance(redirect_key, str) else None,
        key=key,
    )


@register
class InQuery(Operator[SubSelect]):
    """`$inQuery`: a pointer among the field's values leads to a row of the sub-query; an objectId is one's."""

    name = "$inQuery"
    widens: ClassVar[str | None] = "$in"

    def parse(self, raw: Json, clause: Clause) -> SubSelect:
        if not isinstance(raw, dict) or not isinstance(raw.get("where"), dict):
            message = f"improper usage of {self.name}"
            raise InvalidQuery(message)
        return _subselect(self.name, raw, clause)

    def sql(self, place: Place, operand: SubSelect) -> Sql:
        ids = Sql("(") + operand.rows(_OTHER, _OTHER.object_id) + Sql(")")
        if place.field.name == "objectId":
            return place.row.object_id + Sql(" IN ") + ids
        target = place.field.target_class
        if target is not None and target != operand.schema.name:
            return FALSE
        if place.field.join is not None:
            return place.linked(ids)
        expression = place.sortable()
        if expression is not None:
            return expression + Sql(" IN ") + ids if place.field.type == "Pointer" else FALSE
        return place.any_value(lambda value: _points_to(value, operand.schema.name) + ids + Sql(")"))

    def matches(self, field: FieldRef, operand: SubSelect, document: Document) -> bool:
        values = list(field.values(document))
        if field.name == "objectId":
            ids = [value for value in values if isinstance(value, str)]
        else:
            pointers = [value for value in values if type_name(value) == "Pointer"]
            ids = [value.get("objectId") for value in pointers if value.get("className") == operand.schema.name]
        return bool(ids) and operand.holds(
            Sql("%s::text[] && ARRAY(", (ids,)) + operand.rows(_OTHER, _OTHER.object_id) + Sql(")")
        )


def _points_to(value: Sql, class_name: str) -> Sql:
    is_pointer = f"({value.text}->>'__type' = 'Pointer' AND {value.text}->>'className' = %s"
    return Sql(f"{is_pointer} AND {value.text}->>'objectId' IN ", (*value.params * 2, class_name, *value.params))


@register
class NotInQuery(InQuery):
    """`$notInQuery`: not `$inQuery`."""

    name = "$notInQuery"
    widens = None

    def sql(self, place: Place, operand: SubSelect) -> Sql:
        return ~super().sql(place, operand)

    def matches(self, field: FieldRef, operand: SubSelect, document: Document) -> bool:
        return not super().matches(field, operand, document)


@dataclass(frozen=True, slots=True)
class Values:
    """What the rows of a sub-query have at a key; null and missing are nothing."""

    rows: SubSelect
    path: tuple[str, ...]

    def sql(self) -> Sql:
        """`(SELECT …)` of jsonb values in the form they are compared in."""
        source = Sql("SELECT parse.identity(each.value) FROM (") + self.rows.rows(_OTHER, _OTHER.data)
        at = Sql(") AS found(document), parse.values_at(found.document, %s::text[]) AS each(value)", (list(self.path),))
        return Sql("(") + source + at + Sql(" WHERE each.value <> 'null')")


@register
class Select(Operator[Values]):
    """`$select`: a value of the field is also at a key of a row of the sub-query."""

    name = "$select"
    widens: ClassVar[str | None] = "$in"

    def parse(self, raw: Json, clause: Clause) -> Values:
        key = raw.get("key") if isinstance(raw, dict) and raw.keys() == {"query", "key"} else None
        if not isinstance(key, str) or not key:
            message = f"improper usage of {self.name}"
            raise InvalidQuery(message)
        return Values(_subselect(self.name, raw["query"], clause, key=key), tuple(key.split(".")))

    def sql(self, place: Place, operand: Values) -> Sql:
        if place.field.join is not None:
            return FALSE
        member = _BARE.get(place.field.value_type or "")
        values = operand.sql()

        def selected(value: Sql) -> Sql:
            whole = Sql("parse.identity(") + value + Sql(") IN ") + values
            return whole if member is None else whole | (value + Sql(f"->'{member}' IN ") + values)

        return place.any_value(selected)

    def matches(self, field: FieldRef, operand: Values, document: Document) -> bool:
        member = _BARE.get(field.value_type or "")
        values = [value for value in field.values(document) if value is not None and value is not MISSING]
        if member is not None:
            values += [value[member] for value in values if isinstance(value, dict) and member in value]
        wanted = [shown(operand_form(value)) for value in values]
        return bool(wanted) and operand.rows.holds(Sql("%s::jsonb[] && ARRAY", (wanted,)) + operand.sql())


# What stands for the whole value of a typed column: pointers may be selected by id, dates by their text.
_BARE: Final = {"Pointer": "objectId", "Date": "iso"}


@register
class DontSelect(Select):
    """`$dontSelect`: not `$select`."""

    name = "$dontSelect"
    widens = None

    def sql(self, place: Place, operand: Values) -> Sql:
        return ~super().sql(place, operand)

    def matches(self, field: FieldRef, operand: Values, document: Document) -> bool:
        return not super().matches(field, operand, document)


RELATED_TO: Final = "$relatedTo"


@dataclass(frozen=True, slots=True)
class RelatedTo(Node):
    """The objects a relation links to, if its owner is there for the caller."""

    owner: SubSelect
    key: str
    object_id: str

    def sql(self, row: Row) -> Sql:
        owned = Sql("SELECT related_id FROM ") + self.owner.schema.join_table(self.key)
        readable = Sql(" WHERE owning_id = %s AND EXISTS (", (self.object_id,)) + self.owner.rows(_OTHER, Sql("1"))
        return row.object_id + Sql(" IN (") + owned + readable + Sql("))")

    def matches(self, document: Document) -> bool:
        object_id = Sql("(SELECT %s::text AS object_id)", (document.get("objectId"),))
        return self.owner.holds(
            Sql("EXISTS (SELECT 1 FROM ") + object_id + Sql(" AS t WHERE ") + self.sql(Row("t")) + Sql(")")
        )


def related_to(raw: Json, schema: ClassSchema, scope: ParseScope) -> Node:
    """The condition of `{"object": <Pointer to owner>, "key": "rel"}`; no rows for what is unknown or unreadable.

    Raises `InvalidJson` (107) when malformed, 119 when the relation is hidden from the caller.
    """
    owner, key = (raw.get("object"), raw.get("key")) if isinstance(raw, dict) else (None, None)
    class_name, object_id = (owner.get("className"), owner.get("objectId")) if _is_pointer(owner) else (None, None)
    if not (_is_name(class_name) and _is_name(object_id) and _is_name(key)) or scope.subqueries is None:
        message = f"improper usage of {RELATED_TO}"
        raise InvalidJson(message)
    found = scope.subqueries.owner(class_name, object_id, key)
    relation = found.schema.fields.get(key)
    leads_here = relation is not None and (relation.type, relation.target_class) == ("Relation", schema.name)
    return RelatedTo(found, key, object_id) if found.schema.exists and leads_here else NOTHING


def _is_pointer(value: Json) -> TypeGuard[Document]:
    return type_name(value) == "Pointer"


def _is_name(value: Json) -> TypeGuard[str]:
    return isinstance(value, str) and value != "" and "\0" not in value and value.isprintable()
