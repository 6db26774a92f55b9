"""Which fields a caller may not see, and hence not ask about (`contract/objects.md` §15.5).

Hidden is what every list that applies to the caller hides: the lists are intersected, so a more specific key with fewer
fields reveals the rest. Where a `userField:` key applies depends on the row, so it becomes the `unless` of a rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Final

from parse_core.context import PUBLIC, RequestContext
from parse_core.errors import Forbidden
from parse_core.permissions.access import MaskRule
from parse_core.permissions.pointers import points_to_caller
from parse_core.query.ast import NOTHING, IdIs, Node, Or
from parse_core.schema.classes import ClassSchema
from parse_core.schema.system_class import system_class

if TYPE_CHECKING:
    from parse_core.options import Options

USER_FIELD: Final = "userField:"
AUTHENTICATED: Final = "authenticated"
Lists = Mapping[str, frozenset[str]]


class ProtectedFields:
    """The lists of one version of a class, with those of the application's options joined to them."""

    def __init__(self, schema: ClassSchema) -> None:
        self._schema = schema
        self._latest: tuple[Options | None, Lists] = (None, {})

    def lists(self, options: Options) -> Lists:
        """Key → hidden fields. Compiled again when the application was reconfigured."""
        compiled_for, lists = self._latest
        if compiled_for is not options:
            lists = self._compile(options)
            self._latest = (options, lists)
        return lists

    def _compile(self, options: Options) -> Lists:
        joined: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        stored = (self._schema.permissions or {}).get("protectedFields")
        for source in (stored if isinstance(stored, dict) else {}, options.protected_fields.get(self._schema.name, {})):
            for key, names in source.items():
                joined[key] |= frozenset(names)
        # `{"*": []}`, the default, hides nothing from anybody
        return dict(joined) if any(joined.values()) else {}

    def rules(self, context: RequestContext) -> tuple[MaskRule, ...]:
        """The mask for a caller without privileges."""
        lists = self.lists(context.options)
        if not lists:
            return ()
        principal = context.principal
        hidden = _hidden(lists, principal.identities, signed_in=principal.user_id is not None)
        if not hidden:
            return ()
        if principal.user_id is None:
            return (MaskRule(hidden),)
        return self._by_row(hidden, lists, context, principal.user_id)

    def _by_row(
        self, hidden: frozenset[str], lists: Lists, context: RequestContext, user_id: str
    ) -> tuple[MaskRule, ...]:
        """One rule per set of columns that reveal a field to the caller they point to."""
        revealing: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        row_lists = [(key, names) for key, names in lists.items() if key.startswith(USER_FIELD)]
        for field in hidden:
            columns = tuple(key.removeprefix(USER_FIELD) for key, names in row_lists if field not in names)
            revealing[columns].add(field)
        own: tuple[Node, ...] = ()
        if system_class(self._schema.name).owner_is_row and context.options.protected_fields_owner_exempt:
            own = (IdIs(user_id),)
        return tuple(
            MaskRule(frozenset(fields), _any_of((*own, points_to_caller(self._schema, columns, user_id))))
            for columns, fields in revealing.items()
        )


def _hidden(lists: Lists, identities: Iterable[str], *, signed_in: bool) -> frozenset[str]:
    keys = [PUBLIC, AUTHENTICATED, *identities] if signed_in else [PUBLIC]
    applying = [lists[key] for key in dict.fromkeys(keys) if key in lists and not key.startswith(USER_FIELD)]
    return reduce(frozenset.intersection, applying) if applying else frozenset()


def _any_of(nodes: tuple[Node, ...]) -> Node | None:
    kept = tuple(node for node in nodes if node is not NOTHING)
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else Or(kept)


def mask_for(context: RequestContext, schema: ClassSchema) -> tuple[MaskRule, ...]:
    """All that is hidden from this caller in objects of the class: protected fields and what the class itself hides."""
    if context.principal.is_privileged:
        return ()
    return schema.part(ProtectedFields).rules(context) + system_class(schema.name).mask(context)


def refuse_hidden(
    schema: ClassSchema,
    mask: tuple[MaskRule, ...],
    *,
    query_fields: Iterable[str] = (),
    order_fields: Iterable[str] = (),
    object_id: str | None = None,
) -> None:
    """Raises `Forbidden` when a condition or an order looks at a field that is hidden from the caller.

    Names may be dotted; their root counts. `object_id` is the one object the condition is fixed to, if it is: about an
    own row callers may ask what they may see in it. What a pointer in the row would reveal stays closed to conditions.
    """
    fixed = {"objectId": object_id}
    hidden = frozenset().union(*(rule.fields for rule in mask if rule.unless is None or not rule.unless.matches(fixed)))
    if not hidden:
        return
    for verb, names in (("query", query_fields), ("sort by", order_fields)):
        for name in names:
            if name in hidden or name.partition(".")[0] in hidden:
                message = f"This user is not allowed to {verb} {name} on class {schema.name}"
                raise Forbidden(message)
