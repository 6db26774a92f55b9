"""One application for a module of tests, with users `ann`, `bob` and `cyd` (who is `role:Staff`); classes per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from parse_core.application import Application, applications
from parse_core.schema.changes import registry_change
from parse_core.schema.system_class import SystemClass, system_classes
from tests.support.client import ApiClient, Reply

OPTIONS: dict[str, Any] = {
    "appId": "permissions",
    "masterKey": "master",
    "maintenanceKey": "maintenance",
    "readOnlyMasterKey": "read-only",
    "serverURL": "http://api.example/parse",
    "allowClientClassCreation": True,
    "allowCustomObjectId": True,
}
USERS = ("ann", "bob", "cyd")


@dataclass
class Callers:
    """A client of the application that can be anybody: `callers.get("ann", "/classes/Post")`."""

    api: ApiClient
    tokens: dict[str, str] = field(default_factory=dict)

    def how(self, caller: str) -> dict[str, Any]:
        """What to send as `anonymous`, a user, or with a key (`master`, `read_only`, `maintenance`)."""
        if caller == "anonymous":
            return {}
        return {"as_user": self.tokens[caller]} if caller in self.tokens else {caller: True}

    def get(self, caller: str, path: str, **how: Any) -> Reply:
        return self.api.get(path, **self.how(caller), **how)

    def find(self, caller: str, class_name: str, **query: Any) -> Reply:
        return self.api.get(f"/classes/{class_name}", query=query, **self.how(caller))

    def post(self, caller: str, path: str, body: Any = None) -> Reply:
        return self.api.post(path, body or {}, **self.how(caller))

    def put(self, caller: str, path: str, body: Any = None) -> Reply:
        return self.api.put(path, body or {}, **self.how(caller))

    def delete(self, caller: str, path: str) -> Reply:
        return self.api.delete(path, **self.how(caller))

    def define(self, class_name: str, fields: dict[str, Any], permissions: Any = None) -> None:
        """Makes a class, with permissions unless None."""
        body = {"fields": fields, **({} if permissions is None else {"classLevelPermissions": permissions})}
        reply = self.post("master", f"/schemas/{class_name}", body)
        assert reply.status == 200, reply.body

    def create(self, class_name: str, body: dict[str, Any]) -> str:
        """The id of an object made with the master key."""
        reply = self.post("master", f"/classes/{class_name}", body)
        assert reply.status == 201, reply.body
        return str(reply.json["objectId"])


def user(name: str) -> dict[str, str]:
    """A pointer to a user."""
    return {"__type": "Pointer", "className": "_User", "objectId": name}


@pytest.fixture(scope="module")
def population(database_url: str) -> Iterator[Callers]:
    """The application with its users."""
    callers = Callers(ApiClient(applications.configure(OPTIONS)))
    for name in USERS:
        body = {"objectId": name, "username": name, "password": name, "email": f"{name}@example.org"}
        reply = callers.api.post("/users", {**body, "ACL": {"*": {"read": True}}})
        assert reply.status == 201, reply.body
        callers.tokens[name] = reply.json["sessionToken"]
    members = {"__op": "AddRelation", "objects": [user("cyd")]}
    callers.create("_Role", {"name": "Staff", "users": members, "ACL": {}})
    yield callers
    for name in ("_User", "_Session", "_Role"):
        callers.delete("master", f"/purge/{name}")
    applications.remove("permissions")


@pytest.fixture
def callers(population: Callers) -> Iterator[Callers]:
    """The application, plain again and without classes after the test."""
    yield population
    application = applications.configure(OPTIONS)
    drop_classes(application)


@pytest.fixture
def configure(callers: Callers) -> Callable[..., Application]:
    """Gives the application other options: `configure(protectedFieldsOwnerExempt=False)`."""
    return lambda **options: applications.configure({**OPTIONS, **options})


def drop_classes(application: Application) -> None:
    """Removes what a test made."""
    application.schemas.refresh()
    with registry_change(application) as change:
        for name in application.schemas:
            if not name.startswith("_"):
                change.drop(change.current(name))


class PlainUsers(SystemClass):
    """Rows are callers, and nothing else is special about them."""

    name = "_User"
    owner_is_row = True


@pytest.fixture
def plain_users() -> Iterator[None]:
    """For rules about who may do what, apart from what the user class adds to them."""
    with system_classes.temporarily("_User", PlainUsers()):
        yield
