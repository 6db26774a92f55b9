"""`beforeFind` and `afterFind` (`contract/cloud.md` §4.7, §4.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from parse_cloud.invocations import AfterFindCall, BeforeFindCall
from parse_cloud.kinds import Failure, Kind
from tests.auth.people import sign_up
from tests.cloud.conftest import Code
from tests.support.client import ApiClient

FILE = {"__type": "File", "name": "a.txt", "url": "http://api.example/parse/files/cloud/a.txt"}


@pytest.fixture
def posts(api: ApiClient) -> list[str]:
    """The ids of three posts, n = 0, 1, 2."""
    return [make(api, n=n, text=f"t{n}") for n in range(3)]


def make(api: ApiClient, class_name: str = "Post", **fields: Any) -> str:
    reply = api.post(f"/classes/{class_name}", fields, master=True)
    assert reply.status == 201, reply.body
    identifier: str = reply.json["objectId"]
    return identifier


def pointer(class_name: str, object_id: str) -> dict[str, str]:
    return {"__type": "Pointer", "className": class_name, "objectId": object_id}


def asking(**attributes: Any) -> Callable[[BeforeFindCall], None]:
    """A handler that changes what is asked."""

    def run(call: BeforeFindCall) -> None:
        call.query = replace(call.query, **attributes)

    return run


def answering(*documents: dict[str, Any]) -> Callable[[BeforeFindCall], None]:
    """A handler that answers in the place of the database."""

    def run(call: BeforeFindCall) -> None:
        call.objects = list(documents)

    return run


def numbers(api: ApiClient, query: dict[str, Any] | None = None, **how: Any) -> list[int]:
    reply = api.get("/classes/Post", query={"order": "n", **(query or {})}, **how)
    assert reply.status == 200, reply.body
    return [each["n"] for each in reply.json["results"]]


@pytest.mark.parametrize(
    ("run", "found"),
    [
        (lambda _call: None, [0, 1, 2]),
        (asking(where={"n": {"$gt": 0}}), [1, 2]),
        (asking(limit=1), [0]),
        (asking(limit=0), [0, 1, 2]),
        (asking(skip=2), [2]),
        (asking(order=("-n",)), [2, 1, 0]),
        (asking(class_name="Other"), [0, 1, 2]),
        (asking(where={"$or": [{"n": 0}, {"n": 2}]}), [0, 2]),
        (asking(where={"$and": [{"n": {"$gt": 0}}, {"text": {"$in": ["t1"]}}]}), [1]),
    ],
)
def test_a_query_is_made_as_the_handler_left_it(
    api: ApiClient, code: Code, posts: list[str], run: Any, found: list[int]
) -> None:
    code(Kind.BEFORE_FIND, "Post", run)
    assert numbers(api) == found


def test_a_handler_chooses_fields_and_includes(api: ApiClient, code: Code) -> None:
    city = make(api, "City", name="Rome")
    make(api, n=1, text="t", city=pointer("City", city))
    code(Kind.BEFORE_FIND, "Post", asking(keys=("n", "city"), include=("city",)))
    (found,) = api.get("/classes/Post").json["results"]
    assert ("text" in found, found["city"]["name"]) == (False, "Rome")
    code(Kind.BEFORE_FIND, "Post", asking(exclude_keys=("n",)))
    assert "n" not in api.get("/classes/Post").json["results"][0]


def test_a_handler_changes_which_object_a_get_gets(api: ApiClient, code: Code, posts: list[str]) -> None:
    def other(call: BeforeFindCall) -> None:
        assert call.query.where == {"objectId": posts[0]}
        call.query = replace(call.query, where={"objectId": posts[1]})

    code(Kind.BEFORE_FIND, "Post", other)
    assert api.get(f"/classes/Post/{posts[0]}").json["n"] == 1
    code(Kind.BEFORE_FIND, "Post", lambda call: asking(where={**call.query.where, "n": 7})(call))
    assert api.get(f"/classes/Post/{posts[0]}").error == (101, "Object not found.")


def test_a_handler_sees_what_was_asked(api: ApiClient, code: Code, posts: list[str]) -> None:
    seen: list[BeforeFindCall] = []
    code(Kind.BEFORE_FIND, "Post", seen.append)
    asked = {
        "where": {"n": 1},
        "order": "-n,text",
        "keys": "n,text",
        "excludeKeys": "text",
        "include": "city",
        "limit": 5,
    }
    api.get("/classes/Post", query={**asked, "skip": 1, "count": 1, "readPreference": "SECONDARY"})
    api.get(f"/classes/Post/{posts[0]}", query={"include": "city"})
    api.get("/classes/Post", query={"where": {"objectId": posts[0]}, "limit": 1})
    first, by_id, find = seen
    query = first.query
    assert (query.where, query.order, query.keys) == ({"n": 1}, ("-n", "text"), ("n", "text"))
    assert (query.exclude_keys, query.include, query.limit, query.skip) == (("text",), ("city",), 5, 1)
    assert (first.preferences, by_id.preferences) == ({"readPreference": "SECONDARY"}, {})
    assert [(call.count, call.is_get) for call in seen] == [(True, False), (False, True), (False, False)]
    assert (by_id.query.where, by_id.query.include) == ({"objectId": posts[0]}, ("city",))
    assert find.query.where == {"objectId": posts[0]}


@pytest.mark.parametrize("kind", [Kind.BEFORE_FIND, Kind.AFTER_FIND])
@pytest.mark.parametrize(
    ("raised", "error"),
    [(Failure("no"), (141, "no")), (Failure("own", 999), (999, "own")), (ValueError("native"), (141, "native"))],
)
def test_a_handler_that_raises_refuses_the_query(
    api: ApiClient, code: Code, posts: list[str], kind: Kind, raised: Exception, error: Any
) -> None:
    def run(_call: Any) -> None:
        raise raised

    code(kind, "Post", run)
    for path in ("/classes/Post", f"/classes/Post/{posts[0]}"):
        reply = api.get(path)
        assert (reply.status, reply.error) == (400, error)


def test_a_handler_runs_before_rights_are_asked(api: ApiClient, code: Code, posts: list[str]) -> None:
    api.put("/schemas/Post", {"classLevelPermissions": {"find": {}, "get": {}}}, master=True)
    ran: list[object] = []
    code(Kind.BEFORE_FIND, "Post", ran.append)
    assert api.get("/classes/Post").error[0] == 119
    assert len(ran) == 1


def test_unsaved_objects_pass_as_they_are(api: ApiClient, code: Code, posts: list[str]) -> None:
    code(Kind.BEFORE_FIND, "Post", answering({"className": "Post", "n": 7}, {"className": "Other", "x": 1}))
    reply = api.get("/classes/Post", query={"count": 1})
    assert reply.json == {"results": [{"className": "Post", "n": 7}, {"className": "Other", "x": 1}]}
    assert reply.statements == 0
    assert api.get(f"/classes/Post/{posts[0]}").json == {"className": "Post", "n": 7}


def test_nothing_is_an_answer_too(api: ApiClient, code: Code, posts: list[str]) -> None:
    code(Kind.BEFORE_FIND, "Post", answering())
    assert api.get("/classes/Post").json == {"results": []}
    reply = api.get(f"/classes/Post/{posts[0]}")
    assert (reply.status, reply.error) == (404, (101, "Object not found."))


def test_stored_objects_that_a_handler_answers_are_the_callers_to_read_or_not_there(api: ApiClient, code: Code) -> None:
    ann, bob = sign_up(api, "ann"), sign_up(api, "bob")
    hers = make(api, n=1, ACL={ann.id: {"read": True}})
    everybodys = make(api, n=2)
    leak = [{"className": "Post", "objectId": each, "n": 9, "secret": "s"} for each in (hers, everybodys)]
    code(Kind.BEFORE_FIND, "Post", answering(*leak))
    assert numbers(api, as_user=bob.token) == [2]
    assert numbers(api, as_user=ann.token) == [1, 2]
    assert "className" not in api.get("/classes/Post", as_user=ann.token).json["results"][0]
    assert api.get(f"/classes/Post/{everybodys}", as_user=bob.token).error == (101, "Object not found.")
    assert api.get(f"/classes/Post/{hers}", as_user=ann.token).json["n"] == 1
    assert api.get("/classes/Post", master=True).json["results"] == leak


def test_protected_fields_stay_hidden_in_what_a_handler_answers(api: ApiClient, code: Code) -> None:
    object_id = make(api, n=1, secret="s")
    permissions = {"find": {"*": True}, "get": {"*": True}, "protectedFields": {"*": ["secret"]}}
    api.put("/schemas/Post", {"classLevelPermissions": permissions}, master=True)
    code(Kind.BEFORE_FIND, "Post", answering({"className": "Post", "objectId": object_id, "secret": "s"}))
    assert "secret" not in api.get("/classes/Post").json["results"][0]
    assert "secret" not in api.get(f"/classes/Post/{object_id}").json


def test_included_objects_are_found_by_their_classs_handler(api: ApiClient, code: Code) -> None:
    rome, oslo = make(api, "City", name="Rome"), make(api, "City", name="Oslo")
    make(api, n=1, city=pointer("City", rome), seen=[pointer("City", rome), pointer("City", oslo)])
    calls: list[Any] = []
    code(Kind.BEFORE_FIND, "City", lambda call: calls.append((call.is_get, call.query.where)))
    api.get("/classes/Post")
    assert calls == [], "a pointer that is not included asks nobody"
    api.get("/classes/Post", query={"include": "city"})
    api.get("/classes/Post", query={"include": "seen"})
    assert calls == [(True, {"objectId": rome}), (False, {"objectId": {"$in": sorted([rome, oslo])}})]
    code(Kind.BEFORE_FIND, "City", asking(where={"name": "Oslo"}))
    (found,) = api.get("/classes/Post", query={"include": "seen,city"}).json["results"]
    assert [each["name"] for each in found["seen"]] == ["Oslo"]
    assert "city" not in found
    code(Kind.BEFORE_FIND, "City", answering())
    assert api.get("/classes/Post", query={"include": "seen"}).json["results"][0]["seen"] == []


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"city": {"$inQuery": {"className": "City", "where": {}}}}, [1]),
        ({"city": {"$notInQuery": {"className": "City", "where": {}}}}, [2]),
        ({"name": {"$select": {"query": {"className": "City", "where": {}}, "key": "name"}}}, [1]),
        ({"name": {"$dontSelect": {"query": {"className": "City", "where": {}}, "key": "name"}}}, [2]),
    ],
)
def test_sub_queries_are_made_as_the_handler_of_their_class_leaves_them(
    api: ApiClient, code: Code, condition: Any, found: list[int]
) -> None:
    rome, oslo = make(api, "City", name="Rome"), make(api, "City", name="Oslo")
    make(api, n=1, city=pointer("City", rome), name="Rome")
    make(api, n=2, city=pointer("City", oslo), name="Oslo")
    code(Kind.BEFORE_FIND, "City", asking(where={"name": "Rome"}))
    assert numbers(api, {"where": condition}) == found
    code(Kind.BEFORE_FIND, "City", answering({"className": "City", "objectId": rome}))
    assert numbers(api, {"where": condition}) == found


def test_relations_are_queried_through_the_handler(api: ApiClient, code: Code, posts: list[str]) -> None:
    operation = {"__op": "AddRelation", "objects": [pointer("Post", each) for each in posts]}
    tag = make(api, "Tag", posts=operation)
    code(Kind.BEFORE_FIND, "Post", lambda call: asking(where={**call.query.where, "n": {"$gt": 0}})(call))
    related = {"$relatedTo": {"object": pointer("Tag", tag), "key": "posts"}}
    assert numbers(api, {"where": related}) == [1, 2]


def test_what_a_relation_leads_to_is_shown_by_the_handler_of_its_class(
    api: ApiClient, code: Code, posts: list[str]
) -> None:
    tag = make(api, "Tag", posts={"__op": "AddRelation", "objects": [pointer("Post", each) for each in posts]})
    code(Kind.AFTER_FIND, "Post", showing(lambda each: each.update(seen=True)))
    code(Kind.AFTER_FIND, "Tag", answering_nothing)
    where = {"$relatedTo": {"object": pointer("Tag", tag), "key": "posts"}}
    reply = api.get("/classes/Tag", query={"where": where, "redirectClassNameForKey": "posts"})
    assert [(each["seen"], each["className"]) for each in reply.json["results"]] == [(True, "Post")] * 3


def answering_nothing(call: AfterFindCall) -> None:
    call.objects = []


def test_aggregations_and_distinct_values_have_a_handler_before_and_none_after(
    api: ApiClient, code: Code, posts: list[str]
) -> None:
    calls: list[Any] = []

    def run(call: BeforeFindCall) -> None:
        calls.append((call.is_get, call.query.where))
        call.query = replace(call.query, where={"n": {"$gt": 0}})

    code(Kind.BEFORE_FIND, "Post", run)
    code(Kind.AFTER_FIND, "Post", calls.append)
    pipeline = [{"$group": {"_id": None, "sum": {"$sum": "$n"}}}]
    assert api.get("/aggregate/Post", query={"pipeline": pipeline}, master=True).json["results"][0]["sum"] == 3
    assert sorted(api.get("/aggregate/Post", query={"distinct": "n"}, master=True).json["results"]) == [1, 2]
    assert calls == [(False, None), (False, None)]


def showing(change: Callable[[dict[str, Any]], None]) -> Callable[[AfterFindCall], None]:
    def run(call: AfterFindCall) -> None:
        for document in call.objects:
            change(document)

    return run


def test_results_are_shown_as_the_handler_leaves_them(api: ApiClient, code: Code, posts: list[str]) -> None:
    code(Kind.AFTER_FIND, "Post", showing(lambda each: each.update(n=each["n"] * 10)))
    assert numbers(api) == [0, 10, 20]
    found = api.get(f"/classes/Post/{posts[1]}").json
    assert (found["n"], found["className"]) == (10, "Post")
    assert all(each["className"] == "Post" for each in api.get("/classes/Post").json["results"])


def test_results_can_be_filtered_but_not_their_count(api: ApiClient, code: Code, posts: list[str]) -> None:
    def run(call: AfterFindCall) -> None:
        call.objects = [each for each in call.objects if each["n"] > 1]

    code(Kind.AFTER_FIND, "Post", run)
    reply = api.get("/classes/Post", query={"count": 1}).json
    assert ([each["n"] for each in reply["results"]], reply["count"]) == ([2], 3)
    assert api.get(f"/classes/Post/{posts[0]}").error == (101, "Object not found.")
    assert api.get(f"/classes/Post/{posts[2]}").json["n"] == 2


@pytest.mark.parametrize(
    "objects",
    [[], [{"className": "Other", "x": 1}], [{"plain": {"__type": "Date", "iso": "2026-01-31T10:00:00.000Z"}}]],
)
def test_results_can_be_others_altogether(api: ApiClient, code: Code, posts: list[str], objects: Any) -> None:
    def run(call: AfterFindCall) -> None:
        call.objects = objects

    code(Kind.AFTER_FIND, "Post", run)
    assert api.get("/classes/Post").json["results"] == objects


def test_what_is_no_list_is_refused(api: ApiClient, code: Code, posts: list[str]) -> None:
    def run(call: AfterFindCall) -> None:
        call.objects = "text"  # type: ignore[assignment]

    code(Kind.AFTER_FIND, "Post", run)
    assert api.get("/classes/Post").error == (141, "afterFind must return a list")


def test_a_handler_sees_only_what_the_caller_may_see_with_real_addresses(api: ApiClient, code: Code) -> None:
    make(api, n=1, ACL={})
    make(api, n=2, f=FILE)
    seen: list[AfterFindCall] = []
    code(Kind.AFTER_FIND, "Post", seen.append)
    api.get("/classes/Post", query={"where": {"n": {"$gt": 0}}})
    ((document,),) = [call.objects for call in seen]
    assert (document["n"], document["f"], seen[0].query.where) == (2, FILE, {"n": {"$gt": 0}})


def test_saves_and_deletes_of_others_ask_no_handler(api: ApiClient, code: Code, posts: list[str]) -> None:
    ran: list[object] = []
    for kind in (Kind.BEFORE_FIND, Kind.AFTER_FIND):
        code(kind, "Post", ran.append)
    make(api, n=9)
    api.put(f"/classes/Post/{posts[0]}", {"n": 8})
    api.delete(f"/classes/Post/{posts[0]}")
    assert ran == []
