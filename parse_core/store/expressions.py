"""How a top-level field of each Parse type compares and sorts in SQL: the one place that says it.

Conditions, ORDER BY and index creation all take their expression from here, because PostgreSQL uses an index only for
the very expression it was made on. An expression is NULL where the field is missing or null, and never raises,
whatever is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from parse_core.store.sql import Row, Sql, text_array

COLLATION: Final = Sql(' COLLATE "C"')
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TIMESTAMPS: Final = frozenset({"createdAt", "updatedAt"})


def literal(name: str) -> Sql:
    """A registered field name as a quoted literal; `ValueError` for anything else.

    Names stand in the text, not in a parameter: only so can the planner see that an expression is an index's.
    """
    if NAME.fullmatch(name) is None:
        raise ValueError(name)
    return Sql(f"'{name}'")


def _text(value: Sql, key: Sql) -> Sql:
    return Sql(f'({value.text}->>{key.text}) COLLATE "C"', value.params)


def _member(member: str) -> Callable[[Sql, Sql], Sql]:
    def expression(document: Sql, key: Sql) -> Sql:
        return Sql(f"({document.text}->{key.text}->>'{member}') COLLATE \"C\"", document.params)

    return expression


def _number(document: Sql, key: Sql) -> Sql:
    value = f"{document.text}->{key.text}"
    return Sql(
        f"(CASE WHEN jsonb_typeof({value}) = 'number' THEN ({value})::numeric END)", document.params + document.params
    )


# Booleans as their texts: "false" sorts before "true".
_EXPRESSIONS: Final[dict[str, Callable[[Sql, Sql], Sql]]] = {
    "String": _text,
    "Boolean": _text,
    "Number": _number,
    "Date": _member("iso"),
    "Pointer": _member("objectId"),
    "File": _member("name"),
}


def sortable(row: Row, name: str, field_type: str) -> Sql | None:
    """The expression by which a field of this type compares and sorts, None for types that have none.

    A `numeric` for Number, else a text in binary order.
    """
    return row.object_id if name == "objectId" else sortable_in(row.data, name, field_type)


def sortable_in(document: Sql, name: str, field_type: str) -> Sql | None:
    """The same in any jsonb document."""
    expression = _EXPRESSIONS.get("String" if name in TIMESTAMPS else field_type)
    return None if expression is None else expression(document, literal(name))


def index_term(name: str, field_type: str, *, descending: bool = False) -> Sql | None:
    """The term of a CREATE INDEX that serves conditions on and orders by the field; None when there can be none.

    Null and missing come first ascending and last descending, which is not what PostgreSQL does by itself.
    """
    expression = Sql("object_id") if name == "objectId" else sortable_in(Sql("data"), name, field_type)
    if expression is None:
        return None
    return Sql(f"({expression.text}) {direction(descending=descending, nullable=name != 'objectId')}")


def order_key(document: Sql, steps: tuple[str, ...], *, descending: bool) -> Sql:
    """What a document sorts by at a path: of several values the smallest, or `descending` the largest. Never NULL."""
    flag = "TRUE" if descending else "FALSE"
    path = Sql(f", %s::text[], {flag})", (text_array(steps),))
    return Sql("parse.order_key(") + document + path


def differing_keys(document: Sql, steps: tuple[str, ...]) -> Sql:
    """There are several values at a path that sort differently.

    Written so that the planner takes it for rare, as which it has an index; of `<>` alone it expects all rows.
    """
    least, most = (order_key(document, steps, descending=descending) for descending in (False, True))
    return Sql("(CASE WHEN ") + least + Sql(" <> ") + most + Sql(" THEN 1 END = 1)")


def direction(*, descending: bool, nullable: bool = True) -> str:
    """The direction of an ORDER BY or index term, with nulls where the protocol wants them.

    Where there are none, PostgreSQL's own: by that the primary key is sorted.
    """
    if not nullable:
        return "DESC" if descending else "ASC"
    return "DESC NULLS LAST" if descending else "ASC NULLS FIRST"
