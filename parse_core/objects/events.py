"""What the listeners of the moments get (`parse_core/signals.py`): one mutable holder around immutable values."""

from __future__ import annotations

from dataclasses import dataclass

from parse_core.objects.requests import Write
from parse_core.schema.classes import ClassSchema
from parse_core.values.scalars import Document


@dataclass(slots=True)
class BeforeSave:
    """A receiver changes what is written by replacing `write` (`write.with_changes(...)`)."""

    write: Write

    @property
    def class_name(self) -> str:
        return self.write.schema.name


@dataclass(frozen=True, slots=True)
class AfterSave:
    """A stored write with the object before (None: created) and after it, in wire format."""

    write: Write
    before: Document | None
    after: Document

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
class ObjectChanged:
    """Sent after commit: `before` None for a new object, `after` None for a deleted one."""

    schema: ClassSchema
    before: Document | None
    after: Document | None

    @property
    def class_name(self) -> str:
        return self.schema.name
