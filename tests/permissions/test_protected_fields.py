"""Protected fields: hidden from answers, and not to be asked about (`contract/objects.md` §15.5)."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.permissions.conftest import Callers, user

FIELDS = {
    "title": {"type": "String"},
    "secret": {"type": "String"},
    "score": {"type": "Number"},
    "notes": {"type": "Object"},
    "owner": {"type": "Pointer", "targetClass": "_User"},
    "editors": {"type": "Array"},
    "parent": {"type": "Pointer", "targetClass": "Post"},
    "tags": {"type": "Relation", "targetClass": "Tag"},
}
OBJECT = {
    "title": "a",
    "secret": "hidden words",
    "score": 7,
    "notes": {"deep": "hidden words"},
    "owner": user("ann"),
    "editors": [user("bob")],
}
OPEN: dict[str, Any] = {n: {"*": True} for n in ("find", "get", "count", "create", "update", "delete", "addField")}
REFUSED = (400, (119, "Permission denied"))


class Case(NamedTuple):
    """With these lists, each caller sees these of `secret`, `score` and `notes`."""

    why: str
    lists: dict[str, list[str]]
    visible: dict[str, str]


CASES = [
    Case("nothing is protected", {}, {"anonymous": "secret score notes", "ann": "secret score notes"}),
    Case("from everybody", {"*": ["secret"]}, {"anonymous": "score notes", "ann": "score notes"}),
    Case("the keys see all", {"*": ["secret"]}, {"master": "secret score notes", "maintenance": "secret score notes"}),
    Case(
        "signed in callers see what both lists do not hide",
        {"*": ["secret", "score"], "authenticated": ["score"]},
        {"anonymous": "notes", "ann": "secret notes"},
    ),
    Case(
        "an empty list reveals",
        {"*": ["secret"], "role:Staff": []},
        {"cyd": "secret score notes", "ann": "score notes"},
    ),
    Case(
        "role and user id",
        {"*": ["secret", "score"], "role:Staff": ["score", "notes"], "ann": ["notes"]},
        {"cyd": "secret notes", "ann": "secret score notes", "bob": "notes"},
    ),
    Case("a list for nobody here", {"role:Board": ["secret"]}, {"anonymous": "secret score notes"}),
    Case(
        "only signed in callers are kept from it",
        {"authenticated": ["secret"]},
        {"anonymous": "secret score notes", "ann": "score notes"},
    ),
    Case(
        "the pointer's user sees it",
        {"*": ["secret", "score"], "userField:owner": ["score"]},
        {"anonymous": "notes", "ann": "secret notes", "bob": "notes"},
    ),
    Case(
        "the array's users see it",
        {"*": ["secret"], "userField:editors": []},
        {"anonymous": "score notes", "ann": "score notes", "bob": "secret score notes"},
    ),
    Case(
        "userField alone hides nothing",
        {"userField:owner": ["secret"]},
        {"anonymous": "secret score notes", "ann": "secret score notes"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_who_sees_what(callers: Callers, case: Case) -> None:
    callers.define("Post", FIELDS, {**OPEN, "protectedFields": case.lists})
    object_id = callers.create("Post", OBJECT)
    callers.create("Box", {"post": {"__type": "Pointer", "className": "Post", "objectId": object_id}})
    callers.create("Box", {"posts": [{"__type": "Pointer", "className": "Post", "objectId": object_id}]})
    for caller, visible in case.visible.items():
        boxes = callers.find(caller, "Box", include="post,posts", order="createdAt").json["results"]
        seen = {
            "get": callers.get(caller, f"/classes/Post/{object_id}").json,
            "find": callers.find(caller, "Post").json["results"][0],
            "keys": callers.find(caller, "Post", keys="title,secret,score,notes").json["results"][0],
            "include": boxes[0]["post"],
            "include in an array": boxes[1]["posts"][0],
        }
        for way, document in seen.items():
            shown = {name for name in ("secret", "score", "notes") if name in document}
            assert shown == set(visible.split()), (way, caller)
            assert document["title"] == "a"


def test_the_column_that_decides_does_not_come_with_the_answer(callers: Callers) -> None:
    lists = {"*": ["secret"], "userField:owner": []}
    callers.define("Post", FIELDS, {**OPEN, "protectedFields": lists})
    callers.create("Post", OBJECT)
    for caller, secret in (("ann", {"secret"}), ("bob", set())):
        for how in ({"keys": "title,secret"}, {"excludeKeys": "owner,editors,score,notes"}):
            result = callers.find(caller, "Post", **how).json["results"][0]
            assert set(result) - {"tags"} == {"objectId", "createdAt", "updatedAt", "title"} | secret


HIDDEN = ["secret", "score", "notes", "parent", "tags"]
QUESTIONS: list[dict[str, Any]] = [
    {"where": {"secret": "x"}},
    {"where": {"secret": {"$regex": "^h"}}},
    {"where": {"secret": {"$exists": True}}},
    {"where": {"$or": [{"title": "a"}, {"secret": "x"}]}},
    {"where": {"$and": [{"$nor": [{"title": "b"}, {"$or": [{"score": {"$gt": 1}}]}]}]}},
    {"where": {"$or": {"0": {"secret": "x"}, "length": 1}}},
    {"where": {"notes.deep": "hidden words"}},
    {"where": {"parent": {"$inQuery": {"where": {}, "className": "Post"}}}},
    {"order": "secret"},
    {"order": "-title,-score"},
    {"order": "notes.deep"},
    {"where": {"secret": "x"}, "count": 1, "limit": 0},
]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_asking_about_a_hidden_field_is_refused(callers: Callers, question: dict[str, Any]) -> None:
    callers.define("Post", FIELDS, {**OPEN, "protectedFields": {"*": HIDDEN, "userField:owner": []}})
    callers.create("Post", OBJECT)
    for caller in ("anonymous", "ann"):  # what a row would reveal stays closed to conditions
        reply = callers.find(caller, "Post", **question)
        assert (reply.status, reply.error[0]) in ((400, 119), (400, 102)), reply.body
        assert b"hidden" not in reply.body
    if isinstance(question.get("where", {}).get("$or"), dict):
        return
    assert callers.find("master", "Post", **question).status == 200


@pytest.mark.parametrize(
    "condition",
    [
        {"post": {"$inQuery": {"className": "Post", "where": {"secret": "x"}}}},
        {"post": {"$notInQuery": {"className": "Post", "where": {"secret": "x"}}}},
        {"name": {"$select": {"query": {"className": "Post", "where": {"secret": {"$gt": ""}}}, "key": "title"}}},
        {"name": {"$select": {"query": {"className": "Post", "where": {}}, "key": "secret"}}},
        {"name": {"$dontSelect": {"query": {"className": "Post", "where": {}}, "key": "secret"}}},
        {"name": {"$select": {"query": {"className": "Post", "where": {}}, "key": "notes.deep"}}},
    ],
    ids=str,
)
def test_sub_queries_tell_nothing_of_it_either(callers: Callers, condition: dict[str, Any]) -> None:
    callers.define("Post", FIELDS, {**OPEN, "protectedFields": {"*": HIDDEN}})
    post = callers.create("Post", {**OBJECT, "secret": "hidden words"})
    pointer = {"__type": "Pointer", "className": "Post", "objectId": post}
    callers.create("Box", {"post": pointer, "name": "hidden words"})
    reply = callers.find("ann", "Box", where=condition)
    if reply.status == 200:  # a key that is hidden yields no values: nothing is in them, everything is outside
        without = "$dontSelect" in str(condition)
        assert len(reply.json["results"]) == (1 if without else 0)
    else:
        assert (reply.status, reply.error) == REFUSED


def test_a_hidden_relation_cannot_be_followed(callers: Callers) -> None:
    callers.define("Post", FIELDS, {**OPEN, "protectedFields": {"*": ["tags"]}})
    tag = callers.create("Tag", {"n": 1})
    links = {"__op": "AddRelation", "objects": [{"__type": "Pointer", "className": "Tag", "objectId": tag}]}
    post = callers.create("Post", {**OBJECT, "tags": links})
    where = {"$relatedTo": {"object": {"__type": "Pointer", "className": "Post", "objectId": post}, "key": "tags"}}
    reply = callers.find("ann", "Tag", where=where)
    assert (reply.status, reply.error) == REFUSED
    assert len(callers.find("master", "Tag", where=where).json["results"]) == 1


def test_a_hidden_pointer_is_not_included(callers: Callers) -> None:
    callers.define("Post", FIELDS, {**OPEN, "protectedFields": {"*": ["parent"]}})
    parent = callers.create("Post", {**OBJECT, "title": "parent"})
    pointer = {"__type": "Pointer", "className": "Post", "objectId": parent}
    child = callers.create("Post", {**OBJECT, "parent": pointer})
    for how in ({"include": "parent"}, {"include": "*"}, {"include": "parent", "keys": "parent.title"}):
        reply = callers.get("ann", f"/classes/Post/{child}", query=how)
        assert "parent" not in reply.json, how
        assert "parent" in callers.get("master", f"/classes/Post/{child}", query=how).json


def test_refusals_name_the_field_for_operators(callers: Callers, configure: Any) -> None:
    configure(enableSanitizedErrorResponse=False)
    callers.define("Post", FIELDS, {**OPEN, "protectedFields": {"*": HIDDEN}})
    assert callers.find("ann", "Post", where={"secret": 1}).error == (
        119,
        "This user is not allowed to query secret on class Post",
    )
    assert callers.find("ann", "Post", order="-score").error == (
        119,
        "This user is not allowed to sort by score on class Post",
    )


def test_lists_of_the_options_are_joined_to_those_of_the_class(callers: Callers, configure: Any) -> None:
    configure(protectedFields={"Post": {"*": ["score", "createdAt"], "role:Staff": []}})
    callers.define("Post", FIELDS, {**OPEN, "protectedFields": {"*": ["secret"]}})
    callers.create("Post", OBJECT)
    seen = callers.find("ann", "Post").json["results"][0]
    assert not {"score", "secret", "createdAt"} & seen.keys()
    assert {"score", "secret", "createdAt"} <= callers.find("cyd", "Post").json["results"][0].keys()
    assert callers.get("master", "/schemas/Post").json["classLevelPermissions"]["protectedFields"] == {"*": ["secret"]}


class TestOfUsers:
    """The class whose rows are callers hides their email addresses from others by default."""

    def test_only_oneself_and_the_master_key_see_the_address(self, callers: Callers) -> None:
        assert callers.get("ann", "/users/ann").json["email"] == "ann@example.org"
        for caller in ("anonymous", "bob", "cyd"):
            assert "email" not in callers.get(caller, "/users/ann").json
        assert callers.get("master", "/users/ann").json["email"] == "ann@example.org"
        found = callers.find("ann", "_User", order="username").json["results"]
        assert [person.get("email") for person in found] == ["ann@example.org", None, None]

    def test_one_may_ask_about_one_s_own_address_alone(self, callers: Callers) -> None:
        own = {"objectId": "ann", "email": "ann@example.org"}
        assert len(callers.find("ann", "_User", where=own).json["results"]) == 1
        for where in ({"email": "ann@example.org"}, {"objectId": "bob", "email": "bob@example.org"}):
            reply = callers.find("ann", "_User", where=where)
            assert (reply.status, reply.error) == REFUSED

    def test_the_exemption_can_be_switched_off(self, callers: Callers, configure: Any) -> None:
        configure(protectedFieldsOwnerExempt=False)
        assert "email" not in callers.get("ann", "/users/ann").json
        assert "email" in callers.get("master", "/users/ann").json


class TestAnswersToWrites:
    """What an operation answers is a read, unless the application says otherwise."""

    LISTS = {"*": ["score"], "userField:owner": []}  # noqa: RUF012 (never changed)

    def ask(self, callers: Callers, caller: str) -> dict[str, Any]:
        callers.define("Post", FIELDS, {**OPEN, "protectedFields": self.LISTS})
        object_id = callers.create("Post", OBJECT)
        body = {"score": {"__op": "Increment", "amount": 0}, "editors": {"__op": "Add", "objects": [1]}}
        reply = callers.put(caller, f"/classes/Post/{object_id}", body)
        assert reply.json.keys() >= {"updatedAt", "editors"}
        return dict(reply.json)

    def test_an_increment_does_not_tell_a_hidden_number(self, callers: Callers) -> None:
        assert "score" not in self.ask(callers, "bob")

    def test_the_pointer_s_user_reads_the_result(self, callers: Callers) -> None:
        assert self.ask(callers, "ann")["score"] == 7

    def test_the_master_key_reads_the_result(self, callers: Callers) -> None:
        assert self.ask(callers, "master")["score"] == 7

    def test_with_the_exemption_everybody_reads_the_result(self, callers: Callers, configure: Any) -> None:
        configure(protectedFieldsSaveResponseExempt=True)
        assert self.ask(callers, "bob")["score"] == 7

    def test_a_new_object_does_not_tell_a_hidden_default(self, callers: Callers) -> None:
        fields = {**FIELDS, "score": {"type": "Number", "defaultValue": 3}}
        callers.define("Post", fields, {**OPEN, "protectedFields": self.LISTS})
        assert "score" not in callers.post("bob", "/classes/Post", {"title": "a"}).json
        assert callers.post("ann", "/classes/Post", {"owner": user("ann")}).json["score"] == 3
