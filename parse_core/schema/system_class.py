"""What an app declares about a class of its own: columns, defaults and its part in the life of an object.

`parse_core` names no special class. `_User` and its like are `SystemClass`es registered by name from higher apps; the
use cases in `parse_core/objects` call the methods below at the numbered steps of their docstrings. Every method has a
default that does nothing, so a class says only what is special about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from parse_core.errors import Forbidden, ParseError
from parse_core.registry import Registry
from parse_core.schema.classes import Field

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.errors import DuplicateValue
    from parse_core.objects.requests import Action, DeleteEvent, Saved, SaveRequest, Write
    from parse_core.permissions.access import MaskRule
    from parse_core.query.ast import Node
    from parse_core.schema.classes import ClassSchema
    from parse_core.values.scalars import Document, Json

UniqueIndex = tuple[str, str, str]


class SystemClass:
    """A class the server itself knows. Subclass, set the attributes, override what is special, and register."""

    name: ClassVar[str]
    fields: ClassVar[Mapping[str, Field]] = MappingProxyType({})
    required_fields: ClassVar[tuple[str, ...]] = ()  # needed on create, cannot be unset: 111 `<f> is required.`
    internal_fields: ClassVar[Mapping[str, str]] = MappingProxyType({})  # `_hashed_password` → field type
    created_at_start: ClassVar[bool] = False
    needed_by_definitions: ClassVar[bool] = False  # exists wherever the configuration declares classes
    definable: ClassVar[bool] = True  # may be named in `/schemas` requests that change classes
    listed: ClassVar[bool] = True  # in `GET /schemas` once it exists
    master_only: ClassVar[bool] = False
    # Rows are callers: the row whose id is the caller's is the caller's own, and pointers to rows name callers
    owner_is_row: ClassVar[bool] = False
    # Fields that only a read of the object itself shows, not one that includes it
    hidden_in_includes: ClassVar[frozenset[str]] = frozenset()
    # Unique indexes made with the table: (name, key path in `data`, "exact" or "lower")
    unique: ClassVar[tuple[UniqueIndex, ...]] = ()

    def authorize(self, context: RequestContext, action: Action, schema: ClassSchema) -> None:
        """Refuses a caller the class as a whole is closed to. Runs before class-level permissions."""
        if self.master_only and not context.principal.is_privileged:
            message = f"Clients aren't allowed to perform the {action.verb} operation on the {self.name} collection."
            raise Forbidden(message)

    def find_restriction(self, context: RequestContext, action: Action) -> Node | None:
        """A condition that joins every read, update and delete of this caller (`_Session`: own rows)."""
        return None

    def mask(self, context: RequestContext) -> tuple[MaskRule, ...]:
        """Fields hidden from this caller besides protected fields (`_User`: authData unless own)."""
        return ()

    def receive(self, context: RequestContext, request: SaveRequest) -> SaveRequest | Saved:
        """A save as it came in, after checks of its body and before those of rights; or the answer in its place.

        `_User` answers a sign-up of somebody it knows as a login.
        """
        return request

    def before_triggers(self, context: RequestContext, write: Write) -> Write:
        """Checks and rewrites what a client sent, before user code sees it."""
        return write

    def before_write(self, context: RequestContext, write: Write) -> Write:
        """Rewrites what user code left, before it is checked against the schema."""
        return write

    def before_store(self, context: RequestContext, write: Write) -> Write:
        """The last word on a write that nothing but storage can refuse any more: for what is costly or secret."""
        return write

    def follows_up(self, write: Write) -> bool:
        """Whether `after_write` will write, too: then both are stored, or neither is."""
        return False

    def after_write(self, context: RequestContext, write: Write, response: Document) -> None:
        """Follow-ups of a stored write; may add keys to the response body."""

    def answer(self, context: RequestContext, write: Write, saved: Saved) -> Saved:
        """The answer of a write that is stored; raises to answer an error although it is (`_User`: unverified)."""
        return saved

    def refused(self, context: RequestContext, request: SaveRequest, refusal: ParseError) -> Saved | None:
        """The answer in place of a refusal, None to leave it at that.

        Of two sign-ups of one person at once, `_User` answers the second as the login it would have been a moment
        later.
        """
        return None

    def before_delete(self, context: RequestContext, event: DeleteEvent) -> None:
        """Refuses or prepares a delete."""

    def after_delete(self, context: RequestContext, event: DeleteEvent) -> None:
        """Follow-ups of a delete."""

    def after_read(self, context: RequestContext, document: Document) -> Document:
        """One object as a get by id returns it (`_User`: the owner's sessionToken). Only called if `reads_rows`."""
        return document

    location: ClassVar[str | None] = None  # where new objects are found: `/users`; None: `/classes/<name>`
    reads_rows: ClassVar[bool] = False  # True: a get by id decodes the row and calls `after_read`

    def duplicate(self, error: DuplicateValue) -> ParseError:
        """The error clients get for a violated unique index (`_User`: 202, 203)."""
        return error

    def not_found(self, context: RequestContext, action: Action) -> ParseError | None:
        """What an unwritable or unknown row answers instead of 101 (`_User`: 206)."""
        return None

    def create_defaults(self, context: RequestContext) -> Mapping[str, Json]:
        """Values a create gets when the client sent none."""
        return {}


class OrdinaryClass(SystemClass):
    """Any class that nobody registered."""

    name = ""


ORDINARY = OrdinaryClass()
system_classes: Registry[SystemClass] = Registry("system class")


def register(cls: type[SystemClass]) -> type[SystemClass]:
    """Class decorator: makes one instance the owner of its name."""
    system_classes.add(cls.name, cls())
    return cls


def system_class(name: str) -> SystemClass:
    """The declaration that speaks for a class; `ORDINARY` for classes nobody registered."""
    return system_classes.get(name, ORDINARY)


def caller_class() -> str:
    """The name of the class whose rows are callers, "" while no app declares one."""
    return next((name for name, declared in system_classes.items() if declared.owner_is_row), "")
