"""The condition tree: what a `where` is parsed to, and what permissions are made of.

A node has two faces that must agree: `sql` for the database and `matches` for LiveQuery and masks. Both are tested with
the same tables (`tests/query`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from parse_core.store.sql import FALSE, TRUE, Row, Sql, all_of, any_of, param, text_array
from parse_core.values.scalars import Document


class Node(ABC):
    """A condition on one object."""

    __slots__ = ()

    @abstractmethod
    def sql(self, row: Row) -> Sql:
        """A boolean expression over the columns of `row`; NULL counts as false, for `~` too."""

    @abstractmethod
    def matches(self, document: Document) -> bool:
        """Whether an object in wire format satisfies the condition."""

    def fields(self) -> Iterator[str]:
        """The root fields the condition looks at, with repetitions."""
        yield from ()

    def leaves(self) -> Iterator[Node]:
        """The conditions it is made of, without the logic that joins them."""
        yield self


@dataclass(frozen=True, slots=True)
class Everything(Node):
    """No condition."""

    def sql(self, row: Row) -> Sql:
        return TRUE

    def matches(self, document: Document) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Nothing(Node):
    """No object."""

    def sql(self, row: Row) -> Sql:
        return FALSE

    def matches(self, document: Document) -> bool:
        return False


EVERYTHING = Everything()
NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class And(Node):
    """Every branch."""

    branches: tuple[Node, ...]

    def sql(self, row: Row) -> Sql:
        return all_of(branch.sql(row) for branch in self.branches)

    def matches(self, document: Document) -> bool:
        return all(branch.matches(document) for branch in self.branches)

    def fields(self) -> Iterator[str]:
        for branch in self.branches:
            yield from branch.fields()

    def leaves(self) -> Iterator[Node]:
        for branch in self.branches:
            yield from branch.leaves()


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Any branch."""

    branches: tuple[Node, ...]

    def sql(self, row: Row) -> Sql:
        return any_of(branch.sql(row) for branch in self.branches)

    def matches(self, document: Document) -> bool:
        return any(branch.matches(document) for branch in self.branches)

    def fields(self) -> Iterator[str]:
        for branch in self.branches:
            yield from branch.fields()

    def leaves(self) -> Iterator[Node]:
        for branch in self.branches:
            yield from branch.leaves()


@dataclass(frozen=True, slots=True)
class Not(Node):
    """What the branch does not match."""

    branch: Node

    def sql(self, row: Row) -> Sql:
        return ~self.branch.sql(row)

    def matches(self, document: Document) -> bool:
        return not self.branch.matches(document)

    def fields(self) -> Iterator[str]:
        yield from self.branch.fields()

    def leaves(self) -> Iterator[Node]:
        yield from self.branch.leaves()


def both(left: Node, right: Node) -> Node:
    """The conjunction, without needless nesting."""
    if isinstance(left, Everything):
        return right
    if isinstance(right, Everything):
        return left
    return And((left, right))


@dataclass(frozen=True, slots=True)
class IdIs(Node):
    """The one object with this id."""

    object_id: str

    def sql(self, row: Row) -> Sql:
        return row.object_id + Sql(" = ") + param(self.object_id)

    def matches(self, document: Document) -> bool:
        return document.get("objectId") == self.object_id


@dataclass(frozen=True, slots=True)
class IdIn(Node):
    """The objects with these ids."""

    object_ids: tuple[str, ...]

    def sql(self, row: Row) -> Sql:
        return Sql(f"{row.object_id.text} = ANY(%s::text[])", (list(self.object_ids),))

    def matches(self, document: Document) -> bool:
        return document.get("objectId") in self.object_ids


@dataclass(frozen=True, slots=True)
class PermittedTo(Node):
    """The ACL lets one of these identities read (or write) the object; an object without ACL is open to all."""

    identities: tuple[str, ...]
    write: bool = False

    def sql(self, row: Row) -> Sql:
        column = row.wperm if self.write else row.rperm
        return Sql(f"({column.text} IS NULL OR {column.text} && %s::text[])", (text_array(self.identities),))

    def matches(self, document: Document) -> bool:
        acl = document.get("ACL")
        if acl is None:
            return True
        flag = "write" if self.write else "read"
        return any(acl.get(identity, {}).get(flag) is True for identity in self.identities)
