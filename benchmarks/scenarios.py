"""The rows of the table: what is sent, what must come back, and what we hold ourselves to."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .calls import MOUNT, Call
from .data import BATCH, GROUPS, GUARDED_GROUPS, ITEMS, PASSWORD, Data, text, written

PER_GROUP = ITEMS // GROUPS
VARIANTS = 200  # different requests of a scenario, sent in turn


@dataclass(frozen=True)
class Scenario:
    """One kind of work. `floor` and `goal`: our requests per second ÷ the reference's; `budget`: SQL statements."""

    name: str
    calls: Callable[[Data], list[Call]]
    is_right: Callable[[Any], bool]
    floor: float | None
    goal: float | None
    budget: int
    # Each call may be sent once only, then caches have to forget it before the next round.
    once: bool = False


def get(data: Data) -> list[Call]:
    return [Call("GET", f"/classes/Item/{object_id}") for object_id in data.items[:VARIANTS]]


def find(**query: Any) -> Callable[[Data], list[Call]]:
    """A group of 100 out of 5,000 items, in the order of their rank."""

    def calls(_data: Data) -> list[Call]:
        common = {"order": "rank", "limit": PER_GROUP}
        return [Call("GET", "/classes/Item", query=common | query | {"where": {"group": n}}) for n in range(GROUPS)]

    return calls


def create(_data: Data, class_name: str = "Written") -> list[Call]:
    dice = random.Random(1)  # noqa: S311 - repeatable
    return [Call("POST", f"/classes/{class_name}", written(dice)) for _ in range(VARIANTS)]


def create_handled(data: Data) -> list[Call]:
    return create(data, "Handled")


def update(data: Data) -> list[Call]:
    return updates("Counter", data.counters)


def update_handled(data: Data) -> list[Call]:
    return updates("Handled", data.handled)


def updates(class_name: str, object_ids: list[str]) -> list[Call]:
    dice = random.Random(2)  # noqa: S311 - repeatable
    increment = {"__op": "Increment", "amount": 1}
    return [
        Call("PUT", f"/classes/{class_name}/{object_id}", {"title": text(dice, 4), "hits": increment})
        for object_id in object_ids
    ]


def batch(_data: Data) -> list[Call]:
    dice = random.Random(3)  # noqa: S311 - repeatable

    def parts() -> list[dict[str, Any]]:
        path = f"{MOUNT}/classes/Written"
        return [{"method": "POST", "path": path, "body": written(dice)} for _ in range(BATCH)]

    return [Call("POST", "/batch", {"requests": parts()}) for _ in range(VARIANTS // 10)]


def count(_data: Data) -> list[Call]:
    return [Call("GET", "/classes/Item", query={"where": {"group": n}, "count": 1, "limit": 0}) for n in range(GROUPS)]


def get_with_warm_session(data: Data) -> list[Call]:
    return [Call("GET", f"/classes/Secret/{object_id}", session=data.sessions[0]) for object_id in data.secrets]


def get_with_cold_session(data: Data) -> list[Call]:
    path = f"/classes/Secret/{data.secrets[0]}"
    return [Call("GET", path, session=session) for session in data.sessions[1:]]


def get_guarded(data: Data) -> list[Call]:
    return [Call("GET", f"/classes/Guarded/{each}", session=data.sessions[0]) for each in data.guarded[:VARIANTS]]


def find_guarded(data: Data) -> list[Call]:
    """A group of 100 out of 1,000, in the order of their rank, as somebody who may read them by a role."""
    common = {"order": "rank", "limit": PER_GROUP}
    return [
        Call("GET", "/classes/Guarded", query={**common, "where": {"group": n}}, session=data.sessions[0])
        for n in range(GUARDED_GROUPS)
    ]


def is_masked(row: Any) -> bool:
    return "tags" in row and "price" not in row


def login(data: Data) -> list[Call]:
    return [Call("POST", "/login", {"username": name, "password": PASSWORD}) for name in data.user_names]


def has(*keys: str) -> Callable[[Any], bool]:
    return lambda answer: all(key in answer for key in keys)


def whole_group(*included: str) -> Callable[[Any], bool]:
    """100 rows, each with an object, not a pointer, at every path included."""

    def is_right(answer: Any) -> bool:
        rows = answer["results"]
        return len(rows) == PER_GROUP and all(
            at(row, path).get("__type") == "Object" for row in rows for path in included
        )

    return is_right


def at(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = row[name]
    return row


SCENARIOS = [
    Scenario("get by id", get, has("objectId", "title", "author"), 1.5, 2, 1),
    Scenario("find 100 of 5,000 by a condition", find(), whole_group(), 4, 6, 1),
    Scenario("find 100, one include", find(include="author"), whole_group("author"), 4, 6, 1),
    Scenario("find 100, two includes", find(include="author,editor"), whole_group("author", "editor"), 4, 6, 1),
    Scenario(
        "find 100, nested include", find(include="author.company"), whole_group("author", "author.company"), 4, 6, 1
    ),
    Scenario("create", create, has("objectId", "createdAt"), 1.3, 2, 1),
    Scenario("update (Set + Increment)", update, has("updatedAt", "hits"), 1.5, 2, 1),
    Scenario("create, beforeSave", create_handled, has("objectId", "createdAt"), 1.3, 2, 1),
    Scenario("update (Set + Increment), beforeSave", update_handled, has("updatedAt", "hits"), 1.3, 2, 2),
    Scenario("batch of 50 creates", batch, lambda answer: len(answer) == BATCH and "success" in answer[-1], 5, 8, 1),
    Scenario("count with a condition", count, lambda answer: answer["count"] == PER_GROUP, 2, 3, 1),
    Scenario("get, warm session, roles", get_with_warm_session, has("title"), 1.5, 2, 1),
    Scenario("get, cold session, nested roles", get_with_cold_session, has("title"), 2, 3, 2, once=True),
    Scenario("get, permissions, ACL, roles, protected fields", get_guarded, is_masked, 1.5, 2, 1),
    Scenario(
        "find 100, permissions, ACL, roles, protected fields",
        find_guarded,
        lambda answer: len(answer["results"]) == PER_GROUP and all(map(is_masked, answer["results"])),
        4,
        6,
        1,
    ),
    Scenario("login", login, has("sessionToken"), None, None, 3),
]
