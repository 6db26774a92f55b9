"""Triggers of files, of the config and of live queries, and jobs, in JavaScript (acceptance cases 74-82)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from parse_cloud.invocations import FileCall, FileContent, LiveCall
from parse_cloud.kinds import CONNECT, FILE, Failure, Kind
from parse_cloud.registry import CloudCode
from parse_cloud.running import invoke
from parse_core.context import RequestContext
from parse_core.objects.requests import FindRequest
from tests.cloud.javascript.conftest import Serve
from tests.support.client import ApiClient


@pytest.fixture(scope="module")
def api(serve: Serve) -> ApiClient:
    return serve("moments.js")


def seen(api: ApiClient) -> list[Any]:
    noted: list[Any] = api.post("/functions/seen", {}).json["result"]
    return noted


def of_file(api: ApiClient, kind: Kind, file: FileContent, **more: Any) -> FileCall:
    context = RequestContext(api.application, request_id="r1")
    call = FileCall(kind=kind, name=FILE, context=context, cloud={}, file=file, **more)
    handler = api.application.part(CloudCode).find(kind, FILE)
    assert handler is not None
    invoke(handler, call)
    return call


def upload(api: ApiClient, name: str) -> FileContent:
    return of_file(api, Kind.BEFORE_SAVE, FileContent(name, b"content", "text/plain", {}, {"t": "1"}), size=7).file


def test_an_upload_may_be_changed(api: ApiClient) -> None:
    seen(api)
    assert upload(api, "plain.txt") == FileContent("plain.txt", b"content", "text/plain", {}, {"t": "1"})
    assert seen(api) == [
        {
            "triggerName": "beforeSave",
            "name": "plain.txt",
            "data": "Y29udGVudA==",
            "fileSize": 7,
            "tags": {"t": "1"},
            "context": "undefined",
        }
    ]
    mutated = upload(api, "mutated.txt")
    assert (mutated.data, mutated.metadata, mutated.tags, mutated.directory) == (
        b"content",
        {"by": "trigger"},
        {"t": "1", "tag": "x"},
        "folder",
    )
    assert upload(api, "replaced.txt") == FileContent("other.txt", b"AB", "text/plain", {"a": 1}, {"b": "2"})
    stored = upload(api, "stored.txt")
    assert (stored.name, stored.url) == ("there.txt", "http://files.example/there.txt")


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("text.txt", 130, "a text"),
        ("parse.txt", 999, "own"),
        ("nothing.txt", 130, "Could not store file: nothing.txt."),
    ],
)
def test_an_upload_may_be_refused(name: str, code: int, text: str, api: ApiClient) -> None:
    with pytest.raises(Failure) as refused:
        upload(api, name)
    assert refused.value.body(sanitize=False) == {"code": code, "error": text}


def test_other_moments_of_files(api: ApiClient) -> None:
    seen(api)
    of_file(api, Kind.AFTER_SAVE, FileContent("a.txt", url="http://files.example/a.txt"), size=3)
    assert seen(api) == [{"saved": "a.txt", "url": "http://files.example/a.txt", "fileSize": 3}]
    with pytest.raises(Failure) as refused:
        of_file(api, Kind.BEFORE_DELETE, FileContent("a.txt", url="http://files.example/a.txt"))
    assert refused.value.body(sanitize=False) == {"code": 153, "error": "Could not delete file."}
    assert of_file(api, Kind.BEFORE_FIND, FileContent("old.txt")).file.name == "new.txt"
    assert of_file(api, Kind.BEFORE_FIND, FileContent("any.txt")).file.name == "any.txt"


def test_a_download_may_be_changed(api: ApiClient) -> None:
    headers = {"X-Content-Type-Options": "nosniff"}
    call = of_file(api, Kind.AFTER_FIND, FileContent("changed.txt", b"x", "text/plain"), response_headers=headers)
    assert (call.force_download, call.response_headers) == (True, {"X-Extra": "yesX-Evil: 1"})
    assert (call.file.name, call.file.data, call.file.content_type) == ("changed.html", b"<p>", "text/html")


def test_the_config(api: ApiClient) -> None:
    seen(api)
    assert api.put("/config", {"params": {"a": 1}}, master=True).json == {"result": True}
    assert seen(api) == [{"config": 1, "before": "none"}, {"after": 1, "other": None}]
    api.put("/config", {"params": {"b": 2}}, master=True)
    assert seen(api) == [{"config": None, "before": 1}, {"after": 1, "other": 2}]
    refusals = {"text": (141, "not this"), "parse": (88, "nor this"), "nothing": (141, "Script failed. Unknown error.")}
    for value, refusal in refusals.items():
        assert api.put("/config", {"params": {"a": value}}, master=True).error == refusal
    assert api.get("/config").json["params"]["a"] == 1


def live(api: ApiClient, kind: Kind, name: str, **more: Any) -> LiveCall:
    call = LiveCall(kind=kind, name=name, context=RequestContext(api.application), cloud={}, **more)
    code = api.application.part(CloudCode)
    handler = code.of_live_queries[0] if kind is Kind.ON_LIVE_QUERY_EVENT else code.find(kind, name)
    assert handler is not None
    invoke(handler, call)
    return call


def test_connections(api: ApiClient) -> None:
    seen(api)
    live(api, Kind.BEFORE_CONNECT, CONNECT, event="connect", details={"clients": 3})
    assert seen(api) == [{"connect": "connect", "clients": 3, "user": None}]
    with pytest.raises(Failure) as refused:
        live(api, Kind.BEFORE_CONNECT, CONNECT, event="connect", details={"sessionToken": "bad"})
    assert refused.value.body(sanitize=False) == {"code": 200, "error": "no entry"}
    seen(api)
    live(api, Kind.ON_LIVE_QUERY_EVENT, "", event="ws_connect", details={"clients": 1})
    assert seen(api) == [{"live": "ws_connect", "clients": 1}]


def test_subscriptions(api: ApiClient) -> None:
    seen(api)
    asked = FindRequest("Watched", where={"n": 1})
    call = live(api, Kind.BEFORE_SUBSCRIBE, "Watched", query=asked, details={"op": "subscribe"})
    assert seen(api) == [{"op": "subscribe", "where": {"n": 1}}]
    assert call.query is not None
    assert (call.query.where, call.query.keys) == ({"n": 1, "name": "ada"}, ("name", "age"))
    replaced = live(api, Kind.BEFORE_SUBSCRIBE, "Replacing", query=FindRequest("Replacing")).query
    assert replaced is not None
    assert replaced.where == {"n": {"$gt": 1}}


@pytest.mark.parametrize(
    ("event", "sent", "as_event"), [("update", True, "update"), ("leave", False, "leave"), ("enter", True, "create")]
)
def test_events(event: str, sent: bool, as_event: str, api: ApiClient) -> None:
    seen(api)
    document = {"objectId": "x", "name": "ada", "createdAt": "2020-01-01T00:00:00.000Z"}
    call = live(api, Kind.AFTER_EVENT, "Watched", event=event, object=document, original={**document, "name": "a"})
    assert seen(api) == [{"event": event, "name": "ada", "original": "a"}]
    assert (call.send_event, call.event) == (sent, as_event)
    assert call.object is not None
    assert call.object["seen"] is True
    assert call.object["createdAt"] == document["createdAt"]


def job(api: ApiClient, **params: Any) -> Any:
    """The status of a job once it is over."""
    status = api.post("/jobs/work", params, master=True).headers["x-parse-job-status-id"]
    deadline = time.monotonic() + 10
    while (found := api.get(f"/classes/_JobStatus/{status}", master=True).json)["status"] == "running":
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def test_jobs(api: ApiClient) -> None:
    seen(api)
    done = job(api, n=1, text="all of it", at={"__type": "Date", "iso": "2020-01-01T00:00:00.000Z"})
    assert (done["status"], done["message"]) == ("succeeded", "all of it")
    assert seen(api) == [{"jobName": "work", "jobId": True, "n": 1, "date": True}]
    assert job(api, n=1)["message"] == "half way"
    failed = job(api, fail="too bad")
    assert (failed["status"], failed["message"]) == ("failed", "too bad")


def test_services(api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    said = api.post("/functions/services", {}).json["result"]
    assert said == {"jobs": {"in_use": [], "jobs": ["work"]}, "mail": None, "status": "_JobStatus"}
    assert "Failed to send email because no mail adapter is configured for Parse Server." in caplog.text


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent; `/moved` leads to `/there`, `/missing` is 404."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.send_response({"/moved": 302, "/missing": 404}.get(self.path, 200))
        self.send_header("Location", "/there")
        self.send_header("X-Own", self.headers.get("X-Own") or "none")
        self.send_header("Set-Cookie", "c=d; Path=/")
        self.end_headers()
        told = [self.command, self.path, self.headers.get("Content-Type"), body]
        self.wfile.write(b"plain" if self.path == "/plain" else json.dumps(told).encode())

    do_GET = do_POST = do_PUT = answer  # noqa: N815 - the names that its base looks for

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"url": "/a"}, ["GET", "/a", None, ""]),
        ({"url": "/a?x=1", "params": {"y": "2 3"}}, ["GET", "/a?x=1&y=2%203", None, ""]),
        ({"url": "/a", "params": "y=2"}, ["GET", "/a?y=2", None, ""]),
        ({"url": "/a", "method": "POST", "body": {"a": 1}}, ["POST", "/a", FORM, "a=1"]),
        (
            {"url": "/a", "method": "put", "body": {"a": 1}, "headers": {"Content-Type": "application/json"}},
            ["PUT", "/a", "application/json", '{"a":1}'],
        ),
        ({"url": "/a", "method": "POST", "body": "text"}, ["POST", "/a", None, "text"]),
        ({"url": "/moved", "followRedirects": True}, ["GET", "/there", None, ""]),
    ],
)
def test_http_requests(options: dict[str, Any], expected: list[Any], api: ApiClient, echo: str) -> None:
    said = api.post("/functions/fetch", {**options, "url": echo + options["url"]}).json["result"]
    assert said["data"] == expected
    assert (said["status"], said["cookie"], said["isBuffer"], said["own"]) == (200, "d", True, "none")


def test_http_requests_that_fail(api: ApiClient, echo: str) -> None:
    def fetched(**options: Any) -> Any:
        return api.post("/functions/fetch", options).json["result"]

    assert fetched(url=f"{echo}/missing") == {"refused": 404}
    assert fetched(url=f"{echo}/moved")["status"] == 302
    assert fetched(url="ftp://127.0.0.1/") == {"refused": "Unsupported protocol ftp:"}
    assert "ECONNREFUSED" in fetched(url="http://127.0.0.1:1/")["refused"]
    plain = fetched(url=f"{echo}/plain", headers={"X-Own": "mine"})
    assert (plain["text"], plain["data"], plain["own"]) == ("plain", None, "mine")
