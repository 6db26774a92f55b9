"""What the listeners of the moments get (`parse_core/signals.py`): one mutable holder around immutable values."""

from __future__ import annotations

from dataclasses import dataclass

from parse_core.objects.requests import Write
from parse_core.schema.classes import ClassSchema
from parse_core.values.scalars import Document


@dataclass(slots=True)
class BeforeSave:
    """A receiver changes what is written by replacing `write` (`write.with_changes(...)`).

    An operation that stays the same object counts as what the client sent; `original` is the stored object as
    receivers may see it (None: created).
    """

    write: Write
    original: Document | None = None

    @property
    def class_name(self) -> str:
        return self.write.schema.name


@dataclass(frozen=True, slots=True)
class AfterSave:
    """A stored write with the object before (None: created) and after it, in wire format.

    `response` is the body of the answer, which a receiver may change in place.
    """

    write: Write
    before: Document | None
    after: Document
    response: Document

    @property
    def class_name(self) -> str:
        return self.write.schema.name


@dataclass(frozen=True, slots=True)
class Deletion:
    """An object about to be deleted, or deleted."""

    schema: ClassSchema
    original: Document

    @property
    def class_name(self) -> str:
        return self.schema.name


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """A change of the global config: `params` as sent (before), or all of them as stored (after); `original` before."""

    params: Document
    original: Document | None
    class_name = "_GlobalConfig"


@dataclass(frozen=True, slots=True)
class ObjectChanged:
    """Sent after commit: `before` None for a new object, `after` None for a deleted one."""

    schema: ClassSchema
    before: Document | None
    after: Document | None

    @property
    def class_name(self) -> str:
        return self.schema.name
