"""The twins for the event loop: the same results, and nothing that stands in its way."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from parse_cloud import Analytics, Config, File, Hooks, Object, ParseError, Push, Query, Schema, Session, User
from parse_cloud.author.cloud import Cloud
from parse_cloud.author.current import Current, acting
from parse_core.application import Application
from parse_core.store.database import counting


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def test_objects_are_saved_fetched_and_destroyed() -> None:
    async def story() -> None:
        post = await Object("Post", n=1, author=Object("Author", name="Ann")).asave()
        same = await Object.without_data("Post", post.id).afetch(include="author")
        assert same["author"]["name"] == "Ann"
        assert await same.aexists()
        assert (await Object.without_data("Post", post.id).afetch_if_needed())["n"] == 1
        assert (await Object.without_data("Post", post.id).afetch_with_include(["author"]))["author"]["name"] == "Ann"
        more = await Object.asave_all([Object("Post", n=n) for n in range(3)])
        await Object.afetch_all(more)
        await Object.afetch_all_if_needed(more)
        await Object.adestroy_all(more)
        await post.adestroy()
        assert not await same.aexists()

    run(story())


def test_queries_are_asked() -> None:
    Object.save_all([Object("Post", n=n) for n in range(7)])

    async def story() -> None:
        query = Query("Post").less_than("n", 5)
        assert len(await query.afind()) == 5
        assert len(await query.afind_json()) == 5
        first = await query.copy().ascending("n").afirst()
        assert first is not None
        assert (await query.aget(first.id or ""))["n"] == 0
        assert (await query.acount(), await query.aexists_any()) == (5, True)
        assert sorted(await query.adistinct("n")) == [0, 1, 2, 3, 4]
        assert len(await query.aaggregate([{"$match": {"n": 3}}])) == 1

    run(story())


def test_everything_is_gone_through() -> None:
    Object.save_all([Object("Post", n=n) for n in range(7)])

    async def double(row: Object) -> int:
        await asyncio.sleep(0)
        return int(row["n"]) * 2

    async def story() -> None:
        query = Query("Post")
        assert sorted([row["n"] async for row in query.aeach(batch_size=2)]) == list(range(7))
        assert [len(page) async for page in query.aeach_batch(batch_size=3)] == [3, 3, 1]
        seen: list[Any] = []
        await query.aeach(lambda row: seen.append(row["n"]))
        await query.aeach_batch(lambda page: seen.append(len(page)), batch_size=4)
        assert sorted(seen[:7]) == list(range(7))
        assert seen[7:] == [4, 3]
        assert sorted(await query.amap(double)) == [0, 2, 4, 6, 8, 10, 12]
        assert sorted(await query.amap(lambda row: row["n"])) == list(range(7))
        assert len(await query.afilter(lambda row: row["n"] > 3)) == 3
        assert len(await query.afind_all(batch_size=2)) == 7
        assert await query.areduce(lambda total, row: total + row["n"], 0) == 21
        with pytest.raises(TypeError, match="Reducing empty query"):
            await Query("Nothing").areduce(lambda total, _row: total)

    run(story())


def test_everything_is_gone_through_in_threads_too() -> None:
    Object.save_all([Object("Post", n=n) for n in range(7)])
    query = Query("Post")
    assert sorted(row["n"] for row in query.each(batch_size=2)) == list(range(7))
    assert [len(page) for page in query.each_batch(batch_size=3)] == [3, 3, 1]
    seen: list[Any] = []
    query.each(lambda row: seen.append(row["n"]))
    query.each_batch(lambda page: seen.append(len(page)))
    assert sorted(seen[:7]) == list(range(7))
    assert seen[7:] == [7]
    assert sorted(query.map(lambda row: row["n"] * 2)) == [0, 2, 4, 6, 8, 10, 12]
    assert len(query.filter(lambda row: row["n"] > 3)) == 3
    assert len(query.find_all(batch_size=2)) == 7
    assert query.reduce(lambda total, row: total + row["n"], 0) == 21
    assert query.reduce(lambda least, row: least if least["n"] < row["n"] else row)["n"] == 0
    with pytest.raises(TypeError, match="Reducing empty query"):
        Query("Nothing").reduce(lambda total, _row: total)


TWINS = [
    (owner, name)
    for owner in (Object, Query, User, Session, File, Config, Push, Analytics, Schema, Hooks)
    for name in dir(owner)
    if name.startswith("a") and hasattr(owner, name[1:]) and name[1:] not in ("cl", "dd")
]


@pytest.mark.parametrize(("owner", "name"), TWINS, ids=[f"{owner.__name__}.{name}" for owner, name in TWINS])
def test_a_twin_takes_what_the_other_takes(owner: type[Any], name: str) -> None:
    def taken(function: Any) -> list[str]:
        return [each for each in inspect.signature(function).parameters if each not in ("self", "cls")]

    blocking, twin = getattr(owner, name[1:]), getattr(owner, name)
    assert taken(twin) == taken(blocking)
    assert f"`{name[1:]}`" in (twin.__doc__ or "") or owner is Config


def test_there_is_a_twin_of_everything_that_blocks() -> None:
    blocking = {
        (owner.__name__, name)
        for owner in (Object, Query, User, Session, File, Config, Push, Analytics, Schema, Hooks)
        for name in dir(owner)
        if not name.startswith("_") and "guarded" in getattr(getattr(owner, name), "__code__", inspect).__str__()
    }
    missing = {(owner, name) for owner, name in blocking if not hasattr(globals()[owner], f"a{name}")}
    assert missing - {("Config", "current")} == set()
    assert len(blocking) > 40


BLOCKED: list[tuple[str, Callable[[], object], str]] = [
    ("save", lambda: Object("Post").save(), "asave"),
    ("fetch", lambda: Object.without_data("Post", "x").fetch(), "afetch"),
    ("save_all", lambda: Object.save_all([]), "asave_all"),
    ("find", lambda: Query("Post").find(), "afind"),
    ("each", lambda: Query("Post").each(), "aeach"),
    ("log_in", lambda: User.log_in("u", "p"), "alog_in"),
    ("Config.current", Config.current, "acurrent"),
    ("Schema.all", Schema.all, "aall"),
]


@pytest.mark.parametrize(("call", "twin"), [case[1:] for case in BLOCKED], ids=[case[0] for case in BLOCKED])
def test_what_blocks_refuses_to_be_called_on_the_event_loop_and_names_its_twin(
    call: Callable[[], object], twin: str
) -> None:
    async def story() -> None:
        with pytest.raises(RuntimeError, match=rf"blocks, and this is the event loop: use `await ….{twin}\("):
            call()

    run(story())


def test_twins_at_the_same_time_all_act_for_their_own_application_and_caller() -> None:
    async def add(number: int) -> None:
        await Object("Post", n=number).asave()

    async def story() -> None:
        await asyncio.gather(*(add(number) for number in range(40)))
        assert sorted(row["n"] for row in await Query("Post").afind()) == list(range(40))

    run(story())


def test_an_object_saved_twice_at_the_same_time_is_saved_once_after_the_other() -> None:
    async def story() -> None:
        post = await Object("Post", n=0).asave()
        first = post.increment("n").asave()
        await asyncio.gather(first, *(post.increment("n").asave() for _ in range(10)))
        await post.asave()
        fresh = await Object.without_data("Post", post.id).afetch()
        assert (fresh["n"], post["n"], post.dirty()) == (11, 11, False)

    run(story())


def test_a_twin_of_a_subclass_runs_what_the_subclass_does() -> None:
    from parse_cloud.author.sdk.subclasses import unregister

    class Loud(Object):
        class_name = "Loud"

        def save(self, *args: Any, **options: Any) -> Any:
            self["loud"] = True
            return super().save(*args, **options)

    try:
        assert run(Loud().asave())["loud"] is True
    finally:
        unregister("Loud")


def test_statements_of_a_twin_are_as_many() -> None:
    Object("Post").save()
    with counting() as counted:
        run(Object("Post").asave())
    assert len(counted) == 1


def test_handlers_that_call_each_other_deep_and_in_numbers_do_not_wait_for_threads(
    configure: Callable[..., Application],
) -> None:
    deepest: list[int] = []

    def setup(cloud: Cloud) -> None:
        @cloud.before_save("Nested")
        async def before(request: Any) -> None:
            depth = request.object["depth"]
            if depth < 6:
                await Object("Nested", depth=depth + 1).asave()
            else:
                deepest.append(threading.get_ident())

    with acting(Current.of(configure(cloud=setup))):

        async def story() -> None:
            await asyncio.gather(*(Object("Nested", depth=0).asave() for _ in range(40)))

        asyncio.run(asyncio.wait_for(story(), 60))
        assert (len(deepest), Query("Nested").count()) == (40, 280)


def test_an_error_is_the_same() -> None:
    async def story() -> None:
        with pytest.raises(ParseError) as refused:
            await Object.without_data("Post", "gone").afetch()
        assert refused.value.code == ParseError.OBJECT_NOT_FOUND

    run(story())
