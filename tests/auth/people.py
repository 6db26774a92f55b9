"""People who use the application under test, and what they do most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from parse_core.signals import Moment
from tests.support.client import ApiClient, Reply

PASSWORD = "s3cret"


@dataclass(frozen=True)
class Person:
    """A user with the token of a session."""

    id: str
    name: str
    token: str

    @property
    def path(self) -> str:
        return f"/users/{self.id}"

    @property
    def pointer(self) -> dict[str, str]:
        return {"__type": "Pointer", "className": "_User", "objectId": self.id}


def sign_up(api: ApiClient, name: str, **fields: Any) -> Person:
    """A new user with the usual password."""
    reply = api.post("/users", {"username": name, "password": PASSWORD, **fields})
    assert reply.status == 201, reply.body
    return Person(reply.json["objectId"], name, reply.json["sessionToken"])


def log_in(api: ApiClient, name: str, password: str = PASSWORD, **how: Any) -> Reply:
    return api.post("/login", {"username": name, "password": password}, **how)


def anonymous(device: str) -> dict[str, Any]:
    """The body of a sign-up without a name."""
    return {"authData": {"anonymous": {"id": device}}}


def make_role(api: ApiClient, name: str, *, users: tuple[Person, ...] = (), roles: tuple[str, ...] = ()) -> str:
    """The id of a new role; `roles` are the ids of those whose members have it, too."""
    body: dict[str, Any] = {"name": name, "ACL": {"*": {"read": True}}}
    if users:
        body["users"] = {"__op": "AddRelation", "objects": [user.pointer for user in users]}
    if roles:
        pointers = [{"__type": "Pointer", "className": "_Role", "objectId": role} for role in roles]
        body["roles"] = {"__op": "AddRelation", "objects": pointers}
    reply = api.post("/roles", body, master=True)
    assert reply.status == 201, reply.body
    role_id: str = reply.json["objectId"]
    return role_id


@contextmanager
def listening(moment: Moment, receiver: Callable[..., object]) -> Iterator[None]:
    """Inside the block, `receiver` hears of the moment for every class."""

    def everything(_application: object, _class_name: str) -> bool:
        return True

    moment.connect(receiver, weak=False)
    moment._interests.append(everything)
    try:
        yield
    finally:
        moment.disconnect(receiver)
        moment._interests.remove(everything)


def tokens(api: ApiClient, **where: Any) -> list[str]:
    """The tokens of all sessions."""
    found = api.get("/sessions", query={"where": where, "order": "createdAt"}, master=True)
    return [session["sessionToken"] for session in found.json["results"]]
