"""Reading without includes: what comes back, in what order, how many, for whom, in how many statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from parse_core.errors import Forbidden, InvalidJson, InvalidKeyName, InvalidQuery, ObjectNotFound, ParseError
from parse_core.objects.find import find, get
from parse_core.objects.find_request import parse_find, parse_get
from parse_core.objects.requests import FindRequest
from parse_core.signals import after_find, before_find
from parse_core.store.database import counting
from tests.objects.worlds import ANONYMOUS, MAINTENANCE, MASTER, TIME, World, listening, plain_users, pointer, user

ALWAYS = {"objectId", "createdAt", "updatedAt"}


@pytest.fixture(scope="module", autouse=True)
def users() -> Iterator[None]:
    with plain_users():
        yield


@pytest.fixture(scope="module")
def world(database_url: str) -> World:
    world = World.make()
    world.define("Post", title="String", views="Number", body="Object", author="Pointer<Author>", likes="Relation<Fan>")
    world.define("Author", name="String")
    world.define("Fan", name="String")
    for number in range(5):
        world.put("Post", f"p{number}", title=f"Post {number}", views=number, body={"x": number, "y": [1, None]})
    world.define("Note", text="String")
    world.put("Note", "public", text="public")
    world.put("Note", "alices", acl={"alice": {"read": True, "write": True}}, text="alice's")
    world.put("Note", "admins", acl={"role:Admin": {"read": True}}, text="the admins'")
    world.put("Note", "locked", acl={}, text="nobody's")
    world.define("Empty")
    return world


def test_results_come_in_the_order_they_were_created(world: World) -> None:
    assert world.ids("Post") == ["p0", "p1", "p2", "p3", "p4"]


def test_a_result_is_the_object_as_it_is_stored_plus_its_relations(world: World) -> None:
    assert world.find("Post", where={"objectId": "p1"}) == [
        {
            "objectId": "p1",
            "createdAt": TIME,
            "updatedAt": TIME,
            "title": "Post 1",
            "views": 1,
            "body": {"x": 1, "y": [1, None]},
            "likes": {"__type": "Relation", "className": "Fan"},
        }
    ]


def test_a_get_gives_the_object_with_its_relations(world: World) -> None:
    assert world.get("Post", "p2") == world.find("Post", where={"objectId": "p2"})[0]


def test_no_results_are_an_empty_list(world: World) -> None:
    found = find(world.context(), FindRequest("Empty", count=True))
    assert (found.json, found.count) == (b"[]", 0)


@pytest.mark.parametrize(
    ("parameters", "ids"),
    [
        ({"limit": 2}, ["p0", "p1"]),
        ({"limit": "2"}, ["p0", "p1"]),
        ({"limit": ""}, ["p0", "p1", "p2", "p3", "p4"]),
        ({"limit": 2, "skip": 3}, ["p3", "p4"]),
        ({"skip": "4"}, ["p4"]),
        ({"skip": 50}, []),
        ({"limit": 0}, []),
        ({"where": '{"views":{"$gt":2}}'}, ["p3", "p4"]),
        ({"where": {"views": 3}}, ["p3"]),
        ({"where": "{}"}, ["p0", "p1", "p2", "p3", "p4"]),
        ({"where": None}, ["p0", "p1", "p2", "p3", "p4"]),
        ({"where": []}, ["p0", "p1", "p2", "p3", "p4"]),
        ({"order": "-views"}, ["p4", "p3", "p2", "p1", "p0"]),
        ({"order": ["-views"], "limit": 1}, ["p4"]),
        ({"order": "unknown, -views", "limit": 1}, ["p4"]),
        ({"hint": "x", "comment": "a */ comment", "readPreference": "secondary", "limit": 1}, ["p0"]),
    ],
)
def test_parameters_choose_rows(world: World, parameters: dict[str, Any], ids: list[str]) -> None:
    assert world.ids("Post", **parameters) == ids
    assert world.statements("Post", **parameters) == (0 if parameters.get("limit") == 0 else 1)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"watch": "title"}, InvalidQuery, "Invalid parameter for query: watch"),
        ({"where%3D": ""}, InvalidQuery, "Invalid parameter for query: where%3D"),
        ({"where": "{"}, InvalidJson, "where parameter is not valid JSON"),
        ({"where": ""}, InvalidJson, "where parameter is not valid JSON"),
        ({"where": 5}, InvalidJson, "where parameter is not valid JSON"),
        ({"where": True}, InvalidJson, "where parameter is not valid JSON"),
        ({"where": "[1]"}, InvalidJson, "where parameter is not valid JSON"),
        ({"limit": -1}, InvalidQuery, "Invalid parameter for query: limit"),
        ({"limit": "abc"}, InvalidQuery, "Invalid parameter for query: limit"),
        ({"limit": "nan"}, InvalidQuery, "Invalid parameter for query: limit"),
        ({"limit": True}, InvalidQuery, "Invalid parameter for query: limit"),
        ({"limit": {}}, InvalidQuery, "Invalid parameter for query: limit"),
        ({"skip": -1}, InvalidQuery, "Invalid parameter for query: skip"),
        ({"readPreference": "NOWHERE"}, InvalidQuery, "Not supported read preference."),
        ({"where": {"-x": 1}}, InvalidKeyName, "Invalid key name: -x"),
    ],
)
def test_wrong_parameters_are_refused(
    world: World, parameters: dict[str, Any], error: type[ParseError], message: str
) -> None:
    with pytest.raises(error) as refused:
        world.find("Post", **parameters)
    assert refused.value.message == message


@pytest.mark.parametrize("name", ["limit", "where", "includeAll", "watch"])
def test_a_get_takes_no_parameters_of_a_find(world: World, name: str) -> None:
    with pytest.raises(InvalidQuery, match="Improper encode of parameter"):
        world.get("Post", "p1", **{name: 1})


def test_huge_limits_and_skips_are_taken(world: World) -> None:
    assert len(world.ids("Post", limit=1e300)) == 5
    assert world.ids("Post", skip=10**40) == []


@pytest.mark.parametrize("parameters", [{}, {"limit": 1, "skip": 3}, {"limit": 0}, {"limit": "0"}, {"where": {}}])
def test_a_count_is_of_all_matches(world: World, parameters: dict[str, Any]) -> None:
    assert world.count("Post", **parameters) == 5
    assert world.count("Post", MASTER, **parameters) == 5
    assert world.statements("Post", count=1, **parameters) == 1


def test_a_count_alone_brings_no_rows(world: World) -> None:
    found = find(world.context(), parse_find("Post", {"limit": 0, "count": 1, "where": {"views": {"$gte": 3}}}))
    assert (found.json, found.count) == (b"[]", 2)


def test_limits_come_from_the_options(database_url: str) -> None:
    world = World.make(defaultLimit=3, maxLimit=2)
    world.define("Thing")
    for number in range(5):
        world.put("Thing", f"t{number}")
    assert len(world.ids("Thing")) == 3
    assert len(world.ids("Thing", limit=1000)) == 2


def test_an_unknown_class_is_empty_and_stays_unknown(world: World) -> None:
    assert world.find("Unknown", MASTER) == []
    assert world.count("Unknown", MASTER) == 0
    with pytest.raises(ObjectNotFound):
        world.get("Unknown", "x", MASTER)
    assert "Unknown" not in list(world.application.schemas)


def test_clients_may_not_ask_about_a_class_nobody_created(world: World) -> None:
    for parameters in ({}, {"limit": 0}, {"count": 1, "limit": 0}):
        with pytest.raises(Forbidden, match="non-existent class: Unknown"):
            world.find("Unknown", **parameters)


def test_a_class_dropped_by_another_process_is_unknown(database_url: str) -> None:
    world = World.make(allowClientClassCreation=True)
    for name in ("One", "Two"):
        world.define(name)
        world.put(name, "x")
    world.drop("One")
    assert world.find("One") == []
    world.drop("Two")
    with pytest.raises(ObjectNotFound):
        world.get("Two", "x")


def test_an_unknown_id_is_not_found(world: World) -> None:
    for object_id in ("nobody", "", "p1\0", "ünknown"):
        with pytest.raises(ObjectNotFound) as refused:
            world.get("Post", object_id)
        assert refused.value.status == 404


# Rights


@pytest.mark.parametrize(
    ("caller", "ids"),
    [
        (ANONYMOUS, ["public"]),
        (user("alice"), ["public", "alices"]),
        (user("bob"), ["public"]),
        (user("bob", "Admin"), ["public", "admins"]),
        (MASTER, ["public", "alices", "admins", "locked"]),
        (MAINTENANCE, ["public", "alices", "admins", "locked"]),
    ],
)
def test_callers_find_and_count_what_its_acl_lets_them_read(world: World, caller: Any, ids: list[str]) -> None:
    assert world.ids("Note", caller) == ids
    assert world.count("Note", caller) == len(ids)
    assert world.count("Note", caller, limit=0) == len(ids)
    for object_id in ("public", "alices", "admins", "locked"):
        if object_id in ids:
            assert world.get("Note", object_id, caller)["objectId"] == object_id
        else:
            with pytest.raises(ObjectNotFound):
                world.get("Note", object_id, caller)


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "a,b", "{}", "NULL", " ", "ünï\n", "%s"])
def test_identities_are_taken_as_they_are(database_url: str, name: str) -> None:
    world = World.make()
    world.define("Note")
    world.put("Note", "own", acl={name: {"read": True}})
    world.put("Note", "role", acl={f"role:{name}": {"read": True}})
    assert world.ids("Note", user(name)) == ["own"]
    assert world.ids("Note", user("other", name, "another")) == ["role"]
    assert world.ids("Note", user("te", "slash", "a", "b")) == []


def test_an_object_shows_its_acl(world: World) -> None:
    assert world.get("Note", "alices", MASTER)["ACL"] == {"alice": {"read": True, "write": True}}
    assert world.get("Note", "locked", MASTER)["ACL"] == {}
    assert "ACL" not in world.get("Note", "public", MASTER)


@pytest.fixture(scope="module")
def guarded(database_url: str) -> World:
    world = World.make()
    everybody = {"*": True}
    world.define("GetOnly", {"get": everybody})
    world.define("FindOnly", {"find": everybody})
    world.define("CountOnly", {"count": everybody})
    for name in ("GetOnly", "FindOnly", "CountOnly"):
        world.put(name, "x")
    return world


def test_get_find_and_count_are_permissions_of_their_own(guarded: World) -> None:
    assert guarded.get("GetOnly", "x")["objectId"] == "x"
    assert guarded.ids("GetOnly", where={"objectId": "x"}) == ["x"]
    assert guarded.ids("FindOnly") == ["x"]
    assert guarded.ids("FindOnly", where={"objectId": {"$eq": "x"}}) == ["x"]
    assert guarded.count("CountOnly", limit=0) == 1
    refused: list[tuple[str, dict[str, Any]]] = [
        ("GetOnly", {}),
        ("GetOnly", {"where": {"objectId": {"$eq": "x"}}}),
        ("FindOnly", {"where": {"objectId": "x"}}),
        ("FindOnly", {"count": 1}),
        ("FindOnly", {"count": 1, "limit": 0}),
        ("CountOnly", {"count": 1}),
    ]
    for name, parameters in refused:
        with pytest.raises(Forbidden):
            guarded.find(name, **parameters)
    with pytest.raises(Forbidden):
        guarded.get("FindOnly", "x")
    assert guarded.find("GetOnly", limit=0) == []


def test_a_refusal_comes_before_a_mistake_in_the_condition(guarded: World) -> None:
    with pytest.raises(Forbidden):
        guarded.find("GetOnly", where={"x": {"$in": 5}})


def test_count_and_find_each_have_their_rows(database_url: str) -> None:
    world = World.make()
    world.define("_User")
    permissions = {"find": {"pointerFields": ["owner"]}, "count": {"*": True}, "get": {"pointerFields": ["owner"]}}
    world.define("Owned", permissions, owner="Pointer<_User>")
    world.put("Owned", "hers", owner=pointer("_User", "alice"))
    world.put("Owned", "his", owner=pointer("_User", "bob"))
    assert world.ids("Owned", user("alice")) == ["hers"]
    assert world.count("Owned", user("alice")) == 2
    assert world.ids("Owned") == []
    with pytest.raises(ObjectNotFound):
        world.get("Owned", "his", user("alice"))


# Fields


@pytest.mark.parametrize(
    ("parameters", "fields"),
    [
        ({"keys": "title"}, {"title", "likes"}),
        ({"keys": ["title", "views"]}, {"title", "views", "likes"}),
        ({"keys": " title , nosuch,"}, {"title", "likes"}),
        ({"keys": ""}, {"likes"}),
        ({"keys": "body.x"}, {"body", "likes"}),
        ({"keys": "author"}, {"likes"}),
        ({"excludeKeys": "title"}, {"views", "body", "likes"}),
        ({"excludeKeys": "objectId,createdAt,updatedAt,ACL"}, {"title", "views", "body", "likes"}),
        ({"excludeKeys": "body.x"}, {"title", "views", "body", "likes"}),
        ({"keys": "title,views", "excludeKeys": "views"}, {"title", "likes"}),
        ({"keys": "likes", "excludeKeys": "likes"}, {"likes"}),
        ({"keys": "title", "excludeKeys": "views,title"}, {"likes"}),
    ],
)
def test_keys_choose_fields(world: World, parameters: dict[str, Any], fields: set[str]) -> None:
    whole = world.get("Post", "p1")
    expected = {name: whole[name] for name in ALWAYS | fields}
    assert world.find("Post", where={"objectId": "p1"}, **parameters) == [expected]
    assert world.get("Post", "p1", **parameters) == expected
    assert world.statements("Post", **parameters) == 1


def test_chosen_keys_come_with_the_acl(world: World) -> None:
    assert world.get("Note", "alices", MASTER, keys="nosuch").keys() == ALWAYS | {"ACL"}


def test_thousands_of_keys_are_answered(world: World) -> None:
    names = [f"k{number}" for number in range(3000)]
    world.define("Wide", **dict.fromkeys(names, "Number"))
    world.put("Wide", "w", k7=7, k2999=1)
    assert world.find("Wide", keys=",".join(names))[0].keys() == ALWAYS | {"k7", "k2999"}


@pytest.fixture(scope="module")
def protected(database_url: str) -> World:
    world = World.make(protectedFields={"_User": {"*": ["email"]}})
    open_to_all = {action: {"*": True} for action in ("get", "find", "count")}
    world.define("_User", email="String", phone="String")
    world.define(
        "Secret",
        {**open_to_all, "protectedFields": {"*": ["secret", "hint"], "userField:owner": ["hint"], "role:Admin": []}},
        secret="String",
        hint="String",
        open="String",
        owner="Pointer<_User>",
    )
    world.put("Secret", "s1", secret="s", hint="h", open="o", owner=pointer("_User", "alice"))
    world.put("Secret", "s2", secret="s", hint="h", open="o", owner=pointer("_User", "bob"))
    for name in ("alice", "bob"):
        world.put("_User", name, email=f"{name}@example.org", phone="1")
    return world


def shown(results: list[dict[str, Any]]) -> list[set[str]]:
    return [result.keys() - ALWAYS - {"owner"} for result in results]


@pytest.mark.parametrize(
    ("caller", "parameters", "fields"),
    [
        (ANONYMOUS, {}, [{"open"}, {"open"}]),
        (user("alice"), {}, [{"open", "secret"}, {"open"}]),
        (user("bob", "Admin"), {}, [{"open", "secret", "hint"}] * 2),
        (MASTER, {}, [{"open", "secret", "hint"}] * 2),
        (ANONYMOUS, {"keys": "secret,open"}, [{"open"}, {"open"}]),
        (user("alice"), {"keys": "secret,hint"}, [{"secret"}, set()]),
        (user("alice"), {"excludeKeys": "open"}, [{"secret"}, set()]),
    ],
)
def test_protected_fields_are_left_out(
    protected: World, caller: Any, parameters: dict[str, Any], fields: list[set[str]]
) -> None:
    assert shown(protected.find("Secret", caller, **parameters)) == fields
    assert shown([protected.get("Secret", "s1", caller, **parameters)]) == fields[:1]
    assert protected.statements("Secret", caller, **parameters) == 1


def test_callers_see_their_own_protected_fields(protected: World) -> None:
    assert shown(protected.find("_User", user("alice"))) == [{"email", "phone"}, {"phone"}]
    with pytest.raises(Forbidden):
        protected.find("_User", user("alice"), where={"email": "bob@example.org"})
    assert protected.ids("_User", user("alice"), where={"email": "alice@example.org", "objectId": "alice"}) == ["alice"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"where": {"secret": "s"}},
        {"where": {"$or": [{"open": "o"}, {"secret": "s"}]}},
        {"where": {"$and": [{"$nor": [{"secret": {"$exists": True}}]}]}},
        {"where": {"secret.x": 1}},
        {"order": "secret"},
        {"order": "-open,-secret"},
        {"where": {"secret": "s"}, "limit": 0, "count": 1},
    ],
)
def test_protected_fields_may_not_be_asked_about(protected: World, parameters: dict[str, Any]) -> None:
    with pytest.raises(Forbidden, match="secret"):
        protected.find("Secret", **parameters)
    assert isinstance(protected.find("Secret", MASTER, **parameters), list)


def test_maintenance_reads_internal_columns_but_no_secrets(world: World) -> None:
    world.define("Internal", name="String")
    internal = {"_hashed_password": "x", "_session_token": "y", "_failed_login_count": 3}
    world.put("Internal", "i1", name="n", internal=internal)
    world.put("Internal", "i2", name="n")
    assert shown(world.find("Internal", MAINTENANCE)) == [{"name", "_failed_login_count"}, {"name"}]
    assert shown(world.find("Internal", MAINTENANCE, keys="_failed_login_count,_hashed_password")) == [
        {"_failed_login_count"},
        set(),
    ]
    assert shown(world.find("Internal", MASTER)) == [{"name"}, {"name"}]
    assert shown([world.get("Internal", "i1", MAINTENANCE)]) == [{"name", "_failed_login_count"}]


# Redirection, explanation, listeners


def test_a_relation_redirects_to_its_class(world: World) -> None:
    world.put("Fan", "f1", name="Ann")
    fan = {"objectId": "f1", "createdAt": TIME, "updatedAt": TIME, "name": "Ann", "className": "Fan"}
    assert world.find("Post", redirectClassNameForKey="likes") == [fan]
    assert {row["className"] for row in world.find("Post", redirectClassNameForKey="title")} == {"Post"}
    found = find(world.context(), FindRequest("Post", redirect_key="likes"))
    assert found.class_name == "Fan"


def test_a_query_is_explained_to_the_master(world: World) -> None:
    (explained,) = world.find("Post", MASTER, where={"title": "x"}, explain=True)
    assert "Plan" in explained["QUERY PLAN"][0]
    (analysed,) = world.find("Post", MASTER, explain="executionStats")
    assert "Execution Time" in analysed["QUERY PLAN"][0]
    assert len(world.find("Post", MASTER, explain=False)) == 5
    with pytest.raises(InvalidQuery, match="requires the master key"):
        world.find("Post", explain=True)
    with pytest.raises(InvalidQuery, match="Invalid value for explain"):
        world.find("Post", MASTER, explain="please")


def test_listeners_of_a_class_see_and_change_what_is_found(world: World) -> None:
    heard: list[str] = []

    def before(event: Any, **_: Any) -> None:
        heard.append(f"before {event.class_name}")
        event.request = replace(event.request, limit=1)

    def after(event: Any, **_: Any) -> None:
        heard.append(f"after {event.class_name}")
        for document in event.documents:
            document["seen"] = True

    with listening(before_find, before, "Post"), listening(after_find, after, "Post"):
        assert [(row["objectId"], row["seen"]) for row in world.find("Post")] == [("p0", True)]
        assert world.get("Post", "p3")["seen"] is True
        assert "seen" not in world.find("Note")[0]
    assert heard == ["before Post", "after Post"] * 2


def test_a_get_runs_one_statement(world: World) -> None:
    with counting() as ran:
        get(world.context(), parse_get("Post", "p1", {}))
    assert len(ran) == 1
