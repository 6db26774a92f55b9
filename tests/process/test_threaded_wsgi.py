"""HTTP inside an ASGI server: what a WSGI application sees, and what the client gets."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from parse_server.threaded_wsgi import ThreadedWSGI

Message = dict[str, Any]


def call(application: Any, *requests: Message, **scope: Any) -> list[Message]:
    """The messages that the server is sent for a request in these pieces."""
    pieces = iter(requests or ({"type": "http.request"},))
    sent: list[Message] = []

    async def receive() -> Message:
        return next(pieces)

    async def send(message: Message) -> None:
        sent.append(message)

    defaults = {"method": "POST", "http_version": "1.1", "raw_path": b"/", "query_string": b"", "headers": []}
    asyncio.run(ThreadedWSGI(application, threads=1)({"type": "http", **defaults, **scope}, receive, send))
    return sent


def echo(environ: Message, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read()]


def test_an_answer_in_one_piece_has_its_length() -> None:
    start, body = call(echo, {"type": "http.request", "body": b"abc"})
    assert start == {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"text/plain"), (b"content-length", b"3")],
    }
    assert body == {"type": "http.response.body", "body": b"abc", "more_body": False}


def test_a_body_in_pieces_is_whole_for_the_application() -> None:
    pieces = [{"type": "http.request", "body": b"x" * 700_000, "more_body": more} for more in (True, True, False)]
    _, body = call(echo, *pieces)
    assert body["body"] == b"x" * 2_100_000


def test_a_client_that_leaves_before_the_end_of_its_body_reaches_nobody() -> None:
    assert call(echo, {"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"}) == []


def test_a_stream_is_sent_as_it_comes_and_closed_in_a_thread_of_the_pool() -> None:
    closed_by: list[str] = []

    class Stream:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"a", b"b", b"c"])

        def close(self) -> None:
            closed_by.append(threading.current_thread().name)

    def application(_environ: Message, start_response: Any) -> Stream:
        start_response("200 OK", [])
        return Stream()

    start, *bodies = call(application)
    assert start["headers"] == []
    assert [(body["body"], body["more_body"]) for body in bodies] == [(b"ab", True), (b"c", False)]
    assert closed_by == ["http_0"]


def test_a_failure_in_the_middle_of_a_stream_closes_it() -> None:
    closed: list[bool] = []

    class Broken:
        def __iter__(self) -> Iterator[bytes]:
            yield b"a"
            yield b"b"
            message = "broken"
            raise RuntimeError(message)

        def close(self) -> None:
            closed.append(True)

    def application(_environ: Message, start_response: Any) -> Broken:
        start_response("200 OK", [])
        return Broken()

    with pytest.raises(RuntimeError):
        call(application)
    assert closed == [True]


def test_the_application_sees_the_request() -> None:
    seen: Message = {}

    def application(environ: Message, start_response: Any) -> list[bytes]:
        seen.update(environ)
        start_response("204 No Content", [])
        return []

    start, _ = call(
        application,
        {"type": "http.request", "body": b"{}"},
        raw_path=b"/parse/a%2Fb%FF",
        query_string=b"where=%7B%7D",
        client=("10.0.0.7", 4711),
        headers=[
            (b"content-type", b"application/json"),
            (b"transfer-encoding", b"chunked"),
            (b"x-parse-application-id", b"app"),
            (b"x_parse_master_key", b"smuggled"),
            (b"accept", b"a"),
            (b"accept", b"b"),
        ],
    )
    assert start["status"] == 204
    assert start["headers"] == []
    expected = {
        "PATH_INFO": "/parse/a/b\xff",
        "QUERY_STRING": "where=%7B%7D",
        "REMOTE_ADDR": "10.0.0.7",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "2",
        "HTTP_X_PARSE_APPLICATION_ID": "app",
        "HTTP_ACCEPT": "a,b",
    }
    assert {name: seen[name] for name in expected} == expected
    assert "HTTP_X_PARSE_MASTER_KEY" not in seen
