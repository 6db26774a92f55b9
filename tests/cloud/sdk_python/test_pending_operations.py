"""What is pending on an object before it is saved, by the rules of the JavaScript SDK; and what a save makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parse_cloud import Object, ParseError
from parse_core.values.scalars import Document

Change = Callable[[Object], object]


def stored(**values: Any) -> Object:
    """An object as if it had been found."""
    return Object.from_json({"className": "Post", "objectId": "p1", **values})


DELETE = {"__op": "Delete"}


def increment(amount: float) -> Document:
    return {"__op": "Increment", "amount": amount}


def items(name: str, *objects: Any) -> Document:
    return {"__op": name, "objects": list(objects)}


MERGED: list[tuple[str, list[Change], Any, Any]] = [
    # what is done, one after another; what is pending then; the value that is seen. The stored value is [1, 2] or 5.
    ("set", [lambda o: o.set("n", 7)], 7, 7),
    ("set twice", [lambda o: o.set("n", 7), lambda o: o.set("n", 8)], 8, 8),
    ("unset", [lambda o: o.unset("n")], DELETE, None),
    ("set, unset", [lambda o: o.set("n", 7), lambda o: o.unset("n")], DELETE, None),
    ("increment", [lambda o: o.increment("n")], increment(1), 6),
    ("decrement", [lambda o: o.decrement("n", 2)], increment(-2), 3),
    ("increment twice", [lambda o: o.increment("n", 2), lambda o: o.increment("n", 3)], increment(5), 10),
    ("set, increment", [lambda o: o.set("n", 7), lambda o: o.increment("n")], 8, 8),
    ("unset, increment", [lambda o: o.unset("n"), lambda o: o.increment("n", 4)], 4, 4),
    ("increment, set", [lambda o: o.increment("n"), lambda o: o.set("n", 1)], 1, 1),
    ("increment, unset", [lambda o: o.increment("n"), lambda o: o.unset("n")], DELETE, None),
    ("add", [lambda o: o.add("a", 2)], items("Add", 2), [1, 2, 2]),
    ("add twice", [lambda o: o.add("a", 3), lambda o: o.add_all("a", [3, 4])], items("Add", 3, 3, 4), [1, 2, 3, 3, 4]),
    ("set, add", [lambda o: o.set("a", [9]), lambda o: o.add("a", 9)], [9, 9], [9, 9]),
    ("unset, add", [lambda o: o.unset("a"), lambda o: o.add("a", 9)], [9], [9]),
    ("add_unique", [lambda o: o.add_unique("a", 2)], items("AddUnique", 2), [1, 2]),
    (
        "add_unique twice",
        [lambda o: o.add_all_unique("a", [3, 3]), lambda o: o.add_all_unique("a", [3, 4])],
        items("AddUnique", 3, 4),
        [1, 2, 3, 4],
    ),
    ("set, add_unique", [lambda o: o.set("a", [9]), lambda o: o.add_unique("a", 9)], [9], [9]),
    ("unset, add_unique", [lambda o: o.unset("a"), lambda o: o.add_unique("a", 9)], [9], [9]),
    ("remove", [lambda o: o.remove("a", 1)], items("Remove", 1), [2]),
    ("remove twice", [lambda o: o.remove("a", 1), lambda o: o.remove_all("a", [2, 1])], items("Remove", 1, 2), []),
    ("set, remove", [lambda o: o.set("a", [9, 9, 8]), lambda o: o.remove("a", 9)], [8], [8]),
    ("unset, remove", [lambda o: o.unset("a"), lambda o: o.remove("a", 9)], DELETE, None),
    ("a boolean is no number", [lambda o: o.add_unique("a", True)], items("AddUnique", True), [1, 2, True]),
]


@pytest.mark.parametrize(("changes", "pending", "seen"), [case[1:] for case in MERGED], ids=[c[0] for c in MERGED])
def test_changes_of_one_field_become_one(changes: list[Change], pending: Any, seen: Any) -> None:
    post = stored(n=5, a=[1, 2])
    for change in changes:
        change(post)
    (key,) = post.dirty_keys()
    op = post.op(key)
    assert op is not None
    assert (op.to_json(), post.get(key)) == (pending, seen)


IMPOSSIBLE: list[tuple[str, Change, str]] = [
    ("increment a text", lambda o: o.increment("title"), "Cannot increment a non-numeric value."),
    ("increment by a text", lambda o: o.increment("n", "1"), "Cannot increment by a non-numeric amount."),  # type: ignore[arg-type]
    ("increment by a boolean", lambda o: o.increment("n", True), "Cannot increment by a non-numeric amount."),
    ("add to a number", lambda o: o.add("n", 1), "Cannot change the elements of a value that is not a list"),
    ("remove from a number", lambda o: o.remove("n", 1), "Cannot change the elements of a value that is not a list"),
    ("add, remove", lambda o: o.add("a", 1).remove("a", 1), "Cannot merge RemoveOp with the previous AddOp"),
    ("add, add_unique", lambda o: o.add("a", 1).add_unique("a", 1), "Cannot merge AddUniqueOp with the previous AddOp"),
    ("a relation that is none", lambda o: o.relation("title"), "Called relation() on non-relation field title"),
    ("an unknown operation", lambda o: o.set("n", {"__op": "Explode"}), "There is no operation 'Explode'"),
]


@pytest.mark.parametrize(("change", "message"), [case[1:] for case in IMPOSSIBLE], ids=[c[0] for c in IMPOSSIBLE])
def test_a_change_that_cannot_be_is_refused_when_it_is_made(change: Change, message: str) -> None:
    post = stored(n=5, a=[1, 2], title="x")
    with pytest.raises(TypeError) as refused:
        change(post)
    assert str(refused.value) == message
    assert (post["n"], post["title"]) == (5, "x")


@pytest.mark.parametrize("name", ["1a", "a b", "a-b", "$a", "", "a'b"])
def test_a_name_that_no_field_can_have_is_105(name: str) -> None:
    with pytest.raises(ParseError) as refused:
        Object("Post").set(name, 1)
    assert (refused.value.code, refused.value.message) == (105, f"Invalid key name: {name}")


def test_of_several_fields_none_is_set_when_one_is_refused() -> None:
    post = Object("Post")
    with pytest.raises(ParseError):
        post.set({"title": "x", "b c": 1})
    assert post.dirty_keys() == []


def test_paths_change_what_is_within_and_leave_the_rest() -> None:
    post = stored(o={"a": {"b": 1, "c": 2}, "list": [1, {"x": 1}]})
    post.set("o.a.b", 5).increment("o.a.c", 3).unset("o.a.z").set("o.list.1.x", 9).set("o.new.deep", True)
    assert post["o"] == {"a": {"b": 5, "c": 5}, "list": [1, {"x": 9}], "new": {"deep": True}}
    assert post.dirty_keys() == ["o.a.b", "o", "o.a.c", "o.a.z", "o.list.1.x", "o.new.deep"]
    assert (post.dirty("o"), post.dirty("o.a.b"), post.dirty("other")) == (True, True, False)


def test_a_value_that_is_changed_in_place_is_dirty_until_it_is_saved() -> None:
    post = Object("Post", tags=["a"], o={"k": {"n": 1}}, title="x").save()
    assert post.dirty_keys() == []
    post["tags"].append("b")
    post["o"]["k"]["n"] = 2
    assert (post.dirty_keys(), post.dirty("tags"), post.dirty("title")) == (["tags", "o"], True, False)
    post.save()
    assert post.dirty_keys() == []
    fresh = Object.without_data("Post", post.id).fetch()
    assert (fresh["tags"], fresh["o"]) == (["a", "b"], {"k": {"n": 2}})


def test_a_value_that_is_changed_in_place_and_by_an_operation_keeps_both() -> None:
    post = Object("Post", tags=["a"], o={"x": 1, "y": 1}).save()
    post["tags"].append("b")
    post.add("tags", "c")
    post["o"]["x"] = 2
    post.increment("o.y")
    post.save()
    fresh = Object.without_data("Post", post.id).fetch()
    assert (fresh["tags"], fresh["o"]) == (["a", "b", "c"], {"x": 2, "y": 2})


def test_an_access_list_that_is_changed_in_place_is_saved() -> None:
    from parse_cloud import ACL

    acl = ACL()
    acl.set_public_read_access(True)
    post = Object("Post", ACL=acl).save()
    found = Object.without_data("Post", post.id).fetch()
    assert found.acl is not None
    found.acl.set_read_access("someone", True)
    assert found.dirty_keys() == ["ACL"]
    found.save(use_master_key=True)
    assert Object.without_data("Post", post.id).fetch().acl == ACL({"*": {"read": True}, "someone": {"read": True}})


NESTED: list[tuple[str, Change, Document, Document]] = [
    # what is done to {"o": {"k": 1, "p": {"x": 1}}}; what a save sends; the value then
    ("within, then the whole", lambda o: o.set("o.k", 2).set("o", {"z": 1}), {"o": {"z": 1}}, {"z": 1}),
    ("the whole, then within", lambda o: o.set("o", {"z": 1}).increment("o.z"), {"o": {"z": 2}}, {"z": 2}),
    ("the whole, then deep within", lambda o: o.set("o", {}).set("o.a.b", 1), {"o": {"a": {"b": 1}}}, {"a": {"b": 1}}),
    ("nothing, then within", lambda o: o.unset("o").set("o.a", 1), {"o": {"a": 1}}, {"a": 1}),
    ("within, then further out", lambda o: o.increment("o.p.x").unset("o.p"), {"o.p": DELETE}, {"k": 1}),
    ("within, then nothing", lambda o: o.set("o.k", 2).set("o.p.x", 2).unset("o"), {"o": DELETE}, {}),
    ("nothing within, then deeper", lambda o: o.unset("o.p").unset("o.p.x"), {"o.p": DELETE}, {"k": 1}),
]


@pytest.mark.parametrize(("change", "sent", "seen"), [case[1:] for case in NESTED], ids=[case[0] for case in NESTED])
def test_of_changes_within_each_other_one_is_sent(change: Change, sent: Document, seen: Document) -> None:
    post = Object("Post", o={"k": 1, "p": {"x": 1}}).save()
    change(post)
    assert {key: op.to_json() for key, op in post.state.pending[0].items()} == sent
    assert post.get("o", {}) == seen
    post.save()
    assert post.get("o", {}) == seen == Object.without_data("Post", post.id).fetch().get("o", {})


CROSSING: list[Change] = [lambda o: o.add("a", 3).set("a.0", 9), lambda o: o.set("a.0", 9).add("a", 3)]


@pytest.mark.parametrize("change", CROSSING)
def test_an_operation_on_what_is_changed_within_waits_for_a_save(change: Change) -> None:
    with pytest.raises(TypeError, match="Cannot merge"):
        change(stored(a=[1, 2]))


REVERTED: list[tuple[str, Change, Document]] = [
    ("everything", lambda o: o.revert(), {"n": 5, "a": [1], "o": {"k": 1}}),
    ("one field", lambda o: o.revert("n"), {"n": 5, "a": [1, 2], "o": {"k": 3}}),
    ("a value changed in place", lambda o: o.revert("a"), {"n": 6, "a": [1], "o": {"k": 3}}),
    ("the paths within a field", lambda o: o.revert("o"), {"n": 6, "a": [1, 2], "o": {"k": 1}}),
    ("one path", lambda o: o.revert("o.k"), {"n": 6, "a": [1, 2], "o": {"k": 1}}),
    ("a field without changes", lambda o: o.revert("z"), {"n": 6, "a": [1, 2], "o": {"k": 3}}),
]


@pytest.mark.parametrize(("revert", "left"), [case[1:] for case in REVERTED], ids=[c[0] for c in REVERTED])
def test_changes_can_be_taken_back(revert: Change, left: Document) -> None:
    post = stored(n=5, a=[1], o={"k": 1})
    post.increment("n").set("o.k", 3)
    post["a"].append(2)
    revert(post)
    assert post.attributes == left


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-1000, 1000), st.sampled_from(["", "a", "b", "ü"]))
STEPS = st.one_of(
    st.tuples(st.just("set"), st.sampled_from(["n", "m"]), st.integers(-5, 5)),
    st.tuples(st.just("increment"), st.sampled_from(["n", "m", "o.n", "o.p.m"]), st.integers(-5, 5) | st.just(0.5)),
    st.tuples(st.just("unset"), st.sampled_from(["n", "m", "a", "b", "o.n", "o.p"]), st.none()),
    st.tuples(st.just("set"), st.sampled_from(["a", "b"]), st.lists(SCALARS, max_size=3)),
    st.tuples(
        st.sampled_from(["add_all", "add_all_unique", "remove_all"]),
        st.sampled_from(["a", "b"]),
        st.lists(SCALARS, min_size=1, max_size=3),
    ),
    st.tuples(st.just("append in place"), st.sampled_from(["a", "b"]), SCALARS),
    st.tuples(st.just("save"), st.just(""), st.none()),
)


def apply(post: Object, step: tuple[str, str, Any]) -> None:
    """Does a step; what cannot follow on what is pending is saved before, as a user would."""
    verb, key, value = step
    if verb == "save":
        post.save()
    elif verb == "append in place":
        if isinstance(post.get(key), list):
            post[key].append(value)
    elif value is None:
        post.unset(key)
    else:
        try:
            getattr(post, verb)(key, value)
        except TypeError:
            post.save()
            getattr(post, verb)(key, value)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=12))
def test_what_is_seen_before_a_save_is_what_is_stored_by_it(steps: list[tuple[str, str, Any]]) -> None:
    post = Object("Post", n=1, a=[1, "a"], o={"n": 1, "p": {"m": 1}}).save()
    for step in steps:
        if "." in step[1] and step[0] == "increment" and "p" not in post.get("o", {}):
            continue
        apply(post, step)
    seen = {key: value for key, value in post.attributes.items() if key not in ("createdAt", "updatedAt")}
    post.save()
    kept = {key: value for key, value in post.attributes.items() if key not in ("createdAt", "updatedAt")}
    fresh = Object.without_data("Post", post.id).fetch()
    there = {key: value for key, value in fresh.attributes.items() if key not in ("createdAt", "updatedAt")}
    assert seen == there
    assert kept == there
    assert post.dirty_keys() == []
