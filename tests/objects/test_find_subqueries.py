"""Sub-queries and relations see other classes with the rights of the caller, inside the one statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from parse_core.errors import AuthenticationNeeded, Forbidden, InvalidQuery, ParseError
from parse_core.store.rows import Links, NewRow, Permissions, insert
from tests.objects.worlds import ANONYMOUS, MASTER, TIME, World, plain_users, pointer, user


@pytest.fixture(scope="module", autouse=True)
def users() -> Iterator[None]:
    with plain_users():
        yield


@pytest.fixture(scope="module")
def world(database_url: str) -> World:
    world = World.make(requestComplexity={"subqueryDepth": 2})
    everybody = {"*": True}
    reading = {"get": everybody, "find": everybody, "count": everybody}
    world.define("_User", email="String")
    world.define("City", name="String", secret="String")
    world.define("Closed", {"get": everybody}, name="String")
    world.define("SignedIn", {"find": {"requiresAuthentication": True}}, name="String")
    world.define("Guarded", {**reading, "protectedFields": {"*": ["secret"]}}, secret="String", name="String")
    world.define(
        "Team",
        {**reading, "protectedFields": {"*": ["hidden"]}},
        name="String",
        players="Relation<Player>",
        hidden="Relation<Player>",
    )
    world.define("ClosedTeam", {"find": everybody}, players="Relation<Player>")
    world.define("Player", name="String", city="Pointer<City>", town="String")
    world.put("City", "open", name="open")
    world.put("City", "locked", acl={"alice": {"read": True}}, name="locked")
    world.put("Guarded", "g", name="open", secret="open")
    for number, city in enumerate(("open", "locked", "gone")):
        world.put("Player", f"p{number}", name=f"n{number}", city=pointer("City", city), town=city)
    world.put("Player", "p3", name="n3")
    link(world, "Team", "public", "players", ["p0", "p2", "deleted"])
    link(world, "Team", "public", "hidden", ["p1"])
    link(world, "Team", "private", "players", ["p1"], readers=["alice"])
    link(world, "ClosedTeam", "closed", "players", ["p1"])
    return world


def link(world: World, class_name: str, owner: str, key: str, ids: list[str], readers: list[str] | None = None) -> None:
    """Links objects to an owner, which is made with its first links."""
    schema = world.application.schemas[class_name]
    if world.ids(class_name, MASTER, where={"objectId": owner}):
        for related in ids:
            statement = insert_link(schema.join_table(key), owner, related)
            world.application.database.fetch(statement)
        return
    document = {"objectId": owner, "createdAt": TIME, "updatedAt": TIME}
    row = NewRow(owner, document, Permissions(readers, readers))
    world.application.database.fetch(insert(schema.relation, row, [Links(schema.join_table(key), added=ids)]))


def insert_link(table: Any, owner: str, related: str) -> Any:
    from parse_core.store.sql import Sql

    return Sql("INSERT INTO ") + table + Sql(" (owning_id, related_id) VALUES (%s, %s)", (owner, related))


def in_query(class_name: str, /, **where: Any) -> dict[str, Any]:
    return {"$inQuery": {"className": class_name, "where": where}}


def related(class_name: str, owner: str, key: str) -> dict[str, Any]:
    return {"$relatedTo": {"object": pointer(class_name, owner), "key": key}}


@pytest.mark.parametrize(
    ("caller", "where", "ids"),
    [
        (ANONYMOUS, {"city": in_query("City")}, ["p0"]),
        (user("alice"), {"city": in_query("City")}, ["p0", "p1"]),
        (MASTER, {"city": in_query("City", name="locked")}, ["p1"]),
        (ANONYMOUS, {"city": in_query("City", name="locked")}, []),
        (ANONYMOUS, {"city": {"$notInQuery": {"className": "City", "where": {}}}}, ["p1", "p2", "p3"]),
        (ANONYMOUS, {"town": {"$select": {"query": {"className": "City"}, "key": "name"}}}, ["p0"]),
        (user("alice"), {"town": {"$select": {"query": {"className": "City"}, "key": "name"}}}, ["p0", "p1"]),
        (ANONYMOUS, {"$or": [{"city": in_query("City")}, {"name": "n3"}]}, ["p0", "p3"]),
        (ANONYMOUS, related("Team", "public", "players"), ["p0", "p2"]),
        (ANONYMOUS, related("Team", "private", "players"), []),
        (user("alice"), related("Team", "private", "players"), ["p1"]),
        (MASTER, related("Team", "private", "players"), ["p1"]),
        (ANONYMOUS, related("ClosedTeam", "closed", "players"), []),
        (MASTER, related("ClosedTeam", "closed", "players"), ["p1"]),
        (ANONYMOUS, related("Team", "unknown", "players"), []),
        (ANONYMOUS, related("Team", "public", "unknown"), []),
        (ANONYMOUS, related("Unknown", "public", "players"), []),
        (MASTER, related("Team", "public", "hidden"), ["p1"]),
        (ANONYMOUS, {**related("Team", "public", "players"), "$or": [{"name": "n2"}, {"name": "n1"}]}, ["p2"]),
    ],
)
def test_other_classes_are_seen_with_the_callers_rights(
    world: World, caller: Any, where: dict[str, Any], ids: list[str]
) -> None:
    assert world.ids("Player", caller, where=where) == ids
    assert world.count("Player", caller, where=where) == len(ids)
    assert world.statements("Player", caller, where=where, count=1) == 1


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ({"city": in_query("Closed")}, Forbidden),
        ({"city": in_query("SignedIn")}, AuthenticationNeeded),
        ({"city": in_query("_JobStatus")}, Forbidden),
        ({"city": in_query("_Join:players:Team")}, Forbidden),
        ({"city": in_query("Unknown")}, Forbidden),
        ({"$or": [{"name": "x"}, {"city": in_query("Closed")}]}, Forbidden),
        ({"city": in_query("Guarded", secret="x")}, Forbidden),
        ({"city": in_query("Guarded", **{"$or": [{"secret": "x"}]})}, Forbidden),
        ({"town": {"$select": {"query": {"className": "Guarded"}, "key": "secret"}}}, Forbidden),
        (related("Team", "public", "hidden"), Forbidden),
        ({"city": in_query("City", x=in_query("City", y=in_query("City")))}, InvalidQuery),
    ],
)
def test_a_refusal_of_another_class_fails_the_query(
    world: World, where: dict[str, Any], error: type[ParseError]
) -> None:
    with pytest.raises(error):
        world.find("Player", where=where)


def test_the_privileged_may_ask_everything(world: World) -> None:
    assert world.ids("Player", MASTER, where={"city": in_query("Closed")}) == []
    assert world.ids("Player", MASTER, where={"city": in_query("Unknown")}) == []
    deep = in_query("City", x=in_query("City", y=in_query("City")))
    assert world.ids("Player", MASTER, where={"city": deep}) == []
    assert world.ids(
        "Player", MASTER, where={"town": {"$select": {"query": {"className": "Guarded"}, "key": "secret"}}}
    ) == ["p0"]
    assert world.ids("Player", user("bob"), where={"city": in_query("SignedIn")}) == []


def test_clients_compare_with_as_many_rows_as_the_options_say(database_url: str) -> None:
    world = World.make(requestComplexity={"subqueryLimit": 1})
    world.define("City", name="String")
    world.define("Player", city="Pointer<City>")
    for name in ("a", "b"):
        world.put("City", name)
        world.put("Player", name, city=pointer("City", name))
    assert len(world.ids("Player", where={"city": in_query("City")})) == 1
    assert len(world.ids("Player", MASTER, where={"city": in_query("City")})) == 2


def test_a_hidden_relation_is_not_even_named(world: World) -> None:
    (team,) = world.find("Team", where={"objectId": "public"})
    assert "players" in team
    assert "hidden" not in team
    assert "hidden" in world.get("Team", "public", MASTER)
