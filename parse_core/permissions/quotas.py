"""How many classes and fields clients may bring about by saving objects: `clientClassLimit`, `clientFieldLimit`."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from parse_core.errors import Forbidden

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.schema.classes import ClassSchema


def refuse_beyond_limits(context: RequestContext, schema: ClassSchema, new_fields: Collection[str]) -> None:
    """Raises `Forbidden` (119) for a client's write that would make a class, or a class larger, beyond the limits.

    Costs no statement: racing writes may go beyond by as many as there are.
    """
    if context.principal.is_privileged:
        return
    options = context.options
    classes, fields = len(context.application.schemas), len(schema.fields) + len(new_fields)
    if not schema.exists and -1 < options.client_class_limit <= classes:
        message = f"There are {classes} classes; clients may create more up to {options.client_class_limit}."
        raise Forbidden(message)
    if new_fields and -1 < options.client_field_limit < fields:
        message = f"Clients may add fields to {schema.name} up to {options.client_field_limit}."
        raise Forbidden(message)
