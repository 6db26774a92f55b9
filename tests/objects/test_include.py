"""Included objects: where they appear, what is left out, with whose rights, in how many statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from parse_core.errors import AuthenticationNeeded, Forbidden, InvalidQuery
from parse_core.query import splice
from parse_core.schema.system_class import system_classes
from parse_core.signals import after_find, before_find
from parse_core.store.database import counting
from tests.objects.worlds import ANONYMOUS, MASTER, TIME, Users, World, listening, plain_users, pointer, user

BASE = {"createdAt": TIME, "updatedAt": TIME}
FANS = {"fans": {"__type": "Relation", "className": "Fan"}}


@pytest.fixture(scope="module", autouse=True)
def users() -> Iterator[None]:
    with plain_users():
        yield


@pytest.fixture(scope="module")
def world(database_url: str) -> World:
    world = World.make()
    world.define("Country", name="String")
    world.define("City", name="String", country="Pointer<Country>", fans="Relation<Fan>", photos="Array")
    world.define("Photo", name="String")
    world.define(
        "Place",
        name="String",
        city="Pointer<City>",
        twin="Pointer<City>",
        photos="Array",
        details="Object",
        parent="Pointer<Place>",
        gone="Pointer<Dropped>",
    )
    for name in ("fr", "it"):
        world.put("Country", name, name=name)
    for number in range(3):
        world.put("Photo", f"photo{number}", name=f"Photo {number}")
    world.put("Photo", "hidden", acl={"alice": {"read": True}}, name="hidden")
    world.put("City", "paris", name="Paris", country=pointer("Country", "fr"), photos=[pointer("Photo", "photo0")])
    world.put("City", "rome", name="Rome", country=pointer("Country", "it"))
    world.put("City", "secret", acl={"alice": {"read": True}}, name="Secret")
    world.put("City", "nowhere", name="Nowhere", country=pointer("Country", "unknown"))
    world.put("Place", "a", name="A", city=pointer("City", "paris"), twin=pointer("City", "rome"))
    world.put("Place", "b", name="B", city=pointer("City", "paris"), parent=pointer("Place", "a"))
    world.put("Place", "c", name="C", city=pointer("City", "secret"), twin=pointer("City", "unknown"))
    world.put("Place", "d", name="D", city=pointer("City", "nowhere"), parent=pointer("Place", "b"))
    world.put("Place", "e", name="E")
    world.put(
        "Place",
        "f",
        photos=[
            pointer("Photo", "photo1"),
            None,
            "text",
            {"x": pointer("Photo", "photo2")},
            pointer("Photo", "unknown"),
            [pointer("Photo", "photo2"), [pointer("City", "rome")]],
            pointer("Photo", "hidden"),
        ],
        details={
            "city": pointer("City", "rome"),
            "photo": pointer("Photo", "unknown"),
            "list": [{"photo": pointer("Photo", "photo0")}, {"photo": None}, 5],
        },
    )
    return world


COUNTRY = {"__type": "Object", "className": "Country", "objectId": "fr", **BASE, "name": "fr"}
PARIS = {
    "__type": "Object",
    "className": "City",
    "objectId": "paris",
    **BASE,
    **FANS,
    "name": "Paris",
    "country": pointer("Country", "fr"),
    "photos": [pointer("Photo", "photo0")],
}
ROME = {
    "__type": "Object",
    "className": "City",
    "objectId": "rome",
    **BASE,
    **FANS,
    "name": "Rome",
    "country": pointer("Country", "it"),
}
NOWHERE = {**ROME, "objectId": "nowhere", "name": "Nowhere"}
del NOWHERE["country"]


def photo(number: int) -> dict[str, Any]:
    return {
        "__type": "Object",
        "className": "Photo",
        "objectId": f"photo{number}",
        **BASE,
        "name": f"Photo {number}",
    }


@pytest.fixture(params=["in text", "by decoding"])
def splicing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of putting included objects in give the same."""
    if request.param == "by decoding":
        monkeypatch.setattr(splice, "_replaced", lambda *_: None)


@pytest.mark.usefixtures("splicing")
@pytest.mark.parametrize(
    ("place", "include", "expected"),
    [
        ("a", "city", {"city": PARIS, "twin": pointer("City", "rome")}),
        ("a", "city,twin", {"city": PARIS, "twin": ROME}),
        ("a", ["twin", "city", "twin"], {"city": PARIS, "twin": ROME}),
        ("a", "city.country", {"city": {**PARIS, "country": COUNTRY}, "twin": pointer("City", "rome")}),
        ("a", "twin,city.country", {"city": {**PARIS, "country": COUNTRY}, "twin": ROME}),
        ("b", "city", {"city": PARIS, "parent": pointer("Place", "a")}),
        ("c", "city,twin", {}),
        ("d", "city.country", {"city": NOWHERE, "parent": pointer("Place", "b")}),
        ("e", "city,twin,parent", {}),
        ("a", "unknown, name, createdAt.createdAt,,details,gone", {"city": pointer("City", "paris")}),
        ("a", "city.unknown.deeper", {"city": PARIS}),
    ],
)
def test_pointers_give_way_to_their_objects(world: World, place: str, include: Any, expected: dict[str, Any]) -> None:
    (result,) = world.find("Place", where={"objectId": place}, include=include)
    for name in ("city", "twin", "parent"):
        if name in expected or name in str(include):
            assert result.get(name) == expected.get(name), name
    assert world.get("Place", place, include=include) == result
    assert world.statements("Place", where={"objectId": place}, include=include) == 1


@pytest.mark.usefixtures("splicing")
def test_every_row_of_a_page_is_filled(world: World) -> None:
    results = world.find("Place", include="city.country,twin,parent.city,parent.parent")
    assert [row["objectId"] for row in results] == ["a", "b", "c", "d", "e", "f"]
    assert results[1]["parent"]["city"] == PARIS
    assert results[3]["parent"]["parent"]["name"] == "A"
    assert results[0]["city"] == results[1]["city"] == {**PARIS, "country": COUNTRY}
    assert "city" not in results[2]
    assert "twin" not in results[2]
    assert world.statements("Place", include="city.country,twin,parent.city,parent.parent", count=1) == 1


@pytest.mark.usefixtures("splicing")
def test_a_count_comes_with_included_objects(world: World) -> None:
    assert world.count("Place", include="city", limit=1) == 6
    assert world.count("Place", include="city", limit=0) == 6


@pytest.mark.usefixtures("splicing")
def test_pointers_deeper_in_a_row_stay_pointers(database_url: str) -> None:
    world = World.make()
    world.define("T", name="String")
    world.define("R", p="Pointer<T>", a="Array", o="Object", zz="Pointer<T>")
    for name in ("one", 'quo"te', "back\\slash", "ünïcode", "pct%s"):
        world.put("T", name, name=name)
        nested = {"p": pointer("T", "one"), 'x"p': pointer("T", "one"), "": {" p": pointer("T", "one")}}
        world.put(
            "R", name, p=pointer("T", name), a=[nested, '"p": {"__type": "Pointer"'], o=nested, zz=pointer("T", "no")
        )
    world.put("R", "plain", p=pointer("T", "one"))
    for row in world.find("R", include="p,zz"):
        assert row["p"]["name"] == ("one" if row["objectId"] == "plain" else row["objectId"])
        assert "zz" not in row
        if "o" in row:
            assert row["o"]["p"] == row["a"][0]["p"] == pointer("T", "one")


def test_arrays_lose_what_cannot_be_read_and_keep_the_rest(world: World) -> None:
    (result,) = world.find("Place", where={"objectId": "f"}, include="photos")
    assert result["photos"] == [
        photo(1),
        None,
        "text",
        {"x": pointer("Photo", "photo2")},
        [photo(2), [ROME]],
    ]
    assert world.get("Place", "f", include="photos") == result
    # the page, then each class once
    assert world.statements("Place", include="photos") == 3
    assert len(world.find("Place", user("alice"), where={"objectId": "f"}, include="photos")[0]["photos"]) == 6


def test_paths_lead_into_objects_and_arrays_in_them(world: World) -> None:
    include = "details.city.country,details.photo,details.list.photo,photos.x"
    (result,) = world.find("Place", where={"objectId": "f"}, include=include)
    italy = {**COUNTRY, "objectId": "it", "name": "it"}
    assert result["details"] == {
        "city": {**ROME, "country": italy},
        "list": [{"photo": photo(0)}, {"photo": None}, 5],
    }
    assert result["photos"][1:3] == ["text", {"x": photo(2)}] or result["photos"][2:4] == ["text", {"x": photo(2)}]


def test_arrays_of_included_objects_are_followed(world: World) -> None:
    (result,) = world.find("Place", where={"objectId": "a"}, include="city.photos,twin.country")
    assert result["city"] == {**PARIS, "photos": [photo(0)]}
    assert result["twin"]["country"]["name"] == "it"


def test_a_star_includes_every_pointer_and_array_one_level(world: World) -> None:
    for parameters in ({"include": "*"}, {"includeAll": True}, {"include": "city.country,*"}):
        (a,) = world.find("Place", where={"objectId": "a"}, **parameters)
        assert (a["city"], a["twin"]) == (PARIS, ROME)
        (f,) = world.find("Place", where={"objectId": "f"}, **parameters)
        assert f["photos"][0] == photo(1)
        assert f["details"]["city"] == pointer("City", "rome")
    assert world.get("Place", "a", include="*")["city"] == PARIS


def only(result: dict[str, Any]) -> dict[str, Any]:
    return {
        name: only(value) if isinstance(value, dict) and value.get("__type") == "Object" else value
        for name, value in result.items()
        if name not in ("objectId", "createdAt", "updatedAt", "__type", "className", "fans")
    }


@pytest.mark.usefixtures("splicing")
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"keys": "name", "include": "city"}, {"name": "A"}),
        ({"keys": "city", "include": "city"}, {"city": only(PARIS)}),
        ({"keys": "name,city.name"}, {"name": "A", "city": {"name": "Paris"}}),
        ({"keys": "city.country.name"}, {"city": {"country": {"name": "fr"}}}),
        ({"keys": "city.name", "include": "city"}, {"city": {"name": "Paris"}}),
        (
            {"keys": "city.name,twin.country"},
            {"city": {"name": "Paris"}, "twin": {"country": pointer("Country", "it")}},
        ),
        ({"excludeKeys": "city", "include": "city,twin", "keys": "city,twin"}, {"twin": only({**ROME})}),
        ({"excludeKeys": "city.name,city.photos", "keys": "city"}, {"city": {"country": pointer("Country", "fr")}}),
        (
            {"excludeKeys": "city.country.name,city.photos", "keys": "city"},
            {"city": {"name": "Paris", "country": {}}},
        ),
        ({"includeAll": 1, "keys": "name"}, {"name": "A", "city": only(PARIS), "twin": only(ROME)}),
        ({"includeAll": 1, "excludeKeys": "city", "keys": "name"}, {"name": "A", "twin": only(ROME)}),
        ({"include": "*", "keys": "city.name"}, {"city": {"name": "Paris"}, "twin": only(ROME)}),
        (
            {"include": "*", "keys": "city.country.name"},
            {"city": {"country": {"name": "fr"}}, "twin": only(ROME)},
        ),
    ],
)
def test_keys_reach_into_included_objects(world: World, parameters: dict[str, Any], expected: dict[str, Any]) -> None:
    (result,) = world.find("Place", where={"objectId": "a"}, **parameters)
    assert only(result) == expected


# Rights


@pytest.fixture(scope="module")
def guarded(database_url: str) -> World:
    world = World.make()
    everybody = {"*": True}
    reading = {"get": everybody, "find": everybody}
    world.define("_User", email="String")
    world.put("_User", "alice", email="alice@example.org")
    world.define("Closed", {"find": everybody}, name="String")
    world.define("SignedIn", {"get": {"requiresAuthentication": True}}, name="String")
    world.define("Owned", {"get": {"pointerFields": ["owner"]}}, owner="Pointer<_User>")
    world.define(
        "Protected",
        {**reading, "protectedFields": {"*": ["secret"], "userField:owner": []}},
        secret="String",
        owner="Pointer<_User>",
    )
    world.define("Masters", {}, name="String")
    world.define(
        "Row",
        closed="Pointer<Closed>",
        signed="Pointer<SignedIn>",
        owned="Pointer<Owned>",
        protected="Pointer<Protected>",
        unknown="Pointer<Unknown>",
        status="Pointer<_JobStatus>",
        list="Array",
    )
    world.put("Closed", "x", name="x")
    world.put("SignedIn", "x", name="x")
    world.put("Owned", "hers", owner=pointer("_User", "alice"))
    world.put("Protected", "x", secret="s", owner=pointer("_User", "alice"))
    world.put("Protected", "y", secret="s")
    world.put("Row", "closed", closed=pointer("Closed", "x"), list=[pointer("Closed", "x")])
    world.put("Row", "signed", signed=pointer("SignedIn", "x"))
    world.put("Row", "owned", owned=pointer("Owned", "hers"), list=[pointer("Owned", "hers")])
    world.put("Row", "protected", protected=pointer("Protected", "x"))
    world.put("Row", "other", protected=pointer("Protected", "y"))
    world.put("Row", "unknown", unknown=pointer("Unknown", "x"))
    world.put("Row", "status", status=pointer("_JobStatus", "x"))
    return world


def included(world: World, row: str, name: str, caller: Any = ANONYMOUS) -> Any:
    return world.find("Row", caller, where={"objectId": row}, include=name)[0].get(name)


@pytest.mark.parametrize("row", ["closed", "status", "unknown"])
def test_a_class_the_caller_may_not_get_fails_the_request(guarded: World, row: str) -> None:
    with pytest.raises(Forbidden):
        included(guarded, row, row)
    with pytest.raises(Forbidden):
        guarded.find("Row", include=row)
    if row == "closed":
        assert included(guarded, row, row, MASTER)["name"] == "x"
        with pytest.raises(Forbidden):
            included(guarded, row, "list")
    else:
        assert included(guarded, row, row, MASTER) is None


def test_a_class_the_caller_may_not_get_does_no_harm_while_nothing_points_to_it(guarded: World) -> None:
    assert guarded.ids("Row", where={"objectId": "owned"}, include="closed,status,unknown") == ["owned"]
    assert guarded.ids("Row", where={"objectId": "protected"}, includeAll=1) == ["protected"]


def test_a_class_for_signed_in_callers_answers_as_unknown_to_others(guarded: World) -> None:
    with pytest.raises(AuthenticationNeeded):
        included(guarded, "signed", "signed")
    assert included(guarded, "signed", "signed", user("bob"))["name"] == "x"


def test_objects_that_pointer_permissions_close_are_left_out(guarded: World) -> None:
    assert included(guarded, "owned", "owned") is None
    assert included(guarded, "owned", "owned", user("bob")) is None
    assert included(guarded, "owned", "owned", user("alice"))["objectId"] == "hers"
    assert included(guarded, "owned", "list") == []
    assert len(included(guarded, "owned", "list", user("alice"))) == 1


def test_protected_fields_of_included_objects_are_left_out(guarded: World) -> None:
    assert "secret" not in included(guarded, "protected", "protected")
    assert "secret" not in included(guarded, "protected", "protected", user("bob"))
    assert included(guarded, "protected", "protected", user("alice"))["secret"] == "s"
    assert "secret" not in included(guarded, "other", "protected", user("alice"))
    assert included(guarded, "other", "protected", MASTER)["secret"] == "s"


def test_a_pointer_the_caller_may_not_see_is_not_followed(guarded: World) -> None:
    lists = {"*": ["always", "mine"], "userField:owner": ["always"]}
    guarded.define(
        "Discreet",
        {"find": {"*": True}, "protectedFields": lists},
        always="Pointer<Closed>",
        mine="Pointer<SignedIn>",
        owner="Pointer<_User>",
    )
    closed, signed = pointer("Closed", "x"), pointer("SignedIn", "x")
    guarded.put("Discreet", "hers", always=closed, mine=signed, owner=pointer("_User", "alice"))
    guarded.put("Discreet", "his", always=closed, mine=signed, owner=pointer("_User", "bob"))
    for row in guarded.find("Discreet", include="always,mine"):
        assert row.keys().isdisjoint({"always", "mine"})
    hers, his = guarded.find("Discreet", user("alice"), include="always,mine")
    assert hers["mine"]["name"] == "x"
    assert "mine" not in his
    assert guarded.find("Discreet", MASTER, include="always")[0]["always"]["name"] == "x"


# Limits


def test_clients_include_as_much_as_the_options_say(database_url: str) -> None:
    world = World.make(requestComplexity={"includeDepth": 2, "includeCount": 3})
    world.define("Node", next="Pointer<Node>", other="Pointer<Node>")
    world.put("Node", "n", next=pointer("Node", "n"))
    assert world.get("Node", "n", include="next.next")["next"]["next"]["next"] == pointer("Node", "n")
    with pytest.raises(InvalidQuery) as deep:
        world.find("Node", include="next.next.next")
    assert deep.value.message == "Include depth of 3 exceeds maximum allowed depth of 2"
    with pytest.raises(InvalidQuery) as wide:
        world.find("Node", include="next.next,other.other")
    assert wide.value.message == "Number of include fields (4) exceeds maximum allowed (3)"
    assert len(world.find("Node", MASTER, include="next.next.next,other.other")) == 1


def test_endless_paths_are_refused_to_everybody(database_url: str) -> None:
    world = World.make()
    world.define("Node", next="Pointer<Node>")
    world.put("Node", "n", next=pointer("Node", "n"))
    for parameters in (
        {"include": ".".join(["next"] * 5000)},
        {"keys": ".".join(["next"] * 5000)},
        {"excludeKeys": ".".join(["next"] * 5000)},
    ):
        with pytest.raises(InvalidQuery):
            world.find("Node", MASTER, **parameters)
    found = world.find("Node", MASTER, include=".".join(["next"] * 100))
    assert found[0]["next"]["next"]["objectId"] == "n"


def test_an_included_class_dropped_by_another_process_is_left_out(database_url: str) -> None:
    world = World.make(allowClientClassCreation=True)
    world.define("Target")
    world.define("Row", target="Pointer<Target>", list="Array")
    world.put("Target", "t")
    world.put("Row", "r", target=pointer("Target", "t"), list=[pointer("Target", "t"), 1])
    world.drop("Target")
    (row,) = world.find("Row", include="target")
    assert "target" not in row
    assert world.get("Row", "r", include="list")["list"] == [1]


def test_results_of_a_redirected_find_include_too(world: World) -> None:
    world.define("Album", places="Relation<Place>")
    with counting() as ran:
        results = world.find("Album", redirectClassNameForKey="places", include="city", where={"objectId": "a"})
    assert results[0]["className"] == "Place"
    assert results[0]["city"] == PARIS
    assert len([text for text in ran.statements if "l0 AS" in text]) == 1


def test_listeners_of_an_included_class_hear_of_it(world: World) -> None:
    heard: list[Any] = []

    def before(event: Any, **_: Any) -> None:
        heard.append(event.request.where)
        event.request = replace(event.request, where={"name": "Paris"})

    def after(event: Any, **_: Any) -> None:
        for document in event.documents:
            document["name"] = document["name"].upper()

    with listening(before_find, before, "City"), listening(after_find, after, "City"):
        (result,) = world.find("Place", where={"objectId": "a"}, include="city.country,twin,parent")
    assert result["city"]["name"] == "PARIS"
    assert result["city"]["country"] == COUNTRY
    assert "twin" not in result
    assert {"objectId": "paris"} in heard


def test_what_is_private_to_an_owner_is_not_included(database_url: str) -> None:
    class Callers(Users):
        hidden_in_includes = frozenset({"authData"})

    world = World.make()
    world.define("_User", authData="Object")
    world.define("Row", user="Pointer<_User>", list="Array")
    world.put("_User", "alice", authData={"x": {"id": "1"}})
    world.put("Row", "r", user=pointer("_User", "alice"), list=[pointer("_User", "alice")])
    with system_classes.temporarily("_User", Callers()):
        for include in ("user", "user,list"):
            assert "authData" not in world.get("Row", "r", user("alice"), include=include)["user"]
            assert "authData" in world.get("Row", "r", MASTER, include=include)["user"]
        assert "authData" in world.get("_User", "alice", user("alice"))
