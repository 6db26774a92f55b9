"""`/purge/<class_name>`: all objects of a class at once, for the master key alone (`contract/objects.md` §21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer
from parse_core.rest.routes import routes
from parse_core.schema.definitions import empty_class

if TYPE_CHECKING:
    from parse_core.rest.calls import Call


class PurgeView(ParseView):
    """Removes the objects; the class and its links stay, and no trigger runs."""

    master_only = True

    def delete(self, call: Call, class_name: str) -> Answer:
        """`{}`, whether there was such a class or not."""
        empty_class(call.context, class_name)
        return Answer({})

    def read_only_refusal(self, call: Call) -> str:
        return "read-only masterKey isn't allowed to purge a schema."


routes.add("purge/<class_name>", PurgeView)
