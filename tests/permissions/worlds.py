"""Random classes with permissions, objects and callers, from a seed: small alphabets, so that the rules meet."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.permissions.model import Caller, Model

Json = Any
USERS = ("ann", "bob", "cyd")
ROLES = ("Admin", "Staff")
OPERATIONS = ("find", "count", "get", "create", "update", "delete", "addField")
COLUMNS = ("owner", "editors")
SECRETS = ("a", "b", "c", "owner")


def caller(random: Random) -> Caller:
    """Anonymous, or one of the users with some roles."""
    if random.random() < 0.25:
        return Caller()
    return Caller(random.choice(USERS), tuple(random.sample(ROLES, random.randint(0, 2))))


def world(random: Random) -> Model:
    """A class with up to six objects."""
    model = Model(
        permissions(random) if random.random() < 0.9 else None,
        [item(random, f"x{number}") for number in range(random.randint(1, 6))],
        _lists(random) if random.random() < 0.3 else {},
        is_user_class=random.random() < 0.2,
        owner_exempt=random.random() < 0.7,
    )
    if model.is_user_class and (model.owner_exempt or "*" not in model.option_protected):
        # The default of the option is merged in; these objects have no such field, but the list counts.
        model.option_protected["*"] = [*model.option_protected.get("*", []), "email"]
    return model


def permissions(random: Random) -> dict[str, Json]:
    """A permission object that `/schemas` would accept."""
    chosen: dict[str, Json] = {name: _entry(random) for name in OPERATIONS if random.random() < 0.8}
    for group in ("readUserFields", "writeUserFields"):
        if random.random() < 0.15:
            chosen[group] = _some(random, COLUMNS)
    if random.random() < 0.7:
        chosen["protectedFields"] = _lists(random)
    return chosen


def item(random: Random, object_id: str) -> dict[str, Json]:
    """An object; its id may be a user's, for the class whose rows are users."""
    document: dict[str, Json] = {"objectId": random.choice((object_id, *USERS)), "a": 1, "b": 2, "c": 3}
    if random.random() < 0.7:
        document["owner"] = _pointer(random, "_User")
    if random.random() < 0.6:
        class_name = random.choice(("_User", "_User", "_User", "Other"))
        document["editors"] = [_pointer(random, class_name) for _ in range(random.randint(0, 2))] + ["text", None]
    if random.random() < 0.6:
        keys = _some(random, ("*", *USERS, *(f"role:{name}" for name in ROLES)))
        document["ACL"] = {key: dict.fromkeys(_some(random, ("read", "write")) or ["read"], True) for key in keys}
    return document


def _entry(random: Random) -> dict[str, Json]:
    entry: dict[str, Json] = {}
    if random.random() < 0.35:
        entry["*"] = True
    for key in (*USERS, *(f"role:{name}" for name in ROLES)):
        if random.random() < 0.1:
            entry[key] = True
    if random.random() < 0.25:
        entry["requiresAuthentication"] = True
    if random.random() < 0.35:
        entry["pointerFields"] = _some(random, COLUMNS)
    return entry


def _lists(random: Random) -> dict[str, Json]:
    keys = ("*", "authenticated", "ann", "role:Admin", "role:Staff", "userField:owner", "userField:editors")
    return {key: _some(random, SECRETS) for key in keys if random.random() < 0.35}


def _pointer(random: Random, class_name: str) -> dict[str, Json]:
    return {"__type": "Pointer", "className": class_name, "objectId": random.choice(USERS)}


def _some(random: Random, options: tuple[str, ...]) -> list[str]:
    return [option for option in options if random.random() < 0.4]
