"""Triggers of queries, logins, files, the config and live queries, written in Python (`contract/cloud.md` §4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from parse_cloud import (
    AfterFindRequest,
    BeforeFindRequest,
    Config,
    ConfigTriggerRequest,
    File,
    FileTriggerRequest,
    LiveQueryEventRequest,
    Object,
    ParseError,
    Query,
    SubscribeRequest,
    TriggerRequest,
)
from parse_cloud.author.cloud import Cloud
from parse_cloud.invocations import FileCall, FileContent, LiveCall
from parse_cloud.kinds import CONNECT, FILE, Failure, Kind
from parse_cloud.registry import CloudCode
from parse_cloud.running import invoke
from parse_core.context import RequestContext
from parse_core.objects.requests import FindRequest
from tests.cloud.python.conftest import Serving
from tests.support.client import ApiClient

FormOf = Callable[[Any], Any]


def saved(api: ApiClient, *objects: dict[str, Any], class_name: str = "Post") -> list[str]:
    replies = [api.post(f"/classes/{class_name}", fields, master=True) for fields in objects]
    assert all(reply.status == 201 for reply in replies)
    return [reply.json["objectId"] for reply in replies]


def numbers(api: ApiClient, **query: Any) -> list[int]:
    reply = api.get("/classes/Post", query=query)
    assert reply.status == 200, reply.body
    return [each["n"] for each in reply.json["results"]]


# --- Before a find ----------------------------------------------------------------------------------------------------


def mutate(request: BeforeFindRequest) -> None:
    request.query.greater_than("n", 1)


def assign(request: Any) -> None:
    request.query = Query("Post").less_than("n", 3)


def give_back(request: BeforeFindRequest) -> Query[Any]:
    return Query("Post").equal_to("n", 2)


def order(request: BeforeFindRequest) -> None:
    request.query.descending("n").limit(2)


def ignore(request: BeforeFindRequest) -> Any:
    return ["text", 5]


@pytest.mark.parametrize(
    ("handler", "found"),
    [(mutate, [2, 3]), (assign, [1, 2]), (give_back, [2]), (order, [3, 2]), (ignore, [1, 2, 3])],
)
def test_before_find_changes_the_query(serving: Serving, form: FormOf, handler: Any, found: list[int]) -> None:
    api = serving(lambda cloud: cloud.before_find("Post")(form(handler)))
    saved(api, {"n": 1}, {"n": 2}, {"n": 3})
    assert numbers(api) == found


def test_before_find_is_told_what_is_asked(serving: Serving) -> None:
    seen: list[Any] = []

    def look(request: BeforeFindRequest) -> None:
        seen.append((request.count, request.is_get, request.isGet, request.query.to_json()))

    api = serving(lambda cloud: cloud.before_find("Post")(look))
    [identifier] = saved(api, {"n": 1})
    api.get("/classes/Post", query={"where": {"n": 1}, "order": "-n", "keys": "n", "limit": 5, "count": 1})
    api.get(f"/classes/Post/{identifier}")
    assert seen[0][:3] == (True, False, False)
    assert seen[0][3]["where"] == {"n": 1}
    assert (seen[0][3]["order"], seen[0][3]["limit"]) == ("-n", 5)
    assert seen[1][:3] == (False, True, True)


def test_before_find_refuses_by_raising(serving: Serving, form: FormOf) -> None:
    def refuse(_request: BeforeFindRequest) -> None:
        raise ValueError("closed")

    api = serving(lambda cloud: cloud.before_find("Post")(form(refuse)))
    [identifier] = saved(api, {"n": 1})
    assert api.get("/classes/Post").error == (141, "closed")
    assert api.get(f"/classes/Post/{identifier}").error == (141, "closed")


def test_before_find_gives_objects_in_the_place_of_the_databases(serving: Serving, form: FormOf) -> None:
    results: list[Any] = []
    api = serving(lambda cloud: cloud.before_find("Post")(form(lambda _request: results[0])))
    results.append([])
    assert numbers(api) == []
    results[0] = [Object("Post", n=7), Object("Other", n=8)]
    assert numbers(api) == [7, 8]
    results[0] = Object("Post", n=9)
    assert numbers(api) == [9]


def test_rows_the_caller_may_not_see_are_not_leaked(serving: Serving) -> None:
    def all_of_them(_request: BeforeFindRequest) -> list[Object]:
        return Query("Secret").find(use_master_key=True)

    api = serving(lambda cloud: cloud.before_find("Post")(all_of_them))
    saved(api, {"n": 1, "ACL": {}}, {"n": 2}, class_name="Secret")
    found = api.get("/classes/Post").json["results"]
    assert all(each["n"] != 1 for each in found)


# --- After a find -----------------------------------------------------------------------------------------------------


def double(request: AfterFindRequest[Any]) -> None:
    for each in request.objects:
        each.set("n", each.get("n") * 2)


def filtered(request: AfterFindRequest[Any]) -> list[Object]:
    return [each for each in request.results if each.get("n") > 1]


def reassigned(request: Any) -> None:
    request.results = request.results[:1]


def others(_request: AfterFindRequest[Any]) -> list[Any]:
    return [Object("Other", n=5), {"n": 6}]


@pytest.mark.parametrize(
    ("handler", "found"),
    [
        (double, [2, 4]),
        (filtered, [2]),
        (reassigned, [1]),
        (others, [5, 6]),
        (lambda _request: [], []),
        (lambda _request: None, [1, 2]),
    ],
)
def test_after_find_changes_the_results(serving: Serving, form: FormOf, handler: Any, found: list[int]) -> None:
    api = serving(lambda cloud: cloud.after_find("Post")(form(handler)))
    saved(api, {"n": 1}, {"n": 2})
    assert numbers(api) == found


def test_what_after_find_sets_keeps_its_type(serving: Serving) -> None:
    def look(request: AfterFindRequest[Any]) -> None:
        post = request.objects[0]
        post.set("when", datetime(2026, 1, 31, tzinfo=UTC))
        post.set("author", Object.from_json({"className": "Author", "objectId": "a1", "name": "Ada"}))

    api = serving(lambda cloud: cloud.after_find("Post")(look))
    [identifier] = saved(api, {"n": 1})
    post = api.get(f"/classes/Post/{identifier}").json
    assert post["when"] == {"__type": "Date", "iso": "2026-01-31T00:00:00.000Z"}
    assert (post["author"]["__type"], post["author"]["name"], post["className"]) == ("Object", "Ada", "Post")
    assert post["createdAt"].endswith("Z")


@pytest.mark.parametrize("result", ["text", 5, {"a": 1}, Object("Post")], ids=repr)
def test_after_find_returns_a_list(serving: Serving, form: FormOf, result: Any) -> None:
    api = serving(lambda cloud: cloud.after_find("Post")(form(lambda _request: result)))
    saved(api, {"n": 1})
    assert api.get("/classes/Post").error == (141, "afterFind must return a list")


def test_after_find_refuses_by_raising(serving: Serving, form: FormOf) -> None:
    def refuse(_request: Any) -> None:
        raise ParseError(142, "closed")

    api = serving(lambda cloud: cloud.after_find("Post")(form(refuse)))
    saved(api, {"n": 1})
    assert api.get("/classes/Post").error == (142, "closed")


# --- Logins -----------------------------------------------------------------------------------------------------------


def test_the_moments_of_a_login(serving: Serving, form: FormOf) -> None:
    seen: list[Any] = []

    def setup(cloud: Cloud) -> None:
        def before(request: TriggerRequest[Any]) -> None:
            seen.append(("before", request.object.username, request.user is None))
            if request.object.get("banned"):
                raise ValueError("banned")

        def after(request: TriggerRequest[Any]) -> None:
            seen.append(("after", request.object.username, bool(request.user and request.user.session_token)))

        def out(request: TriggerRequest[Any]) -> None:
            seen.append(("out", type(request.object).__name__, request.object.get("user").id is not None))

        cloud.before_login(form(before))
        cloud.after_login(form(after))
        cloud.after_logout(form(out))

    api = serving(setup)
    for name in ("ada", "eve"):
        api.post("/users", {"username": name, "password": "x", "banned": name == "eve"})
    assert seen == []
    token = api.get("/login", query={"username": "ada", "password": "x"}).json["sessionToken"]
    assert api.get("/login", query={"username": "ada", "password": "wrong"}).error[0] == 101
    assert api.post("/logout", {}, as_user=token).status == 200
    assert seen == [("before", "ada", True), ("after", "ada", True), ("out", "Session", True)]
    assert api.get("/login", query={"username": "eve", "password": "x"}).error == (141, "banned")


# --- The config -------------------------------------------------------------------------------------------------------


def test_the_moments_of_the_config(serving: Serving, form: FormOf) -> None:
    seen: list[Any] = []

    def setup(cloud: Cloud) -> None:
        def before(request: ConfigTriggerRequest) -> None:
            seen.append(("before", request.object.get("a"), request.original and request.original.get("a")))
            if request.object.get("bad"):
                raise ValueError("bad")

        def after(request: ConfigTriggerRequest) -> None:
            seen.append(("after", request.object.get("a"), request.object.get("b")))

        cloud.before_save(Config)(form(before))
        cloud.after_save(Config)(form(after))

    api = serving(setup)
    api.put("/config", {"params": {"a": 1}}, master=True)
    api.put("/config", {"params": {"b": 2}}, master=True)
    assert api.put("/config", {"params": {"bad": 1}}, master=True).error == (141, "bad")
    assert seen[:2] == [("before", 1, None), ("after", 1, None)]
    assert seen[2:4] == [("before", None, 1), ("after", 1, 2)]
    assert api.get("/config", master=True).json["params"] == {"a": 1, "b": 2}


# --- Live queries: what the server of live queries calls --------------------------------------------------------------


def live(api: ApiClient, kind: Kind, name: str, **details: Any) -> LiveCall:
    """A call of the handler of a live-query moment, after it ran."""
    context = RequestContext(api.application)
    call = LiveCall(kind=kind, name=name, context=context, cloud={}, **details)
    handler = api.application.part(CloudCode).find(kind, name)
    assert handler is not None
    invoke(handler, call)
    return call


def test_before_subscribe_changes_the_query(serving: Serving, form: FormOf) -> None:
    def subscribe(request: SubscribeRequest) -> None:
        request.query.equal_to("n", request.request_id)

    api = serving(lambda cloud: cloud.before_subscribe("Post")(form(subscribe)))
    call = live(
        api,
        Kind.BEFORE_SUBSCRIBE,
        "Post",
        query=FindRequest("Post", {"a": 1}),
        details={"requestId": 5, "op": "subscribe"},
    )
    assert call.query is not None
    assert call.query.where == {"a": 1, "n": 5}


def test_an_event_is_changed_or_kept_back(serving: Serving, form: FormOf) -> None:
    def event(request: LiveQueryEventRequest) -> None:
        request.object.set("n", 2)
        request.event = "enter"
        request.send_event = request.object.get("shown", False)

    api = serving(lambda cloud: cloud.after_live_query_event("Post")(form(event)))
    call = live(api, Kind.AFTER_EVENT, "Post", event="create", object={"objectId": "x", "n": 1})
    assert (call.object, call.original, call.event, call.send_event) == (
        {"objectId": "x", "n": 2, "className": "Post"},
        None,
        "enter",
        False,
    )


def test_before_connect_refuses_by_raising(serving: Serving, form: FormOf) -> None:
    def refuse(request: Any) -> None:
        raise ValueError(f"{request.event} {request.clients} {request.useMasterKey}")

    api = serving(lambda cloud: cloud.before_connect(form(refuse)))
    with pytest.raises(Failure) as raised:
        live(api, Kind.BEFORE_CONNECT, CONNECT, event="connect", details={"clients": 3})
    assert raised.value.text == "connect 3 False"


def test_every_handler_of_live_query_events_is_told(serving: Serving, form: FormOf) -> None:
    seen: list[Any] = []

    def setup(cloud: Cloud) -> None:
        for number in (1, 2):
            cloud.on_live_query_event(form(lambda request, number=number: seen.append((number, request.event))))

    api = serving(setup)
    handlers = api.application.part(CloudCode).of_live_queries
    assert len(handlers) == 2
    for handler in handlers:
        call = LiveCall(
            kind=handler.kind, name="", context=RequestContext(api.application), cloud={}, event="ws_connect"
        )
        invoke(handler, call)
    assert seen == [(1, "ws_connect"), (2, "ws_connect")]


# --- Files: what the storage of files calls ---------------------------------------------------------------------------


def of_file(api: ApiClient, kind: Kind, **details: Any) -> FileCall:
    """A call of the handler of a moment of files, after it ran."""
    call = FileCall(kind=kind, name=FILE, context=RequestContext(api.application), cloud={}, **details)
    handler = api.application.part(CloudCode).find(kind, FILE)
    assert handler is not None
    invoke(handler, call)
    return call


def test_a_file_may_be_changed_before_it_is_stored(serving: Serving, form: FormOf) -> None:
    def before(request: FileTriggerRequest) -> None:
        request.file.name = f"{request.fileSize}-{request.file.name}"
        request.file.add_tag("a", "b")
        request.file.directory = "d"

    api = serving(lambda cloud: cloud.before_save(File)(form(before)))
    call = of_file(api, Kind.BEFORE_SAVE, file=FileContent("a.txt", b"hello", "text/plain"), size=5)
    assert call.file == FileContent("5-a.txt", b"hello", "text/plain", {}, {"a": "b"}, "d")


def test_another_file_may_be_stored_instead(serving: Serving, form: FormOf) -> None:
    other = File("b.txt", b"other", "text/html")
    api = serving(lambda cloud: cloud.before_save(File)(form(lambda _request: other)))
    call = of_file(api, Kind.BEFORE_SAVE, file=FileContent("a.txt", b"hello"), size=5)
    assert (call.file.name, call.file.data, call.file.content_type) == ("b.txt", b"other", "text/html")


def test_a_download_may_be_forced_and_its_headers_set(serving: Serving, form: FormOf) -> None:
    def after(request: Any) -> None:
        request.forceDownload = True
        request.response_headers["X-Foo"] = "bar"

    api = serving(lambda cloud: cloud.after_find(File)(form(after)))
    call = of_file(api, Kind.AFTER_FIND, file=FileContent("a.txt", b"hello"))
    assert (call.force_download, call.response_headers) == (True, {"X-Foo": "bar"})


@pytest.mark.parametrize(
    ("kind", "error", "expected"),
    [
        (Kind.BEFORE_SAVE, ValueError("no"), (130, "no")),
        (Kind.BEFORE_SAVE, ParseError(999, "mine"), (999, "mine")),
        (Kind.BEFORE_SAVE, Exception(), (130, "Could not store file: a.txt.")),
        (Kind.BEFORE_DELETE, ValueError("no"), (153, "no")),
        (Kind.AFTER_DELETE, Exception(), (153, "Could not delete file.")),
        (Kind.BEFORE_FIND, ValueError("no"), (141, "no")),
    ],
    ids=repr,
)
def test_a_moment_of_a_file_refuses_by_raising(
    serving: Serving, form: FormOf, kind: Kind, error: Exception, expected: Any
) -> None:
    def refuse(_request: FileTriggerRequest) -> None:
        raise error

    def setup(cloud: Cloud) -> None:
        for decorator in (cloud.before_save, cloud.before_delete, cloud.after_delete, cloud.before_find):
            decorator(File)(form(refuse))

    api = serving(setup)
    with pytest.raises(Failure) as raised:
        of_file(api, kind, file=FileContent("a.txt", b"hello"))
    assert (raised.value.number, raised.value.text) == expected
