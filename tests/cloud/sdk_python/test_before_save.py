"""From the operations of a write to the object of its handler, and back, without loss."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parse_cloud import ACL, File, GeoPoint, Object, ParseError, Relation
from parse_cloud.author.sdk.before_save import PendingSave
from parse_core.application import Application
from parse_core.errors import ParseError as ServerError
from parse_core.objects.body import parse_changes
from parse_core.operations.base import Operation
from parse_core.operations.data import Add, AddUnique, Increment, Remove, Set, SetOnInsert, Unset
from parse_core.operations.relations import LinkChange
from parse_core.values.scalars import Document

ORIGINAL: Document = {
    "objectId": "p1",
    "createdAt": "2026-01-01T00:00:00.000Z",
    "updatedAt": "2026-01-01T00:00:00.000Z",
    "n": 5,
    "tags": ["a"],
    "o": {"k": 1, "deep": {"x": 1}},
    "author": {"__type": "Pointer", "className": "Author", "objectId": "a1"},
    "likes": {"__type": "Relation", "className": "Author"},
    "ACL": {"*": {"read": True}},
    "at": {"__type": "GeoPoint", "latitude": 1, "longitude": 2},
}

SENT: dict[str, Any] = {
    "a number": {"n": 7},
    "a broken number": {"n": 7.25},
    "null": {"n": None},
    "a list": {"tags": ["x", {"y": [1, None]}]},
    "a date": {"when": {"__type": "Date", "iso": "2026-01-31T12:00:00.000Z"}},
    "bytes": {"data": {"__type": "Bytes", "base64": "AP8="}},
    "a place": {"at": {"__type": "GeoPoint", "latitude": 3.5, "longitude": 4}},
    "an area": {"area": {"__type": "Polygon", "coordinates": [[0, 0], [0, 1], [1, 1], [0, 0]]}},
    "a pointer": {"author": {"__type": "Pointer", "className": "Author", "objectId": "a2"}},
    "a file": {"file": {"__type": "File", "name": "x.txt", "url": "http://api.example/parse/files/sdk-python/x.txt"}},
    "an access list": {"ACL": {"u1": {"read": True, "write": True}}},
    "Increment": {"n": {"__op": "Increment", "amount": 2}},
    "Increment within": {"o.k": {"__op": "Increment", "amount": -1.5}},
    "Add": {"tags": {"__op": "Add", "objects": ["b", {"c": 1}]}},
    "AddUnique": {"tags": {"__op": "AddUnique", "objects": ["a", "b"]}},
    "Remove": {"tags": {"__op": "Remove", "objects": ["a"]}},
    "Delete": {"n": {"__op": "Delete"}},
    "Delete within": {"o.deep.x": {"__op": "Delete"}},
    "set within": {"o.deep.y": {"z": 1}},
    "set within a list": {"list.0": 3},
    "SetOnInsert": {"once": {"__op": "SetOnInsert", "amount": {"a": 1}}},
    "AddRelation": {
        "likes": {"__op": "AddRelation", "objects": [{"__type": "Pointer", "className": "Author", "objectId": "a1"}]}
    },
    "RemoveRelation": {
        "likes": {"__op": "RemoveRelation", "objects": [{"__type": "Pointer", "className": "Author", "objectId": "a1"}]}
    },
    "both relations": {
        "likes": {
            "__op": "Batch",
            "ops": [
                {"__op": "AddRelation", "objects": [{"__type": "Pointer", "className": "Author", "objectId": "a1"}]},
                {"__op": "RemoveRelation", "objects": [{"__type": "Pointer", "className": "Author", "objectId": "a2"}]},
            ],
        }
    },
    "a relation as it was read": {"likes": {"__type": "Relation", "className": "Author"}},
    "an object inside": {"o": {"it": {"__type": "Object", "className": "Author", "objectId": "a1", "name": "Ann"}}},
    "much at once": {"n": {"__op": "Increment", "amount": 1}, "o.k": 2, "title": "x", "tags": {"__op": "Delete"}},
}


def changes_of(application: Application, body: Document) -> dict[str, Operation]:
    return dict(parse_changes(body, application.file_addresses, creates=False))


@pytest.mark.parametrize("is_new", [False, True], ids=["update", "create"])
@pytest.mark.parametrize("body", SENT.values(), ids=SENT)
def test_what_a_handler_leaves_alone_is_the_very_operation_that_was_sent(
    application: Application, body: Document, is_new: bool
) -> None:
    changes = changes_of(application, body)
    pending = PendingSave(application, "Post", changes, original=None if is_new else ORIGINAL)
    pending.object.attributes  # looked at  # noqa: B018
    left = pending.changes()
    assert left.keys() == changes.keys()
    assert all(left[key] is changes[key] for key in changes)


def test_the_handlers_object_is_the_stored_one_with_the_changes(application: Application) -> None:
    body = {"n": {"__op": "Increment", "amount": 2}, "o.k": 9, "tags": {"__op": "AddUnique", "objects": ["a", "b"]}}
    pending = PendingSave(application, "Post", changes_of(application, body), original=ORIGINAL)
    post = pending.object
    assert (post.id, post.existed(), post.is_new()) == ("p1", True, False)
    assert (post["n"], post["o"], post["tags"]) == (7, {"k": 9, "deep": {"x": 1}}, ["a", "b"])
    assert (post.dirty_keys(), post.dirty("o"), post.dirty("at")) == (["n", "o.k", "o", "tags"], True, False)
    assert (post["at"], post["author"].id, type(post["likes"])) == (GeoPoint(1, 2), "a1", Relation)


def test_a_new_object_has_no_id_unless_the_client_chose_one(application: Application) -> None:
    new = PendingSave(application, "Post", {"title": Set("x")}).object
    assert (new.id, new.existed(), new.is_new(), new.dirty_keys()) == (None, False, True, ["title"])
    chosen = PendingSave(application, "Post", {"title": Set("x")}, object_id="mine").object
    assert (chosen.id, chosen.existed()) == ("mine", False)


Handler = Callable[[Object], object]

HANDLED: list[tuple[str, Handler, dict[str, Operation | None]]] = [
    # What the handler does to a write of {"n": Increment 2, "title": "sent"}; None: not written.
    ("set", lambda o: o.set("title", "mine"), {"title": Set("mine")}),
    ("another field", lambda o: o.set("extra", [1]), {"extra": Set([1])}),
    ("unset", lambda o: o.unset("title"), {"title": Unset()}),
    ("revert", lambda o: o.revert("title"), {"title": None}),
    ("revert all", lambda o: o.revert(), {"title": None, "n": None}),
    ("increment more", lambda o: o.increment("n", 3), {"n": Increment(5)}),
    ("increment another", lambda o: o.increment("m"), {"m": Increment(1)}),
    ("to zero", lambda o: o.set("n", 0), {"n": Set(0)}),
    ("add", lambda o: o.add("tags", "b"), {"tags": Add(["b"])}),
    ("add_unique", lambda o: o.add_unique("tags", "b"), {"tags": AddUnique(["b"])}),
    ("remove", lambda o: o.remove("tags", "a"), {"tags": Remove(["a"])}),
    ("within", lambda o: o.set("o.k", 5).increment("o.deep.x"), {"o.k": Set(5), "o.deep.x": Increment(1)}),
    ("in place", lambda o: o["tags"].append("b"), {"tags": Set(["a", "b"])}),
    ("in place, deep", lambda o: o["o"]["deep"].update(x=2), {"o": Set({"k": 1, "deep": {"x": 2}})}),
    ("the access list", lambda o: setattr(o, "acl", ACL({"u": {"read": True}})), {"ACL": Set({"u": {"read": True}})}),
    ("the access list in place", lambda o: o["ACL"].set_public_read_access(False), {"ACL": Set({})}),
    (
        "a moment",
        lambda o: o.set("when", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        {"when": Set({"__type": "Date", "iso": "2026-01-31T12:00:00.000Z"})},
    ),
    (
        "a pointer",
        lambda o: o.set("author", Object.without_data("Author", "a9")),
        {"author": Set({"__type": "Pointer", "className": "Author", "objectId": "a9"})},
    ),
    (
        "a relation",
        lambda o: o.relation("likes").add(Object.without_data("Author", "a9")),
        {"likes": LinkChange("Author", ("a9",))},
    ),
]


@pytest.mark.parametrize(("handle", "made"), [case[1:] for case in HANDLED], ids=[case[0] for case in HANDLED])
def test_what_a_handler_does_is_what_is_written(
    application: Application, handle: Handler, made: dict[str, Operation | None]
) -> None:
    changes: dict[str, Operation] = {"n": Increment(2), "title": Set("sent")}
    pending = PendingSave(application, "Post", dict(changes), original=ORIGINAL)
    handle(pending.object)
    expected = {key: operation for key, operation in {**changes, **made}.items() if operation is not None}
    assert pending.changes() == expected
    assert pending.changes() == expected  # asking changes nothing


def test_files_are_stored_by_their_name(application: Application) -> None:
    url = "http://api.example/parse/files/sdk-python/a.txt"
    pending = PendingSave(application, "Post", {}, original=ORIGINAL)
    pending.object["file"] = File.from_json({"name": "a.txt", "url": url})
    (operation,) = pending.changes().values()
    assert operation == Set({"__type": "File", "name": "a.txt", "url": f"{application.file_marker}a.txt"})
    marked = PendingSave(application, "Post", {"file": operation}).object["file"]
    assert (marked.name, marked.url) == ("a.txt", url)


def test_a_pointer_to_what_is_not_saved_is_141(application: Application) -> None:
    pending = PendingSave(application, "Post", {}, original=ORIGINAL)
    pending.object["author"] = Object("Author")
    with pytest.raises(ParseError) as refused:
        pending.changes()
    assert (refused.value.code, refused.value.message) == (141, "Cannot create a pointer to an unsaved ParseObject")


DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]

UNSTORABLE: list[tuple[str, Any, int]] = [
    ("NUL", "a\x00b", 107),
    ("NUL in a name", {"a\x00": 1}, 107),
    ("too deep", DEEP, 107),
    ("a dollar", {"$a": 1}, 121),
    ("a file without a name", {"__type": "File"}, 111),
]


@pytest.mark.parametrize(("value", "code"), [case[1:] for case in UNSTORABLE], ids=[case[0] for case in UNSTORABLE])
def test_what_no_client_may_store_no_handler_stores(application: Application, value: Any, code: int) -> None:
    pending = PendingSave(application, "Post", {}, original=ORIGINAL)
    pending.object["value"] = value
    with pytest.raises(ServerError) as refused:
        pending.changes()
    assert refused.value.code == code
    with pytest.raises(ServerError) as refused:
        pending.replaced_by({"value": value})
    assert refused.value.code == code


def test_a_document_in_the_place_of_the_write(application: Application) -> None:
    pending = PendingSave(application, "Post", {"n": Set(1)}, original=ORIGINAL)
    assert pending.replaced_by({"title": "x", "n": {"__op": "Increment", "amount": 1}, "objectId": "other"}) == {
        "title": Set("x"),
        "n": Increment(1),
    }


def test_an_operation_the_sdk_has_no_word_for_goes_through(application: Application) -> None:
    pending = PendingSave(application, "Post", {"once": SetOnInsert([1])})
    assert pending.object["once"] == [1]
    assert pending.changes() == {"once": SetOnInsert([1])}
    pending.object["once"] = 2
    assert pending.changes() == {"once": Set(2)}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e6, 1e6) | st.text("abü", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
OPERATIONS = st.one_of(
    JSON.map(lambda value: value),
    st.integers(-9, 9).map(lambda amount: {"__op": "Increment", "amount": amount}),
    st.tuples(st.sampled_from(["Add", "AddUnique", "Remove"]), st.lists(JSON, max_size=3)).map(
        lambda pair: {"__op": pair[0], "objects": pair[1]}
    ),
    st.just({"__op": "Delete"}),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.sampled_from(["f1", "f2", "f3.k", "f4.k.x"]), OPERATIONS, min_size=1))
def test_any_write_goes_through_a_handler_unchanged(application: Application, body: Document) -> None:
    changes = changes_of(application, body)
    pending = PendingSave(application, "Post", changes)
    for key in pending.object:
        pending.object.get(key)
    pending.object.set("other", 1)
    left = pending.changes()
    assert left.pop("other") == Set(1)
    assert left == changes
    assert orjson.dumps(sorted(left)) == orjson.dumps(sorted(changes))
