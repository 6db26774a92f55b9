"""A change of one class as a value: checked as a whole before anything happens, then applied in one transaction.

The schema API and migrations to definitions both go this way, so that what one refuses the other refuses, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from parse_core.schema.class_permissions import check_permissions
from parse_core.schema.field_definitions import FieldChanges
from parse_core.schema.index_definitions import IndexChanges
from parse_core.store.sql import Sql

if TYPE_CHECKING:
    from parse_core.options import Options
    from parse_core.schema.changes import RegistryChange
    from parse_core.schema.classes import ClassSchema, Field
    from parse_core.values.scalars import Json

UNLIMITED: Final = Sql("SET LOCAL statement_timeout = 0")  # every row of a large class may have to change


@dataclass(frozen=True, slots=True)
class ClassChange:
    """From `present` to `wanted`; the fields in `dropped` lose their values on the way."""

    present: ClassSchema
    wanted: ClassSchema
    dropped: frozenset[str] = frozenset()

    @property
    def does_nothing(self) -> bool:
        """Whether the class is as wanted already."""
        return self.present.exists and self.wanted == self.present

    def apply(self, change: RegistryChange) -> ClassSchema:
        """The class afterwards: dropped fields and their values go first, then it is stored with all it needs."""
        if self.does_nothing:
            return self.present
        change.transaction.fetch(UNLIMITED)
        if self.dropped:
            change.drop_fields(change.current(self.present.name), self.dropped)
        return change.put(self.wanted)


def checked(options: Options, present: ClassSchema, body: Mapping[str, Json]) -> ClassChange:
    """What the `fields`, `classLevelPermissions` and `indexes` of a body make of a class; what it leaves out stays.

    Raises the refusals of `contract/objects.md` §15.4, §18.2, §18.3 and §19, about the class as it would become.
    """
    fields = FieldChanges(present, body.get("fields"))
    permissions = present.permissions
    if "classLevelPermissions" in body:
        permissions = _permissions(options, body["classLevelPermissions"], fields.fields)
    check_fields = not options.database_options.disable_index_field_validation
    indexes = IndexChanges(
        present.indexes,
        body.get("indexes"),
        fields.fields,
        dropped_fields=fields.dropped,
        check_fields=check_fields,
    )
    wanted = replace(present, fields=fields.fields, permissions=permissions, indexes=indexes.indexes, exists=True)
    return ClassChange(present, wanted, fields.dropped)


def _permissions(options: Options, submitted: Json, fields: Mapping[str, Field]) -> Mapping[str, Json] | None:
    """The permission object to store; null takes the class back to the default."""
    if submitted is None:
        return None
    check_permissions(submitted, fields, custom_ids=options.allow_custom_object_id)
    return MappingProxyType(submitted)
