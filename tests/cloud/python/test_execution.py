"""Where handlers run and for how long, and that none of them harms another request (Python API C)."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest

from parse_cloud import FunctionRequest, Object, ParseError, Query, TriggerRequest
from parse_cloud.author import execution
from parse_cloud.author.cloud import Cloud
from tests.cloud.python.conftest import Serving

FormOf = Callable[[Any], Any]
TIMED_OUT = (141, "Script timed out.")
mark: ContextVar[str] = ContextVar("mark", default="none")


# --- Threads and the loop ---------------------------------------------------------------------------------------------


def test_def_runs_on_the_thread_of_its_request_and_async_def_on_one_loop(serving: Serving) -> None:
    threads: dict[str, set[str]] = {"def": set(), "async": set()}

    def setup(cloud: Cloud) -> None:
        @cloud.function
        def plain(_request: Any) -> None:
            threads["def"].add(threading.current_thread().name)

        @cloud.function
        async def later(_request: Any) -> None:
            await asyncio.sleep(0)
            threads["async"].add(threading.current_thread().name)

    api = serving(setup)
    for name in ("plain", "later", "plain", "later"):
        assert api.post(f"/functions/{name}").status == 200
    assert threads["def"] == {threading.current_thread().name}
    assert threads["async"] == {"cloud-code-loop"}


def test_coroutines_of_many_requests_run_at_once(serving: Serving) -> None:
    async def slow(_request: Any) -> int:
        await asyncio.sleep(0.3)
        return 1

    api = serving(lambda cloud: cloud.function("slow")(slow))
    started = time.monotonic()
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: api.post("/functions/slow").json, range(10)))
    assert replies == [{"result": 1}] * 10
    assert time.monotonic() - started < 2


def test_blocking_calls_are_refused_on_the_loop_and_name_their_twin(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        blocking: dict[str, Callable[[], Any]] = {
            "asave": lambda: Object("Post").save(),
            "afind": lambda: Query("Post").find(),
            "arun": lambda: cloud.run("f"),
            "astart_job": lambda: cloud.start_job("f"),
            "asend_email": lambda: cloud.send_email(to="a", subject="b"),
            "async with cloud.transaction()": lambda: cloud.transaction().__enter__(),
        }

        @cloud.function
        async def try_all(_request: Any) -> list[str]:
            wrong = []
            for twin, call in blocking.items():
                try:
                    call()
                except RuntimeError as error:
                    if twin in str(error):
                        continue
                wrong.append(twin)
            return wrong

    assert serving(setup).post("/functions/try_all").json == {"result": []}


def test_context_variables_are_carried_and_do_not_leak(serving: Serving, form: FormOf) -> None:
    def setup(cloud: Cloud) -> None:
        def look(_request: Any) -> str:
            found = mark.get()
            mark.set("changed")
            return found

        cloud.function("look")(form(look))
        cloud.function("timed", timeout=5)(form(look))

    api = serving(setup)
    token = mark.set("request")
    try:
        for name in ("look", "timed", "look", "timed"):
            assert api.post(f"/functions/{name}").json == {"result": "request"}
    finally:
        mark.reset(token)


def test_a_plain_function_may_return_something_to_await(serving: Serving) -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 5

    assert serving(lambda cloud: cloud.function("f")(lambda _request: answer())).post("/functions/f").json == {
        "result": 5
    }


@pytest.mark.parametrize(
    ("function", "result"),
    [(lambda: 1, 1), (lambda *all_: len(all_), 1), (lambda _request, extra=5: extra, 5), (lambda _a, _b: 2, 2)],
    ids=["none", "any", "a default", "two"],
)
def test_functions_have_as_many_parameters_as_they_like(serving: Serving, function: Any, result: int) -> None:
    assert serving(lambda cloud: cloud.function("f")(function)).post("/functions/f").json == {"result": result}


def test_methods_are_handlers_too(serving: Serving) -> None:
    class Shop:
        def price(self, request: FunctionRequest) -> int:
            return len(request.params)

        async def later(self, request: FunctionRequest) -> int:
            return len(request.params)

    def setup(cloud: Cloud) -> None:
        cloud.function(Shop().price)
        cloud.function("later")(Shop().later)

    api = serving(setup)
    assert [api.post(f"/functions/{name}", {"a": 1}).json for name in ("price", "later")] == [{"result": 1}] * 2


# --- Handlers that hang -----------------------------------------------------------------------------------------------


def hangs(_request: Any) -> None:
    time.sleep(3)


def computes(_request: Any) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        pass


def swallows(_request: Any) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            for _ in range(1000):
                pass
        except Exception:  # noqa: BLE001, S110 - what bad code does
            pass


async def waits(_request: Any) -> None:
    await asyncio.sleep(60)


async def refuses_to_end(_request: Any) -> None:
    for _ in range(3):
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            continue


@pytest.mark.parametrize("function", [hangs, computes, swallows, waits, refuses_to_end])
def test_what_takes_too_long_is_given_up(serving: Serving, function: Any) -> None:
    def setup(cloud: Cloud) -> None:
        cloud.function("own", timeout=0.2)(function)
        cloud.before_save("Post", timeout=0.2)(function)
        cloud.function("quick")(lambda _request: 1)

    api = serving(setup)
    started = time.monotonic()
    assert api.post("/functions/own").error == TIMED_OUT
    assert api.post("/classes/Post", {"a": 1}).error == TIMED_OUT
    assert time.monotonic() - started < 2
    assert api.post("/functions/quick").json == {"result": 1}


def test_functions_have_a_common_timeout_that_their_own_goes_before(serving: Serving, form: FormOf) -> None:
    def setup(cloud: Cloud) -> None:
        async def wait(_request: Any) -> int:
            await asyncio.sleep(0.4)
            return 1

        cloud.function("common")(wait)
        cloud.function("own", timeout=5)(wait)
        cloud.before_save("Post")(wait)

    api = serving(setup, cloudFunctionTimeout=0.1)
    assert api.post("/functions/common").error == TIMED_OUT
    assert api.post("/functions/own").json == {"result": 1}
    assert api.post("/classes/Post", {"a": 1}).error[0] == 141  # a number is no answer; it did not time out
    assert "timed out" not in api.post("/classes/Post", {"a": 1}).error[1]


def test_threads_that_hang_keep_no_other_from_running(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        cloud.function("hang", timeout=0.1)(hangs)
        cloud.function("quick", timeout=2)(lambda _request: 1)

    api = serving(setup, cloudThreads=1)
    for _ in range(3):
        assert api.post("/functions/hang").error == TIMED_OUT
        assert api.post("/functions/quick").json == {"result": 1}


def test_a_computing_handler_is_interrupted(serving: Serving) -> None:
    ended = threading.Event()

    def compute(_request: Any) -> None:
        try:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                pass
        finally:
            ended.set()

    api = serving(lambda cloud: cloud.function("f", timeout=0.1)(compute))
    assert api.post("/functions/f").error == TIMED_OUT
    assert ended.wait(2)


def test_a_handler_that_blocks_the_loop_blocks_only_itself(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(execution, "PROMPT", 0.2)
    blocked = threading.Event()

    async def block(_request: Any) -> str:
        blocked.set()
        time.sleep(2)  # noqa: ASYNC251 - what bad code does
        return "late"

    async def quick(_request: Any) -> str:
        await asyncio.sleep(0)
        return "quick"

    def setup(cloud: Cloud) -> None:
        cloud.function("block")(block)
        cloud.function("quick")(quick)

    api = serving(setup)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(lambda: api.post("/functions/block").json)
        blocked.wait(5)
        started = time.monotonic()
        assert api.post("/functions/quick").json == {"result": "quick"}
        assert time.monotonic() - started < 1
        assert late.result() == {"result": "late"}
    assert "blocks the event loop" in caplog.text


def test_a_blocked_loop_is_left_even_if_all_wait_for_less(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "PROMPT", 0.5)
    blocked = threading.Event()

    async def block(_request: Any) -> None:
        blocked.set()
        time.sleep(3)  # noqa: ASYNC251 - what bad code does

    async def quick(_request: Any) -> str:
        await asyncio.sleep(0)
        return "quick"

    def setup(cloud: Cloud) -> None:
        cloud.function("block")(block)
        cloud.function("quick", timeout=0.2)(quick)

    api = serving(setup)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(lambda: api.post("/functions/block").json)
        blocked.wait(5)
        replies = [api.post("/functions/quick").json for _ in range(6)]
        assert replies[0] == {"code": 141, "error": "Script timed out."}
        assert replies[-1] == {"result": "quick"}
        assert late.result() == {}


# --- Handlers that end the process ------------------------------------------------------------------------------------


class Odd(BaseException):
    pass


def leaves(_request: Any) -> None:
    sys.exit(1)


def odd(_request: Any) -> None:
    raise Odd("odd")


def recurses(_request: Any) -> Any:
    return recurses(_request)


def dirty(_request: Any) -> Any:
    return {object(): threading.Lock(), "unsaved": Object("Post")}


@pytest.mark.parametrize("function", [leaves, odd, recurses, dirty])
@pytest.mark.parametrize("timeout", [None, 5])
def test_no_handler_ends_more_than_itself(serving: Serving, form: FormOf, function: Any, timeout: float | None) -> None:
    def setup(cloud: Cloud) -> None:
        cloud.function("f", timeout=timeout)(form(function))
        cloud.before_save("Post", timeout=timeout)(form(function))
        cloud.function("still_there")(form(lambda _request: 1))

    api = serving(setup)
    for _ in range(2):
        assert api.post("/functions/f").error[0] == 141
        refused = api.post("/classes/Post", {"a": 1})
        assert (refused.status, refused.error[0]) == (400, 107 if function is dirty else 141)  # no write has such names
        assert api.post("/functions/still_there").json == {"result": 1}


def test_a_task_that_ends_the_process_ends_only_itself(serving: Serving) -> None:
    async def leave() -> None:
        sys.exit(1)

    async def start(_request: Any) -> int:
        task = asyncio.create_task(leave())
        await asyncio.sleep(0.05)
        return int(task.done())

    api = serving(lambda cloud: cloud.function("f")(start))
    for _ in range(2):
        assert api.post("/functions/f").json == {"result": 1}


# --- Handlers in handlers ---------------------------------------------------------------------------------------------


def test_handlers_nest_only_so_deep(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function
        def down(request: FunctionRequest) -> Any:
            return cloud.run("down", {"n": request.params.get("n", 0) + 1})

        @cloud.function
        async def down_later(request: FunctionRequest) -> Any:
            return await cloud.arun("down_later", {"n": 1})

        @cloud.function
        async def zig(_request: FunctionRequest) -> Any:
            return await cloud.arun("zag")

        @cloud.function
        def zag(_request: FunctionRequest) -> Any:
            return cloud.run("zig")

        @cloud.after_save("Loop")
        def again(_request: Any) -> None:
            Object("Loop").save(use_master_key=True)

        @cloud.before_save("Spiral")
        async def spiral(_request: Any) -> None:
            await Object("Spiral").asave(use_master_key=True)

    api = serving(setup, cloudMaxDepth=12)
    for name in ("down", "down_later", "zig", "zag"):
        assert api.post(f"/functions/{name}").error == (141, "Cloud code recursion limit exceeded.")
    assert api.post("/classes/Loop", {"a": 1}).status == 201
    assert api.get("/classes/Loop", query={"count": 1, "limit": 0}).json["count"] == 13
    assert api.post("/classes/Spiral", {"a": 1}).error == (141, "Cloud code recursion limit exceeded.")


def test_many_deep_calls_at_once_do_not_wait_for_each_other(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function
        async def down(request: FunctionRequest) -> Any:
            left = request.params["left"]
            if left == 0:
                return 1
            return sum(await asyncio.gather(*(cloud.arun("down", {"left": left - 1}) for _ in range(3))))

    api = serving(setup, cloudThreads=2)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: api.post("/functions/down", {"left": 3}).json["result"], range(4))) == [27] * 4


# --- Transactions -----------------------------------------------------------------------------------------------------


def titles(serving: Serving, *names: str, setup: Callable[[Cloud], None]) -> list[Any]:
    """What functions answered, and the titles that are stored then."""
    api = serving(setup)
    answers = [api.post(f"/functions/{name}") for name in names]
    found = api.get("/classes/Post", query={"order": "title"}, master=True).json["results"]
    return [
        *(reply.json.get("result", reply.json.get("error")) for reply in answers),
        [each["title"] for each in found],
    ]


def test_the_writes_of_a_transaction_are_stored_together_or_not_at_all(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function
        def both(_request: Any) -> int:
            with cloud.transaction():
                Object("Post", title="a").save()
                Object("Post", title="b").save()
                return Query("Post").count()

        @cloud.function
        def neither(_request: Any) -> None:
            with cloud.transaction():
                Object("Post", title="c").save()
                raise ValueError("changed my mind")

        @cloud.function
        async def both_later(_request: Any) -> int:
            async with cloud.transaction():
                await asyncio.gather(*(Object("Post", title=title).asave() for title in ("d", "e")))
                return await Query("Post").acount()

        @cloud.function
        async def neither_later(_request: Any) -> None:
            async with cloud.transaction():
                await Object("Post", title="f").asave()
                raise ValueError("changed my mind")

        @cloud.function
        def nested(_request: Any) -> None:
            with cloud.transaction():
                Object("Post", title="g").save()
                with cloud.transaction():
                    Object("Post", title="h").save()
                raise ValueError("all of it")

    assert titles(serving, "both", "neither", "both_later", "neither_later", "nested", setup=setup) == [
        2,
        "changed my mind",
        4,
        "changed my mind",
        "all of it",
        ["a", "b", "d", "e"],
    ]


def test_triggers_of_a_transaction_take_part_in_it(serving: Serving, form: FormOf) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.before_save("Post")
        def log(request: TriggerRequest[Any]) -> None:
            Object("Post2", title=request.object.get("title")).save()

        @cloud.function
        def undone(_request: Any) -> None:
            with cloud.transaction():
                Object("Post", title="x").save()
                assert Query("Post2").count() == 1
                raise ValueError("undone")

    api = serving(setup)
    assert api.post("/functions/undone").error == (141, "undone")
    assert api.get("/classes/Post2", master=True).json["results"] == []


def test_after_a_refused_write_the_transaction_is_over(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function
        def twice(_request: Any) -> None:
            with cloud.transaction():
                Object("Post", title="x").save()
                try:
                    Object("Post", title="y", length=1).save()
                except ParseError as error:
                    raise ParseError(142, "as expected") from error

    assert titles(serving, "twice", setup=setup) == ["as expected", []]


def test_a_request_after_a_failed_transaction_has_a_connection(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function
        def fail(_request: Any) -> None:
            with cloud.transaction():
                Object("Post", title="x").save()
                raise SystemExit

    api = serving(setup)
    for _ in range(20):
        assert api.post("/functions/fail").error[0] == 141
    assert api.post("/classes/Post", {"title": "y"}).status == 201


@pytest.mark.parametrize("is_async", [False, True], ids=["def", "async def"])
def test_code_that_was_given_up_writes_nothing_into_what_others_do(serving: Serving, *, is_async: bool) -> None:
    """A batch in a transaction, whose handler times out and goes on writing."""
    tried, may_go_on = threading.Event(), threading.Event()
    refusals: list[str] = []

    def write_late() -> None:
        may_go_on.wait(10)
        try:
            Object("Post", title="late").save(use_master_key=True)
        except Exception as error:  # noqa: BLE001 - whatever it is
            refusals.append(repr(error))
        finally:
            tried.set()

    async def late(_request: Any) -> None:
        await asyncio.shield(asyncio.to_thread(write_late))

    def setup(cloud: Cloud) -> None:
        cloud.before_save("Slow", timeout=0.2)(late if is_async else lambda _request: write_late())

    api = serving(setup)
    assert api.post("/classes/Post", {"title": "before"}).status == 201
    requests = [
        {"method": "POST", "path": f"/parse/classes/{name}", "body": {"title": name}} for name in ("Post", "Slow")
    ]
    reply = api.post("/batch", {"requests": requests, "transaction": True})
    assert reply.error == TIMED_OUT
    may_go_on.set()
    assert tried.wait(10)
    assert len(refusals) == 1
    assert [each["title"] for each in api.get("/classes/Post").json["results"]] == ["before"]
