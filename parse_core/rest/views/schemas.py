"""`/schemas`: classes as definitions, for the master key alone (`contract/objects.md` §18, §19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from parse_core.errors import InvalidClassName, MissingValue, OperationForbidden
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer
from parse_core.rest.routes import routes
from parse_core.schema.class_permissions import as_text
from parse_core.schema.definitions import create_class, drop_class, modify_class, show_all, show_one

if TYPE_CHECKING:
    from parse_core.rest.calls import Call

_VERBS: Final[Mapping[str, str]] = {"POST": "create", "PUT": "update", "DELETE": "delete"}


class SchemasView(ParseView):
    """`/schemas`: all classes, or a new one whose name is in the body."""

    master_only = True

    def get(self, call: Call) -> Answer:
        """`{"results": [class, …]}`, as of now in the database."""
        return Answer({"results": show_all(call.context.application)})

    def post(self, call: Call, class_name: str = "") -> Answer:
        """The new class. The name may stand in the path, the body or both."""
        refuse_if_locked(call)
        name = class_name or call.parameters.get("className")
        refuse_mismatch(call, as_text(name))
        if not name:
            message = f"POST /{call.path} needs a class name."
            raise MissingValue(message)
        return Answer(create_class(call.context, as_text(name), call.parameters))

    def read_only_refusal(self, call: Call) -> str:
        """Where classes are locked, that comes first (§18)."""
        if call.method != "DELETE":
            refuse_if_locked(call)
        return f"read-only masterKey isn't allowed to {_VERBS[call.method]} a schema."


class SchemaView(SchemasView):
    """`/schemas/<class_name>`: one class."""

    def get(self, call: Call, class_name: str = "") -> Answer:
        """The class, as of now in the database."""
        return Answer(show_one(call.context.application, class_name))

    def put(self, call: Call, class_name: str) -> Answer:
        """The class after the change."""
        refuse_if_locked(call)
        refuse_mismatch(call, class_name)
        return Answer(modify_class(call.context, class_name, call.parameters))

    def delete(self, call: Call, class_name: str) -> Answer:
        """`{}` once the class is gone; it must be empty."""
        drop_class(call.context, class_name)
        return Answer({})


def refuse_if_locked(call: Call) -> None:
    """Raises `OperationForbidden` (119) where classes are defined by the configuration alone (`schema.lockSchemas`)."""
    schema = call.context.options.schema
    if schema is not None and schema.lock_schemas:
        message = "Cannot perform this operation when schemas options is used."
        raise OperationForbidden(message)


def refuse_mismatch(call: Call, name: str) -> None:
    """Raises `InvalidClassName` (103) when the body names another class than the request."""
    given = call.parameters.get("className")
    if given and as_text(given) != name:
        message = f"Class name mismatch between {as_text(given)} and {name}."
        raise InvalidClassName(message)


routes.add("schemas", SchemasView)
routes.add("schemas/<class_name>", SchemaView)
