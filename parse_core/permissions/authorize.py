"""May this caller do this to that class, to which rows, and what stays hidden? The one answer for every entry.

REST, batch, sub-queries, includes, relations, GraphQL, push and LiveQuery all ask `authorize`; none has own rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from parse_core.context import Level, RequestContext
from parse_core.errors import Forbidden
from parse_core.permissions.access import EVERYTHING_VISIBLE, Access
from parse_core.permissions.actions import Action
from parse_core.permissions.policy import ClassPolicy
from parse_core.permissions.protected_fields import mask_for, refuse_hidden
from parse_core.query.ast import EVERYTHING, Node, PermittedTo, both
from parse_core.schema.classes import ClassSchema
from parse_core.schema.system_class import system_class, system_classes


def authorize(  # noqa: PLR0913 (each is one thing some rule looks at)
    context: RequestContext,
    schema: ClassSchema,
    action: Action,
    *,
    query_fields: Iterable[str] = (),
    order_fields: Iterable[str] = (),
    new_fields: Collection[str] = (),
    object_id: str | None = None,
) -> Access:
    """The rows and fields of a class that the caller may reach by an action (`contract/objects.md` §12, §14, §15).

    `query_fields` and `order_fields` are the (possibly dotted) names a read asks about, `object_id` the one object its
    condition is fixed to, if it is. `new_fields` are the root fields a write would add to the class. A find that also
    counts is two actions, each with its own answer. Runs no statement. Raises `Forbidden` (119), `AuthenticationNeeded`
    (101) or what the class itself answers.

    1. The class as a whole: read-only keys, join tables, internal and master-only classes, classes nobody created.
    2. Privileged callers reach everything.
    3. Fields that are hidden from the caller may not be asked about.
    4. Class-level permissions, pointer permissions among them.
    5. The ACL of each row, and what the class restricts by itself.
    """
    authorize_class(context, schema, action)
    principal = context.principal
    if principal.is_privileged:
        return EVERYTHING_VISIBLE
    mask = mask_for(context, schema)
    if mask:
        refuse_hidden(schema, mask, query_fields=query_fields, order_fields=order_fields, object_id=object_id)
    restriction = _class_restriction(context, schema, action, adds_fields=bool(new_fields))
    if action is Action.CREATE:
        return Access(EVERYTHING, mask)
    own = system_class(schema.name).find_restriction(context, action)
    if own is not None:
        restriction = both(own, restriction)
    permitted = PermittedTo(principal.identities, write=not action.reads)
    return Access(both(restriction, permitted), mask)


def authorize_class(context: RequestContext, schema: ClassSchema, action: Action) -> None:
    """Step 1 alone: refuses a caller the class as a whole is closed to."""
    if context.principal.level is Level.READ_ONLY and not action.reads:
        message = f"read-only masterKey isn't allowed to perform the {action.verb} operation."
        raise Forbidden(message)
    name = schema.name
    if name in system_classes:
        system_class(name).authorize(context, Action.FIND if action is Action.COUNT else action, schema)
    elif name.startswith("_"):
        # Denied unless declared: join tables and whatever else storage keeps under a name like this
        if not context.principal.is_privileged or (name.startswith("_Join:") and not action.reads):
            message = f"Clients aren't allowed to perform the {action.verb} operation on the {name} collection."
            raise Forbidden(message)
    elif not schema.exists and not context.principal.is_privileged and not context.options.allow_client_class_creation:
        message = f"This user is not allowed to access non-existent class: {name}"
        raise Forbidden(message)


def _class_restriction(context: RequestContext, schema: ClassSchema, action: Action, *, adds_fields: bool) -> Node:
    if schema.permissions is None:
        return EVERYTHING
    policy = schema.part(ClassPolicy)
    restriction = policy.restriction(context.principal, action)
    if adds_fields and schema.exists:
        adding = policy.restriction(context.principal, Action.ADD_FIELD, creating=action is Action.CREATE)
        restriction = both(restriction, adding)
    return restriction
