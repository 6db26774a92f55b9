"""A `where` as one caller means it: parsed, with the caller's rights, also for the classes its sub-queries look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parse_core.context import RequestContext
from parse_core.errors import ParseError
from parse_core.objects.find_moments import announce_search
from parse_core.objects.requests import FindRequest
from parse_core.permissions.access import Access
from parse_core.permissions.actions import Action
from parse_core.permissions.authorize import authorize
from parse_core.permissions.protected_fields import refuse_hidden
from parse_core.query.ast import EVERYTHING, NOTHING, IdIs, Node, both
from parse_core.query.parse import LOGICAL, parse_where
from parse_core.query.scope import ParseScope, SubSelect
from parse_core.schema.classes import ClassSchema
from parse_core.values.scalars import Json


def authorized_condition(
    context: RequestContext,
    schema: ClassSchema,
    where: Json,
    actions: Sequence[Action],
    *,
    order_fields: Sequence[str] = (),
    scope: ParseScope | None = None,
) -> tuple[Node, list[Access]]:
    """What the caller asked, as a node, and what each action lets the caller reach: `restriction` is not yet joined.

    Runs no statement. Raises what parsing and `authorize` raise; a refusal comes before a mistake in the operands.
    """
    try:
        condition = EVERYTHING if not where else parse_where(where, schema, scope or _scope(context))
    except ParseError:
        for action in actions:
            _authorize(context, schema, action, where, order_fields)
        raise
    return condition, [_authorize(context, schema, action, where, order_fields) for action in actions]


def read_action(where: Json) -> Action:
    """Get when nothing but one object's id is asked for, else find (`contract/objects.md` §15.1)."""
    return Action.GET if where and len(where) == 1 and isinstance(where.get("objectId"), str) else Action.FIND


def _scope(context: RequestContext) -> ParseScope:
    return ParseScope.of(context, CallersSubQueries(context))


def _authorize(
    context: RequestContext, schema: ClassSchema, action: Action, where: Json, order_fields: Sequence[str]
) -> Access:
    object_id = where.get("objectId") if where else None
    return authorize(
        context,
        schema,
        action,
        query_fields=_mentioned(where) if where else (),
        order_fields=order_fields,
        object_id=object_id if isinstance(object_id, str) else None,
    )


def _mentioned(where: Json) -> Iterator[str]:
    """The field names and paths a `where` asks about, at any depth of its logical operators, before it is parsed."""
    pending = [where]
    while pending:
        conditions = pending.pop()
        if not isinstance(conditions, dict):
            continue
        for name, value in conditions.items():
            if name not in LOGICAL:
                yield name
            elif isinstance(value, list):
                pending.extend(value)


@dataclass(frozen=True, slots=True)
class CallersSubQueries:
    """Other classes as the caller of a find may read them (`parse_core.query.scope.SubQueries`)."""

    context: RequestContext

    def subquery(
        self,
        class_name: str,
        where: Json,
        scope: ParseScope,
        redirect_key: str | None = None,
        key: str | None = None,
    ) -> SubSelect:
        """The rows of a class that match; all checks of a find are made, and raise what a find would.

        Where somebody listens to `before_find` of the class, it is announced as a find.
        """
        context = self.context
        search = announce_search(context, FindRequest(class_name, where=where, redirect_key=redirect_key))
        where = search.request.where if search.documents is None else {"objectId": {"$in": search.supplied_ids}}
        schema = redirected(context, context.schema(class_name), redirect_key)
        action = read_action(where)
        condition, (access,) = authorized_condition(context, schema, where, (action,), scope=scope)
        if key is not None:
            refuse_hidden(schema, access.mask, query_fields=(key,))
        limit = -1 if context.principal.is_privileged else context.options.request_complexity.subquery_limit
        for rule in access.mask:
            if key is not None and key.partition(".")[0] in rule.fields:
                condition = both(condition, rule.unless or NOTHING)
        return SubSelect(
            schema, both(condition, access.restriction), None if limit < 0 else limit, executor=context.executor
        )

    def owner(self, class_name: str, object_id: str, key: str) -> SubSelect:
        """The object whose relation is asked about, if the caller may read it; 119 when the relation is hidden."""
        context = self.context
        schema = context.schema(class_name)
        try:
            access = authorize(context, schema, Action.GET)
        except ParseError:
            return SubSelect(schema, NOTHING)
        refuse_hidden(schema, access.mask, query_fields=(key,), object_id=object_id)
        return SubSelect(schema, both(IdIs(object_id), access.restriction), executor=context.executor)


def redirected(context: RequestContext, schema: ClassSchema, key: str | None) -> ClassSchema:
    """The class a relation of this name leads to; the class itself when it has none."""
    target = schema.relation_fields.get(key) if key else None
    return context.schema(target) if target else schema
