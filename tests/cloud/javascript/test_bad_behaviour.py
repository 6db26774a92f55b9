"""JavaScript that hangs, loops, recurses, ends its process or answers rubbish harms no other request (case 110)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parse_cloud.bridge import bridge as supervision
from parse_cloud.bridge.bridge import Bridge
from parse_core.application import applications
from tests.cloud.javascript.conftest import Serve
from tests.support.client import ApiClient

UNAVAILABLE = (141, "Cloud Code is unavailable.")
TIMED_OUT = (141, "Script timed out.")


@pytest.fixture(scope="module")
def hostile(serve: Serve) -> Iterator[ApiClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supervision, "HEARTBEAT", 1.0)
        patch.setattr(supervision, "LONGEST_PAUSE", 0.3)
        yield serve("hostile.js", cloudFunctionTimeout=3)


@pytest.fixture
def api(hostile: ApiClient) -> ApiClient:
    recovered(hostile)
    return hostile


def recovered(api: ApiClient) -> None:
    """Waits until Cloud Code answers again."""
    until(lambda: api.post("/functions/fine", {}).json == {"result": "fine"}, "Cloud Code answers")


def until(condition: Callable[[], object], what: str, *, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def process_of(api: ApiClient) -> int:
    found = api.application.part(Bridge).process_id
    assert found is not None
    return found


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_handler_that_hangs_is_given_up_while_others_answer(api: ApiClient) -> None:
    with ThreadPoolExecutor(4) as threads:
        hanging = [threads.submit(api.post, path, {}) for path in ("/functions/hang", "/classes/Hanging")]
        assert api.post("/functions/fine", {}).json == {"result": "fine"}
        assert [each.result().error for each in hanging] == [TIMED_OUT, TIMED_OUT]


@pytest.mark.parametrize("name", ["exit", "kill"])
def test_a_handler_that_ends_the_process(name: str, api: ApiClient) -> None:
    before = process_of(api)
    assert api.post(f"/functions/{name}", {}).error == UNAVAILABLE
    recovered(api)
    assert process_of(api) != before


def test_while_the_process_is_gone(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions and before-triggers fail, after-triggers are dropped, and it all comes back."""
    monkeypatch.setattr(supervision.Bridge, "_open_again", lambda *_arguments: False)
    os.kill(process_of(api), signal.SIGKILL)
    until(lambda: not api.application.part(Bridge).is_running, "the end is noticed")
    assert api.post("/functions/fine", {}).error == UNAVAILABLE
    assert api.post("/classes/Fine", {}).error == UNAVAILABLE
    assert api.get("/classes/Deep").error == UNAVAILABLE
    assert api.post("/classes/AfterFine", {}).status == 201
    monkeypatch.undo()
    recovered(api)
    assert api.post("/classes/Fine", {}).json["seen"] is True


def test_what_is_asked_in_the_middle_fails_and_nothing_is_stored(api: ApiClient) -> None:
    with ThreadPoolExecutor(4) as threads:
        saving = [threads.submit(api.post, "/classes/Hanging", {"n": n}) for n in range(4)]
        time.sleep(0.3)
        os.kill(process_of(api), signal.SIGKILL)
        assert [each.result().error for each in saving] == [UNAVAILABLE] * 4
    assert api.get("/classes/Hanging", master=True).json["results"] == []


def test_a_loop_is_noticed_and_ended(api: ApiClient) -> None:
    before = process_of(api)
    with ThreadPoolExecutor(2) as threads:
        looping = threads.submit(api.post, "/functions/loop", {})
        time.sleep(0.1)
        other = api.post("/functions/fine", {})
        assert other.error in (UNAVAILABLE, TIMED_OUT)
        assert looping.result().error in (UNAVAILABLE, TIMED_OUT)
    until(lambda: not is_alive(before), "the process is ended")
    recovered(api)


def test_an_error_that_nobody_handles_is_logged(api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    before = process_of(api)
    assert api.post("/functions/unhandled", {}).json == {"result": "answered"}
    until(lambda: "nobody catches this" in caplog.text, "the second error is logged")
    assert "nobody waits for this" in caplog.text
    recovered(api)
    assert process_of(api) == before


def test_what_is_printed_is_logged(api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    api.post("/functions/printing", {})
    until(lambda: "logged" in caplog.text, "the lines arrive")
    assert "printed { a: 1 }" in caplog.text


def test_large_results_arrive_and_enormous_ones_are_refused(api: ApiClient) -> None:
    assert len(api.post("/functions/huge", {"size": 10_000_000}).json["result"]) == 10_000_000
    code, text = api.post("/functions/huge", {"size": 70_000_000}).error
    assert (code, "cannot be sent" in text) == (141, True)


def test_what_is_nested_too_deeply_is_an_error(api: ApiClient) -> None:
    before = process_of(api)
    assert api.post("/functions/nested", {"levels": 240}).status == 200
    for levels in (300, 3000, 100_000):
        assert api.post("/functions/nested", {"levels": levels}).error[0] == 141
    assert process_of(api) == before


def test_half_characters_are_replaced(api: ApiClient) -> None:
    before = process_of(api)
    result = api.post("/functions/halfCharacters", {}).json["result"]
    assert result == {"text": "a\ufffdb", "key\ufffd": '😀 \\ud800 "\ufffd"'}
    assert process_of(api) == before


@pytest.mark.parametrize("name", ["circular", "bigint"])
def test_what_has_no_json_is_an_error(name: str, api: ApiClient) -> None:
    assert api.post(f"/functions/{name}", {}).error[0] == 141


def test_names_of_prototypes_are_names(api: ApiClient) -> None:
    assert api.post("/functions/polluting", {}).json["result"] == {"fine": 1}
    api.post("/functions/fine", raw=b'{"__proto__": {"polluted": true}, "a": {"__proto__": {"polluted": true}}}')
    assert api.post("/functions/isPolluted", {}).json == {"result": False}
    headers = {"X-Parse-Cloud-Context": '{"__proto__": {"polluted": true}}'}
    api.post("/functions/fine", {}, headers=headers)
    assert api.post("/functions/isPolluted", {}).json == {"result": False}


def test_recursion_ends(api: ApiClient) -> None:
    refused = (141, "Cloud code recursion limit exceeded.")
    assert api.post("/functions/recurse", {}).error == refused
    assert api.post("/classes/Recursive", {"n": 1}).error == refused
    assert api.get("/classes/Recursive").json["results"] == []


@pytest.mark.parametrize(
    ("class_name", "expected"),
    [("Rubbish", 201), ("BadOperation", 400), ("BadKey", 400), ("Cyclic", 400)],
)
def test_rubbish_is_refused_like_a_clients(class_name: str, expected: int, api: ApiClient) -> None:
    assert api.post(f"/classes/{class_name}", {"n": 1}).status == expected


def test_rubbish_of_finds(api: ApiClient) -> None:
    api.post("/classes/Deep", {})
    assert api.get("/classes/Deep").status == 400
    assert api.get("/classes/BadQuery").error[0] == 105


def test_messages_that_nobody_asked_for_change_nothing(api: ApiClient) -> None:
    before = process_of(api)
    assert api.post("/functions/rawFrames", {}).json == {"result": "sent"}
    recovered(api)
    assert process_of(api) == before
    assert api.application.options.app_id == api.application.id


@pytest.mark.parametrize("name", ["noJson", "tooLarge"])
def test_a_process_that_sends_no_messages_is_ended(name: str, api: ApiClient) -> None:
    before = process_of(api)
    assert api.post(f"/functions/{name}", {}).error == UNAVAILABLE
    until(lambda: not is_alive(before), "it is ended")


def test_handlers_that_ask_the_server_do_not_wait_for_each_other(api: ApiClient) -> None:
    """Four threads, as a worker has; every handler saves, finds, and calls another that finds."""
    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(lambda n: api.post("/functions/query", {"n": n}), range(50)))
    assert [reply.json.get("result") for reply in replies] == list(range(50))
    with ThreadPoolExecutor(50) as threads:
        replies = list(threads.map(lambda n: api.post("/functions/query", {"n": n}), range(100, 150)))
    assert [reply.json.get("result") for reply in replies] == list(range(100, 150))


def test_two_applications_have_two_processes(serve: Serve, written: Serve, api: ApiClient) -> None:
    other = written("Parse.Cloud.define('env', () => 'another');")
    first: Any = api.post("/functions/env", {}).json["result"]
    assert (first, other.post("/functions/env", {}).json["result"]) == (process_of(api), "another")
    assert other.post("/functions/fine", {}).error == (141, 'Invalid function: "fine"')
    pid = process_of(other)
    applications.remove(other.application.id)
    until(lambda: not is_alive(pid), "the process ends with its application")


def test_a_changed_configuration_runs_other_code(written: Serve) -> None:
    first = written("Parse.Cloud.define('which', () => 1);", appId="changing", name="first.js")
    pid = process_of(first)
    second = written("Parse.Cloud.define('which', () => 2);", appId="changing", name="second.js")
    assert second.post("/functions/which", {}).json == {"result": 2}
    until(lambda: not is_alive(pid), "the former process ends")
    applications.configure({"appId": "changing", "masterKey": "master", "serverURL": "http://api.example/parse"})
    assert second.post("/functions/which", {}).error == (141, 'Invalid function: "which"')
