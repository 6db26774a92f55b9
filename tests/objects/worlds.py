"""Applications with classes and objects that are put straight into storage: reading is tested apart from writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import orjson

from parse_core.application import Application, applications
from parse_core.context import ANONYMOUS, MASTER, Level, Principal, RequestContext
from parse_core.objects.find import find, get
from parse_core.objects.find_request import parse_find, parse_get
from parse_core.schema.changes import registry_change
from parse_core.schema.classes import Field
from parse_core.schema.system_class import SystemClass, system_classes
from parse_core.signals import Moment
from parse_core.store.database import counting
from parse_core.store.rows import NewRow, Permissions, insert
from parse_core.store.sql import Sql
from parse_core.values.scalars import pointer

TIME = "2026-01-31T12:00:00.000Z"
MAINTENANCE = Principal(Level.MAINTENANCE)
__all__ = [
    "ANONYMOUS",
    "MAINTENANCE",
    "MASTER",
    "TIME",
    "Users",
    "World",
    "field",
    "listening",
    "plain_users",
    "pointer",
    "user",
]


class Users(SystemClass):
    """Rows are callers, and nothing else is special about them."""

    name = "_User"
    owner_is_row = True


@contextmanager
def plain_users() -> Iterator[None]:
    """Inside, callers are rows of a class without further rules of its own."""
    with system_classes.temporarily("_User", Users()):
        yield


def field(text: str) -> Field:
    """A column from its short form: `"Number"`, `"Pointer<Author>"`."""
    name, _, target = text.partition("<")
    return Field(name, target.rstrip(">") or None)


def user(user_id: str, *roles: str) -> Principal:
    """A signed-in caller."""
    return Principal(user_id=user_id, roles=frozenset(f"role:{role}" for role in roles))


@contextmanager
def listening(moment: Moment, receiver: Callable[..., object], class_name: str) -> Iterator[None]:
    """Inside, the receiver hears of this class."""

    def interest(_application: Application, name: str) -> bool:
        return name == class_name

    moment.listen(receiver, interest)
    try:
        yield
    finally:
        moment._interests.remove(interest)
        moment.disconnect(receiver)


@dataclass
class World:
    """One application, and what a caller reads in it."""

    application: Application

    @classmethod
    def make(cls, **options: Any) -> World:
        """A new application with options by the reference's names."""
        required = {"appId": f"app{uuid4().hex[:12]}", "masterKey": "master", "serverURL": "http://localhost/parse"}
        return cls(applications.configure({**required, **options}))

    def define(self, name: str, permissions: Mapping[str, Any] | None = None, /, **fields: str) -> None:
        """Creates a class."""
        with registry_change(self.application) as change:
            schema = change.ensure(name, {key: field(text) for key, text in fields.items()})
            if permissions is not None:
                change.put(replace(schema, permissions=permissions))

    def drop(self, name: str) -> None:
        """Drops a class as another process would: this one's registry does not hear of it."""
        schema = self.application.schemas[name]
        database = self.application.database
        database.fetch(Sql("DROP TABLE ") + schema.relation)
        database.fetch(
            Sql("DELETE FROM parse_class WHERE application_id = %s AND name = %s", (self.application.id, name))
        )
        database.fetch(
            Sql(
                "UPDATE parse_application SET schema_version = schema_version + 1 WHERE application_id = %s",
                (self.application.id,),
            )
        )

    def put(self, name: str, object_id: str, /, acl: Mapping[str, Any] | None = None, **values: Any) -> None:
        """Stores an object; `internal` among the values is what no client may read."""
        internal = values.pop("internal", None)
        document = {"objectId": object_id, "createdAt": TIME, "updatedAt": TIME, **values}
        permissions = Permissions(None, None)
        if acl is not None:
            document["ACL"] = acl
            readers = [key for key, flags in acl.items() if flags.get("read")]
            writers = [key for key, flags in acl.items() if flags.get("write")]
            permissions = Permissions(readers, writers)
        schema = self.application.schemas[name]
        self.application.database.fetch(insert(schema.relation, NewRow(object_id, document, permissions, internal)))

    def context(self, principal: Principal = ANONYMOUS) -> RequestContext:
        """A request of this caller."""
        return RequestContext(self.application, principal)

    def find(self, name: str, principal: Principal = ANONYMOUS, /, **parameters: Any) -> list[dict[str, Any]]:
        """The results of a find."""
        results: list[dict[str, Any]] = orjson.loads(find(self.context(principal), parse_find(name, parameters)).json)
        return results

    def ids(self, name: str, principal: Principal = ANONYMOUS, /, **parameters: Any) -> list[str]:
        """The ids a find gives."""
        return [result["objectId"] for result in self.find(name, principal, **parameters)]

    def count(self, name: str, principal: Principal = ANONYMOUS, /, **parameters: Any) -> int | None:
        """The count of a find."""
        return find(self.context(principal), parse_find(name, {"count": 1, **parameters})).count

    def get(self, name: str, object_id: str, principal: Principal = ANONYMOUS, /, **parameters: Any) -> dict[str, Any]:
        """One object by its id."""
        found: dict[str, Any] = orjson.loads(get(self.context(principal), parse_get(name, object_id, parameters)).json)
        return found

    def statements(self, name: str, principal: Principal = ANONYMOUS, /, **parameters: Any) -> int:
        """How many statements a find runs."""
        with counting() as ran:
            self.find(name, principal, **parameters)
        return len(ran)
