"""Requests to the whole HTTP stack of this process, without a socket: what a client sends and what it gets back."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote, urlencode

import orjson
from django.utils.module_loading import import_string

from parse_core import signals
from parse_core.application import Application
from parse_core.store.database import counting

MOMENTS = {name: value for name, value in vars(signals).items() if isinstance(value, signals.Moment)}


@dataclass(frozen=True)
class Reply:
    """A response. `statements` is how many SQL statements ran for it, `moments` which moments were announced, by class.

    `upkeep` is how many ran because it was time to see what other processes had changed.
    """

    status: int
    headers: Mapping[str, str]  # by lower-case name
    body: bytes
    statements: int
    moments: Mapping[str, int] = field(default_factory=dict)  # {"before_save Post": 1}
    upkeep: int = 0

    @cached_property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def error(self) -> tuple[int | None, str]:
        """Code and text of an error body; the code is None for errors that have none."""
        return self.json.get("code"), self.json["error"]


class ApiClient:
    """Speaks to one application. Keyword arguments of each call say who asks and how:

    `as_user` (a session token, or a name of `users`), `master`, `read_only`, `maintenance` (True: with that key),
    `headers`, `query` (a mapping: texts as they are, other values as JSON), `address` (where the request comes from),
    `raw` (the body as bytes) with `content_type`.
    """

    def __init__(self, application: Application, *, mount: str = "/parse", listening: bool = False) -> None:
        """`listening`: every moment is heard of every class, so that all of them show up in `Reply.moments`."""
        self.application = application
        self.mount = mount
        self.listening = listening
        self.users: dict[str, str] = {}  # session tokens by names that read well in a test
        self._wsgi = import_string("parse_server.wsgi.application")

    def get(self, path: str, **how: Any) -> Reply:
        return self.request("GET", path, **how)

    def post(self, path: str, body: Any = None, **how: Any) -> Reply:
        return self.request("POST", path, body, **how)

    def put(self, path: str, body: Any = None, **how: Any) -> Reply:
        return self.request("PUT", path, body, **how)

    def delete(self, path: str, **how: Any) -> Reply:
        return self.request("DELETE", path, **how)

    def request(self, method: str, path: str, body: Any = None, **how: Any) -> Reply:
        """The reply to a request; `path` is below the mount (`/classes/Post`), percent-encoded or not."""
        environ = self._environ(method, path, body, **how)
        started: list[Any] = []
        with counting() as statements, recorded(listening=self.listening) as moments:
            chunks = self._wsgi(environ, lambda status, headers, _failure=None: started.extend((status, headers)))
            try:
                content = b"".join(chunks)
            finally:
                getattr(chunks, "close", lambda: None)()
        status, headers = started
        return Reply(
            int(status[:3]),
            {k.lower(): v for k, v in headers},
            content,
            len(statements),
            moments,
            len(statements.upkeep),
        )

    def _environ(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        as_user: str | None = None,
        master: bool = False,
        read_only: bool = False,
        maintenance: bool = False,
        headers: Mapping[str, str | None] | None = None,
        query: Mapping[str, Any] | str | None = None,
        address: str = "127.0.0.1",
        raw: bytes | None = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        options = self.application.options
        sent: dict[str, str | None] = {
            "X-Parse-Application-Id": self.application.id,
            "X-Parse-Session-Token": self.users.get(as_user or "", as_user),
        }
        if master or read_only:
            sent["X-Parse-Master-Key"] = str(options.master_key if master else options.read_only_master_key)
        if maintenance:
            sent["X-Parse-Maintenance-Key"] = options.maintenance_key
        path, _, query_text = path.partition("?")
        content = raw if raw is not None else b"" if body is None else orjson.dumps(body)
        return {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(self.mount + path).encode().decode("latin-1"),
            "QUERY_STRING": query if isinstance(query, str) else query_text if query is None else encoded(query),
            "REMOTE_ADDR": address,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "testserver",
            "CONTENT_TYPE": content_type if content else "",
            "CONTENT_LENGTH": str(len(content)) if content else "",
            "wsgi.input": io.BytesIO(content),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
            **{
                f"HTTP_{name.upper().replace('-', '_')}": value
                for name, value in {**sent, **(headers or {})}.items()
                if value is not None
            },
        }


def encoded(query: Mapping[str, Any]) -> str:
    """A query string with everything but texts as JSON."""
    values = {key: value if isinstance(value, str) else orjson.dumps(value).decode() for key, value in query.items()}
    return urlencode(values, quote_via=quote)


@contextmanager
def recorded(*, listening: bool = False) -> Iterator[dict[str, int]]:
    """Counts the moments announced inside the block: `{"after_save Post": 1}`."""
    moments: dict[str, int] = {}

    def recorder(name: str) -> Any:
        def record(event: Any, **_rest: Any) -> None:
            key = f"{name} {event.class_name}"
            moments[key] = moments.get(key, 0) + 1

        return record

    recorders = {name: recorder(name) for name in MOMENTS}
    for name, moment in MOMENTS.items():
        moment.connect(recorders[name], weak=False)
        if listening:
            moment._interests.append(_everything)
    try:
        yield moments
    finally:
        for name, moment in MOMENTS.items():
            moment.disconnect(recorders[name])
            if listening:
                moment._interests.remove(_everything)


def _everything(_application: Application, _class_name: str) -> bool:
    return True
