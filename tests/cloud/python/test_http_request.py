"""`cloud.http_request`, with the meaning that `Parse.Cloud.httpRequest` had (`contract/cloud.md` §13)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from parse_cloud.author.cloud import Cloud
from parse_cloud.author.execution import event_loops
from parse_cloud.author.http_request import HTTPRequestFailed, HTTPResponse, encode_body
from parse_cloud.author.sdk.encoding import encode_result
from parse_core.application import Application


class Handler(BaseHTTPRequestHandler):
    """`/hello`, `/404`, `/301` to `/hello`, `/echo` of a body, `/qs` of a query."""

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if where.path == "/404":
            self._answer(404, b"NO")
        elif where.path == "/301":
            self._answer(301, b"", location="/hello", set_cookie="a=b")
        elif where.path == "/qs":
            found = {name: values[0] for name, values in parse_qs(where.query).items()}
            self._answer(200, json.dumps(found).encode())
        else:
            self._answer(200, b'{"response":"OK"}')

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, body, x_type=self.headers.get("Content-Type", ""))

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()
    thread.join()


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(Application("http", None, None))  # type: ignore[arg-type]  # requests ask nothing of it


def test_it_does_hello(cloud: Cloud, server: str) -> None:
    answer = cloud.http_request(url=f"{server}/hello")
    assert (answer.status, answer.buffer, answer.text) == (200, b'{"response":"OK"}', '{"response":"OK"}')
    assert answer.data == {"response": "OK"}


def test_it_does_so_on_the_event_loop(cloud: Cloud, server: str) -> None:
    async def ask() -> HTTPResponse:
        with pytest.raises(RuntimeError, match="ahttp_request"):
            cloud.http_request(url=f"{server}/hello")
        return await cloud.ahttp_request(url=f"{server}/hello")

    assert event_loops.run(ask).data == {"response": "OK"}


def test_it_does_not_follow_redirects_by_default(cloud: Cloud, server: str) -> None:
    answer = cloud.http_request(url=f"{server}/301")
    assert (answer.status, answer.headers["location"], answer.cookies) == (301, "/hello", ["a=b"])


@pytest.mark.parametrize("name", ["follow_redirects", "followRedirects"])
def test_it_follows_redirects_when_told(cloud: Cloud, server: str, name: str) -> None:
    answer = cloud.http_request(url=f"{server}/301", **{name: True})
    assert (answer.status, answer.data) == (200, {"response": "OK"})


def test_it_fails_on_404(cloud: Cloud, server: str) -> None:
    with pytest.raises(HTTPRequestFailed) as raised:
        cloud.http_request(url=f"{server}/404")
    failure = raised.value
    assert (failure.status, failure.buffer, failure.text, failure.data) == (404, b"NO", "NO", None)


def test_it_posts_json(cloud: Cloud, server: str) -> None:
    answer = cloud.http_request(
        method="POST", url=f"{server}/echo", body={"foo": "bar"}, headers={"Content-Type": "application/json"}
    )
    assert (answer.status, answer.data) == (200, {"foo": "bar"})


def test_it_posts_a_form_by_default(cloud: Cloud, server: str) -> None:
    answer = cloud.http_request(method="POST", url=f"{server}/echo", body={"foo": "bar", "n": [1, True]})
    assert (answer.text, answer.headers["x-type"]) == ("foo=bar&n=1&n=true", "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("headers", "body", "sent"),
    [
        ({}, {"foo": "bar"}, "foo=bar"),
        ({"Content-Type": "application/json"}, {"foo": "bar"}, '{"foo":"bar"}'),
        ({"cOntent-tYpe": "application/x-www-form-urlencoded"}, {"foo": "bar", "bar": "baz"}, "foo=bar&bar=baz"),
        ({"cOntent-tYpe": "mime/jpeg"}, {"foo": "bar"}, {"foo": "bar"}),
        ({}, "text", "text"),
    ],
    ids=["a form by default", "JSON", "a form", "a wrong content type", "a text"],
)
def test_bodies_are_encoded_by_content_type(headers: dict[str, str], body: object, sent: object) -> None:
    assert encode_body(body, headers)[0] == sent


def test_a_form_by_default_says_so() -> None:
    assert encode_body({"foo": "bar"}, {})[1] == {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("url", ["http://not a good url", "ftp://host/x", "nothing", ""])
def test_it_fails_gracefully(cloud: Cloud, url: str) -> None:
    with pytest.raises(Exception, match=r"."):
        cloud.http_request(url=url)


def test_an_unknown_protocol_is_named(cloud: Cloud) -> None:
    with pytest.raises(ValueError, match="Unsupported protocol ftp:"):
        cloud.http_request(url="ftp://host/x")


@pytest.mark.parametrize(
    ("path", "params", "seen"),
    [
        ("/qs", {"foo": "bar"}, {"foo": "bar"}),
        ("/qs", "foo=bar&foo2=bar2", {"foo": "bar", "foo2": "bar2"}),
        ("/qs?a=1", {"foo": "b r"}, {"a": "1", "foo": "b r"}),
    ],
    ids=["an object", "a string", "behind a query"],
)
def test_parameters_become_the_query(cloud: Cloud, server: str, path: str, params: object, seen: object) -> None:
    assert cloud.http_request(url=f"{server}{path}", params=params).data == seen


def test_an_answer_without_body_has_none() -> None:
    answer = HTTPResponse()
    assert (answer.body, answer.data, answer.text, answer.buffer) == (None, None, None, None)


@pytest.mark.parametrize(
    ("body", "text", "data"),
    [
        ("hello", "hello", None),
        ({"foo": "bar"}, '{"foo":"bar"}', {"foo": "bar"}),
        (b"hello", "hello", None),
        (b'{"foo":"bar"}', '{"foo":"bar"}', {"foo": "bar"}),
    ],
    ids=["a text", "an object", "bytes of a text", "bytes of JSON"],
)
def test_an_answer_is_serialised_without_its_body(body: object, text: str, data: object) -> None:
    answer = HTTPResponse(200, {}, body)
    assert (answer.text, answer.data) == (text, data)
    written = answer.to_json()
    assert "body" not in written
    assert (written["text"], written.get("data")) == (text, data)


def test_an_answer_may_be_the_result_of_a_function() -> None:
    encoded = encode_result(HTTPResponse(200, {}, b'{"foo":"bar"}'))
    assert (encoded["data"], encoded["text"], "body" in encoded) == ({"foo": "bar"}, '{"foo":"bar"}', False)
