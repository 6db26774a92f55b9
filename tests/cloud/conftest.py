"""An application whose Cloud Code is a few functions of the test, registered as any origin registers its handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from parse_cloud.handlers import Handler, Handlers
from parse_cloud.kinds import Kind, class_of
from parse_cloud.registry import CloudCode, Origin
from parse_cloud.validators import Validator
from parse_core.application import Application, applications
from tests.support.client import ApiClient

Run = Callable[[Any], object]
OPTIONS: dict[str, Any] = {
    "appId": "cloud",
    "masterKey": "master",
    "readOnlyMasterKey": "read-only",
    "maintenanceKey": "maintenance",
    "serverURL": "http://api.example/parse",
    "allowClientClassCreation": True,
}


class Code:
    """The handlers of the test: `code(Kind.BEFORE_SAVE, "Post", run)` registers one more.

    What `run` returns of a function is its result, if it is not None.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self._handlers: list[Handler] = []

    def __call__(self, kind: Kind, name: str, run: Run, *, validator: Validator | None = None, **rules: Any) -> None:
        """`rules`: a validator's, by the reference's names."""

        def runs(invocation: Any) -> None:
            result = run(invocation)
            if kind is Kind.FUNCTION and result is not None:
                invocation.result = result

        if rules:
            validator = Validator(rules=rules)
        named = name if kind is Kind.FUNCTION else class_of(kind, name)
        self._handlers.append(Handler(kind, named, runs, validator))
        handlers = Handlers()
        for handler in self._handlers:
            handlers.add(handler)
        self.application.part(CloudCode).replace(Origin.PYTHON, handlers)


@pytest.fixture
def configure(database_url: str) -> Iterator[Callable[..., Application]]:
    """Configures the application of these tests, with no data: `configure(rateLimit=[…])`."""

    def configured(**options: Any) -> Application:
        application = applications.configure({**OPTIONS, **options})
        application.part(CloudCode).replace(Origin.PYTHON, Handlers())
        return application

    configured().reset()
    yield configured
    applications.remove(OPTIONS["appId"])


@pytest.fixture
def application(configure: Callable[..., Application]) -> Application:
    return configure()


@pytest.fixture
def api(application: Application) -> ApiClient:
    return ApiClient(application)


@pytest.fixture
def code(application: Application) -> Code:
    return Code(application)
