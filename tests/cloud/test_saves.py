"""`beforeSave` and `afterSave` (`contract/cloud.md` §4.4, §4.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from parse_cloud.invocations import AfterSaveCall, BeforeSaveCall
from parse_cloud.kinds import Failure, IllegalRegistration, Kind
from parse_core.application import Application
from parse_core.errors import InvalidQuery
from parse_core.operations.data import Add, Increment, Set, Unset
from parse_core.operations.relations import LinkChange
from parse_core.rest.inside import perform
from tests.auth.people import make_role, sign_up
from tests.cloud.conftest import Code
from tests.support.client import ApiClient

UNSET = {"__op": "Delete"}
DATE = {"__type": "Date", "iso": "2026-01-31T10:00:00.000Z"}
FILE = {"__type": "File", "name": "a.txt", "url": "http://api.example/parse/files/cloud/a.txt"}


def setting(**values: Any) -> Callable[[BeforeSaveCall], None]:
    """A handler that sets fields, or does what operations say."""

    def run(call: BeforeSaveCall) -> None:
        for name, value in values.items():
            call.changes[name] = value if hasattr(value, "apply") else Set(value)

    return run


def reverting(*names: str) -> Callable[[BeforeSaveCall], None]:
    def run(call: BeforeSaveCall) -> None:
        for name in names:
            call.changes.pop(name, None)

    return run


def raising(error: Exception) -> Callable[[Any], None]:
    def run(_call: Any) -> None:
        raise error

    return run


def make(api: ApiClient, **fields: Any) -> str:
    reply = api.post("/classes/Post", fields, master=True)
    assert reply.status == 201, reply.body
    identifier: str = reply.json["objectId"]
    return identifier


def read(api: ApiClient, object_id: str, class_name: str = "Post") -> dict[str, Any]:
    document: dict[str, Any] = api.get(f"/classes/{class_name}/{object_id}", master=True).json
    for name in ("objectId", "createdAt", "updatedAt"):
        document.pop(name)
    return document


SAVES = [
    ("a value it sets", setting(b=2), {"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
    ("another value than was sent", setting(a=2), {"a": 1}, {"a": 2}, {"a": 2}),
    ("the value that was sent", setting(a=1), {"a": 1}, {}, {"a": 1}),
    ("true for one", setting(l=[True]), {"l": [1]}, {"l": [True]}, {"l": [True]}),
    ("a date", setting(d=DATE), {}, {"d": DATE}, {"d": DATE}),
    ("a file", setting(f=FILE), {}, {"f": FILE}, {"f": FILE}),
    ("an increment", setting(n=Increment(3)), {}, {"n": 3}, {"n": 3}),
    ("an increment to zero", setting(n=Increment(-2)), {"n": 2}, {"n": -2}, {"n": -2}),
    ("an array operation", setting(l=Add([1])), {}, {"l": [1]}, {"l": [1]}),
    ("an ACL", setting(ACL={"*": {"read": True}}), {}, {"ACL": {"*": {"read": True}}}, {"ACL": {"*": {"read": True}}}),
    ("what it takes away", setting(a=Unset()), {"a": 1}, {"a": UNSET}, {}),
    ("what it takes back", reverting("a"), {"a": 1, "b": 2}, {"a": UNSET}, {"b": 2}),
    ("nothing", lambda _call: None, {"a": 1}, {}, {"a": 1}),
    ("names of the server's own", setting(_hashed_password="x", objectId="mine", updatedAt=DATE), {}, {}, {}),
    ("a path", setting(**{"o.k": 2}), {}, {"o": {"k": 2}}, {"o": {"k": 2}}),
]  # fmt: skip


@pytest.mark.parametrize(("run", "body", "told", "stored"), [row[1:] for row in SAVES], ids=[row[0] for row in SAVES])
def test_a_create_is_stored_and_answered_as_the_handler_left_it(
    api: ApiClient, code: Code, run: Any, body: Any, told: Any, stored: Any
) -> None:
    make(api, a=0, b=0, n=0, l=[], o={}, d=DATE, f=FILE)
    code(Kind.BEFORE_SAVE, "Post", run)
    reply = api.post("/classes/Post", body, master=True)
    assert reply.status == 201, reply.body
    answer = reply.json
    assert {name: value for name, value in answer.items() if name not in ("objectId", "createdAt")} == told
    assert reply.statements == 1
    assert read(api, answer["objectId"]) == stored


UPDATES = [
    ("a value it sets", setting(b=2), {"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
    ("another value than was sent", setting(a=2), {"a": 1}, {"a": 2}, {"a": 2}),
    ("an increment", setting(n=Increment(1)), {"a": 1}, {"n": 6}, {"a": 1, "n": 6}),
    ("an increment to zero", setting(n=Increment(-5)), {"a": 1}, {"n": 0}, {"a": 1, "n": 0}),
    ("what it takes away", setting(n=Unset()), {"a": 1}, {"n": UNSET}, {"a": 1, "n": None}),
    ("what it takes back, which was stored", reverting("n"), {"n": 9, "a": 1}, {"n": 5}, {"a": 1}),
    ("what it takes back, which was not there", reverting("z"), {"z": 9, "a": 1}, {"z": UNSET}, {"a": 1}),
    ("an increment of the client's", lambda _call: None, {"n": {"__op": "Increment", "amount": 2}}, {"n": 7}, {"n": 7}),
    ("a nested increment of the client's", lambda _call: None, {"o.k": {"__op": "Increment", "amount": 2}},
     {"o": {"k": 3}}, {"o": {"k": 3, "l": 1}}),
    ("nothing of a pointer that was sent", lambda _call: None,
     {"p": {"__type": "Pointer", "className": "P", "objectId": "x"}}, {},
     {"p": {"__type": "Pointer", "className": "P", "objectId": "x"}}),
    ("another pointer", setting(p={"__type": "Pointer", "className": "P", "objectId": "y"}),
     {"p": {"__type": "Pointer", "className": "P", "objectId": "x"}},
     {"p": {"__type": "Pointer", "className": "P", "objectId": "y"}},
     {"p": {"__type": "Pointer", "className": "P", "objectId": "y"}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("run", "body", "told", "changed"), [row[1:] for row in UPDATES], ids=[row[0] for row in UPDATES]
)
def test_an_update_is_stored_and_answered_as_the_handler_left_it(
    api: ApiClient, code: Code, run: Any, body: Any, told: Any, changed: Any
) -> None:
    make(api, z=1, b=0, p={"__type": "Pointer", "className": "P", "objectId": "w"})
    object_id = make(api, a=0, n=5, o={"k": 1, "l": 1})
    code(Kind.BEFORE_SAVE, "Post", run)
    reply = api.put(f"/classes/Post/{object_id}", body)
    assert reply.status == 200, reply.body
    assert {name: value for name, value in reply.json.items() if name != "updatedAt"} == told
    assert reply.statements == 2
    stored = {"a": 0, "n": 5, "o": {"k": 1, "l": 1}, **changed}
    assert read(api, object_id) == {name: value for name, value in stored.items() if value is not None}


def test_the_handler_sees_what_will_be_and_what_was(api: ApiClient, code: Code) -> None:
    seen: list[BeforeSaveCall] = []
    object_id = make(api, a=1, o={"k": 1}, f=FILE)
    code(Kind.BEFORE_SAVE, "Post", seen.append)
    api.put(f"/classes/Post/{object_id}", {"a": {"__op": "Increment", "amount": 2}, "o.k": 5, "g": FILE}, master=True)
    api.post("/classes/Post", {"a": 1})
    update, create = seen
    assert update.original is not None
    assert (update.original["a"], update.original["f"]["url"]) == (1, FILE["url"])
    assert (update.object["a"], update.object["o"], update.object["g"]) == (3, {"k": 5}, FILE)
    assert (update.is_new, update.object_id, update.master) == (False, object_id, True)
    assert list(update.changes) == ["a", "o.k", "g"], "what is dirty is what was sent"
    assert (create.is_new, create.original, create.object_id, create.object) == (True, None, None, {"a": 1})


def test_an_id_that_clients_may_choose_is_there_before_the_save(configure: Callable[..., Application]) -> None:
    application = configure(allowCustomObjectId=True)
    code, seen = Code(application), []
    code(Kind.BEFORE_SAVE, "Post", lambda call: seen.append(call.object_id))
    ApiClient(application).post("/classes/Post", {"objectId": "mine"})
    assert seen == ["mine"]


@pytest.mark.parametrize(
    ("raised", "status", "error"),
    [
        (Failure("not today"), 400, (141, "not today")),
        (ValueError("a native error"), 400, (141, "a native error")),
        (InvalidQuery("own code"), 400, (102, "own code")),
        (Failure("own", 999), 400, (999, "own")),
        (Failure("gone", 101), 404, (101, "gone")),
        (Failure(None), 400, (141, "Script failed. Unknown error.")),
    ],
)
def test_a_handler_that_raises_refuses_the_save_and_nothing_is_stored(
    api: ApiClient, code: Code, raised: Exception, status: int, error: Any
) -> None:
    object_id = make(api, a=1)
    code(Kind.BEFORE_SAVE, "Post", raising(raised))
    for reply in (api.post("/classes/Post", {"a": 2}), api.put(f"/classes/Post/{object_id}", {"a": 2})):
        assert (reply.status, reply.error) == (status, error)
    assert api.get("/classes/Post", query={"keys": "a"}).json["results"][0]["a"] == 1
    assert len(api.get("/classes/Post").json["results"]) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"length": 1}, (105, "Invalid field name: length.")),
        ({"a b": 1}, (105, "Invalid field name: a b.")),
        ({"o": {"_bsontype": "Code"}},
         (105, 'Prohibited keyword in request data: {"key":"_bsontype","value":"Code"}.')),
        ({"a": "text"}, (111, "schema mismatch for Post.a; expected Number but got String")),
        ({"ACL": "x"}, (123, "Invalid ACL.")),
        ({"f": {"__type": "File", "name": "a", "url": "http://169.254.169.254/"}},
         (130, "File URL domain '169.254.169.254' is not allowed.")),
    ],
)  # fmt: skip
def test_what_a_handler_may_not_store_is_refused_as_a_clients(
    api: ApiClient, code: Code, changes: Any, error: Any
) -> None:
    make(api, a=1)
    code(Kind.BEFORE_SAVE, "Post", setting(**changes))
    reply = api.post("/classes/Post", {"b": 1})
    assert (reply.status, reply.error) == (400, error)


def test_a_handler_does_not_run_where_the_save_is_refused_anyway(api: ApiClient, code: Code) -> None:
    ran: list[object] = []
    ann, bob = sign_up(api, "ann"), sign_up(api, "bob")
    hers = make(api, a=0, ACL={ann.id: {"read": True, "write": True}}, owner=ann.pointer)
    api.put(
        "/schemas/Post", {"classLevelPermissions": {"update": {"*": True}, "create": {}, "addField": {}}}, master=True
    )
    role = make_role(api, "Admin")
    for name in ("Post", "_User", "_Role"):
        code(Kind.BEFORE_SAVE, name, ran.append)
    refused = {
        "an object only she may write": api.put(f"/classes/Post/{hers}", {"a": 1}, as_user=bob.token),
        "an object there is not": api.put("/classes/Post/nope", {"a": 1}, as_user=ann.token),
        "a class nobody may create in": api.post("/classes/Post", {}, as_user=ann.token),
        "another user": api.put(ann.path, {"a": 1}, as_user=bob.token),
        "a role": api.put(f"/roles/{role}", {"a": 1}, as_user=bob.token),
    }
    codes = {what: (reply.status, reply.json["code"]) for what, reply in refused.items()}
    assert codes == {
        "an object only she may write": (404, 101),
        "an object there is not": (404, 101),
        "a class nobody may create in": (400, 119),
        "another user": (400, 206),
        "a role": (404, 101),
    }
    assert ran == []


def test_a_handler_may_take_back_a_field_that_nobody_may_add(api: ApiClient, code: Code) -> None:
    make(api, a=0)
    permissions = {"create": {"*": True}, "addField": {}}
    api.put("/schemas/Post", {"classLevelPermissions": permissions}, master=True)
    code(Kind.BEFORE_SAVE, "Post", lambda _call: None)
    assert api.post("/classes/Post", {"new": 1}).error[0] == 119
    code(Kind.BEFORE_SAVE, "Post", setting(new=Unset()))
    assert api.post("/classes/Post", {"new": 1}).status == 201


def test_a_relation_that_a_handler_adds_is_there(api: ApiClient, code: Code) -> None:
    related = make(api, name="other")
    code(Kind.BEFORE_SAVE, "Tag", setting(posts=LinkChange("Post", (related,))))
    reply = api.post("/classes/Tag", {"a": 1})
    assert set(reply.json) == {"objectId", "createdAt"}
    where = {
        "$relatedTo": {
            "object": {"__type": "Pointer", "className": "Tag", "objectId": reply.json["objectId"]},
            "key": "posts",
        }
    }
    assert [each["objectId"] for each in api.get("/classes/Post", query={"where": where}).json["results"]] == [related]
    seen: list[BeforeSaveCall] = []
    code(Kind.BEFORE_SAVE, "Tag", seen.append)
    api.put(f"/classes/Tag/{reply.json['objectId']}", {"a": 2})
    assert seen[0].object["posts"] == {"__type": "Relation", "className": "Post"}


def test_the_plain_password_is_there_before_a_user_is_saved_and_nowhere_else(
    api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Any] = []
    caplog.set_level("DEBUG")
    code(Kind.BEFORE_SAVE, "_User", lambda call: seen.append(call.object.get("password")))
    code(Kind.AFTER_SAVE, "_User", lambda call: seen.append(call.object.get("password")))
    reply = api.post("/users", {"username": "ann", "password": "pl41n"})
    assert reply.status == 201
    assert seen == ["pl41n", None]
    assert "pl41n" not in caplog.text
    assert '"password":"********"' in caplog.text
    assert "password" not in reply.json


def test_a_password_that_a_handler_sets_is_the_password(api: ApiClient, code: Code) -> None:
    code(Kind.BEFORE_SAVE, "_User", setting(password="other"))
    assert "password" not in api.post("/users", {"username": "ann", "password": "sent"}).json
    assert api.post("/login", {"username": "ann", "password": "sent"}).status == 404
    assert api.post("/login", {"username": "ann", "password": "other"}).status == 200


def test_a_role_keeps_its_name_and_its_acl(api: ApiClient, code: Code) -> None:
    code(Kind.BEFORE_SAVE, "_Role", lambda _call: None)
    role = make_role(api, "Admin")
    assert read(api, role, "_Role")["name"] == "Admin"
    assert read(api, role, "_Role")["ACL"] == {"*": {"read": True}}


@pytest.mark.parametrize("exempt", [True, False])
def test_protected_fields_are_the_handlers_to_see_unless_told_otherwise(
    configure: Callable[..., Application], *, exempt: bool
) -> None:
    application = configure(protectedFieldsTriggerExempt=exempt, protectedFields={"Post": {"*": ["secret"]}})
    api, code, seen = ApiClient(application), Code(application), []
    object_id = make(api, a=1, secret="x")
    code(Kind.BEFORE_SAVE, "Post", lambda call: seen.append((call.original or {}).get("secret")))
    code(Kind.AFTER_SAVE, "Post", lambda call: seen.extend(each.get("secret") for each in (call.original, call.object)))
    api.put(f"/classes/Post/{object_id}", {"a": 2})
    assert seen == (["x", "x", "x"] if exempt else [None, None, None])
    assert read(api, object_id)["secret"] == "x"


def test_after_a_save_the_handler_sees_the_object_stored(api: ApiClient, code: Code) -> None:
    seen: list[AfterSaveCall] = []
    code(Kind.AFTER_SAVE, "Post", seen.append)
    created = api.post("/classes/Post", {"a": 1, "f": FILE}).json
    updated = api.put(f"/classes/Post/{created['objectId']}", {"a": {"__op": "Increment", "amount": 1}}).json
    create, update = seen
    assert create.object == {**created, "updatedAt": created["createdAt"], "a": 1, "f": FILE}
    assert create.original is None
    assert update.object == {**create.object, "a": 2, "updatedAt": updated["updatedAt"]}
    assert update.original == create.object


@pytest.mark.parametrize("raised", [Failure("no"), ValueError("no"), Failure(None, 999), RecursionError()])
def test_what_is_raised_after_a_save_is_logged_and_forgotten(
    api: ApiClient, code: Code, raised: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    code(Kind.AFTER_SAVE, "Post", raising(raised))
    reply = api.post("/classes/Post", {"a": 1})
    assert (reply.status, set(reply.json)) == (201, {"objectId", "createdAt"})
    assert any(record.levelname == "WARNING" and "afterSave" in record.message for record in caplog.records)


def test_what_a_handler_shows_after_a_save_is_answered_and_not_stored(api: ApiClient, code: Code) -> None:
    def run(call: AfterSaveCall) -> None:
        call.shown = {"b": 2, "a": UNSET}

    code(Kind.AFTER_SAVE, "Post", run)
    reply = api.post("/classes/Post", {"a": 1})
    assert (reply.json["b"], reply.json["a"]) == (2, UNSET)
    assert set(reply.json) == {"objectId", "createdAt", "a", "b"}
    assert read(api, reply.json["objectId"]) == {"a": 1}


def test_a_handler_saves_the_object_again_and_is_waited_for(api: ApiClient, code: Code) -> None:
    def run(call: AfterSaveCall) -> None:
        if "proof" not in call.object:
            path = f"classes/Post/{call.object['objectId']}"
            perform(call.context.as_master(), "PUT", path, {"proof": True})

    code(Kind.AFTER_SAVE, "Post", run)
    reply = api.post("/classes/Post", {"a": 1})
    assert read(api, reply.json["objectId"]) == {"a": 1, "proof": True}


def test_a_response_of_the_handlers_own_takes_the_place_of_the_whole(api: ApiClient, code: Code) -> None:
    def run(call: AfterSaveCall) -> None:
        call.body = {"foo": "json"} if call.object["a"] else {}

    code(Kind.AFTER_SAVE, "Post", run)
    assert api.post("/classes/Post", {"a": 1}).json == {"foo": "json"}
    assert set(api.post("/classes/Post", {"a": 0}).json) == {"objectId", "createdAt"}, "an empty one is none"


def test_classes_without_handlers_keep_one_statement_and_no_moments(api: ApiClient, code: Code) -> None:
    code(Kind.BEFORE_SAVE, "Other", lambda _call: None)
    code(Kind.AFTER_SAVE, "Other", lambda _call: None)
    object_id = make(api, a=1)
    replies = {
        "create": api.post("/classes/Post", {"a": 1}),
        "update": api.put(f"/classes/Post/{object_id}", {"a": 2}),
        "get": api.get(f"/classes/Post/{object_id}"),
        "find": api.get("/classes/Post"),
        "delete": api.delete(f"/classes/Post/{object_id}"),
    }
    assert {what: reply.statements for what, reply in replies.items()} == dict.fromkeys(replies, 1)


def test_a_batch_runs_the_handlers_of_each_create_in_turn(api: ApiClient, code: Code) -> None:
    order: list[Any] = []
    code(Kind.BEFORE_SAVE, "Post", lambda call: order.append(("before", call.object["n"])))
    code(Kind.AFTER_SAVE, "Post", lambda call: order.append(("after", call.object["n"])))
    requests = [{"method": "POST", "path": "/parse/classes/Post", "body": {"n": n}} for n in (1, 2)]
    assert all("success" in each for each in api.post("/batch", {"requests": requests}).json)
    assert order == [("before", 1), ("after", 1), ("before", 2), ("after", 2)]


def test_a_transaction_is_over_when_after_save_runs_and_its_answers_can_still_change(
    api: ApiClient, code: Code
) -> None:
    seen: list[Any] = []

    def run(call: AfterSaveCall) -> None:
        stored = call.context.application.database
        assert call.context.executor is stored
        seen.append(len(api.get("/classes/Post").json["results"]))
        call.shown = {"n": call.object["n"] * 10}

    make(api, n=0)
    code(Kind.AFTER_SAVE, "Post", run)
    requests = [{"method": "POST", "path": "/parse/classes/Post", "body": {"n": n}} for n in (1, 2)]
    reply = api.post("/batch", {"requests": requests, "transaction": True})
    assert [each["success"]["n"] for each in reply.json] == [10, 20]
    assert seen == [3, 3]
    code(Kind.BEFORE_SAVE, "Post", lambda call: raising(Failure("no"))(call) if call.object["n"] == 2 else None)
    reply = api.post("/batch", {"requests": requests, "transaction": True})
    assert (reply.status, reply.json) == (400, {"code": 141, "error": "no"})
    assert seen == [3, 3]


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        (Kind.BEFORE_SAVE, "_PushStatus", "Only afterSave is allowed on _PushStatus"),
        (Kind.BEFORE_SAVE, "_Session", "Only the afterLogout trigger is allowed for the _Session class."),
        (Kind.AFTER_LOGOUT, "_User", "Only the _Session class is allowed for the afterLogout trigger."),
        (
            Kind.BEFORE_LOGIN,
            "Post",
            "Only the _User class is allowed for the beforeLogin, afterLogin, and beforePasswordResetRequest triggers",
        ),
    ],
)
def test_what_could_never_run_cannot_be_registered(code: Code, kind: Kind, name: str, text: str) -> None:
    with pytest.raises(IllegalRegistration, match=text):
        code(kind, name, lambda _call: None)
