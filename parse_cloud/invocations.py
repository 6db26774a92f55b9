"""What a handler is given, whichever language it is written in; what it leaves changed is what counts.

An `Invocation` speaks wire JSON, so each origin (Python, JavaScript, a webhook) translates once, to what its authors
know. Documents are whole, as their handlers must see them: file URLs are real ones, `className` is not in them (the
invocation's `name` is the class). The attributes marked *out* are read after the handler has run; every other one is
read-only. A handler that fails raises `Failure`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import orjson

from parse_auth.proofs import FIELD
from parse_auth.read_filters import filtered
from parse_cloud.kinds import Kind
from parse_core.context import Level, RequestContext
from parse_core.objects.document import overlaid
from parse_core.objects.requests import FindRequest
from parse_core.operations.base import Operation
from parse_core.query.ast import IdIs
from parse_core.store.rows import ROW, lookup
from parse_core.values.scalars import Document, Json


class Nothing:
    """A function that returned nothing: its answer has no `result`, while null is one."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = Nothing()


@dataclass(kw_only=True)
class Invocation:
    """What all kinds of handlers are told. `name` is that of a function or job, else the class (`@File`, `@Config`).

    `cloud` (*out*) is this handler's copy of the request's context object; whoever invokes merges it back (§4.13).
    """

    kind: Kind
    name: str
    context: RequestContext
    cloud: Document

    @property
    def master(self) -> bool:
        """Whether the master key was sent, the read-only one included."""
        return self.context.principal.is_master

    @property
    def is_read_only(self) -> bool:
        return self.context.principal.level is Level.READ_ONLY

    @property
    def installation_id(self) -> str | None:
        return self.context.installation_id

    @property
    def ip(self) -> str:
        return self.context.client_address

    @property
    def headers(self) -> Mapping[str, str]:
        """The raw headers of the HTTP request, names in lower case."""
        return self.context.headers

    @cached_property
    def user(self) -> Document | None:
        """The caller as stored at this moment and as he reads it himself, with `sessionToken`.

        One statement when it is first asked for. The secrets of second factors are left out: what a function returns
        goes to clients.
        """
        principal = self.context.principal
        if principal.user_id is None:
            return None
        return self._stored_user(principal.user_id, principal.session_token)

    def _stored_user(self, user_id: str, token: str | None) -> Document | None:
        schema = self.context.schema("_User")
        rows = self.context.executor.fetch(lookup(schema.relation, IdIs(user_id).sql(ROW))) if schema.exists else []
        if not rows:
            return None
        user: Document = orjson.loads(rows[0][1])
        if isinstance(user.get(FIELD), dict):
            user[FIELD] = filtered(self.context, user[FIELD])
        return user if token is None else {**user, "sessionToken": token}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart request (§2.7)."""

    filename: str
    content_type: str
    data: bytes


@dataclass(kw_only=True)
class FunctionCall(Invocation):
    """A call of a function. `params` is REST JSON with its `__type` objects; file parts are `Upload`s.

    *out*: `result` as REST JSON, `status` and `headers_out` of the HTTP response.
    """

    params: Document
    result: Json | Nothing = NOTHING
    status: int | None = None
    headers_out: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class JobRun(Invocation):
    """A run of a job; `params` as for a function. `message` stores a text in its `_JobStatus`.

    *out*: `result`: a text becomes the job's last message. `is_cancelled` may be asked by long jobs.
    """

    params: Document
    job_id: str
    message: Callable[[str], None]
    is_cancelled: Callable[[], bool] = lambda: False
    result: Json | Nothing = NOTHING


@dataclass(kw_only=True)
class BeforeSaveCall(Invocation):
    """A save before it is checked against the schema.

    `original` is the stored object (None: it is being created), `object_id` its id, None where it is still to be made
    up. *out*: `changes`, the pending operations by field or dotted path: what is not in there is not written; what is
    left alone should stay the same `Operation`. `object_id` of a create that is given one.
    """

    object_id: str | None
    original: Document | None
    changes: dict[str, Operation]
    sent: Mapping[str, Operation] = field(init=False)  # the changes before anybody touched them

    def __post_init__(self) -> None:
        self.sent = dict(self.changes)

    @property
    def object(self) -> Document:
        """The object as it will be: the stored one with the pending operations done."""
        return overlaid(self.original or {}, self.changes)

    @property
    def is_new(self) -> bool:
        return self.original is None


@dataclass(kw_only=True)
class AfterSaveCall(Invocation):
    """A stored save. *out*: `shown`, fields whose value in the response the handler changed, `{"__op": "Delete"}` for
    one it took away; `body`, a response in place of the whole.
    """

    object: Document
    original: Document | None
    shown: dict[str, Json] = field(default_factory=dict)
    body: Document | None = None


@dataclass(kw_only=True)
class ObjectCall(Invocation):
    """The kinds that see one object and may only refuse: deletes, logins, logouts, requests for a new password.

    After a login `acting_user` is who logged in, with the token of the new session.
    """

    object: Document
    original: Document | None = None
    acting_user: Document | None = None
    is_challenge: bool = False

    @cached_property
    def user(self) -> Document | None:
        return self.acting_user or super().user


@dataclass(kw_only=True)
class BeforeFindCall(Invocation):
    """A query before it is authorized. `query` is as it was asked, `preferences` the three read preferences.

    *out*: `query`; `preferences`; `objects`: results in the place of the database's, each a document with `className`.
    """

    query: FindRequest
    preferences: dict[str, Json] = field(default_factory=dict)
    objects: list[Document] | None = None

    @property
    def count(self) -> bool:
        return self.query.count

    @property
    def is_get(self) -> bool:
        return self.query.object_id is not None


@dataclass(kw_only=True)
class AfterFindCall(Invocation):
    """What a query found. *out*: `objects`, documents, each with its `className`."""

    query: FindRequest
    objects: list[Document]
    is_get: bool = False


@dataclass(kw_only=True)
class ConfigCall(Invocation):
    """A change of the global config; `object` are the parameters as sent (before) or all of them (after)."""

    object: Document
    original: Document | None


@dataclass
class FileContent:
    """A file as its triggers see it. `data` None: streamed, or not read. `url` set: stored already."""

    name: str
    data: bytes | None = None
    content_type: str | None = None
    metadata: dict[str, Json] = field(default_factory=dict)
    tags: dict[str, Json] = field(default_factory=dict)
    directory: str | None = None
    url: str | None = None


@dataclass(kw_only=True)
class FileCall(Invocation):
    """A moment of a file. *out*: `file` (replaced or changed), `force_download`, `response_headers`."""

    file: FileContent
    size: int | None = None
    is_streamed: bool = False
    force_download: bool = False
    response_headers: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class LiveCall(Invocation):
    """A moment of a live-query connection (§4.2); `details` are the further members of the request, as JSON.

    *out*: for `beforeSubscribe` `query`; for `afterEvent` `object`, `original`, `event` and `send_event`.
    """

    event: str | None = None
    query: FindRequest | None = None
    object: Document | None = None
    original: Document | None = None
    send_event: bool = True
    details: dict[str, Any] = field(default_factory=dict)
