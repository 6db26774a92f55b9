"""Creating and updating objects: the one path every transport takes (`contract/objects.md` §11, §12)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from parse_core.context import RequestContext
from parse_core.errors import DuplicateValue, InvalidJson, ObjectNotFound, ParseError
from parse_core.objects.announce import announce_saved, run_before_save, without
from parse_core.objects.body import internal_columns, new_id, parse_changes, times
from parse_core.objects.document import assignments, echo_columns, echoed, links, new_row
from parse_core.objects.fit import Fitted, fit, unknown_fields
from parse_core.objects.keeping_up import catch_up, keeping_up, still_fits
from parse_core.objects.requests import Saved, SaveRequest, Write
from parse_core.operations.base import Operation
from parse_core.operations.data import Set, SetOnInsert, Unset
from parse_core.permissions.access import Access
from parse_core.permissions.actions import Action
from parse_core.permissions.authorize import authorize
from parse_core.permissions.default_acl import default_acl
from parse_core.permissions.keywords import check_keywords
from parse_core.permissions.quotas import refuse_beyond_limits
from parse_core.query.ast import IdIs, both
from parse_core.schema.changes import registry_change
from parse_core.schema.classes import ClassSchema
from parse_core.schema.names import is_class_name
from parse_core.schema.system_class import system_class
from parse_core.schema.unchanged import unchanged
from parse_core.signals import after_save, before_save, object_changed
from parse_core.store.database import StaleClass
from parse_core.store.rows import ROW, NewRow, insert, lookup, update
from parse_core.store.sql import Sql
from parse_core.values.scalars import ALWAYS_RETURNED, Document, iso, now


@dataclass(frozen=True, slots=True)
class Prepared:
    """A write that nothing but storage can refuse any more."""

    context: RequestContext
    fitted: Fitted
    access: Access
    created: datetime

    @property
    def write(self) -> Write:
        return self.fitted.write

    @property
    def hides_from_answers(self) -> bool:
        """Whether the answer may carry a field protected from the caller: what an `Increment` tells is a read."""
        return bool(self.access.mask) and not self.context.options.protected_fields_save_response_exempt


def save(context: RequestContext, request: SaveRequest) -> Saved:
    """The answer of a create (`request.object_id` None) or an update; one statement unless somebody listens.

    1. The system class looks at the body first, and may answer by itself.
    2. Class, rights and body are checked; user code and the system class have their say (`prepare`).
    3. The row is written in one statement with its links; a new class or field commits with it, or not at all.
    4. The system class follows up, listeners hear of it, the response is shaped.
    5. What was refused may have an answer of the system class after all.

    Raises `ObjectNotFound` (101) for an unknown or unwritable object, `DuplicateValue` (137), and what a step refuses.
    """
    special = system_class(request.class_name)
    received = special.receive(context, request)
    if isinstance(received, Saved):
        return received
    try:
        return keeping_up(context, lambda: store(prepare(context, received)))
    except ParseError as refusal:
        answer = special.refused(context, received, refusal)
        if answer is None:
            raise
        return answer


def prepare(context: RequestContext, request: SaveRequest) -> Prepared:
    """Everything before storage.

    1. Rights: the class as a whole, class-level and pointer permissions.
    2. The body: denied keywords, names, operations, id and times.
    3. The system class's checks of what a client may ask.
    4. Before-save listeners.
    5. The system class's additions.
    6. A class's default ACL; the right to add fields; types, defaults and required values.
    7. The system class's last word.
    """
    schema, creates = context.schema(request.class_name), request.object_id is None
    action = Action.CREATE if creates else Action.UPDATE
    special = system_class(schema.name)
    access = _access(context, schema, request)
    if creates and not schema.exists and not is_class_name(schema.name):
        message = "schema class name does not revalidate"
        raise InvalidJson(message)

    check_keywords(context, request.body)
    changes = parse_changes(request.body, context.application.file_addresses, creates=creates)
    object_id = request.object_id or new_id(context, request.body)
    created, updated = times(context, request, now())
    internal = internal_columns(context, request.body, creates=creates)
    own_id = creates and "objectId" in request.body
    write = Write(schema, object_id, creates, changes, updated, internal, sent=changes, has_own_id=own_id)
    if not schema.exists and not creates:
        raise special.not_found(context, action) or ObjectNotFound()

    write = special.before_triggers(context, write)
    if before_save.has_listener(context.application, schema.name):
        write = _heard(context, write, access)
    write = special.before_write(context, write)

    if creates and "ACL" not in write.changes:
        write = _with_default_acl(context, write)
    unknown = unknown_fields(write)
    if unknown:
        access = _access(context, schema, request, new_fields=unknown)
    if unknown or not schema.exists:
        refuse_beyond_limits(context, schema, unknown)
    fitted = fit(write)
    settled = special.before_store(context, fitted.write)
    if settled is not fitted.write:
        fitted = replace(fitted, write=settled)
    return Prepared(context, fitted, access, created)


def store(prepared: Prepared) -> Saved:
    """Writes what is prepared and answers the client.

    When its class has changed meanwhile, but nothing that the write was checked by, it is written all the same. Raises
    `StaleClass` or `MissingTable` when it has to be prepared anew.
    """
    try:
        with _transaction_if_needed(prepared) as ready:
            saved = _create(ready) if ready.write.is_new else _update(ready)
    except StaleClass as error:
        context, write = prepared.context, prepared.write
        if context.transaction is not None:
            raise
        catch_up(context, error)
        schema = context.schema(write.schema.name)
        if schema.version == write.schema.version or not still_fits(write, schema):
            raise
        return store(replace(prepared, fitted=replace(prepared.fitted, write=replace(write, schema=schema))))
    return system_class(prepared.write.schema.name).answer(prepared.context, prepared.write, saved)


def _create(prepared: Prepared) -> Saved:
    context, write = prepared.context, prepared.write
    row = new_row(write, iso(prepared.created), iso(write.now))
    special = system_class(write.schema.name)
    try:
        context.executor.fetch(
            insert(write.schema.relation, row, links(write, write.schema), condition=_unchanged(prepared))
        )
    except DuplicateValue as error:
        raise special.duplicate(_registered(error, write.schema)) from error
    return created(prepared, row)


def created(prepared: Prepared, row: NewRow) -> Saved:
    """Follow-ups and answer of a stored create."""
    context, write = prepared.context, prepared.write
    body: Document = {"objectId": write.object_id, "createdAt": row.data["createdAt"]}
    for key in _echoed_keys(write):
        root = key.partition(".")[0]
        if root in row.data:
            body[root] = row.data[root]
        elif key in write.reverted or isinstance(write.changes.get(key), Unset):
            body[key] = {"__op": "Delete"}
    untold = _untold(prepared, dict(row.data)) if prepared.hides_from_answers else frozenset()
    body = without(body, untold)
    special = system_class(write.schema.name)
    special.after_write(context, write, body)
    announce_saved(context, write, before=None, after=lambda: dict(row.data), response=body, untold=untold)
    return Saved(body, 201, f"{special.location or f'/classes/{write.schema.name}'}/{write.object_id}")


def _update(prepared: Prepared) -> Saved:
    context, write = prepared.context, prepared.write
    special = system_class(write.schema.name)
    wants_rows = _is_heard(context, write.schema.name)
    keys = _echoed_keys(write)
    returning = echo_columns(keys)
    hides = prepared.hides_from_answers and (wants_rows or bool(keys))
    if wants_rows or hides:
        returning += Sql(", b.data::text, t.wire" if wants_rows else ", NULL, t.wire")
    writable = IdIs(write.object_id).sql(ROW) & prepared.access.restriction.sql(ROW)
    condition = writable if write.only_if is None else writable & write.only_if.node.sql(ROW)
    condition &= _unchanged(prepared)
    statement = update(
        write.schema.relation, condition, assignments(write), returning, links(write, write.schema), before=wants_rows
    )
    try:
        rows = context.executor.fetch(statement)
    except DuplicateValue as error:
        raise special.duplicate(_registered(error, write.schema)) from error
    if not rows:
        raise _refusal(prepared, writable)
    body: Document = {"updatedAt": iso(write.now), **echoed(keys, rows[0][0])}
    for key in keys:
        if isinstance(write.changes.get(key), Unset) or (
            key in write.reverted and body.get(key.partition(".")[0]) is None
        ):
            body[key] = {"__op": "Delete"}
    untold = _untold(prepared, orjson.loads(rows[0][2])) if hides else frozenset()
    body = without(body, untold)
    special.after_write(context, write, body)
    if wants_rows:
        before, after = orjson.loads(rows[0][1]), rows[0][2]
        hidden = _hidden_from_listeners(context, prepared.access, before)
        announce_saved(
            context,
            write,
            before=before,
            after=lambda: orjson.loads(after),
            response=body,
            hidden=hidden,
            untold=untold,
        )
    return Saved(body, 200)


def _refusal(prepared: Prepared, writable: Sql) -> ParseError:
    """Why an update found no row: there is none the caller may write, or it is not any more what was decided upon."""
    context, write = prepared.context, prepared.write
    if write.only_if is not None and context.executor.fetch(lookup(write.schema.relation, writable)):
        return write.only_if.refusal
    return system_class(write.schema.name).not_found(context, Action.UPDATE) or ObjectNotFound()


def _untold(prepared: Prepared, stored: Document) -> frozenset[str]:
    """The fields of the stored object that the answer does not tell the caller."""
    return prepared.access.hidden_in(stored) - ALWAYS_RETURNED


def _echoed_keys(write: Write) -> list[str]:
    """What the client cannot know: results of operations, and whatever the server gave another value than was sent."""
    keys = [
        key
        for key, operation in write.changes.items()
        if (operation.echoed and (write.is_new or not isinstance(operation, SetOnInsert)))
        or (operation is not write.sent.get(key) and not _is_normalised(operation, write.sent.get(key)))
    ]
    return [*keys, *write.reverted] if write.reverted else keys


def _is_normalised(operation: Operation, sent: Operation | None) -> bool:
    """Whether an operation is what the client sent, merely in stored form."""
    if sent is None:
        return False
    if isinstance(operation, Set) and isinstance(sent, Set):
        return operation.value == sent.value or (type(operation.value) is dict and "__type" in operation.value)
    return not isinstance(operation, Set) or isinstance(sent, Set)


def _access(
    context: RequestContext, schema: ClassSchema, request: SaveRequest, new_fields: Collection[str] = ()
) -> Access:
    """What the caller may write, and only as long as the request's own condition holds."""
    action = Action.CREATE if request.object_id is None else Action.UPDATE
    access = authorize(context, schema, action, new_fields=new_fields)
    if request.only_if is None:
        return access
    return replace(access, restriction=both(access.restriction, request.only_if))


def _with_default_acl(context: RequestContext, write: Write) -> Write:
    acl = default_acl(write.schema, context.principal)
    return write if acl is None else write.with_changes(ACL=Set(acl))


def _plain(changes: Mapping[str, Operation]) -> Document:
    return {key: operation.initial() for key, operation in changes.items()}


def _heard(context: RequestContext, write: Write, access: Access) -> Write:
    """The write as before-save listeners leave it, who see the object an update is about."""
    original = None if write.is_new else _stored(context, write.schema, write.object_id, access)
    seen = original and without(original, _hidden_from_listeners(context, access, original))
    known = replace(write, original=original) if original is not None else write
    heard = run_before_save(context, known, seen)
    if heard is not known:
        check_keywords(context, _plain(heard.changes))
    return heard


def _hidden_from_listeners(context: RequestContext, access: Access, stored: Document) -> frozenset[str]:
    """Protected fields, where user code is to see no more than the caller."""
    if context.options.protected_fields_trigger_exempt or not access.mask:
        return frozenset()
    return frozenset(access.hidden_in(stored) - ALWAYS_RETURNED)


def _stored(context: RequestContext, schema: ClassSchema, object_id: str, access: Access) -> Document:
    """The object an update is about, as the caller's rights let it be written; 101 when there is none."""
    condition = IdIs(object_id).sql(ROW) & access.restriction.sql(ROW)
    rows = context.executor.fetch(lookup(schema.relation, condition)) if schema.exists else []
    if not rows:
        raise system_class(schema.name).not_found(context, Action.UPDATE) or ObjectNotFound()
    document: Document = orjson.loads(rows[0][1])
    return document


@contextmanager
def _transaction_if_needed(prepared: Prepared) -> Iterator[Prepared]:
    """The write inside the transaction that also adds its class and fields, or takes in what the system class follows
    up with, so that they come and go together; without a transaction when there is nothing of the kind.
    """
    write = prepared.write
    extends = not write.schema.exists or bool(prepared.fitted.new_fields)
    if not extends and not system_class(write.schema.name).follows_up(write):
        yield prepared
        return
    with _transactional(prepared.context) as context:
        if not extends:
            yield replace(prepared, context=context)
            return
        with registry_change(context.application, context.transaction) as change:
            if not still_fits(write, change.current(write.schema.name)):
                raise StaleClass
            schema = change.ensure(write.schema.name, prepared.fitted.new_fields)
            yield replace(prepared, context=context, fitted=Fitted(replace(write, schema=schema), {}))


@contextmanager
def _transactional(context: RequestContext) -> Iterator[RequestContext]:
    if context.transaction is not None:
        yield context
        return
    with context.application.database.transaction() as transaction:
        yield replace(context, transaction=transaction)


def _is_heard(context: RequestContext, class_name: str) -> bool:
    return after_save.has_listener(context.application, class_name) or object_changed.has_listener(
        context.application, class_name
    )


def _registered(error: DuplicateValue, schema: ClassSchema) -> DuplicateValue:
    """The error with the index named as the class registered it, without the table's prefix."""
    return DuplicateValue(index=error.index.removeprefix(f"{schema.table}:"))


def _unchanged(prepared: Prepared) -> Sql:
    return unchanged(prepared.context.application.id, prepared.write.schema)
