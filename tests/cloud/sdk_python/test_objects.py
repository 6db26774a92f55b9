"""Objects in the hands of user code: made, read like a mapping, compared, cloned, written as JSON."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from parse_cloud import ACL, GeoPoint, Object, ParseError, Query, User
from parse_cloud.author.current import Current, acting
from parse_cloud.author.sdk.subclasses import unregister
from parse_core.application import Application, applications

WHEN = datetime(2026, 1, 31, 12, tzinfo=UTC)
ISO = "2026-01-31T12:00:00.000Z"

MADE: list[tuple[str, Callable[[], Object], dict[str, Any]]] = [
    ("by keywords", lambda: Object("Post", title="x", n=1), {"title": "x", "n": 1}),
    ("of a mapping", lambda: Object("Post", {"title": "x"}), {"title": "x"}),
    ("of both", lambda: Object("Post", {"title": "x"}, n=1), {"title": "x", "n": 1}),
    ("of nothing", lambda: Object("Post"), {}),
    ("with times of its own, which are the server's", lambda: Object("Post", createdAt=WHEN, n=1), {"n": 1}),
]


@pytest.mark.parametrize(("make", "attributes"), [case[1:] for case in MADE], ids=[case[0] for case in MADE])
def test_an_object_is_made(make: Callable[[], Object], attributes: dict[str, Any]) -> None:
    post = make()
    assert (post.class_name, post.id, post.attributes) == ("Post", None, attributes)
    assert (post.is_new(), post.existed(), post.dirty(), post.is_data_available()) == (True, False, True, False)


def test_an_object_has_a_class() -> None:
    with pytest.raises(TypeError, match="An Object has a class"):
        Object(title="x")


def test_an_object_reads_like_a_mapping() -> None:
    post = Object("Post", title="x", nothing=None)
    post["n"] = 1
    assert ("title" in post, "other" in post, post.has("nothing"), "nothing" in post) == (True, False, False, True)
    assert (post["title"], post.get("other"), post.get("other", 7)) == ("x", None, 7)
    assert (list(post), post.items()) == (["title", "nothing", "n"], [("title", "x"), ("nothing", None), ("n", 1)])
    assert dict(post) == {"title": "x", "nothing": None, "n": 1}
    del post["title"]
    assert "title" not in post
    with pytest.raises(KeyError):
        post["title"]
    assert bool(Object("Post"))


def test_an_object_that_is_stored_knows_when() -> None:
    post = Object("Post").save()
    assert isinstance(post.created_at, datetime)
    assert post.created_at.tzinfo is not None
    assert (post.updated_at, post["createdAt"], post.get("objectId")) == (post.created_at, post.created_at, post.id)
    before = post.updated_at
    post.save({"n": 1})
    assert post.updated_at is not None
    assert before is not None
    assert post.updated_at > before


def test_every_type_of_value_comes_back_as_it_was() -> None:
    other = Object("Other", name="o").save()
    values = {
        "text": "ü\U0001f600",
        "whole": 2**53,
        "broken": 1.5,
        "yes": True,
        "nothing": None,
        "list": [1, "a", [True], {"k": WHEN}],
        "dict": {"a": {"b": [WHEN, b"\x00\x01"]}},
        "when": WHEN,
        "bytes": b"\x00\xff",
        "place": GeoPoint(52.5, 13.4),
        "other": other,
        "others": [other, {"it": other}],
    }
    fresh = Object.without_data("Post", Object("Post", values).save().id).fetch()
    assert {key: fresh[key] for key in values} == values


def test_what_python_has_other_words_for_is_stored_as_the_nearest() -> None:
    from decimal import Decimal
    from enum import Enum
    from uuid import UUID

    class Colour(Enum):
        RED = "red"

    post = Object(
        "Post",
        tuple=(1, 2),
        enum=Colour.RED,
        decimal=Decimal("1.5"),
        uuid=UUID(int=1),
        day=WHEN.date(),
        naive=WHEN.replace(tzinfo=None),
        buffer=bytearray(b"x"),
    ).save()
    fresh = Object.without_data("Post", post.id).fetch()
    assert {key: value for key, value in fresh.items() if key not in ("createdAt", "updatedAt")} == {
        "tuple": [1, 2],
        "enum": "red",
        "decimal": 1.5,
        "uuid": "00000000-0000-0000-0000-000000000001",
        "day": WHEN.replace(hour=0),
        "naive": WHEN,
        "buffer": b"x",
    }


REFUSED: list[tuple[str, Any, type[Exception], str]] = [
    ("no number", float("nan"), ValueError, "nan is not a number that can be stored"),
    ("no end", float("inf"), ValueError, "inf is not a number that can be stored"),
    ("some object", object(), TypeError, "A object cannot be stored"),
    ("names that are numbers", {1: 2}, TypeError, "The names of an object are texts, not 1"),
]


@pytest.mark.parametrize(("value", "error", "text"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_what_json_cannot_hold_is_refused_before_anything_is_sent(
    value: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as refused:
        Object("Post", v=value).save()
    assert str(refused.value) == text
    assert Query("Post").count() == 0


def test_objects_are_equal_by_class_and_id() -> None:
    one, same = Object.without_data("Post", "a"), Object.without_data("Post", "a")
    assert one == same
    assert one.equals(same)
    assert one != Object.without_data("Post", "b")
    assert one != Object.without_data("Other", "a")
    assert Object("Post") != Object("Post")
    assert len({one, same, Object.without_data("Post", "b")}) == 2


def test_an_object_keeps_its_place_in_a_set_when_it_is_saved() -> None:
    post = Object("Post")
    known = {post}
    post.save()
    assert post in known


def test_a_clone_is_new_and_a_new_instance_is_the_same_object() -> None:
    post = Object("Post", title="x", tags=["a"]).save().increment("n")
    clone, again = post.clone(), post.new_instance()
    assert (clone.id, clone["title"], clone["n"], clone.dirty_keys()) == (None, "x", 1, ["title", "tags", "n"])
    assert (again, again["n"], again.dirty_keys()) == (post, 1, ["n"])
    again["tags"].append("b")
    assert post["tags"] == ["a"]
    for another in (copy.copy(post), copy.deepcopy([post])[0]):
        another["tags"].append("c")
        assert (another, post["tags"]) == (post, ["a"])


def test_an_object_as_json() -> None:
    author = Object.from_json({"className": "Author", "objectId": "a1", "name": "Ann"})
    post = Object.from_json(
        {
            "className": "Post",
            "objectId": "p1",
            "createdAt": ISO,
            "updatedAt": ISO,
            "n": 1,
            "ACL": {"*": {"read": True}},
        }
    )
    post.set({"author": author, "when": WHEN}).increment("n", 2)
    assert post.to_json() == {
        "objectId": "p1",
        "createdAt": ISO,
        "updatedAt": ISO,
        "n": {"__op": "Increment", "amount": 2},
        "ACL": {"*": {"read": True}},
        "author": {"__type": "Pointer", "className": "Author", "objectId": "a1"},
        "when": {"__type": "Date", "iso": ISO},
    }
    assert post.to_pointer() == {"__type": "Pointer", "className": "Post", "objectId": "p1"}
    with pytest.raises(ParseError) as refused:
        Object("Post").to_pointer()
    assert (refused.value.code, refused.value.message) == (141, "Cannot create a pointer to an unsaved ParseObject")


def test_json_of_an_object_can_be_one_that_is_still_to_be_saved() -> None:
    post = Object.from_json({"className": "Post", "title": "x", "place": GeoPoint(1, 2).to_json()}, dirty=True)
    assert (post.dirty_keys(), post["place"]) == (["title", "place"], GeoPoint(1, 2))
    assert post.save().id is not None


def test_an_object_without_data_can_be_fetched_when_it_is_needed() -> None:
    stored = Object("Post", title="x").save()
    post = Object.without_data("Post", stored.id)
    assert (post.is_data_available(), post.dirty(), post.is_new()) == (False, False, False)
    assert post.fetch_if_needed()["title"] == "x"
    stored.save({"title": "y"})
    assert (post.fetch_if_needed()["title"], post.fetch()["title"]) == ("x", "y")


# --- Classes of one's own


@pytest.fixture
def post_class() -> Iterator[type[Object]]:
    class Post(Object):
        class_name = "Post"

        @property
        def shout(self) -> str:
            return str(self["title"]).upper()

    yield Post
    unregister("Post")


def test_a_class_of_ones_own_stands_for_its_class_everywhere(post_class: Any) -> None:
    post = post_class(title="x").save()
    Object("Comment", post=post).save()
    found = Query(post_class).first()
    assert found is not None
    assert found.shout == "X"
    pointed = Query("Comment").include("post").first()
    assert pointed is not None
    assert (type(pointed["post"]), pointed["post"].shout) == (post_class, "X")
    made: Any = type(Object.from_json({"className": "Post"}))
    assert made is post_class
    assert post_class.create_without_data(post.id).fetch().shout == "X"
    with pytest.raises(TypeError, match="A Post is of the class Post, not Other"):
        post_class("Other")


def test_a_class_that_names_none_is_named_for_itself() -> None:
    class Review(Object):
        pass

    assert (Review.class_name, Review().class_name) == ("Review", "Review")
    unregister("Review")


def test_classes_of_one_application_are_not_those_of_another(
    application: Application, post_class: type[Object], database_url: str
) -> None:
    other = applications.configure({"appId": "sdk-other", "masterKey": "m", "serverURL": "http://api.example/o"})
    try:
        with acting(Current.of(other)):
            assert type(Object.from_json({"className": "Post"})) is Object
        assert type(Object.from_json({"className": "Post"})) is post_class
    finally:
        applications.remove("sdk-other")


def test_the_servers_own_classes_have_classes_of_their_own() -> None:
    User(username="u", password="p").sign_up()
    user = Query("User").first(use_master_key=True)
    assert isinstance(user, User)
    assert (user.username, user.password, user.session_token) == ("u", None, None)


def test_access_lists_are_set_and_read_and_without_one_an_object_is_locked() -> None:
    post = Object("Post")
    assert post.acl is None
    post.acl = ACL({"*": {"read": True}})
    given: ACL | None = post.acl
    assert given is not None
    assert given.get_public_read_access()
    given.set_public_write_access(True)
    post.save()
    found = Object.without_data("Post", post.id).fetch()
    assert found.acl == ACL({"*": {"read": True, "write": True}})
    with pytest.raises(TypeError, match="cannot be taken away"):
        found.acl = None  # type: ignore[assignment]  # on purpose
    found.unset("ACL").save()
    locked = Object.without_data("Post", post.id)
    assert (locked.exists(), locked.fetch(use_master_key=True).acl) == (False, ACL())


def test_outside_of_cloud_code_it_is_said_what_is_missing() -> None:
    import contextvars

    with pytest.raises(RuntimeError, match="No application"):
        contextvars.Context().run(Query("Post").find)
