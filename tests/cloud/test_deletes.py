"""`beforeDelete` and `afterDelete` (`contract/cloud.md` §4.6)."""

from __future__ import annotations

from typing import Any

import pytest

from parse_cloud.invocations import AfterFindCall, BeforeFindCall, ObjectCall
from parse_cloud.kinds import Failure, Kind
from parse_core.errors import WriteConflict
from tests.auth.people import make_role, sign_up
from tests.cloud.conftest import Code
from tests.support.client import ApiClient

FILE = {"__type": "File", "name": "a.txt", "url": "http://api.example/parse/files/cloud/a.txt"}


def make(api: ApiClient, **fields: Any) -> str:
    identifier: str = api.post("/classes/Post", fields, master=True).json["objectId"]
    return identifier


def exists(api: ApiClient, object_id: str) -> bool:
    return bool(api.get("/classes/Post", query={"where": {"objectId": object_id}}, master=True).json["results"])


def refusing(_call: Any) -> None:
    raise Failure("no")


def test_a_handler_that_raises_before_keeps_the_object(api: ApiClient, code: Code) -> None:
    object_id = make(api, a=1)
    code(Kind.BEFORE_DELETE, "Post", refusing)
    reply = api.delete(f"/classes/Post/{object_id}")
    assert (reply.status, reply.error) == (400, (141, "no"))
    assert exists(api, object_id)


def test_a_handler_that_raises_after_is_answered_although_the_object_is_gone(api: ApiClient, code: Code) -> None:
    object_id = make(api, a=1)
    code(Kind.AFTER_DELETE, "Post", refusing)
    assert api.delete(f"/classes/Post/{object_id}").error == (141, "no")
    assert not exists(api, object_id)


def test_both_see_the_object_as_it_was_stored(api: ApiClient, code: Code) -> None:
    object_id = make(api, a=1, f=FILE)
    seen: list[ObjectCall] = []
    code(Kind.BEFORE_DELETE, "Post", seen.append)
    code(Kind.AFTER_DELETE, "Post", seen.append)
    reply = api.delete(f"/classes/Post/{object_id}")
    assert (reply.status, reply.json, reply.statements) == (200, {}, 2)
    assert [(str(call.kind), call.object["a"], call.object["f"]) for call in seen] == [
        ("beforeDelete", 1, FILE),
        ("afterDelete", 1, FILE),
    ]


def test_an_object_there_is_not_cannot_be_deleted_and_nothing_runs(api: ApiClient, code: Code) -> None:
    make(api, a=1)
    ran: list[object] = []
    code(Kind.BEFORE_DELETE, "Post", ran.append)
    reply = api.delete("/classes/Post/nope")
    assert (reply.status, reply.error, ran) == (404, (101, "Object not found for delete."), [])


def test_a_handler_does_not_run_for_what_the_caller_may_not_delete(api: ApiClient, code: Code) -> None:
    ann, bob = sign_up(api, "ann"), sign_up(api, "bob")
    object_id = make(api, ACL={ann.id: {"read": True, "write": True}, "*": {"read": True}})
    role = make_role(api, "Admin")
    ran: list[object] = []
    for name in ("Post", "_User", "_Role"):
        code(Kind.BEFORE_DELETE, name, ran.append)
    for path in (f"/classes/Post/{object_id}", ann.path, f"/roles/{role}"):
        assert api.delete(path, as_user=bob.token).status in (400, 404)
    assert ran == []
    assert api.delete(ann.path, as_user=ann.token).status == 200
    assert api.delete(f"/roles/{role}", master=True).status == 200
    assert len(ran) == 2


def test_the_object_is_got_before_it_is_deleted(api: ApiClient, code: Code) -> None:
    object_id = make(api, a=1)
    order: list[Any] = []

    def before(call: BeforeFindCall) -> None:
        order.append((str(call.kind), call.is_get, call.query.where))

    def after(call: AfterFindCall) -> None:
        order.append((str(call.kind), call.is_get, len(call.objects)))
        call.objects[0]["a"] = 2

    code(Kind.BEFORE_FIND, "Post", before)
    code(Kind.AFTER_FIND, "Post", after)
    code(Kind.BEFORE_DELETE, "Post", lambda call: order.append(call.object["a"]))
    assert api.delete(f"/classes/Post/{object_id}").status == 200
    assert order == [("beforeFind", True, {"objectId": object_id}), ("afterFind", True, 1), 2]


def test_an_object_that_find_handlers_hide_is_not_there_to_be_deleted(api: ApiClient, code: Code) -> None:
    object_id = make(api, a=1)

    def hide(call: AfterFindCall) -> None:
        call.objects = []

    code(Kind.BEFORE_DELETE, "Post", lambda _call: None)
    code(Kind.AFTER_FIND, "Post", hide)
    assert api.delete(f"/classes/Post/{object_id}").error == (101, "Object not found for delete.")
    assert exists(api, object_id) is False, "hidden"
    code(Kind.AFTER_FIND, "Post", lambda _call: None)
    assert exists(api, object_id)


@pytest.mark.parametrize("path", ["/purge/Post", "/schemas/Post"])
def test_what_empties_a_class_at_once_asks_nobody(api: ApiClient, code: Code, path: str) -> None:
    make(api, a=1)
    ran: list[object] = []
    code(Kind.BEFORE_DELETE, "Post", ran.append)
    code(Kind.AFTER_DELETE, "Post", ran.append)
    api.delete(path, master=True)
    assert ran == []


def test_all_that_follows_a_transaction_runs_once_whatever_one_of_it_raises(api: ApiClient, code: Code) -> None:
    ids = [make(api, n=n) for n in range(3)]
    ran: list[int] = []

    def run(call: ObjectCall) -> None:
        ran.append(call.object["n"])
        if call.object["n"] == 0:
            raise WriteConflict

    code(Kind.AFTER_DELETE, "Post", run)
    requests = [{"method": "DELETE", "path": f"/parse/classes/Post/{each}"} for each in ids]
    reply = api.post("/batch", {"requests": requests, "transaction": True})
    assert (reply.status, reply.json["code"]) == (400, 251)
    assert ran == [0, 1, 2], "nothing is tried again that is stored"
    assert not any(exists(api, each) for each in ids)


def test_the_deletes_of_a_batch_run_their_handlers(api: ApiClient, code: Code) -> None:
    ids = [make(api, n=n) for n in range(3)]
    seen: list[int] = []
    code(Kind.BEFORE_DELETE, "Post", lambda call: refusing(call) if call.object["n"] == 1 else None)
    code(Kind.AFTER_DELETE, "Post", lambda call: seen.append(call.object["n"]))
    requests = [{"method": "DELETE", "path": f"/parse/classes/Post/{each}"} for each in ids]
    assert api.post("/batch", {"requests": requests}).json == [
        {"success": {}},
        {"error": {"code": 141, "error": "no"}},
        {"success": {}},
    ]
    assert seen == [0, 2]
