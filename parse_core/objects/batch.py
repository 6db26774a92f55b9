"""Many creates at once: what nobody listens to goes to storage as one multi-row insert per class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from parse_core.context import RequestContext
from parse_core.errors import DuplicateValue, HttpError, ParseError, WriteConflict
from parse_core.objects.document import links, new_row
from parse_core.objects.keeping_up import catch_up
from parse_core.objects.requests import Saved, SaveRequest
from parse_core.objects.save import Prepared, created, prepare, save, store
from parse_core.schema.system_class import ORDINARY, system_class
from parse_core.schema.unchanged import unchanged
from parse_core.signals import after_save, before_save
from parse_core.store.database import MissingTable
from parse_core.store.rows import insert_many
from parse_core.values.scalars import iso

Outcome = Saved | ParseError | HttpError
GROUP_LIMIT: Final = 500  # rows of one statement: far below the 65,535 parameters a statement may have


def create_many(context: RequestContext, requests: Sequence[SaveRequest]) -> list[Outcome]:
    """The outcome of each create, in order; one that fails does not touch the others.

    1. Each is prepared by itself; one that makes a class or field, or is of a system class or one that is listened to,
       is stored at once, so that the next ones fit.
    2. Those left are inserted together, a class at a time.
    3. If the insert is refused (an id that exists), its rows are stored one by one to find out whose fault it was.
    """
    outcomes: list[Outcome | None] = [None] * len(requests)
    groups: dict[str, list[tuple[int, Prepared]]] = {}
    for place, request in enumerate(requests):
        if system_class(request.class_name) is not ORDINARY or _is_heard(context, request.class_name):
            outcomes[place] = _outcome(context.apart(), request)
            continue
        try:
            prepared = prepare(context, request)
            if _is_groupable(prepared):
                groups.setdefault(request.class_name, []).append((place, prepared))
            else:
                outcomes[place] = store(prepared)
        except MissingTable:
            outcomes[place] = _outcome(context, request)
        except (ParseError, HttpError) as error:
            outcomes[place] = error
    for group in groups.values():
        for start in range(0, len(group), GROUP_LIMIT):
            _insert(context, requests, group[start : start + GROUP_LIMIT], outcomes)
    return [outcome for outcome in outcomes if outcome is not None]


def _insert(
    context: RequestContext,
    requests: Sequence[SaveRequest],
    group: Sequence[tuple[int, Prepared]],
    outcomes: list[Outcome | None],
) -> None:
    rows = [(place, item, new_row(item.write, iso(item.created), iso(item.write.now))) for place, item in group]
    schema = group[0][1].write.schema
    oldest = min(item.write.schema.version for _, item in group)
    condition = unchanged(context.application.id, schema, oldest)
    try:
        context.executor.fetch(insert_many(schema.relation, [row for _, _, row in rows], condition=condition))
    except (DuplicateValue, MissingTable) as error:
        if context.transaction is not None:  # it is lost, and with it the batch
            raise (WriteConflict() if isinstance(error, MissingTable) else error) from error.__cause__
        if isinstance(error, MissingTable):
            catch_up(context, error)
        for place, _ in group:
            outcomes[place] = _outcome(context, requests[place])
        return
    for place, item, row in rows:
        outcomes[place] = created(item, row)


def _is_heard(context: RequestContext, class_name: str) -> bool:
    """Whether user code has a say in each create; it shall find the former ones stored."""
    application = context.application
    return before_save.has_listener(application, class_name) or after_save.has_listener(application, class_name)


def _is_groupable(prepared: Prepared) -> bool:
    write = prepared.write
    return not prepared.fitted.new_fields and write.schema.exists and not links(write, write.schema)


def _outcome(context: RequestContext, request: SaveRequest) -> Outcome:
    try:
        return save(context, request)
    except (ParseError, HttpError) as error:
        return error
