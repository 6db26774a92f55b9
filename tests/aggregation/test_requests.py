"""Aggregation over HTTP: who may, and each way of saying what is wanted (`contract/queries.md` §13.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from parse_core.application import applications
from parse_core.objects.find_moments import BeforeFind
from parse_core.signals import before_find
from tests.aggregation.data import fill, run
from tests.objects.worlds import World, listening
from tests.support.client import ApiClient
from tests.support.scenario import Scenario, get, post, scenarios

URL = "/aggregate/Book"
COUNT: list[Any] = [{"$match": {"pages": {"$gt": 100}}}, {"$count": "n"}]
TWO = {"results": [{"n": 2}]}
REFUSED = "Permission denied"


@pytest.fixture(scope="module")
def api(database_url: str) -> Iterator[ApiClient]:
    world = World.make(maintenanceKey="maintenance", readOnlyMasterKey="read-only")
    fill(world)
    yield ApiClient(world.application)
    applications.remove(world.application.id)


def by_body(**body: Any) -> Any:
    return post(URL, {"_method": "GET", **body}, master=True)


def by_query(**query: Any) -> Any:
    return get(URL, query=query, master=True)


@scenarios(
    Scenario("a client may not", get(URL, query={"pipeline": COUNT}), status=403, error=(None, REFUSED)),
    Scenario("the maintenance key may not", get(URL, maintenance=True), status=403, error=(None, REFUSED)),
    Scenario("the read-only key may", get(URL, query={"pipeline": COUNT}, read_only=True), json=TWO),
    Scenario("an array in the query string", by_query(pipeline=COUNT), json=TWO, statements=1, moments={}),
    Scenario("an array in a body", by_body(pipeline=COUNT), json=TWO),
    Scenario("text in a body", by_body(pipeline='[{"$limit": 2}, {"$count": "n"}]'), json=TWO),
    Scenario("an object, whose keys are the stages", by_query(pipeline={"$limit": 2, "$count": "n"}), json=TWO),
    Scenario("stages as parameters", by_query(**{"$limit": 2, "$count": "n"}), json=TWO),
    Scenario("stages in a body", by_body(**{"$limit": 2, "$count": "n"}), json=TWO),
    Scenario("no stage at all", by_query(pipeline=[{"$project": {"_id": 1}}, {"$limit": 1}]), status=200),
    Scenario("a list without stages", by_body(pipeline=[]), status=200),
    Scenario("a class nobody has created", get("/aggregate/Nope", query={"pipeline": COUNT}, master=True),
             json={"results": []}, statements=0),
    Scenario("distinct", by_query(distinct="pages", where={"good": True}), json={"results": [100, 300]}, statements=1),
    Scenario("distinct in a body", by_body(distinct="pages", where='{"good": true}'), json={"results": [100, 300]}),
    Scenario("distinct leaves stages alone", by_query(**{"distinct": "pages", "$where": {"good": True}}),
             json={"results": [100, 200, 300]}),
    Scenario("distinct of a class nobody has created", get("/aggregate/Nope", query={"distinct": "x"}, master=True),
             json={"results": []}),
    Scenario("hint, comment and read preference are accepted",
             by_query(pipeline=COUNT, hint="_id_", comment="why", readPreference="secondary"), json=TWO),
    Scenario("a read preference that is none", by_query(pipeline=COUNT, readPreference="near"), status=400,
             error=(102, "Not supported read preference.")),
    Scenario("an explanation that is none", by_query(pipeline=COUNT, explain="why"), status=400,
             error=(102, "Invalid value for explain")),
    Scenario("a parameter that is no stage", by_query(foo=1), status=400,
             error=(102, "Invalid aggregate stage 'foo'.")),
    Scenario("a stage nobody knows", by_query(pipeline=[{"$nope": 1}]), status=400,
             error=(102, "Unsupported aggregation stage: $nope")),
    Scenario("an operator that refuses a value", by_query(pipeline=[{"$project": {"x": {"$add": ["$title", 1]}}}]),
             status=400, error=(102, "$add only supports numeric types, not string")),
    Scenario("a hidden column", get("/aggregate/_User", query={"$group": {"_id": "$_hashed_password"}}, master=True),
             status=400, error=(105, "Invalid field name: _hashed_password")),
    Scenario("_id in every stage",
             by_body(pipeline=[{"$match": {"_id": "b1"}}, {"$sort": {"_id": -1}}, {"$addFields": {"_id": 1}},
                               {"$group": {"_id": {}}}, {"$project": {"_id": 0}}]), json={"results": [{}]}),
    Scenario("a pipeline in a lookup, with operators and variables in it",
             by_body(pipeline=[{"$match": {"_id": "b3"}}, {"$lookup": {
                 "from": "Author", "let": {"who": "$author.objectId"}, "as": "found",
                 "pipeline": [{"$match": {"$expr": {"$eq": ["$_id", "$$who"]}}}, {"$project": {"_id": 0, "name": 1}}],
             }}, {"$unwind": "$found"}, {"$group": {"_id": "$found.name"}}]), json={"results": [{"objectId": "Bob"}]}),
    Scenario("two stages in one of a list", by_body(pipeline=[{"$group": {"_id": {}}, "$match": {}}]), status=400,
             error=(102, "Pipeline stages should only have one key but found $group, $match.")),
    Scenario("two stages in one of a list, in the query string", by_query(pipeline=[{"$limit": 1, "$skip": 1}]),
             status=400, error=(102, "Pipeline stages should only have one key but found $limit, $skip.")),
    Scenario("an object with a stage nobody makes here", by_query(pipeline={"$search": {}}), status=400,
             error=(102, "Unsupported aggregation stage: $search")),
    Scenario("a stage without its sign", by_query(pipeline=[{"foo": "bar"}]), status=400,
             error=(102, "Invalid aggregate stage 'foo'.")),
    Scenario("groups by the public name of the id", by_query(pipeline=[{"$group": {"objectId": "bar"}}]), status=400,
             error=(102, "Cannot use 'objectId' in aggregation stage $group.")),
    Scenario("groups by the public name of the id, as a parameter", by_query(**{"$group": {"objectId": "bar"}}),
             status=400, error=(102, "Cannot use 'objectId' in aggregation stage $group.")),
    Scenario("no other method", post(URL, {}, master=True), status=404),
)  # fmt: skip
def test_aggregate(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


@pytest.mark.parametrize("explain", [True, "queryPlanner", "executionStats"])
def test_a_pipeline_can_be_explained(api: ApiClient, explain: Any) -> None:
    reply = api.get(URL, query={"pipeline": COUNT, "explain": explain}, master=True)
    (row,) = reply.json["results"]
    assert "Plan" in row["QUERY PLAN"][0]
    assert ("Execution Time" in row["QUERY PLAN"][0]) is (explain == "executionStats")
    assert reply.statements == 1


def test_the_option_keeps_the_read_only_key_out(database_url: str) -> None:
    world = World.make(readOnlyMasterKey="read-only", allowAggregationForReadOnlyMasterKey=False)
    reply = ApiClient(world.application).get(URL, read_only=True)
    assert reply.status == 400
    assert reply.error == (119, "Cannot run an aggregation pipeline when using the readOnlyMasterKey")
    applications.remove(world.application.id)


def test_a_listener_of_before_find_may_narrow_what_is_read(world: World) -> None:
    def only_good(event: BeforeFind, **_rest: Any) -> None:
        event.request = replace(event.request, where={"good": True})

    with listening(before_find, only_good, "Book"):
        assert run(world, "Book", [{"$count": "n"}]) == [{"n": 2}]
    assert run(world, "Book", [{"$count": "n"}]) == [{"n": 4}]
