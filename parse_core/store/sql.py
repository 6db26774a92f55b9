"""SQL as a value: text with `%s` placeholders plus its parameters, joined by functions, never formatted with values.

Parameters are `str`, `int`, `float`, `bool`, `None` or `list[str]`; JSON goes in as text and is cast where it stands
(`Sql("%s::jsonb", (dumps(value),))`, or `json_value`). Identifiers come from `identifier`, which is only ever given
names out of the schema registry or from this code base; field names of clients are parameters like any value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

import orjson
from psycopg.sql import Literal

Param = str | int | float | bool | None | Sequence[str] | Sequence[int]


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of a statement. A literal percent sign in `text` is written `%%`."""

    text: str
    params: tuple[Param, ...] = ()

    def __add__(self, other: Sql) -> Sql:
        return Sql(self.text + other.text, self.params + other.params)

    def __and__(self, other: Sql) -> Sql:
        if self is TRUE:
            return other
        if other is TRUE:
            return self
        return Sql(f"({self.text} AND {other.text})", self.params + other.params)

    def __or__(self, other: Sql) -> Sql:
        return Sql(f"({self.text} OR {other.text})", self.params + other.params)

    def __invert__(self) -> Sql:
        """What the condition does not hold for; NULL counts as false, so comparisons need no guard of their own."""
        return Sql(f"(({self.text}) IS NOT TRUE)", self.params)


# Part of the text of a statement that may take very long over few rows: it is given a second (`store/database.py`).
BRIEF = "/* brief */"
TRUE = Sql("TRUE")
FALSE = Sql("FALSE")


def param(value: Param) -> Sql:
    """One parameter; PostgreSQL infers its type from where it stands."""
    return Sql("%s", (value,))


def json_param(value: Any) -> Sql:
    """One jsonb parameter from a JSON value."""
    return Sql("%s::jsonb", (orjson.dumps(value).decode(),))


_COMMENT: Final = 200  # characters that are kept


def commented(sql: Sql, comment: str | None) -> Sql:
    """The statement with a comment for whoever watches the database: `/*comment='Hello%20Parse'*/ SELECT …`.

    The one text of clients that becomes text of a statement. Percent-encoded as sqlcommenter does it, it is made of
    letters, digits and `-._~%` only, so it ends neither the quotes nor the comment.
    """
    if not comment:
        return sql
    encoded = quote(comment[:_COMMENT], safe="", errors="replace").replace("%", "%%")
    return Sql(f"/*comment='{encoded}'*/ {sql.text}", sql.params)


def text_array(values: tuple[str, ...]) -> str:
    """A `text[]` as one text parameter (`%s::text[]`); cheaper than a list, which the driver writes in Python.

    Short ones, like the identities of a caller, are remembered; what a client sent at length is not.
    """
    return _known_array(values) if len(values) < 50 and sum(map(len, values)) < 1000 else _array(values)


def _array(values: tuple[str, ...]) -> str:
    return "{" + ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values) + "}"


_known_array = lru_cache(maxsize=4096)(_array)


def identifier(*names: str) -> Sql:
    """A quoted, possibly qualified identifier: `"app_x"."Post"`. For names of the registry only."""
    return Sql(".".join('"' + name.replace('"', '""').replace("%", "%%") + '"' for name in names))


def join(separator: str, parts: Iterable[Sql]) -> Sql:
    """The parts with `separator` (plain SQL text) between them."""
    text: list[str] = []
    params: list[Param] = []
    for part in parts:
        text.append(part.text)
        params.extend(part.params)
    return Sql(separator.join(text), tuple(params))


def all_of(parts: Iterable[Sql]) -> Sql:
    """The conjunction; `TRUE` of nothing."""
    kept = [part for part in parts if part is not TRUE]
    if not kept:
        return TRUE
    return kept[0] if len(kept) == 1 else Sql("(") + join(" AND ", kept) + Sql(")")


def any_of(parts: Iterable[Sql]) -> Sql:
    """The disjunction; `FALSE` of nothing."""
    kept = list(parts)
    if not kept:
        return FALSE
    return kept[0] if len(kept) == 1 else Sql("(") + join(" OR ", kept) + Sql(")")


def inlined(sql: Sql) -> Sql:
    """The same with its parameters as quoted literals: for CREATE INDEX, which takes none, and for nothing else."""
    literals = (Literal(value).as_string().replace("%", "%%") for value in sql.params)
    return Sql(re.sub(r"%(%|s)", lambda found: "%%" if found[1] == "%" else next(literals), sql.text))


@dataclass(frozen=True, slots=True)
class Row:
    """The columns of one class table under an alias, for conditions and projections (`DESIGN.md` §3)."""

    alias: str = "t"

    @property
    def object_id(self) -> Sql:
        return Sql(f"{self.alias}.object_id")

    @property
    def data(self) -> Sql:
        return Sql(f"{self.alias}.data")

    @property
    def wire(self) -> Sql:
        return Sql(f"{self.alias}.wire")

    @property
    def internal(self) -> Sql:
        return Sql(f"{self.alias}.internal")

    @property
    def rperm(self) -> Sql:
        return Sql(f"{self.alias}.rperm")

    @property
    def wperm(self) -> Sql:
        return Sql(f"{self.alias}.wperm")

    @property
    def sequence(self) -> Sql:
        """Grows with each insert: the order of rows when a query names none."""
        return Sql(f"{self.alias}.sequence")
