"""`cloud.http_request`: requests to other servers, as `Parse.Cloud.httpRequest` made them (`contract/cloud.md` §13)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from parse_cloud.author.sdk.encoding import Encodable, Form, encode
from parse_core.values.scalars import Json

log = logging.getLogger("parse_cloud")

PATIENCE: Final = 60.0  # seconds
_FORM: Final = "application/x-www-form-urlencoded"


class HTTPResponse(Encodable):
    """An answer. `data` is what its JSON says, None if it is none."""

    def __init__(
        self, status: int | None = None, headers: Mapping[str, str] | None = None, body: Any = None, cookies: Any = None
    ) -> None:
        """`body`: bytes, a text, or a value."""
        self.status = status
        self.headers = dict(headers or {})
        self.cookies: list[str] | None = cookies
        self.body = body

    @property
    def buffer(self) -> bytes | None:
        """The body as it came."""
        return self.body if isinstance(self.body, bytes) else None

    @cached_property
    def text(self) -> str | None:
        """The body as text."""
        if isinstance(self.body, bytes):
            return self.body.decode("utf-8", "replace")
        if self.body is None or isinstance(self.body, str):
            return self.body
        return json.dumps(self.body, separators=(",", ":"))

    @cached_property
    def data(self) -> Any:
        """What the body says in JSON."""
        if self.body is not None and not isinstance(self.body, (bytes, str)):
            return self.body
        try:
            return json.loads(self.text or "")
        except ValueError:
            return None

    def to_json(self) -> dict[str, Any]:
        """The answer without its body as it came."""
        known = {"status": self.status, "headers": self.headers, "text": self.text, "data": self.data}
        return {name: value for name, value in known.items() if value is not None}

    def encoded(self, form: Form) -> Json:
        return encode(self.to_json(), form)

    def __repr__(self) -> str:
        return f"<HTTPResponse {self.status}>"


class HTTPRequestFailed(Exception):
    """An answer that is an error, with the members of the answer: `failure.status`, `failure.data`."""

    def __init__(self, response: HTTPResponse) -> None:
        super().__init__(f"Request failed with response code {response.status}")
        self.response = response

    def __getattr__(self, name: str) -> Any:
        return getattr(self.response, name)


def request(options: Mapping[str, Any]) -> HTTPResponse:
    """The answer. Raises `HTTPRequestFailed` for a status below 200 or from 400, `ValueError` for an unusable URL, and
    what httpx raises when there is no answer.
    """
    asked = _prepared(options)
    with httpx.Client(timeout=options.get("timeout") or PATIENCE) as client:
        return _settled(client.request(**asked))


async def arequest(options: Mapping[str, Any]) -> HTTPResponse:
    """`request` for the event loop."""
    asked = _prepared(options)
    async with httpx.AsyncClient(timeout=options.get("timeout") or PATIENCE) as client:
        return _settled(await client.request(**asked))


def _prepared(options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of httpx."""
    url = str(options.get("url", ""))
    scheme = urlsplit(url).scheme
    if scheme not in ("http", "https"):
        raise ValueError(f"Unsupported protocol {f'{scheme}:' if scheme else 'null'}")
    body, headers = encode_body(options.get("body"), options.get("headers") or {})
    return {
        "method": str(options.get("method") or "GET").upper(),
        "url": with_query(url, options.get("params") or options.get("qs")),
        "headers": {name: str(value) for name, value in headers.items()},
        "content": body if body is None or isinstance(body, (bytes, str)) else str(body),
        "follow_redirects": options.get("follow_redirects") is True,
    }


def encode_body(body: Any, headers: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A body of members as its content type wants it, by default as a form; everything else as it is."""
    sent = dict(headers)
    if not isinstance(body, (Mapping, list)):
        return body, sent
    named = [name for name in sent if name.lower() == "content-type"]
    if not named:
        return as_form(body), {**sent, "Content-Type": _FORM}
    if len(named) > 1:
        log.error("Parse.Cloud.httpRequest: multiple content-type headers are set.")
    content_type = str(sent[named[0]]).lower()
    if "application/json" in content_type:
        return json.dumps(body, separators=(",", ":")), sent
    return (as_form(body) if _FORM in content_type else body), sent


def as_form(members: Mapping[str, Any] | Sequence[Any]) -> str:
    """Members as a query string: of lists each item, truth values in lower case."""
    items = members.items() if isinstance(members, Mapping) else enumerate(members)
    return urlencode([(str(name), _text(item)) for name, value in items for item in _each(value)])


def with_query(url: str, params: Any) -> str:
    """The URL with more parameters, given as members or as a query string."""
    if not params:
        return url
    added = (
        as_form(params) if isinstance(params, Mapping) else urlencode(parse_qsl(str(params), keep_blank_values=True))
    )
    head, mark, fragment = url.partition("#")
    return f"{head}{'&' if '?' in head else '?'}{added}{mark}{fragment}"


def _each(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value) if isinstance(value, (int, float)) else ""


def _settled(answer: httpx.Response) -> HTTPResponse:
    response = HTTPResponse(
        answer.status_code, dict(answer.headers), answer.content, answer.headers.get_list("set-cookie") or None
    )
    if not 200 <= answer.status_code < 400:
        raise HTTPRequestFailed(response)
    return response
