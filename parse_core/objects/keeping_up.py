"""Writes whose class somebody changes or drops while they are on their way: they are made to fit again, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from parse_core.errors import WriteConflict
from parse_core.store.database import MissingTable, StaleClass

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.objects.requests import Write
    from parse_core.schema.classes import ClassSchema

T = TypeVar("T")
ATTEMPTS: Final = 20


def keeping_up(context: RequestContext, run: Callable[[], T]) -> T:
    """What `run()` gives; when classes are not what it took them for, it runs again with what they are by then.

    Raises `WriteConflict` when that does not end, and for a transaction of the caller's, which is lost.
    """
    for _ in range(ATTEMPTS):
        try:
            return run()
        except MissingTable as error:
            if context.transaction is not None:
                raise WriteConflict from error
            catch_up(context, error)
    raise WriteConflict


def catch_up(context: RequestContext, error: MissingTable) -> None:
    """Has this process know the classes as they are now."""
    schemas = context.application.schemas
    schemas.refresh() if isinstance(error, StaleClass) else schemas.forget()


def still_fits(write: Write, schema: ClassSchema) -> bool:
    """Whether what was checked against the write's class holds of `schema`, a later version of it.

    Not looked at are fields that the write itself adds.
    """
    before = write.schema
    return (
        before.permissions == schema.permissions
        and before.guarded_fields == schema.guarded_fields
        and all(schema.fields.get(root) == before.fields[root] for root in _roots(write) & before.fields.keys())
    )


def _roots(write: Write) -> set[str]:
    return {key.partition(".")[0] for key in write.changes}
