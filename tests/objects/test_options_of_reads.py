"""`hint`, `comment` and `readPreference`: every read takes them, and a comment reaches the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from parse_core.application import applications
from parse_core.objects.aggregate import aggregate, parse_aggregate
from parse_core.objects.find import find
from parse_core.objects.find_moments import BeforeFind
from parse_core.objects.find_request import parse_find
from parse_core.objects.requests import FindRequest
from parse_core.signals import before_find
from parse_core.store.database import counting
from parse_core.store.sql import Sql, commented
from tests.objects.worlds import MASTER, World, listening, pointer
from tests.support.client import ApiClient, Reply

IN_QUERY: Final = {"friend": {"$inQuery": {"className": "Pet", "where": {"name": "Rex"}}}}
NOT_IN_QUERY: Final = {"friend": {"$notInQuery": IN_QUERY["friend"]["$inQuery"]}}
SELECT: Final = {"name": {"$select": {"query": {"className": "Pet", "where": {}}, "key": "nick"}}}
DONT_SELECT: Final = {"name": {"$dontSelect": {"query": {"className": "Pet", "where": {}}, "key": "nick"}}}
# Reads of every kind: path, parameters, and what the answer has
READS: Final[dict[str, tuple[str, dict[str, Any], Any]]] = {
    "a find": ("/classes/Pet", {"where": {"name": "Rex"}}, ["rex"]),
    "a count": ("/classes/Pet", {"where": {"name": "Rex"}, "count": 1, "limit": 0}, 1),
    "a get": ("/classes/Pet/rex", {}, "rex"),
    "a find with includes": ("/classes/Pet", {"include": "friend.friend", "where": {"name": "Tom"}}, ["tom"]),
    "a get with includes": ("/classes/Pet/tom", {"include": "friend"}, "tom"),
    "a sub-query": ("/classes/Pet", {"where": IN_QUERY}, ["tom"]),
    "a negated sub-query": ("/classes/Pet", {"where": NOT_IN_QUERY}, ["rex"]),
    "values of another query": ("/classes/Pet", {"where": SELECT}, ["rex"]),
    "no values of another query": ("/classes/Pet", {"where": DONT_SELECT}, ["tom"]),
    "users": ("/users", {"where": {"username": "nobody"}}, []),
    "a pipeline": ("/aggregate/Pet", {"pipeline": [{"$match": {"name": "Rex"}}]}, ["rex"]),
    "a pipeline as parameters": ("/aggregate/Pet", {"$match": {"name": "Rex"}}, ["rex"]),
    "distinct values": ("/aggregate/Pet", {"distinct": "name", "where": {"name": "Rex"}}, ["Rex"]),
}  # fmt: skip
PREFERENCES: Final = (
    "PRIMARY", "PRIMARY_PREFERRED", "SECONDARY", "SECONDARY_PREFERRED", "NEAREST", "primary", "secondary_preferred",
    "sEcOnDaRy",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    world = World.make()
    world.define("Pet", name="String", nick="String", friend="Pointer<Pet>")
    world.put("Pet", "rex", name="Rex")
    world.put("Pet", "tom", name="Tom", nick="Rex", friend=pointer("Pet", "rex"))
    yield world
    applications.remove(world.application.id)


def asked(world: World, path: str, parameters: dict[str, Any], *, by_body: bool) -> Reply:
    api = ApiClient(world.application)
    if by_body:
        return api.post(path, {"_method": "GET", **parameters}, master=True)
    return api.get(path, query=parameters, master=True)


def answer(reply: Reply) -> Any:
    assert reply.status == 200, reply.body
    if "results" not in reply.json:
        return reply.json["objectId"]
    return reply.json.get("count") or [
        each["objectId"] if isinstance(each, dict) else each for each in reply.json["results"]
    ]


@pytest.mark.parametrize("by_body", [False, True], ids=["in the query string", "in a body"])
@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("preference", PREFERENCES)
def test_every_read_preference_is_taken_by_every_read(world: World, preference: str, read: str, by_body: bool) -> None:
    path, parameters, expected = READS[read]
    names = ["readPreference"]
    if not path.startswith("/aggregate"):
        names += ["includeReadPreference", "subqueryReadPreference"]
    for name in names:
        assert answer(asked(world, path, {**parameters, name: preference}, by_body=by_body)) == expected
    every = dict.fromkeys(names, preference)
    assert answer(asked(world, path, {**parameters, **every}, by_body=by_body)) == expected


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("name", ["readPreference", "includeReadPreference", "subqueryReadPreference"])
def test_a_read_preference_nobody_knows_is_refused(world: World, read: str, name: str) -> None:
    path, parameters, _ = READS[read]
    if path.startswith("/aggregate") and name != "readPreference":
        return
    reply = asked(world, path, {**parameters, name: "TERTIARY"}, by_body=False)
    assert (reply.status, reply.error) == (400, (102, "Not supported read preference."))


@pytest.mark.parametrize("by_body", [False, True], ids=["in the query string", "in a body"])
@pytest.mark.parametrize("hint", ["_id_", "no index of this name", {"_id": 1}, {"name": -1, "nope": 1}], ids=str)
@pytest.mark.parametrize("read", [name for name, row in READS.items() if row[0] != f"/classes/Pet/{row[2]}"])
def test_a_hint_changes_no_answer(world: World, read: str, hint: Any, by_body: bool) -> None:
    path, parameters, expected = READS[read]
    assert answer(asked(world, path, {**parameters, "hint": hint}, by_body=by_body)) == expected


@pytest.mark.parametrize("read", ["a find", "a pipeline", "distinct values"])
def test_a_read_with_hint_and_comment_can_be_explained(world: World, read: str) -> None:
    path, parameters, _ = READS[read]
    options = {"hint": {"_id": 1}, "comment": "why", "explain": "queryPlanner", "readPreference": "nearest"}
    (explained,) = asked(world, path, {**parameters, **options}, by_body=False).json["results"]
    assert "Plan" in explained["QUERY PLAN"][0]


@pytest.mark.parametrize("path", ["/classes/Pet", "/users", "/aggregate/Pet"])
@pytest.mark.parametrize("by_body", [False, True], ids=["in the query string", "in a body"])
@pytest.mark.parametrize(
    ("explain", "is_run"),
    [(True, False), ("queryPlanner", False), ("queryPlannerExtended", False), ("executionStats", True),
     ("allPlansExecution", True)],
)  # fmt: skip
def test_every_read_can_be_explained_in_every_way(
    world: World, path: str, explain: Any, is_run: bool, by_body: bool
) -> None:
    (explained,) = asked(world, path, {"explain": explain}, by_body=by_body).json["results"]
    (plan,) = explained["QUERY PLAN"]
    assert "Plan" in plan
    assert ("Execution Time" in plan) is is_run


@pytest.mark.parametrize("path", ["/classes/Pet", "/users", "/aggregate/Pet"])
@pytest.mark.parametrize("explain", ["why", "QUERYPLANNER", 5, {"a": 1}, ["queryPlanner"]], ids=str)
def test_an_explanation_that_is_none_is_refused(world: World, path: str, explain: Any) -> None:
    reply = asked(world, path, {"explain": explain}, by_body=True)
    assert (reply.status, reply.error) == (400, (102, "Invalid value for explain"))


COMMENTS: Final = {
    "Hello Parse": "Hello%20Parse",
    "why?": "why%3F",
    "": None,
    "*/ DROP TABLE x; --": "%2A%2F%20DROP%20TABLE%20x%3B%20--",
    "'; SELECT pg_sleep(9) /*": "%27%3B%20SELECT%20pg_sleep%289%29%20%2F%2A",
    "/* brief */": "%2F%2A%20brief%20%2A%2F",
    "%s %(a)s %%": "%25s%20%25%28a%29s%20%25%25",
    "a\nb\0c": "a%0Ab%00c",
    "ä": "%C3%A4",
    "\ud800": "%3F",
    "x" * 1000: "x" * 200,
    "é" * 1000: "%C3%A9" * 200,
}


@pytest.mark.parametrize(("comment", "encoded"), COMMENTS.items(), ids=lambda each: ascii(each)[:30])
@pytest.mark.parametrize("read", ["a find", "a count", "a find with includes", "a sub-query"])
def test_the_database_reads_the_comment_of_a_find(world: World, read: str, comment: str, encoded: str | None) -> None:
    _, parameters, expected = READS[read]
    with counting() as ran:
        found = find(world.context(MASTER), parse_find("Pet", {**parameters, "comment": comment}))
    assert found.count == expected if read == "a count" else b'"objectId"' in found.json
    assert [_comment(text) for text in ran.statements] == [encoded]


@pytest.mark.parametrize(("comment", "encoded"), COMMENTS.items(), ids=lambda each: ascii(each)[:30])
@pytest.mark.parametrize("read", ["a pipeline", "a pipeline as parameters", "distinct values"])
@pytest.mark.parametrize("explain", [False, True])
def test_the_database_reads_the_comment_of_an_aggregation(
    world: World, read: str, comment: str, encoded: str | None, explain: bool
) -> None:
    parameters = {**READS[read][1], "explain": explain, "comment": comment}
    with counting() as ran:
        found = aggregate(world.context(MASTER), parse_aggregate("Pet", parameters))
    assert b"QUERY PLAN" in found if explain else b"ex" in found
    assert [_comment(text) for text in ran.statements] == [encoded]


def test_the_comment_is_seen_while_the_statement_runs(world: World) -> None:
    watched = "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    seen: list[str] = []

    def looks(event: BeforeFind, **_rest: Any) -> None:
        with world.application.database.transaction() as transaction:
            seen.extend(row[0] for row in transaction.fetch(commented(Sql(watched), event.request.comment)))

    with listening(before_find, looks, "Pet"):
        asked(world, "/classes/Pet", {"comment": "look here"}, by_body=False)
    assert seen == [f"/*comment='look%20here'*/ {watched}"]


@pytest.mark.parametrize("read", ["a find", "a get", "a pipeline", "distinct values"])
def test_listeners_see_comment_and_read_preference(world: World, read: str) -> None:
    path, parameters, expected = READS[read]
    seen: list[FindRequest] = []

    def listens(event: BeforeFind, **_rest: Any) -> None:
        seen.append(event.request)

    options = {"readPreference": "SECONDARY"} | ({} if read == "a get" else {"comment": "why"})
    with listening(before_find, listens, "Pet"):
        assert answer(asked(world, path, {**parameters, **options}, by_body=False)) == expected
    (request,) = seen
    assert request.read_preference == "SECONDARY"
    assert request.comment == options.get("comment")


def _comment(text: str) -> str | None:
    """What is in the comment at the beginning of a statement, as the database gets it."""
    text = text.removeprefix("EXPLAIN (FORMAT JSON) ")
    if not text.startswith("/*"):
        return None
    comment, _, _ = text.removeprefix("/*comment='").partition("'*/ ")
    return comment.replace("%%", "%")
