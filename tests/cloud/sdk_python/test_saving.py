"""Saving, fetching and destroying from inside: what is sent, what it costs, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any

import pytest

from parse_cloud import ACL, Object, ParseError, Query, cloud
from parse_cloud.author.sdk.subclasses import unregister
from parse_core.application import Application
from parse_core.store.database import counting


def statements(run: Callable[[], object]) -> int:
    """How many statements something costs, apart from looking whether the schema changed."""
    with counting() as counted:
        run()
    return len(counted)


def stored(object_: Object) -> Object:
    return Object.without_data(object_.class_name, object_.id).fetch(use_master_key=True)


def test_a_save_sends_what_changed_and_no_more() -> None:
    post = Object("Post", title="x", n=1).save()
    stored(post).save({"title": "changed by somebody else"})
    post.save({"n": 2})
    assert (stored(post)["title"], stored(post)["n"]) == ("changed by somebody else", 2)


def test_increments_at_the_same_time_all_count() -> None:
    post = Object("Post", n=0).save()
    copies = [Object.without_data("Post", post.id) for _ in range(20)]
    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(copy_context().run, copy.increment("n").save) for copy in copies]:
            done.result()
    assert stored(post)["n"] == 20


def test_one_object_saved_from_many_threads_loses_nothing() -> None:
    post = Object("Post", n=0, tags=[]).save()

    def change(number: int) -> None:
        post.increment("n").add("tags", number).save()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(copy_context().run, change, number) for number in range(24)]:
            done.result()
    post.save()
    fresh = stored(post)
    assert (fresh["n"], sorted(fresh["tags"])) == (24, list(range(24)))
    assert (post["n"], sorted(post["tags"]), post.dirty_keys()) == (24, list(range(24)), [])


def test_what_is_changed_while_a_save_is_refused_stays_pending() -> None:
    post = Object("Post", n=1).save()
    post.set({"n": 2, "x": []})
    Object("Other", x=1).save()
    post.set("n", "a text is no number")
    with pytest.raises(ParseError) as refused:
        post.save()
    assert refused.value.code == ParseError.INCORRECT_TYPE
    assert (post.dirty_keys(), post["n"]) == (["n", "x"], "a text is no number")
    post.save({"n": 3})
    assert stored(post)["n"] == 3


def test_what_an_object_refers_to_is_saved_before_it() -> None:
    author, tag = Object("Author", name="Ann"), Object("Tag", name="new")
    post = Object("Post", author=author, tags=[tag, {"deep": Object("Tag", name="deep")}])
    post.save()
    assert author.id is not None
    assert tag.id is not None
    assert post["author"] is author
    assert post["author"]["name"] == "Ann"
    found = Query("Post").include("author", "tags").first()
    assert found is not None
    assert (found["author"]["name"], found["tags"][0]["name"], Query("Tag").count()) == ("Ann", "new", 2)
    author["name"] = "Eva"
    post.save()
    assert stored(author)["name"] == "Eva"
    author["name"] = "Ida"
    post.save(cascade_save=False)
    assert (stored(author)["name"], author.dirty()) == ("Eva", True)


def test_objects_that_wait_for_each_other_are_refused() -> None:
    one, other = Object("Post"), Object("Post")
    one["other"], other["other"] = other, one
    with pytest.raises(ParseError) as refused:
        one.save()
    assert (refused.value.code, refused.value.message) == (-1, "Cannot create a pointer to an unsaved Object.")
    with pytest.raises(ParseError) as refused:
        Object.save_all([one, other])
    assert (refused.value.code, refused.value.message) == (-1, "Tried to save a batch with a cycle.")
    assert Query("Post").count() == 0


def test_a_chain_is_saved_from_its_end() -> None:
    chain = Object("Node", n=0)
    for n in range(1, 5):
        chain = Object("Node", n=n, next=chain)
    Object.save_all([chain])
    found = Query("Node").equal_to("n", 4).include("next.next.next.next").first()
    assert found is not None
    assert found["next"]["next"]["next"]["next"]["n"] == 0


def test_many_are_saved_in_batches() -> None:
    Object("Post", n=0).save()
    posts = [Object("Post", n=n) for n in range(45)]
    assert statements(lambda: Object.save_all(posts)) == 3
    assert all(post.id and not post.dirty() for post in posts)
    for post in posts:
        post.increment("n", 100)
    assert statements(lambda: Object.save_all(posts, batch_size=100)) == 45
    assert sorted(post["n"] for post in Query("Post").limit(100).find()) == [0, *range(100, 145)]


def test_of_a_batch_the_first_error_is_raised_and_the_others_are_saved() -> None:
    Object("Post", n=0).save()
    good, bad, fine = Object("Post", n=1), Object("Post", n="text"), Object("Post", n=2)
    with pytest.raises(ParseError) as refused:
        Object.save_all([good, bad, fine])
    assert (refused.value.code, refused.value.object) == (ParseError.INCORRECT_TYPE, bad)
    assert (good.dirty(), bad.dirty_keys(), fine.dirty(), Query("Post").count()) == (False, ["n"], False, 3)


def test_in_a_transaction_all_are_saved_or_none() -> None:
    Object("Post", n=0).save()
    posts = [Object("Post", n=1), Object("Post", n="text")]
    with pytest.raises(ParseError) as refused:
        Object.save_all(posts, transaction=True)
    assert (refused.value.code, Query("Post").count()) == (ParseError.INCORRECT_TYPE, 1)
    assert [post.dirty_keys() for post in posts] == [["n"], ["n"]]
    posts[1]["n"] = 2
    Object.save_all(posts, transaction=True)
    assert Query("Post").count() == 3
    with pytest.raises(ParseError) as refused:
        Object.save_all(posts, transaction=True, batch_size=2)
    assert refused.value.code == -1


def test_many_are_destroyed_and_what_is_refused_is_named() -> None:
    posts = [Object("Post", n=n) for n in range(25)]
    posts[3].acl = ACL()
    Object.save_all(posts)
    with pytest.raises(ParseError) as refused:
        Object.destroy_all([*posts, Object("Post")])
    assert (refused.value.code, [error.code for error in refused.value.errors]) == (600, [101])
    assert refused.value.errors[0].object is posts[3]
    assert Query("Post").count(use_master_key=True) == 1
    Object.destroy_all([posts[3]], use_master_key=True)
    assert Object.destroy_all([]) == []


def test_many_are_fetched_by_one_query() -> None:
    author = Object("Author", name="Ann").save()
    posts = [Object("Post", n=n, author=author) for n in range(3)]
    Object.save_all(posts)
    bare = [Object.without_data("Post", post.id) for post in posts]
    assert statements(lambda: Object.fetch_all(bare, include="author")) == 1
    assert [(post["n"], post["author"]["name"]) for post in bare] == [(0, "Ann"), (1, "Ann"), (2, "Ann")]
    assert statements(lambda: Object.fetch_all_if_needed(bare)) == 0
    mixed = [bare[0], Object.without_data("Post", posts[1].id)]
    assert Object.fetch_all_if_needed(mixed)[1]["n"] == 1


FETCHES: list[tuple[str, Callable[[], Any], int, str]] = [
    (
        "one that is gone",
        lambda: Object.fetch_all([Object.without_data("Post", "gone")]),
        101,
        "All objects must exist on the server.",
    ),
    ("one without id", lambda: Object.fetch_all([Object("Post")]), 104, "All objects must have an ID"),
    (
        "two classes",
        lambda: Object.fetch_all([Object.without_data("A", "1"), Object.without_data("B", "1")]),
        103,
        "All objects should be of the same class",
    ),
    ("alone, gone", lambda: Object.without_data("Post", "gone").fetch(), 101, "Object not found."),
    ("alone, without id", lambda: Object("Post").fetch(), 104, "Object does not have an ID"),
    ("destroyed, gone", lambda: Object.without_data("Post", "gone").destroy(), 101, "Object not found."),
    (
        "an id that looks like parameters",
        lambda: Object.without_data("Post", "x?include=y").fetch(),
        101,
        "Object not found.",
    ),
]


@pytest.mark.parametrize(("run", "code", "message"), [case[1:] for case in FETCHES], ids=[c[0] for c in FETCHES])
def test_what_is_not_there_is_told_as_to_any_client(run: Callable[[], Any], code: int, message: str) -> None:
    Object("Post").save()
    with pytest.raises(ParseError) as refused:
        run()
    assert (refused.value.code, refused.value.message) == (code, message)


def test_fetching_gives_up_what_is_pending() -> None:
    post = Object("Post", n=1, tags=["a"]).save()
    post.set("n", 2).add("tags", "b")
    post.fetch()
    assert (post["n"], post["tags"], post.dirty_keys()) == (1, ["a"], [])


def test_an_object_can_be_asked_whether_it_is_still_there() -> None:
    post = Object("Post").save()
    assert (post.exists(), Object("Post").exists()) == (True, False)
    post.destroy()
    assert post.exists() is False
    assert Object("Post").destroy().id is None


COSTS: list[tuple[str, Callable[[Object], object], int]] = [
    ("create", lambda _post: Object("Post", n=1).save(), 1),
    ("update", lambda post: post.save({"n": 2}), 1),
    ("increment", lambda post: post.increment("n").save(), 1),
    ("fetch", lambda post: post.fetch(), 1),
    ("fetch with a pointer", lambda post: post.fetch(include="author"), 1),
    ("find", lambda _post: Query("Post").find(), 1),
    ("find with pointers", lambda _post: Query("Post").include("author").find(), 1),
    ("get", lambda post: Query("Post").get(post.id or ""), 1),
    ("count", lambda _post: Query("Post").count(), 1),
    ("destroy", lambda post: post.destroy(), 1),
]


@pytest.mark.parametrize(("run", "cost"), [case[1:] for case in COSTS], ids=[case[0] for case in COSTS])
def test_what_is_asked_from_inside_costs_what_it_costs_over_http(run: Callable[[Object], object], cost: int) -> None:
    post = Object("Post", n=1, author=Object("Author", name="Ann")).save()
    assert statements(lambda: run(post)) == cost


def test_an_object_was_there_before_when_it_was_updated() -> None:
    post = Object("Post").save()
    assert post.existed() is False
    post.save({"n": 1})
    assert post.existed() is True
    assert stored(post).existed() is True


def test_ids_of_ones_own_make_new_objects(configure: Callable[..., Application]) -> None:
    configure(allowCustomObjectId=True)
    post = Object("Post", objectId="mine", n=1).save()
    assert (post.id, stored(post)["n"]) == ("mine", 1)
    post.save({"n": 2})
    assert stored(post)["n"] == 2
    with pytest.raises(ParseError) as refused:
        Object("Post", objectId="mine").save()
    assert refused.value.code == ParseError.DUPLICATE_VALUE


@pytest.mark.parametrize("object_id", ["a?include=b", "a b", "a%20b", "ü", "a&b=c#d"])
def test_ids_may_have_characters_that_mean_something_in_addresses(
    configure: Callable[..., Application], object_id: str
) -> None:
    configure(allowCustomObjectId=True)
    post = Object("Post", objectId=object_id, n=1).save()
    assert (post.fetch()["n"], Query("Post").get(object_id)["n"], post.exists()) == (1, 1, True)
    other = Object("Post").save()
    Object.save_all([post.set("n", 2), other.set("n", 3)])
    assert [each["n"] for each in Object.fetch_all([stored(post), stored(other)])] == [2, 3]
    Object.destroy_all([post, other])
    assert not post.exists()


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


HOSTILE: list[tuple[str, Callable[[], Any], int]] = [
    ("NUL in a text", lambda: Object("Post", t="a\x00b").save(), 107),
    ("NUL in a name", lambda: Object("Post", t={"a\x00b": 1}).save(), 107),
    ("NUL in a condition", lambda: Query("Post").equal_to("t", "a\x00b").find(), 107),
    ("NUL in an id", lambda: Object.without_data("Post", "a\x00b").fetch(), 107),
    ("too deep", lambda: Object("Post", t=nested(300)).save(), 107),
    ("too deep in a condition", lambda: Query("Post").equal_to("t", nested(300)).find(), 107),
    ("a dollar in a name", lambda: Object("Post", t={"$a": 1}).save(), 121),
    ("a denied name", lambda: Object("Post", t={"_bsontype": "Code"}).save(), 105),
    ("a class that cannot be", lambda: Object("Post/x1/y", n=1).save(), -1),
]


@pytest.mark.parametrize(("run", "code"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_what_no_client_may_send_is_refused_from_inside_too(run: Callable[[], Any], code: int) -> None:
    Object("Post").save()
    with pytest.raises(ParseError) as refused:
        run()
    assert refused.value.code == code
    assert Query("Post").count() == 1


def test_what_clients_may_send_is_stored_as_theirs_is() -> None:
    post = Object("Post", large=2**70, half="x\ud800", smile="\U0001f600").save()
    assert {key: stored(post)[key] for key in ("large", "half", "smile")} == {
        "large": 2.0**70,
        "half": "x\ufffd",
        "smile": "\U0001f600",
    }


def test_times_are_kept_to_the_millisecond() -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
    post = Object("Post", at=moment).save()
    assert post["at"] == stored(post)["at"] == moment.replace(microsecond=123000)


def test_a_class_says_which_values_it_takes() -> None:
    class Rated(Object):
        class_name = "Rated"

        def validate(self, values: Mapping[str, Any]) -> None:
            if values.get("stars", 0) > 5:
                raise ParseError(ParseError.VALIDATION_ERROR, "too many stars")

    try:
        rated = Rated(stars=5)
        with pytest.raises(ParseError, match="too many stars"):
            rated.set({"stars": 6, "title": "x"})
        assert rated.dirty_keys() == ["stars"]
        assert type(Rated.from_json({"className": "Rated", "stars": 9})) is Rated
    finally:
        unregister("Rated")


def test_writes_of_a_transaction_are_stored_together_or_not_at_all() -> None:
    Object("Post", n=0).save()

    def refused() -> None:
        with cloud.transaction():
            Object("Post", n=1).save()
            Object.save_all([Object("Post", n=2), Object("Post", n=3)], transaction=True)
            assert Query("Post").count() == 4
            raise ParseError(ParseError.SCRIPT_FAILED, "enough")

    with pytest.raises(ParseError, match="enough"):
        refused()
    assert Query("Post").count() == 1
    with cloud.transaction():
        Object.save_all([Object("Post", n=2), Object("Post", n=3)])
    assert Query("Post").count() == 3


def test_relations_are_changed_and_asked() -> None:
    users = [Object("Person", name=name) for name in ("Ann", "Ben", "Cem")]
    Object.save_all(users)
    post = Object("Post").save()
    post.relation("likes").add(users)
    post.relation("likes").remove(users[2])
    op = post.op("likes")
    assert op is not None
    assert [step["__op"] for step in op.to_json()["ops"]] == ["AddRelation", "RemoveRelation"]
    post.save()
    assert sorted(person["name"] for person in post.relation("likes").query().find()) == ["Ann", "Ben"]
    fresh = stored(post)
    assert fresh.relation("likes").target_class == "Person"
    fresh.relation("likes").remove(users[0]).save()
    assert [person["name"] for person in fresh.relation("likes").query().find()] == ["Ben"]
    assert [person["name"] for person in Object.without_data("Post", post.id).relation("likes").query().find()] == [
        "Ben"
    ]
    with pytest.raises(TypeError, match="must be a Person"):
        fresh.relation("likes").add(Object("Post").save())
    with pytest.raises(ValueError, match="unsaved"):
        fresh.relation("likes").add(Object("Person"))
