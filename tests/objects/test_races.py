"""What many clients do at once: nothing gets lost, and nobody sees that others were there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

import orjson
import pytest

from parse_core.application import Application, applications
from parse_core.context import RequestContext
from parse_core.errors import IncorrectType, ObjectNotFound, ParseError
from parse_core.objects.batch import create_many
from parse_core.objects.delete import delete
from parse_core.objects.requests import Saved, SaveRequest
from parse_core.objects.save import save
from parse_core.store.database import counting
from parse_core.store.sql import Sql


@pytest.fixture
def application(database_url: str) -> Iterator[Application]:
    name = f"races{uuid4().hex[:8]}"
    options = {
        "appId": name,
        "masterKey": "m",
        "serverURL": "http://localhost/parse",
        "allowClientClassCreation": True,
        "allowCustomObjectId": True,
    }
    yield applications.configure(options)
    applications.remove(name)


def at_once(calls: list[Callable[[], Any]], threads: int) -> list[Any]:
    """The outcomes of all calls, run side by side; an error is an outcome."""

    def outcome(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except ParseError as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(outcome, calls))


def rows(application: Application, class_name: str) -> list[dict[str, Any]]:
    """All objects of a class."""
    statement = Sql("SELECT wire FROM ") + application.schemas[class_name].relation + Sql(" ORDER BY sequence")
    return [orjson.loads(row[0]) for row in application.database.fetch(statement)]


def test_a_thousand_increments_over_eight_connections_lose_none(application: Application) -> None:
    context = RequestContext(application)
    object_id = save(context, SaveRequest("Counter", {"n": 0})).body["objectId"]
    body = {"n": {"__op": "Increment", "amount": 1}}
    outcomes = at_once([lambda: save(context, SaveRequest("Counter", body, object_id))] * 1000, threads=8)
    assert all(isinstance(outcome, Saved) for outcome in outcomes)
    assert sorted(outcome.body["n"] for outcome in outcomes) == list(range(1, 1001))
    assert rows(application, "Counter")[0]["n"] == 1000


def test_parallel_add_unique_keeps_every_element_once(application: Application) -> None:
    context = RequestContext(application)
    object_id = save(context, SaveRequest("Tags", {"tags": []})).body["objectId"]
    bodies = [{"tags": {"__op": "AddUnique", "objects": [f"t{number % 20}"]}} for number in range(200)]
    at_once([partial(save, context, SaveRequest("Tags", body, object_id)) for body in bodies], threads=8)
    assert sorted(rows(application, "Tags")[0]["tags"]) == sorted({f"t{number}" for number in range(20)})


def test_two_hundred_first_writes_of_one_class_and_field_all_succeed(application: Application) -> None:
    context = RequestContext(application)
    outcomes = at_once([lambda: save(context, SaveRequest("Fresh", {"first": "x", "n": 1}))] * 200, threads=32)
    assert [outcome for outcome in outcomes if not isinstance(outcome, Saved)] == []
    assert len(rows(application, "Fresh")) == 200


def test_first_writes_of_different_fields_all_leave_their_field(application: Application) -> None:
    context = RequestContext(application)
    save(context, SaveRequest("Wide", {"a": 1}))
    bodies = [{f"field{number}": number} for number in range(60)]
    outcomes = at_once([partial(save, context, SaveRequest("Wide", body)) for body in bodies], threads=16)
    assert all(isinstance(outcome, Saved) for outcome in outcomes)
    application.schemas.refresh()
    assert {f"field{number}" for number in range(60)} <= application.schemas["Wide"].fields.keys()


def test_of_first_writes_with_different_types_one_type_wins(application: Application) -> None:
    context = RequestContext(application)
    save(context, SaveRequest("Typed", {"a": 1}))
    bodies: list[dict[str, Any]] = [{"value": 1}, {"value": "text"}, {"value": True}, {"value": [1]}] * 10
    outcomes = at_once([partial(save, context, SaveRequest("Typed", body)) for body in bodies], threads=16)
    assert all(isinstance(outcome, (Saved, IncorrectType)) for outcome in outcomes)
    kinds = {type(row["value"]) for row in rows(application, "Typed") if "value" in row}
    assert len(kinds) == 1
    assert sum(isinstance(outcome, Saved) for outcome in outcomes) == 10


def test_a_refused_update_leaves_no_field_behind(application: Application) -> None:
    context = RequestContext(application)
    save(context, SaveRequest("Kept", {"a": 1}))
    with pytest.raises(ObjectNotFound):
        save(context, SaveRequest("Kept", {"brandNew": 1}, "missing"))
    application.schemas.refresh()
    assert "brandNew" not in application.schemas["Kept"].fields


def test_a_refused_create_leaves_no_class_behind(application: Application) -> None:
    context = RequestContext(application)
    with pytest.raises(ParseError):
        save(context, SaveRequest("Ghost", {"a": 1, "bad name": 2}))
    application.schemas.refresh()
    assert not application.schemas["Ghost"].exists


def test_fifty_creates_are_one_statement(application: Application) -> None:
    context = RequestContext(application)
    save(context, SaveRequest("Many", {"n": 0, "s": ""}))
    with counting() as count:
        outcomes = create_many(context, [SaveRequest("Many", {"n": n, "s": f"s{n}"}) for n in range(50)])
    assert len(count) == 1
    assert all(isinstance(outcome, Saved) for outcome in outcomes)
    assert [row["n"] for row in rows(application, "Many")][1:] == list(range(50))


def test_one_bad_create_of_many_fails_alone(application: Application) -> None:
    context = RequestContext(application)
    save(context, SaveRequest("Some", {"n": 0, "objectId": "taken"}))
    bodies: list[dict[str, Any]] = [
        {"n": 1},
        {"n": "text"},
        {"n": 2, "objectId": "taken"},
        {"n": 3},
        {"n": 4, "new": 1},
    ]
    outcomes = create_many(context, [SaveRequest("Some", body) for body in bodies])
    codes = [201 if isinstance(outcome, Saved) else int(outcome.code) for outcome in outcomes]  # type: ignore[union-attr]
    assert codes == [201, 111, 137, 201, 201]
    assert sorted(row["n"] for row in rows(application, "Some")) == [0, 1, 3, 4]


def test_ordinary_writes_are_one_statement_each(application: Application) -> None:
    context = RequestContext(application)
    pointer = {"__type": "Pointer", "className": "Tag", "objectId": "t1"}
    first = {"n": 1, "likes": {"__op": "AddRelation", "objects": [pointer]}}
    save(context, SaveRequest("One", first))
    with counting() as created:
        object_id = save(context, SaveRequest("One", first)).body["objectId"]
    with counting() as updated:
        save(
            context, SaveRequest("One", {"n": 2, "likes": {"__op": "RemoveRelation", "objects": [pointer]}}, object_id)
        )
    with counting() as deleted:
        delete(context, "One", object_id)
    assert (len(created), len(updated), len(deleted)) == (1, 1, 1)


def test_a_link_to_an_object_that_is_not_written_is_not_made(application: Application) -> None:
    context = RequestContext(application)
    pointer = {"__type": "Pointer", "className": "Tag", "objectId": "t1"}
    save(context, SaveRequest("Owner", {"likes": {"__op": "AddRelation", "objects": [pointer]}}))
    locked = save(context, SaveRequest("Owner", {"ACL": {}})).body["objectId"]
    with pytest.raises(ObjectNotFound):
        save(context, SaveRequest("Owner", {"likes": {"__op": "AddRelation", "objects": [pointer]}}, locked))
    join = application.schemas["Owner"].join_table("likes")
    owners = application.database.fetch(Sql("SELECT owning_id FROM ") + join)
    assert locked not in [owner for (owner,) in owners]
    assert len(owners) == 1
