"""What the log says of user code (`contract/cloud.md` §14)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from parse_cloud.invocations import BeforeSaveCall, FunctionCall
from parse_cloud.kinds import CONFIG, Failure, Kind
from parse_core.application import Application
from parse_core.operations.data import Set
from tests.auth.people import sign_up
from tests.cloud.conftest import Code
from tests.support.client import ApiClient


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1, logger="parse_cloud.code")


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    """Level and text of what was said of user code since the last time."""
    found = [(record.levelno, record.getMessage()) for record in caplog.records if record.name == "parse_cloud.code"]
    caplog.clear()
    return found


def refusing(_call: Any) -> None:
    raise Failure("no")


def test_a_function_that_ran(api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    ann = sign_up(api, "ann")
    code(Kind.FUNCTION, "f", lambda _call: "it worked!")
    api.post("/functions/f", {"foo": "bar"}, as_user=ann.token)
    record = caplog.records[-1]
    about = (record.functionName, record.params, record.user, record.application)  # type: ignore[attr-defined]
    assert about == ("f", {"foo": "bar"}, ann.id, "cloud")
    text = f'Ran cloud function f for user {ann.id} with:\n  Input: {{"foo":"bar"}}\n  Result: "it worked!"'
    assert lines(caplog) == [(logging.INFO, text)]


def test_a_function_that_failed(api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    code(Kind.FUNCTION, "f", refusing)
    api.post("/functions/f", {"foo": "bar"})
    text = (
        'Failed running cloud function f for user undefined with:\n  Input: {"foo":"bar"}\n'
        '  Error: {"code":141,"error":"no"}'
    )
    assert lines(caplog) == [(logging.ERROR, text)]


def test_a_trigger_that_ran_before(api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    def run(call: BeforeSaveCall) -> None:
        call.changes["b"] = Set(2)

    code(Kind.BEFORE_SAVE, "Post", run)
    api.post("/classes/Post", {"a": 1})
    record = caplog.records[-1]
    assert (record.className, record.triggerType) == ("Post", "beforeSave")  # type: ignore[attr-defined]
    ((level, text),) = lines(caplog)
    assert level == logging.INFO
    assert text == (
        'beforeSave triggered for Post for user undefined:\n  Input: {"a":1}\n  Result: {"object":{"a":1,"b":2}}'
    )


def test_a_trigger_that_failed_before(api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    code(Kind.BEFORE_SAVE, "Post", refusing)
    api.post("/classes/Post", {"a": 1})
    text = 'beforeSave failed for Post for user undefined:\n  Input: {"a":1}\n  Error: {"code":141,"error":"no"}'
    assert lines(caplog) == [(logging.ERROR, text)]


def test_a_trigger_that_ran_after(api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    code(Kind.AFTER_SAVE, "Post", lambda _call: None)
    api.post("/classes/Post", {"a": 1})
    ((level, text),) = lines(caplog)
    assert level == logging.INFO
    assert text.startswith('afterSave triggered for Post for user undefined:\n  Input: {"')
    assert "Result" not in text


def test_files_and_the_config_have_the_names_of_the_sdks(
    api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture
) -> None:
    code(Kind.BEFORE_SAVE, CONFIG, lambda _call: None)
    api.put("/config", {"params": {"a": 1}}, master=True)
    assert lines(caplog)[0][1].startswith("beforeSave triggered for Parse.Config for user undefined:")


def test_passwords_are_masked_wherever_they_are(api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    code(Kind.FUNCTION, "f", lambda call: call.params)
    api.post("/functions/f", {"username": "hawk", "deep": [{"password": '12"34'}], "password": "123456"})
    record = caplog.records[-1]
    assert record.params["password"] == "********"  # type: ignore[attr-defined]
    ((_, text),) = lines(caplog)
    assert text.count('"password":"********"') == 4
    assert '12\\"34' not in text
    assert "123456" not in text


def test_long_texts_are_cut(api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    code(Kind.FUNCTION, "f", lambda call: call.params)
    api.post("/functions/f", {"long": "x" * 5000})
    ((_, text),) = lines(caplog)
    first, second = text.split("\n")[1:]
    assert first.endswith("... (truncated)")
    assert second.endswith("... (truncated)")
    assert len(second) == len("  Result: ") + 1000 + len("... (truncated)")


def test_files_of_a_form_are_named_by_their_size(api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    code(Kind.FUNCTION, "f", lambda _call: None)
    raw = b'--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nsecret\r\n--b--'
    api.post("/functions/f", raw=raw, content_type="multipart/form-data; boundary=b")
    ((_, text),) = lines(caplog)
    assert '{"a":"[Buffer: 6 bytes]"}' in text
    assert text.endswith("Result: undefined")


NUMBERS = {"error": 40, "warn": 30, "info": 20, "verbose": 15, "debug": 10, "silly": 5}


@pytest.mark.parametrize("level", [*NUMBERS, "silent"])
def test_each_event_has_a_level_of_its_own(
    configure: Callable[..., Application], caplog: pytest.LogCaptureFixture, level: str
) -> None:
    names = ("triggerAfter", "triggerBeforeSuccess", "triggerBeforeError", "cloudFunctionSuccess", "cloudFunctionError")
    application = configure(logLevels=dict.fromkeys(names, level))
    api, code = ApiClient(application), Code(application)
    code(Kind.FUNCTION, "good", lambda _call: None)
    code(Kind.FUNCTION, "bad", refusing)
    code(Kind.BEFORE_SAVE, "Bad", refusing)
    code(Kind.BEFORE_SAVE, "Post", lambda _call: None)
    code(Kind.AFTER_SAVE, "Post", lambda _call: None)
    api.post("/functions/good", {})
    api.post("/functions/bad", {})
    api.post("/classes/Post", {})
    api.post("/classes/Bad", {})
    assert [number for number, _ in lines(caplog)] == ([] if level == "silent" else [NUMBERS[level]] * 5)


def test_an_error_that_clients_read_is_said_once(api: ApiClient, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    def run(call: FunctionCall) -> None:
        raise Failure("x" * 10)

    code(Kind.FUNCTION, "f", run)
    api.post("/functions/f", {})
    assert len(lines(caplog)) == 1
