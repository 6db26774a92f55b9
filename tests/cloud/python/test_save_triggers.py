"""Triggers of saves and deletes written in Python (`contract/cloud.md` §4.4 to §4.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from parse_cloud import ACL, Object, ParseError, Replace, TriggerRequest, User
from parse_cloud.author.cloud import Cloud
from tests.cloud.python.conftest import Serving
from tests.support.client import ApiClient

FormOf = Callable[[Any], Any]
Request = TriggerRequest[Any]


def saved(api: ApiClient, fields: dict[str, Any], class_name: str = "Post") -> str:
    reply = api.post(f"/classes/{class_name}", fields, master=True)
    assert reply.status == 201, reply.body
    return str(reply.json["objectId"])


def read(api: ApiClient, object_id: str, class_name: str = "Post") -> dict[str, Any]:
    fields: dict[str, Any] = api.get(f"/classes/{class_name}/{object_id}", master=True).json
    return fields


def changes(response: dict[str, Any]) -> dict[str, Any]:
    """What a response says beyond id and times."""
    return {name: value for name, value in response.items() if name not in ("objectId", "createdAt", "updatedAt")}


# --- Before a save ----------------------------------------------------------------------------------------------------

EDITS: list[tuple[Callable[[Any], object], dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # what the handler does, what is sent, what the response says beyond it, what is stored
    (lambda post: post.set("title", "new"), {"title": "old"}, {"title": "new"}, {"title": "new"}),
    (lambda post: post.set("title", "same"), {"title": "same"}, {}, {"title": "same"}),
    (lambda post: post.unset("title"), {"title": "old", "a": 1}, {"title": {"__op": "Delete"}}, {"a": 1}),
    (lambda post: post.increment("n", 2), {"n": 1}, {"n": 3}, {"n": 3}),
    (lambda post: post.increment("n", -1), {"n": 1}, {"n": 0}, {"n": 0}),
    (lambda post: post.add("tags", "b"), {"tags": ["a"]}, {"tags": ["a", "b"]}, {"tags": ["a", "b"]}),
    (lambda post: post.add_unique("tags", "a"), {"tags": ["a"]}, {}, {"tags": ["a"]}),
    (lambda post: post.remove("tags", "a"), {"tags": ["a"]}, {"tags": []}, {"tags": []}),
    (lambda post: post.revert("title"), {"title": "x", "a": 1}, {"title": {"__op": "Delete"}}, {"a": 1}),
    (lambda post: post["tags"].append("b"), {"tags": ["a"]}, {"tags": ["a", "b"]}, {"tags": ["a", "b"]}),
    (lambda post: post.get("o").update(b=2), {"o": {"a": 1}}, {"o": {"a": 1, "b": 2}}, {"o": {"a": 1, "b": 2}}),
]


@pytest.mark.parametrize(
    ("edit", "sent", "told", "stored"),
    EDITS,
    ids=[
        "set",
        "set as sent",
        "unset",
        "increment",
        "to zero",
        "add",
        "add unique",
        "remove",
        "revert",
        "in a list",
        "in",
    ],
)
def test_what_before_save_changes_is_stored_and_told(
    serving: Serving, form: FormOf, edit: Any, sent: Any, told: Any, stored: Any
) -> None:
    def change(request: Request) -> None:
        edit(request.object)

    api = serving(lambda cloud: cloud.before_save("Post")(form(change)))
    reply = api.post("/classes/Post", sent)
    assert (reply.status, changes(reply.json)) == (201, told)
    found = read(api, reply.json["objectId"])
    assert {name: found[name] for name in found if name not in ("objectId", "createdAt", "updatedAt")} == stored


def test_the_acl_may_be_set(serving: Serving) -> None:
    def lock(request: Request) -> None:
        request.object.acl = ACL()

    api = serving(lambda cloud: cloud.before_save("Post")(lock))
    reply = api.post("/classes/Post", {"a": 1})
    assert changes(reply.json) == {"ACL": {}}
    assert api.get(f"/classes/Post/{reply.json['objectId']}").error == (101, "Object not found.")


def test_an_update_has_its_original_and_the_sent_keys_are_dirty(serving: Serving, form: FormOf) -> None:
    seen: list[Any] = []

    def look(request: Request) -> None:
        post, original = request.object, request.original
        seen.append(
            (
                sorted(post.dirty_keys()),
                post.attributes.get("a"),
                post.get("kept"),
                original and original.get("a"),
                post.existed(),
                post.is_new(),
                request.trigger_name,
            )
        )

    api = serving(lambda cloud: cloud.before_save("Post")(form(look)))
    identifier = saved(api, {"a": 1, "kept": True, "o": {"k": 1}})
    api.put(f"/classes/Post/{identifier}", {"a": 2, "o.k": 5})
    assert seen == [
        (["a", "kept", "o"], 1, True, None, False, True, "beforeSave"),
        (["a", "o", "o.k"], 2, True, 1, True, False, "beforeSave"),
    ]


def test_operations_of_clients_stay_operations(serving: Serving) -> None:
    shown: list[Any] = []
    api = serving(lambda cloud: cloud.before_save("Post")(lambda request: shown.append(request.object.get("n"))))
    identifier = saved(api, {"n": 1, "o": {"k": 1}})
    for _ in range(2):
        api.put(f"/classes/Post/{identifier}", {"n": {"__op": "Increment", "amount": 5}})
        api.put(f"/classes/Post/{identifier}", {"o.k": {"__op": "Increment", "amount": 1}})
    assert shown == [1, 6, 6, 11, 11]
    found = read(api, identifier)
    assert (found["n"], found["o"]) == (11, {"k": 3})


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("too long"), (141, "too long")),
        (ParseError(142, "too many stars"), (142, "too many stars")),
        (Exception(), (141, "Script failed. Unknown error.")),
    ],
    ids=["a text", "a Parse error", "nothing"],
)
def test_before_save_refuses_by_raising(serving: Serving, form: FormOf, error: Exception, expected: Any) -> None:
    def refuse(request: Request) -> None:
        if request.object.get("bad"):
            raise error

    api = serving(lambda cloud: cloud.before_save("Post")(form(refuse)))
    identifier = saved(api, {"a": 1})
    assert api.post("/classes/Post", {"bad": True}).error == expected
    assert api.put(f"/classes/Post/{identifier}", {"bad": True, "a": 2}).error == expected
    assert [each["a"] for each in api.get("/classes/Post").json["results"]] == [1]


@pytest.mark.parametrize("result", [True, "text", 5, [], Object("Post")], ids=repr)
def test_before_save_returns_nothing_else(serving: Serving, form: FormOf, result: Any) -> None:
    api = serving(lambda cloud: cloud.before_save("Post")(form(lambda _request: result)))
    code, text = api.post("/classes/Post", {"a": 1}).error
    assert code == 141
    assert text.startswith("before_save returns nothing, the object or a dictionary, not ")


@pytest.mark.parametrize("wrap", [dict, Replace], ids=["a dictionary", "Replace"])
def test_a_returned_dictionary_replaces_the_write(serving: Serving, form: FormOf, wrap: Any) -> None:
    api = serving(
        lambda cloud: cloud.before_save("Post")(
            form(lambda _request: wrap({"b": 2, "n": {"__op": "Increment", "amount": 3}}))
        )
    )
    reply = api.post("/classes/Post", {"a": 1})
    found = read(api, reply.json["objectId"])
    assert ("a" in found, found["b"], found["n"]) == (False, 2, 3)


def test_returning_the_object_applies_what_was_changed(serving: Serving, form: FormOf) -> None:
    api = serving(lambda cloud: cloud.before_save("Post")(form(lambda request: request.object.set("b", 2))))
    reply = api.post("/classes/Post", {"a": 1})
    assert changes(reply.json) == {"b": 2}


def test_bad_changes_are_refused_as_clients_would_be(serving: Serving) -> None:
    def change(request: Request) -> None:
        request.object.set(request.object.get("key"), 1)

    api = serving(lambda cloud: cloud.before_save("Post")(change), requestKeywordDenylist=[{"key": "evil"}])
    assert api.post("/classes/Post", {"key": "length"}).error == (105, "Invalid field name: length.")
    assert api.post("/classes/Post", {"key": "evil"}).error[0] == 105
    assert api.post("/classes/Post", {"key": "not a name"}).error[0] == 105


def test_relations_may_be_changed(serving: Serving) -> None:
    def relate(request: Request) -> None:
        tag = Object("Tag", name="t").save(use_master_key=True)
        request.object.relation("tags").add(tag)

    api = serving(lambda cloud: cloud.before_save("Post")(relate))
    reply = api.post("/classes/Post", {"a": 1})
    assert reply.status == 201, reply.body
    pointer = {"__type": "Pointer", "className": "Post", "objectId": reply.json["objectId"]}
    found = api.get("/classes/Tag", query={"where": {"$relatedTo": {"object": pointer, "key": "tags"}}})
    assert [each["name"] for each in found.json["results"]] == ["t"]


def test_before_save_of_users_sees_the_password_and_the_log_does_not(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Any] = []

    def setup(cloud: Cloud) -> None:
        @cloud.before_save(User)
        def look(request: TriggerRequest[User]) -> None:
            seen.append(request.object.get("password"))
            request.object.set("nick", request.object.username)

    api = serving(setup)
    reply = api.post("/users", {"username": "ada", "password": "secret-123"})
    assert (reply.status, reply.json["nick"]) == (201, "ada")
    assert seen == ["secret-123"]
    assert "secret-123" not in caplog.text
    assert api.get("/login", query={"username": "ada", "password": "secret-123"}).status == 200


def test_before_save_of_roles_keeps_name_and_acl(serving: Serving) -> None:
    api = serving(lambda cloud: cloud.before_save("_Role")(lambda request: request.object.set("kind", "x")))
    acl = {"*": {"read": True}}
    reply = api.post("/roles", {"name": "Admins", "ACL": acl}, master=True)
    found = api.get(f"/roles/{reply.json['objectId']}", master=True).json
    assert (found["name"], found["ACL"], found["kind"]) == ("Admins", acl, "x")


def test_a_class_of_ones_own_stands_for_its_objects(serving: Serving) -> None:
    kinds: list[Any] = []

    def setup(cloud: Cloud) -> None:
        class Post(Object):
            class_name = "Post"

            @property
            def shout(self) -> str:
                return str(self.get("title")).upper()

        @cloud.before_save(Post)
        def loud(request: TriggerRequest[Post]) -> None:
            kinds.append(type(request.object) is Post)
            request.object.set("title", request.object.shout)

    api = serving(setup)
    assert api.post("/classes/Post", {"title": "x"}).json["title"] == "X"
    assert kinds == [True]


def test_a_save_with_before_save_costs_no_further_statement(serving: Serving, form: FormOf) -> None:
    api = serving(lambda cloud: cloud.before_save("Post")(form(lambda request: request.object.set("b", 1))))
    saved(api, {"a": 1})
    created = api.post("/classes/Post", {"a": 1})
    assert (created.status, created.statements) == (201, 1)
    updated = api.put(f"/classes/Post/{created.json['objectId']}", {"a": 2})
    assert (updated.status, updated.statements) == (200, 2)


def test_the_context_goes_from_before_save_to_after_save(serving: Serving, form: FormOf) -> None:
    seen: list[Any] = []

    def setup(cloud: Cloud) -> None:
        def before(request: Request) -> None:
            request.context["added"] = True
            if request.object.get("whole"):
                request.context = {"whole": 1}

        cloud.before_save("Post")(form(before))
        cloud.after_save("Post")(form(lambda request: seen.append(request.context)))

    api = serving(setup)
    api.post("/classes/Post", {"a": 1}, headers={"X-Parse-Cloud-Context": '{"sent":1}'})
    api.post("/classes/Post", {"whole": True}, headers={"X-Parse-Cloud-Context": '{"sent":1}'})
    assert seen == [{"sent": 1, "added": True}, {"sent": 1, "whole": 1}]


def test_a_context_that_is_no_dictionary_is_refused(serving: Serving) -> None:
    def spoil(request: Any) -> None:
        request.context = [1]

    api = serving(lambda cloud: cloud.before_save("Post")(spoil))
    assert api.post("/classes/Post", {"a": 1}).error == (141, "request.context is a dictionary")


# --- After a save -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "told", "stored"),
    [
        (lambda post: post.set("b", 2) and None, {"b": 2}, False),
        (lambda post: post.unset("a") and None, {"a": {"__op": "Delete"}}, False),
        (lambda post: post.set("b", 2), {"b": 2}, False),
        (lambda post: post.set("b", 2).save(use_master_key=True) and None, {}, True),
        (lambda _post: "text", {}, False),
        (lambda _post: {}, {}, False),
        (lambda _post: 5, {}, False),
    ],
    ids=["set", "unset", "the object", "saved", "a text", "an empty dictionary", "a number"],
)
def test_what_after_save_changes_is_told_but_not_stored(serving: Serving, act: Any, told: Any, stored: bool) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.after_save("Post")
        def after(request: Request) -> Any:
            assert not request.object.dirty()
            if request.original is None:
                return act(request.object)
            return None

    api = serving(setup)
    reply = api.post("/classes/Post", {"a": 1})
    assert reply.status == 201
    assert changes(reply.json) == told
    found = read(api, reply.json["objectId"])
    assert (found["a"], "b" in found) == (1, stored)


@pytest.mark.parametrize("wrap", [dict, Replace], ids=["a dictionary", "Replace"])
def test_a_dictionary_from_after_save_is_the_response(serving: Serving, form: FormOf, wrap: Any) -> None:
    api = serving(lambda cloud: cloud.after_save("Post")(form(lambda _request: wrap({"foo": "json"}))))
    reply = api.post("/classes/Post", {"a": 1})
    assert (reply.status, reply.json) == (201, {"foo": "json"})


def test_what_after_save_raises_is_logged_alone(
    serving: Serving, form: FormOf, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_request: Request) -> None:
        raise ValueError("too late")

    api = serving(lambda cloud: cloud.after_save("Post")(form(fail)))
    assert api.post("/classes/Post", {"a": 1}).status == 201
    assert "too late" in caplog.text


def test_pointers_with_data_survive_trivial_triggers(serving: Serving, form: FormOf) -> None:
    def setup(cloud: Cloud) -> None:
        cloud.before_save("Post")(form(lambda _request: None))
        cloud.after_save("Post")(form(lambda _request: None))

    api = serving(setup)
    author = {"__type": "Pointer", "className": "Author", "objectId": saved(api, {"n": 1}, "Author")}
    reply = api.post("/classes/Post", {"author": author})
    assert changes(reply.json) == {}
    assert read(api, reply.json["objectId"])["author"] == author


# --- Deletes ----------------------------------------------------------------------------------------------------------


def test_before_delete_keeps_the_object_by_raising(serving: Serving, form: FormOf) -> None:
    def keep(request: Request) -> None:
        if request.object.get("locked"):
            raise ValueError("it is locked")

    api = serving(lambda cloud: cloud.before_delete("Post")(form(keep)))
    locked, free = saved(api, {"locked": True}), saved(api, {"a": 1})
    assert api.delete(f"/classes/Post/{locked}").error == (141, "it is locked")
    assert api.delete(f"/classes/Post/{free}").json == {}
    assert api.delete("/classes/Post/nowhere").error == (101, "Object not found for delete.")
    assert [each["objectId"] for each in api.get("/classes/Post").json["results"]] == [locked]


def test_after_delete_is_waited_for_and_its_error_told(serving: Serving, form: FormOf) -> None:
    seen: list[Any] = []

    def after(request: Request) -> None:
        seen.append((request.object.id, request.object.get("a")))
        if request.object.get("fail"):
            raise ValueError("too late")

    api = serving(lambda cloud: cloud.after_delete("Post")(form(after)))
    first, second = saved(api, {"a": 1}), saved(api, {"a": 2, "fail": True})
    assert api.delete(f"/classes/Post/{first}").status == 200
    assert api.delete(f"/classes/Post/{second}").error == (141, "too late")
    assert seen == [(first, 1), (second, 2)]
    assert api.get("/classes/Post").json["results"] == []


# --- Who may ----------------------------------------------------------------------------------------------------------


def test_before_save_does_not_run_where_the_write_is_forbidden(serving: Serving) -> None:
    runs: list[Any] = []
    api = serving(lambda cloud: cloud.before_save("Post")(lambda _request: runs.append(1)))
    identifier = saved(api, {"ACL": {}})
    runs.clear()
    assert api.put(f"/classes/Post/{identifier}", {"a": 1}).error == (101, "Object not found.")
    assert api.put("/classes/Post/nowhere", {"a": 1}).error == (101, "Object not found.")
    assert runs == []


def test_validators_of_triggers_hold(serving: Serving, form: FormOf) -> None:
    def setup(cloud: Cloud) -> None:
        cloud.before_save("Post", require_user=True, skip_with_master_key=True)(
            form(lambda request: request.object.set("b", 1))
        )

    api = serving(setup)
    assert api.post("/classes/Post", {"a": 1}).error == (142, "Validation failed. Please login to continue.")
    reply = api.post("/classes/Post", {"a": 1}, master=True)
    assert (reply.status, "b" in reply.json) == (201, False)
