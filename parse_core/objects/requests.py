"""The values that go through the inner door: what is asked, what is being written, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from parse_core.errors import ParseError
from parse_core.operations.base import Operation
from parse_core.permissions.actions import Action
from parse_core.query.ast import Node
from parse_core.schema.classes import ClassSchema
from parse_core.values.scalars import Document, Json

__all__ = ["Action", "DeleteEvent", "FindRequest", "Found", "Precondition", "SaveRequest", "Saved", "Write"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FindRequest:
    """A find as it was asked, values still as they came over the wire (`contract/queries.md` §1.1).

    `object_id` set: a get by id, which answers that object, if `where` holds of it, or 101. Names in `keys`,
    `exclude_keys` and `include` are stripped and non-empty; `keys` None means all. `limit` None means the application's
    default.
    """

    class_name: str
    where: Json = None
    object_id: str | None = None
    order: tuple[str, ...] = ()
    keys: tuple[str, ...] | None = None
    exclude_keys: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    include_all: bool = False
    limit: int | None = None
    skip: int = 0
    count: bool = False
    redirect_key: str | None = None
    explain: Json = None
    comment: str | None = None
    cursor: bool = False  # whether the answer says where the pages beside it begin
    after: str | None = None  # a token of another page: this one begins behind it
    before: str | None = None  # … or ends before it
    # Which server of a database with several is to be asked; for handlers to see, as there is one
    read_preference: str | None = None
    include_read_preference: str | None = None
    subquery_read_preference: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of a find: `json` is the results array (of a get: the object) as bytes, ready to send.

    `count` is the number of all matches when it was asked for.
    """

    json: bytes
    count: int | None = None
    class_name: str | None = None  # set after a redirect: each result carries it
    next: str | None = None  # tokens of the pages beside this one, when the request asked for them
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """A create (`object_id` None) or an update as it was asked; `body` is the decoded JSON object.

    `only_if` is what must still hold of the stored row at the moment of an update, else there is none (101): a
    condition of the server's own, such as that a single-use token was not used meanwhile.
    """

    class_name: str
    body: Document
    object_id: str | None = None
    only_if: Node | None = None


@dataclass(frozen=True, slots=True)
class Precondition:
    """What must still hold of the stored row at the moment of an update, and what the caller is told if it does not."""

    node: Node
    refusal: ParseError


@dataclass(frozen=True, slots=True)
class Write:
    """One write on its way through the pipeline. Each step gives a new one (`with_changes`, `with_internal`).

    `changes` maps a field name or dotted path to its operation; values are normalised and checked. `internal` maps
    columns no client may read (`_hashed_password`) to their new value, None to remove. `original` is the stored
    document before the write where a step needed to read it, else None. `sent` is what the client asked for, before
    anybody changed it: the response echoes what differs, and the `reverted`, what the client asked for in vain.
    `only_if` guards what a step decided by reading the row. `has_own_id`: the client chose the id of a new object.
    """

    schema: ClassSchema
    object_id: str
    is_new: bool
    changes: Mapping[str, Operation]
    now: datetime
    internal: Mapping[str, Json] = field(default_factory=lambda: _NOTHING)
    original: Document | None = None
    sent: Mapping[str, Operation] = field(default_factory=lambda: _NOTHING)
    only_if: Precondition | None = None
    reverted: frozenset[str] = frozenset()
    has_own_id: bool = False

    def value(self, name: str) -> Json:
        """The static value a field is being given, None when it is not set or unset."""
        operation = self.changes.get(name)
        return None if operation is None else operation.initial()

    def with_changes(self, **changes: Operation | None) -> Write:
        """The write with some fields' operations replaced, or taken out (None)."""
        merged = {**self.changes, **changes}
        return replace(self, changes={name: op for name, op in merged.items() if op is not None})

    def with_internal(self, internal: Mapping[str, Json]) -> Write:
        """The write with some internal columns set."""
        return replace(self, internal={**self.internal, **internal})


@dataclass(frozen=True, slots=True)
class Saved:
    """The answer of a save. `location` is the path of a new object below the mount: `/classes/Post/x1`."""

    body: Document
    status: int
    location: str | None = None


@dataclass(frozen=True, slots=True)
class DeleteEvent:
    """One object being deleted; `original` is the stored document where a step needed to read it."""

    schema: ClassSchema
    object_id: str
    original: Document | None = None
