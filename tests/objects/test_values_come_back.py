"""Each kind of value comes back over HTTP as it went in, is found by itself, and is the same in pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import pytest

from parse_core.application import applications
from tests.objects.worlds import World, pointer
from tests.support.client import ApiClient
from tests.support.scenario import Scenario, get, post, put, scenarios

ABSENT: Final = object()
OPEN: Final = [[-45, 45], [-55, 55], [-65, 65]]
FAR: Final = {
    "__type": "GeoPoint",
    "latitude": -180,
    "longitude": 180,
}  # no place on Earth, but no column of places either
NAMED: Final = [{"_id": "x", "_hashed_password": "y", "_tombstone": {"_updated_at": 1, "_acl": 7, "_id": {"s": "t"}},
                 "usual": {"more": [1, 2, {"_rperm": ["*"]}]}}]  # fmt: skip


def date(iso: str) -> dict[str, str]:
    return {"__type": "Date", "iso": iso}


def polygon(coordinates: Any) -> dict[str, Any]:
    return {"__type": "Polygon", "coordinates": coordinates}


# What is sent, and what is read where that is not the same; a name says which field
VALUES: Final[dict[str, tuple[str, Any] | tuple[str, Any, Any]]] = {
    "a number": ("number", 5),
    "a fraction": ("number", -0.5),
    "the largest whole number of JavaScript": ("number", 2**53 - 1),
    "the largest number": ("number", 1.7976931348623157e308),
    "a text": ("text", "plain"),
    "a text of other alphabets, quotes and line breaks": ("text", 'ä"\\\n日本😀'),
    "false": ("flag", False),
    "null": ("number", None),
    "an object with nulls": ("object", {"none": None, "some": 3, "deep": {"none": None}}),
    "an object with nothing": ("object", {}),
    "a date": ("date", date("2017-01-18T00:00:00.000Z")),
    "a date without milliseconds": ("date", date("2017-01-18T00:00:00Z"), date("2017-01-18T00:00:00.000Z")),
    "a date of another zone": ("date", date("2017-01-18T02:00:00+02:00"), date("2017-01-18T00:00:00.000Z")),
    "a pointer": ("pointer", pointer("Thing", "other")),
    "a pointer that is null": ("pointer", None, ABSENT),
    "pointers in an array": ("array", [pointer("Thing", "other"), pointer("Nowhere", "x")]),
    "a place": ("place", {"__type": "GeoPoint", "latitude": -45, "longitude": 45}),
    "places in an array": ("array", [FAR, FAR]),
    "a place in an object": ("object", {"start": FAR}),
    "a polygon that is closed": ("polygon", polygon([*OPEN, OPEN[0]])),
    "a polygon that is open": ("polygon", polygon(OPEN), polygon([*OPEN, OPEN[0]])),
    "bytes": ("bytes", {"__type": "Bytes", "base64": "aGVsbG8gd29ybGQ="}),
    "arrays in arrays": ("array", [[1, [2, []]], [], {"_key": "value"}]),
    "names in arrays that columns of users have": ("array", NAMED),
    "names in objects that columns of users have": ("object", {"in": NAMED}),
    "a field called authData, which only users have masked": ("authData", "anything"),
}
FOUND_BY_ITSELF: Final = [name for name, row in VALUES.items() if row[0] != "array"]


@pytest.fixture(scope="module")
def api(database_url: str) -> Iterator[ApiClient]:
    world = World.make(allowCustomObjectId=True, allowClientClassCreation=True)
    world.define(
        "Thing", number="Number", text="String", flag="Boolean", object="Object", date="Date", pointer="Pointer<Thing>",
        array="Array", place="GeoPoint", polygon="Polygon", bytes="Bytes", authData="String", things="Relation<Thing>",
        file="File",
    )  # fmt: skip
    yield ApiClient(world.application)
    applications.remove(world.application.id)


def made(api: ApiClient, **fields: Any) -> str:
    reply = api.post("/classes/Thing", fields, master=True)
    assert reply.status == 201, reply.body
    return str(reply.json["objectId"])


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("by", ["a create", "an update"])
def test_a_value_comes_back_as_it_was(api: ApiClient, name: str, by: str) -> None:
    field, sent, *rest = VALUES[name]
    expected = rest[0] if rest else sent
    if by == "a create":
        object_id = made(api, **{field: sent})
    else:
        object_id = made(api)
        assert api.put(f"/classes/Thing/{object_id}", {field: sent}, master=True).status == 200
    read = api.get(f"/classes/Thing/{object_id}").json
    where = {"objectId": object_id}
    (found,) = api.get("/classes/Thing", query={"where": where}).json["results"]
    (aggregated,) = api.get("/aggregate/Thing", query={"pipeline": [{"$match": where}]}, master=True).json["results"]
    for each in (read, found, aggregated):
        assert each.get(field, ABSENT) == expected
        assert type(each.get(field)) is type(None if expected is ABSENT else expected)
    if name in FOUND_BY_ITSELF:
        where[field] = {"$eq": sent}  # type: ignore[assignment]
        for asked in (sent, expected) if rest and expected is not ABSENT else (sent,):
            where[field] = asked
            results = api.get("/classes/Thing", query={"where": where}).json["results"]
            assert [each["objectId"] for each in results] == [object_id], asked


def test_a_file_comes_back_with_its_address(api: ApiClient) -> None:
    object_id = made(api, file={"__type": "File", "name": "pic.jpg"})
    read = api.get(f"/classes/Thing/{object_id}").json["file"]
    assert (read["__type"], read["name"]) == ("File", "pic.jpg")
    assert read["url"].endswith("/pic.jpg")
    results = api.get("/classes/Thing", query={"where": {"file": {"__type": "File", "name": "pic.jpg"}}}).json[
        "results"
    ]
    assert [each["objectId"] for each in results] == [object_id]


def test_timestamps_are_texts(api: ApiClient) -> None:
    read = api.get(f"/classes/Thing/{made(api)}").json
    assert isinstance(read["createdAt"], str)
    assert read["createdAt"] == read["updatedAt"]
    by_time = {"createdAt": read["createdAt"], "updatedAt": date(read["updatedAt"]), "objectId": read["objectId"]}
    assert len(api.get("/classes/Thing", query={"where": by_time}).json["results"]) == 1


def test_a_list_of_ids_finds_those(api: ApiClient) -> None:
    ids = [made(api) for _ in range(3)]
    where = {"objectId": {"$in": [*ids[:2], "none"]}}
    assert [each["objectId"] for each in api.get("/classes/Thing", query={"where": where}).json["results"]] == ids[:2]


@pytest.mark.parametrize("by", ["a create", "an update"])
def test_a_relation_is_no_value(api: ApiClient, by: str) -> None:
    stub = {"__type": "Relation", "className": "Thing"}
    object_id = made(api, **({"things": stub, "number": 1} if by == "a create" else {"number": 1}))
    if by == "an update":
        assert api.put(f"/classes/Thing/{object_id}", {"things": stub}, master=True).status == 200
    read = api.get(f"/classes/Thing/{object_id}").json
    assert (read["things"], read["number"]) == (stub, 1)
    owner = {"$relatedTo": {"object": pointer("Thing", object_id), "key": "things"}}
    assert api.get("/classes/Thing", query={"where": owner}).json["results"] == []


def test_an_acl_comes_back_as_one_and_is_no_field_of_its_columns(api: ApiClient) -> None:
    acl = {"*": {"read": True}, "kevin": {"read": True, "write": True}}
    object_id = made(api, ACL=acl)
    for changed in (acl, {"kevin": {"write": True}}, {}):
        assert api.put(f"/classes/Thing/{object_id}", {"ACL": changed}, master=True).status == 200
        read = api.get(f"/classes/Thing/{object_id}", master=True).json
        assert read["ACL"] == changed
        assert read.keys().isdisjoint({"_rperm", "_wperm", "_acl"})


WRITES: Final = {"a create": partial(post, "/classes/Thing"), "an update": partial(put, "/classes/Thing/x")}


@scenarios(
    *[
        Scenario(f"{name} in {how}", request({name: "x"}), status=400, error=(105, f"Invalid field name: {name}."))
        for name in ("_thisFieldNameIs", "_id", "_rperm", "_hashed_password", "_auth_data_acme", "_p_pointer")
        for how, request in WRITES.items()
    ],
    Scenario("a pattern in $all that is no text", get("/classes/Thing", query={"where": {"array": {"$all": [
        {"$regex": 1}]}}}), status=400, error=(107, 'All $all values must be of regex type or none: [{"$regex":1}]')),
    Scenario("patterns and others in $all", get("/classes/Thing", query={"where": {"array": {"$all": [
        {"$regex": "^\\Qone\\E"}, {"$unknown": "^\\Qtwo\\E"}]}}}), status=400),
    *[
        Scenario(f"a time named from now in {operator}",
                 get("/classes/Thing", query={"where": {"date": {operator: {"$relativeTime": "12 days ago"}}}}),
                 status=400, error=(107, "$relativeTime can only be used with the $lt, $lte, $gt, and $gte operators"))
        for operator in ("$eq", "$ne", "$exists")
    ],
)  # fmt: skip
def test_what_no_object_has_is_refused(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)
