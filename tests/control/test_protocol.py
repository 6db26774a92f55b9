"""The control process as the conformance harness uses it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.support.server import free_port

PROJECT = Path(__file__).resolve().parent.parent.parent
HEADERS = {"X-Parse-Application-Id": "controlled", "X-Parse-Master-Key": "test", "Content-Type": "application/json"}
CONFIG = {
    "appId": "controlled",
    "masterKey": "test",
    "serverURL": "http://localhost:8378/1",
    "mountPath": "/1",
    "maxLimit": {"__bridge": "undefined"},
}


@pytest.fixture(scope="module")
def control(database_url: str) -> Iterator[str]:
    """The address of a control process."""
    port = free_port()
    # In the database of the run, with an application of its own.
    command = [
        sys.executable,
        "-m",
        "tests.support.control",
        "--port",
        str(port),
        "--database",
        str(settings.DATABASES["default"]["NAME"]),
    ]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("control on")
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def ask(method: str, url: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {**HEADERS, **headers}, method=method)  # noqa: S310 - http only
    try:
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def configure(control: str, **options: Any) -> tuple[int, Any]:
    return ask("POST", f"{control}/configure", {"config": {**CONFIG, **options}, "callbackURL": ""})


@pytest.fixture
def api(control: str) -> str:
    """The address of the API, freshly configured and empty."""
    status, answer = configure(control)
    assert status == 200
    assert ask("POST", f"{control}/reset", {"hooks": True}) == (200, {})
    return str(answer["serverURL"])


def test_it_says_what_it_can_do(control: str) -> None:
    status, answer = ask("GET", f"{control}/info")
    assert status == 200
    assert {"define", "job", "beforeSave", "afterFind"} <= {*answer["capabilities"]["hooks"]}
    assert {"emailAdapter", "verifyUserEmails", "schema.beforeMigration"} <= {*answer["capabilities"]["bridgedConfig"]}


def test_the_api_serves_what_was_configured_at_once(control: str, api: str) -> None:
    assert ask("POST", f"{api}/classes/Post", {"title": "x"})[0] == 201
    assert configure(control, masterKey="other")[0] == 200
    assert ask("GET", f"{api}/schemas")[0] == 403
    status, answer = ask("GET", f"{api}/classes/Post", **{"X-Parse-Master-Key": "other"})
    assert (status, len(answer["results"])) == (200, 1)


def test_the_answer_shows_the_resolved_options(control: str) -> None:
    _, answer = configure(control, defaultLimit=5)
    assert answer["effective"]["defaultLimit"] == 5
    assert answer["effective"]["maxLimit"] is None
    assert answer["effective"]["serverURL"] == "http://localhost:8378/1"
    assert answer["serverURL"].endswith("/1")


def test_a_reset_leaves_no_data_and_no_classes(control: str, api: str) -> None:
    ask("POST", f"{api}/classes/Post", {"title": "x"})
    ask("POST", f"{api}/users", {"username": "ada", "password": "x"})
    ask("POST", f"{control}/reset", {"hooks": True, "initialize": True})
    assert ask("GET", f"{api}/classes/Post") == (200, {"results": []})
    assert ask("GET", f"{api}/users") == (200, {"results": []})
    names = [schema["className"] for schema in ask("GET", f"{api}/schemas")[1]["results"]]
    assert "Post" not in names
    assert "_User" in names


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"defaultLimit": -1}, {"type": "value", "value": "Default limit must be a value greater than 0."}),
        (
            {"readOnlyMasterKey": "test"},
            {"type": "Error", "name": "Error", "message": "masterKey and readOnlyMasterKey should be different"},
        ),
        ({"serverURL": {"__bridge": "undefined"}}, {"type": "value", "value": "You must provide a serverURL!"}),
    ],
)
def test_a_wrong_configuration_is_refused_as_the_start_would_be(
    control: str, api: str, options: dict[str, Any], error: dict[str, Any]
) -> None:
    assert configure(control, **options) == (400, {"error": {"__bridge": "error", **error}})
    assert ask("GET", f"{api}/schemas")[0] == 200


@pytest.mark.parametrize("path", ["/nothing", "/classes/Post"])
def test_what_is_not_supported_is_refused_politely(control: str, path: str) -> None:
    status, answer = ask("POST", control + path, {"kind": "beforeSave"})
    assert status == 400
    assert answer["error"]["type"] == "Error"
    assert "not supported" in answer["error"]["message"]


def test_classes_of_the_harness_are_refused(control: str) -> None:
    status, answer = configure(control, emailAdapter={"__bridge": "class", "className": "Mail"})
    assert status == 400
    assert "not supported" in answer["error"]["message"]


def test_functions_and_adapters_of_the_harness_are_accepted(control: str) -> None:
    remote = {"id": "r1", "callbackURL": "http://127.0.0.1:1"}
    adapter = {"__bridge": "adapter", **remote, "methods": ["sendMail"]}
    policy = {"validatorCallback": {"__bridge": "function", **remote}}
    assert configure(control, emailAdapter=adapter, passwordPolicy=policy)[0] == 200


def test_removing_hooks_is_harmless(control: str) -> None:
    assert ask("DELETE", f"{control}/hooks") == (200, {})
