"""Ways around permissions and protected fields that are no query of their own (`contract/hostile.md` §3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from parse_core.application import Application
from tests.auth.people import Person
from tests.hostile.attacks import sent
from tests.support.client import ApiClient
from tests.support.scenario import Request, delete, get, post, put

OPEN = {action: {"*": True} for action in ("find", "get", "count", "create", "update", "delete", "addField")}


@pytest.fixture(scope="module")
def closed(application: Application) -> Iterator[ApiClient]:
    """`Closed` lets nobody do anything, `Leading` leads to it, and `Hiding` hides `secret`; each has one object."""
    api = ApiClient(application)
    for name, permissions in (
        ("Closed", {}),
        ("Leading", OPEN),
        ("Hiding", {**OPEN, "protectedFields": {"*": ["secret"]}}),
    ):
        fields = {"secret": {"type": "String"}, "n": {"type": "Number"}}
        definition = {"fields": fields, "classLevelPermissions": permissions}
        assert api.post(f"/schemas/{name}", definition, master=True).status == 200
    api.post("/classes/Closed", {"secret": "swordfish", "n": 1}, master=True)
    for name in ("b", "a", "c"):
        api.post("/classes/Hiding", {"secret": name, "n": 1}, master=True)
    made = api.get("/classes/Closed", master=True).json["results"][0]["objectId"]
    pointer = {"__type": "Pointer", "className": "Closed", "objectId": made}
    links = {"__op": "AddRelation", "objects": [pointer]}
    api.post("/classes/Leading", {"to": pointer, "links": links, "list": [pointer]}, master=True)
    yield api
    for name in ("Closed", "Leading", "Hiding"):
        api.delete(f"/purge/{name}", master=True)
        api.delete(f"/schemas/{name}", master=True)


def object_id(api: ApiClient, class_name: str) -> str:
    return str(api.get(f"/classes/{class_name}", master=True).json["results"][0]["objectId"])


def into_closed(api: ApiClient) -> Iterator[Request]:
    """Every way that leads to an object of the closed class, or makes one."""
    one = f"/classes/Closed/{object_id(api, 'Closed')}"
    every = "/classes/Closed"
    yield from (get(every), get(one), post(every, {"n": 2}), put(one, {"n": 2}), delete(one))
    yield get(every, query={"where": {"objectId": one.rpartition("/")[2]}})
    yield get(every, query={"count": 1, "limit": 0})
    for method, path, body in (
        ("GET", every, {}),
        ("get", one, {}),
        ("PUT", one, {"n": 2}),
        ("put", one, {"n": 2}),
        ("DELETE", one, {}),
        ("Delete", one, {}),
    ):
        yield post(path, {**body, "_method": method})
    yield get(every, query={"explain": "true"})
    yield get(every, query={"cursor": "true"})
    yield get(every, query={"hint": "_id_"})
    yield get("/classes/Leading", query={"redirectClassNameForKey": "links"})
    yield get("/classes/Leading", query={"where": {"to": {"$inQuery": {"className": "Closed", "where": {}}}}})
    yield get("/classes/Leading", query={"where": {"$or": [{"to": {"$notInQuery": {"className": "Closed"}}}]}})
    selected = {"$select": {"query": {"className": "Closed"}, "key": "secret"}}
    yield get("/classes/Leading", query={"where": {"$and": [{"$nor": [{"x": selected}]}]}})
    nested = {"className": "Leading", "where": {"to": {"$inQuery": {"className": "Closed", "where": {}}}}}
    yield get("/classes/Leading", query={"where": {"x": {"$inQuery": nested}}})


def test_a_closed_class_is_closed_by_every_way_alone_and_in_a_batch(closed: ApiClient, ann: Person) -> None:
    before = closed.get("/classes/Closed", master=True).json
    for how in ({}, {"as_user": ann.token}):
        for request in into_closed(closed):
            reply = sent(closed, Request(request.method, request.path, request.body, {**request.how, **how}))
            assert reply.status >= 400, (request, reply.body)
            assert reply.error[0] in (119, 102), (request, reply.body)
            if "_method" in (request.body or {}) or request.method == "GET":
                continue
            part = {"method": request.method, "path": f"/parse{request.path}", "body": request.body or {}}
            [answer] = sent(closed, post("/batch", {"requests": [part]}, **how)).json
            assert answer["error"]["code"] == 119, request
    assert closed.get("/classes/Closed", master=True).json == before


def test_what_leads_to_a_closed_class_shows_nothing_of_it(closed: ApiClient, ann: Person) -> None:
    owner = {"__type": "Pointer", "className": "Leading", "objectId": object_id(closed, "Leading")}
    for query in (
        {"include": "to"},
        {"include": "list"},
        {"include": "to,list", "keys": "to.secret,list.secret"},
        {"includeAll": "true"},
    ):
        for how in ({}, {"as_user": ann.token}):
            assert b"swordfish" not in sent(closed, get("/classes/Leading", query=query, **how)).body
    related = {"where": {"$relatedTo": {"object": owner, "key": "links"}}}
    assert sent(closed, get("/classes/Closed", query=related)).error[0] == 119


def test_cursors_explanations_and_pipelines_tell_no_order_of_what_is_hidden(closed: ApiClient, ann: Person) -> None:
    sorted_by_it = {"order": "secret", "limit": 1, "cursor": "true"}
    known = closed.get("/classes/Hiding", query=sorted_by_it, master=True)
    for how in ({}, {"as_user": ann.token}):
        for query in (
            sorted_by_it,
            {**sorted_by_it, "after": known.json["next"]},
            {"order": "secret", "after": known.json["next"]},
            {"order": "n,-secret", "cursor": "true", "limit": 1},
            {"order": "secret", "explain": "true"},
            {"where": {"secret": "a"}, "explain": "true"},
        ):
            reply = sent(closed, get("/classes/Hiding", query=query, **how))
            assert reply.status >= 400, query
            assert reply.error[0] in (119, 102), query
        crossed = sent(closed, get("/classes/Hiding", query={"order": "n", "after": known.json["next"]}, **how))
        assert crossed.error[0] == 102
        for path in ("/aggregate/Hiding?distinct=secret", '/aggregate/Hiding?$group={"_id":"$secret"}'):
            assert sent(closed, get(path, **how)).status == 403


def test_what_a_write_answers_can_be_kept_from_telling_a_hidden_value(closed: ApiClient, configure: Any) -> None:
    path = f"/classes/Hiding/{object_id(closed, 'Hiding')}"
    configure(protectedFieldsSaveResponseExempt=False)
    for body in ({"secret": "y", "n": {"__op": "Increment", "amount": 1}}, {"secret": {"__op": "Delete"}}):
        reply = sent(closed, put(path, body))
        assert reply.status == 200
        assert "secret" not in reply.json
