"""Python code that misbehaves harms its own request and no other: no defect, no thread, no words of the database."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from parse_cloud import Object, ParseError, Query, Response, cloud
from parse_cloud.author.cloud import Cloud
from tests.hostile.attacks import sent
from tests.hostile.conftest import Configure
from tests.support.client import ApiClient
from tests.support.scenario import get, post


class Unspeakable(Exception):
    """Its text means to end the process."""

    def __str__(self) -> str:
        raise SystemExit(3)

    __repr__ = __str__


class Text(str):
    """A text whose text is none."""

    __slots__ = ()

    def __str__(self) -> str:
        raise SystemExit(3)


def raising(error: BaseException | type[BaseException]) -> Any:
    def run(_request: Any) -> Any:
        raise error

    return run


def nest(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def cycle() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


async def stops_the_loop(_request: Any) -> int:
    asyncio.get_running_loop().stop()
    return 1


async def is_cancelled(_request: Any) -> None:
    raise asyncio.CancelledError


def asks_the_database(_request: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select nonsense")


def spoils_its_request(request: Any) -> int:
    request.params.clear()
    request.context["x"] = object()
    return 1


FUNCTIONS: dict[str, Any] = {
    "raises what ends a process": raising(SystemExit),
    "raises what a user presses": raising(KeyboardInterrupt),
    "raises what ends a generator": raising(GeneratorExit),
    "raises what ends a loop": raising(StopIteration),
    "raises that there is no memory": raising(MemoryError),
    "raises what cannot be shown": raising(Unspeakable),
    "raises half a surrogate": raising(ValueError("\ud800 \0")),
    "raises a secret": raising(ParseError(141, Unspeakable())),
    "raises a crooked error": raising(ParseError(10**30, {"a": object()})),
    "raises an error without number": raising(ParseError("x", ["text"])),  # type: ignore[arg-type]
    "asks the database": asks_the_database,
    "is cancelled": is_cancelled,
    "stops the loop": stops_the_loop,
    "returns half a surrogate": lambda _request: "\ud800",
    "returns NUL": lambda _request: "\0",
    "returns enormous numbers": lambda _request: [2**70, -(2**70), float("nan"), float("inf")],
    "returns a nest": lambda _request: nest(300),
    **{f"returns a nest of {levels}": lambda _request, levels=levels: nest(levels) for levels in range(248, 256)},
    "returns a bottomless nest": lambda _request: nest(100_000),
    "returns a cycle": lambda _request: cycle(),
    "returns odd keys": lambda _request: {1: 2, None: 3},
    "returns a text that is none": lambda _request: Text("x"),
    "returns a generator": lambda _request: (number for number in range(3)),
    "returns itself": lambda request: request,
    "spoils its request": spoils_its_request,
    "spoils its context": lambda request: setattr(request, "context", [1]),
    "answers with no status": lambda _request: Response(1, status=100),
    "answers with a large status": lambda _request: Response(1, status=10**30),
    "answers with two headers in one": lambda _request: Response(1, headers={"X-A": "a\r\nX-B: b"}),
    "asks for a number": lambda _request: Query("X").with_json({"where": {"a": 2**80}}).find(),
    "asks for NUL": lambda _request: Query("X").equal_to("a\0", "\0").find(),
    "gets NUL": lambda _request: Query("X").get("a\0b"),
    "runs NUL": lambda _request: cloud.run("a\0", {"a": "\ud800\0"}),
    "runs nothing": lambda _request: cloud.run(None),  # type: ignore[arg-type]
    "runs with a text": lambda _request: cloud.run("fine", "text"),  # type: ignore[arg-type]
    "starts NUL": lambda _request: cloud.start_job("a\0", {"a": "\0"}),
    "saves NUL": lambda _request: Object("X", a="\0").save(use_master_key=True),
    "saves a number": lambda _request: Object("X", a=2**80).save(use_master_key=True).id,
}  # fmt: skip

SAVES: dict[str, Any] = {
    "SavesItself": lambda request: request.object.save(use_master_key=True),
    "ReturnsANumber": lambda _request: 5,
    "SetsNul": lambda request: request.object.set("a", "\0"),
    "SetsAKeyWithNul": lambda request: request.object.set("a\0b", 1),
    "SetsHalfASurrogate": lambda request: request.object.set("a", "\ud800"),
    "SetsNoNumber": lambda request: request.object.set("a", float("nan")),
    "SetsANest": lambda request: request.object.set("a", nest(400)),
    "SetsWhatIsTheServers": lambda request: request.object.set("_rperm", ["*"]),
    "SetsALongName": lambda request: request.object.set("x" * 5000, 1),
    "SetsRights": lambda request: request.object.set("ACL", 5),
    "ReturnsAnOperation": lambda _request: {"a": {"__op": "Nonsense"}},
    "RaisesWhatCannotBeShown": raising(Unspeakable),
}

FINDS: dict[str, Any] = {
    "AsksForANumber": lambda _request: Query("X").with_json({"where": {"a": 2**80}}),
    "AsksForNul": lambda request: request.query.equal_to("a", "\0"),
    "AsksForNonsense": lambda _request: Query("X").with_json({"where": {"$or": 5}, "order": 7, "limit": "x"}),
    "FindsHalfASurrogate": lambda _request: [Object("Other", a="\ud800")],
    "FindsANest": lambda _request: [Object("Other", a=nest(250))],
    "FindsUnsaved": lambda _request: [Object("Other", a=Object("Other"))],
}


def code(cloud: Cloud) -> None:
    """All of them, and one that behaves."""
    for name, function in FUNCTIONS.items():
        cloud.function(name)(function)
    for name, function in SAVES.items():
        cloud.before_save(name)(function)
        cloud.after_save(f"After{name}")(function)
    for name, function in FINDS.items():
        cloud.before_find(name)(function)
    cloud.function("fine")(lambda _request: "fine")


@pytest.fixture
def misbehaving(
    configure: Configure,
    api: ApiClient,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
) -> ApiClient:
    """What is logged of halves of surrogate pairs is nothing that pytest can report."""
    if "surrogate" in request.node.name.lower():
        caplog.set_level(logging.CRITICAL, logger="parse_cloud.code")
    configure(cloud=code, logsFolder=str(tmp_path), cloudMaxDepth=8)
    return api


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_harms_only_its_own_call(misbehaving: ApiClient, name: str) -> None:
    sent(misbehaving, post(f"/functions/{name}", {"a": 1}))
    part = {"method": "POST", "path": f"/parse/functions/{name}", "body": {"a": 1}}
    sent(misbehaving, post("/batch", {"requests": [part]}))
    assert misbehaving.post("/functions/fine", {}).json == {"result": "fine"}


@pytest.mark.parametrize("name", SAVES)
def test_a_save_is_whole_or_refused(misbehaving: ApiClient, name: str) -> None:
    part = {"method": "POST", "path": f"/parse/classes/{name}", "body": {"n": 1}}
    replies = [
        sent(misbehaving, post(f"/classes/{name}", {"n": 1})),
        sent(misbehaving, post("/batch", {"requests": [part], "transaction": True})),
    ]
    stored = misbehaving.get(f"/classes/{name}", master=True).json["results"]
    assert len(stored) == sum(reply.status < 400 for reply in replies)
    after = sent(misbehaving, post(f"/classes/After{name}", {"n": 1}))
    assert after.status == 201, "what follows a save cannot undo it"
    assert misbehaving.post("/functions/fine", {}).json == {"result": "fine"}


@pytest.mark.parametrize("name", FINDS)
def test_a_find_is_answered_or_refused(misbehaving: ApiClient, name: str) -> None:
    for path in (f"/classes/{name}", f"/classes/{name}/x", f"/classes/{name}?count=1&limit=0"):
        sent(misbehaving, get(path))
    assert misbehaving.post("/functions/fine", {}).json == {"result": "fine"}


@pytest.mark.parametrize("status", [204, 205, 304])
def test_an_answer_without_a_body_has_none(configure: Configure, api: ApiClient, status: int) -> None:
    """A body there would be read as the beginning of the next answer."""
    headers = {"Content-Length": "500", "Transfer-Encoding": "chunked", "X-Kept": "yes"}
    configure(cloud=lambda cloud: cloud.function("f")(lambda _request: Response(1, status=status, headers=headers)))
    reply = api.post("/functions/f", {})
    assert (reply.status, reply.body, reply.headers["x-kept"]) == (status, b"", "yes")
    assert reply.headers.keys().isdisjoint({"content-length", "transfer-encoding"})


def test_neither_threads_nor_loops_are_left_behind(misbehaving: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="parse_cloud.code")

    def ask(number: int) -> None:
        sent(misbehaving, post(f"/functions/{list(FUNCTIONS)[number % len(FUNCTIONS)]}", {}), seconds=20)

    with ThreadPoolExecutor(4) as pool:  # what is started once is started now
        list(pool.map(ask, range(2 * len(FUNCTIONS))))
    before = threading.active_count()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4 * len(FUNCTIONS))))
    assert threading.active_count() <= before
