"""Calling functions by name (`contract/cloud.md` §2)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parse_cloud.functions import Functions
from parse_core.application import Application, applications
from parse_core.errors import ScriptFailed
from tests.support.client import ApiClient


@pytest.fixture
def application(database_url: str) -> Iterator[Application]:
    yield applications.configure({"appId": "functions", "masterKey": "master", "serverURL": "http://api.example/parse"})
    applications.remove("functions")


def test_a_function_gets_parameters_and_caller_and_its_result_goes_back(application: Application) -> None:
    application.part(Functions).define(
        "add", lambda request: {"sum": sum(request.params["of"]), "master": request.context.principal.is_master}
    )
    answer = ApiClient(application).post("/functions/add", {"of": [1, 2]})
    assert (answer.status, answer.json) == (200, {"result": {"sum": 3, "master": False}})


@pytest.mark.parametrize(
    "name",
    ["nope", "constructor", "__proto__", "toString", "a.b", "a'b", "fn.prototype.constructor", "__init__", "run"],
)
def test_a_name_nobody_defined_is_141_however_it_looks(application: Application, name: str) -> None:
    answer = ApiClient(application).post(f"/functions/{name}", {})
    assert (answer.status, answer.json) == (400, {"code": 141, "error": f'Invalid function: "{name}"'})


def test_a_function_is_only_posted_to(application: Application) -> None:
    application.part(Functions).define("hello", lambda _request: "hi")
    assert ApiClient(application).get("/functions/hello").status == 404


def test_what_a_function_refuses_is_refused(application: Application) -> None:
    def refuse(_request: object) -> None:
        message = "not today"
        raise ScriptFailed(message)

    application.part(Functions).define("refuse", refuse)
    answer = ApiClient(application).post("/functions/refuse", {})
    assert (answer.status, answer.json) == (400, {"code": 141, "error": "not today"})
