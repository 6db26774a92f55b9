"""The data that both servers hold while they are measured, stored through their own REST interface."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from .calls import Call, Client

ITEMS = 5000
GROUPS = 50  # so that a group has 100 items
AUTHORS = 100
COMPANIES = 10
COUNTERS = 1000
SECRETS = 100
GUARDED = 1000
GUARDED_GROUPS = 10  # so that a group has 100, too
PASSWORD_USERS = 8
PASSWORD = "correct horse"  # noqa: S105 - of users that live as long as the benchmark
COLD_USERS = 1200
BATCH = 50
T = TypeVar("T")

WORDS = (
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "lazy",
    "dogs",
    "while",
    "seven",
    "wizards",
    "brew",
    "potions",
    "of",
    "uncommon",
    "strength",
)


@dataclass(frozen=True)
class Data:
    """What the scenarios need to know of the data of one server."""

    items: list[str]
    counters: list[str]
    handled: list[str]  # like the counters, of a class that user code looks at before each save
    secrets: list[str]
    guarded: list[str]  # of a class with permissions for a role, and with protected fields
    user_names: list[str]
    sessions: list[str]  # tokens of users who may read the secrets through nested roles, one session each


def store(client: Client) -> Data:
    """Fills an empty application. The same on every server but for ids and tokens, which are the server's own."""
    dice = random.Random(7)  # noqa: S311 - the same numbers each time are the point
    companies = create_all(client, "Company", ({"name": text(dice, 2), "size": n} for n in range(COMPANIES)))
    authors = create_all(client, "Author", (author(dice, companies) for _ in range(AUTHORS)))
    items = create_all(client, "Item", (item(dice, number, authors) for number in range(ITEMS)))
    counters = create_all(client, "Counter", ({"title": text(dice, 4), "hits": n} for n in range(COUNTERS)))
    handled = create_all(client, "Handled", ({"title": text(dice, 4), "hits": n} for n in range(COUNTERS)))
    names = [f"user{number}" for number in range(PASSWORD_USERS)]
    client.batch([Call("POST", "/users", {"username": name, "password": PASSWORD}) for name in names])
    users = [anonymous(number) for number in range(COLD_USERS)]
    signed_up = [answer for part in chunks(users) for answer in client.batch(part, as_master=False)]
    role = nested_roles(client, [answer["objectId"] for answer in signed_up])
    acl = {f"role:{role}": {"read": True}}
    secrets = create_all(client, "Secret", ({**item(dice, n, authors), "ACL": acl} for n in range(SECRETS)))
    client.send(
        Call(
            "POST",
            "/schemas/Guarded",
            {"classLevelPermissions": for_role(role), "fields": GUARDED_FIELDS},
            as_master=True,
        )
    )
    rows = ({**item(dice, n, authors), "group": n % GUARDED_GROUPS, "ACL": acl} for n in range(GUARDED))
    guarded = create_all(client, "Guarded", rows)
    create_all(client, "Written", (written(dice) for _ in range(BATCH)))
    create_all(client, "Handled", (written(dice) for _ in range(BATCH)))
    return Data(items, counters, handled, secrets, guarded, names, [answer["sessionToken"] for answer in signed_up])


GUARDED_FIELDS = {"price": {"type": "Number"}, "tags": {"type": "Array"}}


def for_role(role: str) -> dict[str, Any]:
    """Class-level permissions that let the role read, and hide the price from it, and the tags, too, from others."""
    allowed = {f"role:{role}": True}
    protected = {"*": ["price", "tags"], f"role:{role}": ["price"]}
    return {"get": allowed, "find": allowed, "count": allowed, "protectedFields": protected}


def item(dice: random.Random, number: int, authors: Sequence[str]) -> dict[str, Any]:
    """An object of about 450 bytes with two pointers."""
    return {
        "title": text(dice, 5),
        "body": text(dice, 25),
        "group": number % GROUPS,
        "rank": dice.randrange(100_000),
        "price": dice.randrange(10_000) / 100,
        "active": number % 3 == 0,
        "tags": dice.sample(WORDS, 3),
        "author": pointer("Author", dice.choice(authors)),
        "editor": pointer("Author", dice.choice(authors)),
    }


def written(dice: random.Random) -> dict[str, Any]:
    """What the create scenarios store: as an item, without pointers."""
    full = item(dice, dice.randrange(ITEMS), ["none"])
    return {name: value for name, value in full.items() if name not in {"author", "editor"}}


def author(dice: random.Random, companies: Sequence[str]) -> dict[str, Any]:
    return {
        "name": text(dice, 2),
        "about": text(dice, 15),
        "born": dice.randrange(1900, 2000),
        "company": pointer("Company", dice.choice(companies)),
    }


def anonymous(number: int) -> Call:
    """A sign-up that costs no password hash."""
    return Call("POST", "/users", {"authData": {"anonymous": {"id": f"00000000-0000-0000-0000-{number:012}"}}})


def nested_roles(client: Client, user_ids: list[str]) -> str:
    """Name of a role that the users have through two others; they are in a second one directly."""
    inner = new_role(client, "Inner")
    middle = new_role(client, "Middle", roles=[inner])
    new_role(client, "Outer", roles=[middle])
    for role in (inner, new_role(client, "Readers")):
        for part in chunks(user_ids):
            added = [pointer("_User", user_id) for user_id in part]
            body = {"users": {"__op": "AddRelation", "objects": added}}
            client.send(Call("PUT", f"/roles/{role}", body, as_master=True))
    return "Outer"


def new_role(client: Client, name: str, roles: Sequence[str] = ()) -> str:
    body: dict[str, Any] = {"name": name, "ACL": {"*": {"read": True}}}
    if roles:
        body["roles"] = {"__op": "AddRelation", "objects": [pointer("_Role", role) for role in roles]}
    return str(client.send(Call("POST", "/roles", body, as_master=True))["objectId"])


def create_all(client: Client, class_name: str, rows: Iterator[dict[str, Any]]) -> list[str]:
    """Ids of the new objects, in order."""
    calls = [Call("POST", f"/classes/{class_name}", row) for row in rows]
    return [answer["objectId"] for part in chunks(calls) for answer in client.batch(part)]


def pointer(class_name: str, object_id: str) -> dict[str, str]:
    return {"__type": "Pointer", "className": class_name, "objectId": object_id}


def text(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(WORDS, k=words))


def chunks(values: Sequence[T]) -> Iterator[list[T]]:
    rest = iter(values)
    while part := list(islice(rest, BATCH)):
        yield part
