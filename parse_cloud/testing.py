"""Tests of Cloud Code without a server: `CloudTestCase`, for `manage.py test` and for pytest.

Each test has an application of its own, empty, on the test database. Nothing is a stand-in but what leaves the server:
mails are kept in `self.mails`.
"""

from __future__ import annotations

import logging
import unittest
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, ClassVar, Final, Unpack

from parse_cloud.author.cloud import Cloud
from parse_cloud.author.current import Current, acting
from parse_cloud.author.loading import Loaded
from parse_cloud.author.proxy import InForce
from parse_cloud.author.requests.finds import document_of
from parse_cloud.author.sdk.calls import Api, CallOptions, as_client_sees
from parse_cloud.author.sdk.object import Object
from parse_cloud.author.sdk.query import Query
from parse_cloud.author.sdk.user import User
from parse_cloud.author.threads import in_thread
from parse_cloud.invocations import (
    AfterFindCall,
    AfterSaveCall,
    BeforeFindCall,
    BeforeSaveCall,
    Invocation,
    ObjectCall,
)
from parse_cloud.kinds import Kind
from parse_cloud.registry import CloudCode
from parse_cloud.running import invoke
from parse_core.application import Application, applications
from parse_core.context import RequestContext
from parse_core.errors import ParseError as ServerError
from parse_core.objects.requests import FindRequest
from parse_core.operations.parse import parse_operation
from parse_core.values.scalars import Document

_KINDS: Final = {kind.name.lower(): kind for kind in Kind} | {kind.value: kind for kind in Kind}


@dataclass(frozen=True)
class Mail:
    """A mail that would have been sent."""

    to: str
    subject: str
    text: str
    html: str | None = None


class Mailbox(list[Mail]):
    """The mail adapter of tests."""

    def send_mail(self, to: str, subject: str, text: str, html: str | None = None) -> None:
        self.append(Mail(to, subject, text, html))


class CloudUnderTest:
    """`self.cloud`: calls as clients make them. Every method of `cloud` is there too."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def call(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        master: bool = False,
        **options: Unpack[CallOptions],
    ) -> Any:
        """What a function returns to a client, a `user`, or with the master key. Raises `ParseError`."""
        if master:
            options["use_master_key"] = True
        return self._cloud.run(name, params, **options)

    async def acall(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        master: bool = False,
        **options: Unpack[CallOptions],
    ) -> Any:
        """`call` for async tests."""
        return await in_thread(lambda: self.call(name, params, master=master, **options))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cloud, name)

    @property
    def _cloud(self) -> Cloud:
        return self._application.part(InForce).cloud


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class CloudTestCase(unittest.IsolatedAsyncioTestCase):
    """Test methods may be `def` or `async def`; classes of the SDK work inside them, for nobody unless told.

    `cloud_code` is what the option `cloud` would be: a file, a module, or `staticmethod(setup)`. `options` are further
    options.
    """

    cloud_code: ClassVar[Any] = None
    options: ClassVar[Mapping[str, Any]] = {}

    application: Application
    cloud: CloudUnderTest
    mails: Mailbox

    def setUp(self) -> None:
        super().setUp()
        self.mails = Mailbox()
        self._records = _Records()
        logger = logging.getLogger("parse_cloud.code")
        logger.addHandler(self._records)
        self.addCleanup(logger.removeHandler, self._records)
        name = f"test-{token_hex(6)}"
        self.addCleanup(self._remove, name)
        configuration: dict[str, Any] = {
            "appId": name,
            "masterKey": token_hex(16),
            "serverURL": "http://localhost/parse",
            "allowClientClassCreation": True,
            "emailAdapter": self.mails,
            **self.options,
        }
        if self.cloud_code is not None:
            configuration["cloud"] = self.cloud_code
        self.application = applications.configure(configuration)
        self.cloud = CloudUnderTest(self.application)
        self.enterContext(acting(Current.of(self.application)))

    @property
    def logs(self) -> list[str]:
        """What Cloud Code, and the server about it, has logged."""
        return [record.getMessage() for record in self._records.records]

    def sign_up(self, username: str = "ada", password: str = "secret", **fields: Any) -> User:  # noqa: S107 - for tests
        """A new user with a session: `self.cloud.call("f", user=self.sign_up())`."""
        return User(username=username, password=password, **fields).sign_up()

    def trigger(
        self,
        kind: str,
        target: Any,
        *,
        original: Object | None = None,
        master: bool = False,
        **options: Unpack[CallOptions],
    ) -> Any:
        """What a trigger makes of an object (`before_save` …), a query (`before_find`) or a list (`after_find`).

        Nothing is stored. Gives back the object, query or list as the trigger leaves it. Raises `ParseError` for what
        it refuses, `LookupError` if there is none.
        """
        if master:
            options["use_master_key"] = True
        context = Api(options).context
        call = _invocation(_KINDS[kind], target, original, context)
        handler = self.application.part(CloudCode).find(call.kind, call.name)
        if handler is None:
            raise LookupError(f"There is no {kind} for {call.name}")
        try:
            invoke(handler, call)
        except ServerError as error:
            raise as_client_sees(error, context) from error
        return _left(call, target)

    async def atrigger(self, kind: str, target: Any, **how: Any) -> Any:
        """`trigger` for async tests."""
        return await in_thread(lambda: self.trigger(kind, target, **how))

    @staticmethod
    def _remove(name: str) -> None:
        application = applications.get(name)
        if application is not None:
            application.part(Loaded)
            application.reset()
            applications.remove(name)


def _invocation(kind: Kind, target: Any, original: Object | None, context: RequestContext) -> Invocation:
    name = target[0].class_name if isinstance(target, Sequence) else target.class_name
    common: dict[str, Any] = {"kind": kind, "name": name, "context": context, "cloud": dict(context.cloud)}
    if kind is Kind.BEFORE_FIND:
        return BeforeFindCall(**common, query=target.to_find(FindRequest(name)))
    if kind is Kind.AFTER_FIND:
        return AfterFindCall(**common, query=FindRequest(name), objects=[document_of(each) for each in target])
    before = _stored(original) if original is not None else None
    if kind is Kind.BEFORE_SAVE:
        files = context.application.file_addresses
        pending = target.state.pending[0]
        changes = {path: parse_operation(op.to_json(), files) for path, op in pending.items()}
        stored = before if before is not None or target.id is None else _stored(target)
        return BeforeSaveCall(**common, object_id=target.id, original=stored, changes=changes)
    document = _without_class(document_of(target))
    if kind is Kind.AFTER_SAVE:
        return AfterSaveCall(**common, object=document, original=before)
    return ObjectCall(**common, object=document, original=before)


def _left(call: Invocation, target: Any) -> Any:
    if isinstance(call, BeforeFindCall):
        if call.objects is not None:
            return [Object.from_json(document) for document in call.objects]
        return Query.from_find(call.query)
    if isinstance(call, AfterFindCall):
        return [Object.from_json(document) for document in call.objects]
    if isinstance(call, BeforeSaveCall):
        return Object.from_json({**call.object, "objectId": call.object_id, "className": call.name})
    if isinstance(call, AfterSaveCall):
        return (
            call.body
            if call.body is not None
            else Object.from_json({**call.object, **call.shown, "className": call.name})
        )
    return target


def _stored(known: Object) -> Document:
    """An object as it is in the database, as far as this one knows."""
    clean = known.new_instance()
    clean.revert()
    return _without_class(document_of(clean))


def _without_class(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "className"}
