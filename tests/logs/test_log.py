"""The log of an application over `/scriptlog` (`contract/cloud.md` §10, `contract/config.md` §11)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from parse_core.application import applications
from parse_core.logs.recording import about
from tests.support.client import ApiClient

Start = Callable[..., ApiClient]
log = logging.getLogger("parse_core.example")


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Start]:
    """An application whose log is in a folder of the test's."""

    def configured(**options: Any) -> ApiClient:
        application = applications.configure(
            {
                "appId": "logs",
                "masterKey": "master",
                "readOnlyMasterKey": "reader",
                "serverURL": "http://api.example/parse",
                "logsFolder": str(tmp_path / "logs"),
                **options,
            }
        )
        return ApiClient(application)

    yield configured
    applications.remove("logs")


def say(api: ApiClient, level: int, text: str, **details: Any) -> None:
    log.log(level, text, extra=about(api.application, **details))


def lines(api: ApiClient, **query: str) -> list[str]:
    answer = api.get("/scriptlog", master=True, query=query)
    assert answer.status == 200, answer.body
    return [entry["message"] for entry in answer.json]


def test_the_newest_lines_come_first_and_ten_of_them(start: Start) -> None:
    api = start()
    for number in range(12):
        say(api, logging.INFO, f"line {number}")
    assert lines(api) == [f"line {number}" for number in range(11, 1, -1)]
    assert lines(api, order="asc", size="2") == ["line 0", "line 1"]
    assert lines(api, n="3", size="7") == ["line 11", "line 10", "line 9"]
    assert lines(api, size="many") == lines(api)


def test_an_entry_has_level_message_timestamp_and_what_it_is_about(start: Start) -> None:
    api = start()
    say(api, logging.WARNING, "careful", functionName="f", user="u1", params={"password": "x", "n": 1})
    (entry,) = api.get("/scriptlog", read_only=True).json
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "level": "warn", "message": "careful", "functionName": "f", "user": "u1",
        "params": {"password": "********", "n": 1},
    }  # fmt: skip


def test_errors_can_be_asked_for_alone_and_unknown_levels_mean_everything(start: Start) -> None:
    api = start()
    say(api, logging.INFO, "good")
    say(api, logging.ERROR, "bad")
    assert lines(api, level="error") == ["bad"]
    assert lines(api, level="info") == lines(api, level="verbose") == ["bad", "good"]


def test_lines_are_found_by_time_over_days(start: Start, tmp_path: Path) -> None:
    api = start()
    folder, now = tmp_path / "logs", datetime.now(UTC)
    folder.mkdir()
    for days in (9, 3, 1):
        moment = now - timedelta(days=days)
        entry = {"level": "info", "message": f"{days} days ago", "timestamp": moment.isoformat()}
        Path(folder, f"parse-server.info.{moment.date()}").write_bytes(orjson.dumps(entry) + b'\n{"cut off')
    say(api, logging.INFO, "now")
    assert lines(api) == ["now", "1 days ago", "3 days ago"], "a week, if nobody says"
    since, until = (f"{(now - timedelta(days=days)).date()}T00:00:00Z" for days in (10, 2))
    assert lines(api, **{"from": since, "until": until}) == ["3 days ago", "9 days ago"]
    assert lines(api, **{"from": since, "order": "asc", "n": "1"}) == ["9 days ago"]
    assert lines(api, **{"from": "yesterday", "until": "[]"}) == lines(api)


def test_what_is_below_the_level_is_not_kept(start: Start) -> None:
    api = start(logLevel="warn")
    say(api, logging.INFO, "much")
    say(api, logging.WARNING, "enough")
    assert lines(api) == ["enough"]
    api = start(logLevel="silent")
    say(api, logging.ERROR, "nothing at all")
    assert lines(api) == ["enough"]


def test_one_application_never_sees_the_lines_of_another(start: Start, tmp_path: Path) -> None:
    api = start()
    other = ApiClient(
        applications.configure(
            {"appId": "others", "masterKey": "m", "serverURL": "http://o.example", "logsFolder": str(tmp_path / "logs")}
        )
    )
    say(api, logging.INFO, "mine")
    say(other, logging.INFO, "theirs")
    log.warning("nobody's in particular")
    assert (lines(api), lines(other)) == (["mine"], ["theirs"])
    applications.remove("others")


def test_old_files_go_as_the_option_says(start: Start, tmp_path: Path) -> None:
    folder, today = tmp_path / "logs", datetime.now(UTC).date()
    folder.mkdir()
    names = [f"parse-server.info.{today - timedelta(days=days)}" for days in (1, 2, 40)]
    for name in names:
        Path(folder, name).touch()
    say(start(maxLogFiles="2d"), logging.INFO, "hello")
    assert {path.name for path in folder.iterdir()} == {names[0], f"parse-server.info.{today}"}


def test_no_folder_is_no_log(start: Start) -> None:
    api = start(logsFolder="null")
    assert api.get("/scriptlog", master=True).error == (115, "Logger adapter is not available")


class Keeping:
    """An adapter that cannot be read."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str]] = []

    def log(self, level: str, message: str, meta: dict[str, Any]) -> None:
        self.kept.append((level, message))


class Telling(Keeping):
    """An adapter that can."""

    def query(self, **asked: Any) -> list[Any]:
        return [{"message": message, "order": asked["order"]} for _, message in self.kept]


def test_an_adapter_takes_the_lines_and_tells_them_if_it_can(start: Start) -> None:
    adapter = Keeping()
    api = start(loggerAdapter=adapter)
    say(api, logging.INFO, "hello")
    refusal = (115, "Querying logs is not supported with this adapter")
    assert adapter.kept == [("info", "hello")]
    assert api.get("/scriptlog", master=True).error == refusal
    api = start(loggerAdapter=Telling())
    say(api, logging.INFO, "hello")
    assert api.get("/scriptlog", master=True, query={"order": "asc"}).json == [{"message": "hello", "order": "asc"}]


def test_logs_are_for_the_master_key(start: Start) -> None:
    answer = start().get("/scriptlog")
    assert (answer.status, answer.json) == (403, {"error": "Permission denied"})


@pytest.mark.parametrize("password", ["simplepass.com", "simple%20%40%2C%2F%3F%3A%26%3D%2B%24%23pass.com"])
def test_the_password_of_a_login_is_not_in_the_log(start: Start, password: str) -> None:
    api = start(verbose=True)
    path = f"/login?username=test&password={password}"
    environ = api._environ("GET", "/login", None)
    environ["QUERY_STRING"] = path.partition("?")[2]
    list(api._wsgi(environ, lambda *_started: None))
    entries = api.get("/scriptlog", master=True, query={"size": "3", "level": "verbose"}).json
    (asked,) = [entry for entry in entries if entry["message"].startswith("REQUEST for [GET] /parse/login")]
    assert asked["url"] == "/parse/login?username=test&password=********"
    assert asked["message"] == "REQUEST for [GET] /parse/login?username=test&password=********: {}"
    assert "pass.com" not in orjson.dumps(entries).decode()


def test_requests_and_responses_are_told_at_verbose_without_what_proves_who_asks(start: Start) -> None:
    api = start(verbose=True, allowClientClassCreation=True)
    signed_up = api.post("/users", {"username": "ada", "password": "secret-1"}).json
    api.post("/login", {"username": "ada", "password": "secret-1", "_method": "POST"})
    text = orjson.dumps(api.get("/scriptlog", master=True, query={"size": "50"}).json).decode()
    assert (
        'REQUEST for [POST] /parse/login: {\\n  \\"username\\": \\"ada\\",\\n  \\"password\\": \\"********\\"' in text
    )
    assert "RESPONSE from [POST] /parse/users" in text
    assert "secret-1" not in text
    assert signed_up["sessionToken"] not in text
    api = start()
    before = len(lines(api, size="1000"))
    api.get("/health")
    api.get("/classes/_User")
    assert len(lines(api, size="1000")) == before, "only at verbose"


def test_every_parse_error_is_told_once(start: Start) -> None:
    api = start()
    api.get("/classes/_User/nope")
    entries = api.get("/scriptlog", master=True).json
    told = [(entry["level"], entry["message"], entry["code"]) for entry in entries if "Parse error" in entry["message"]]
    assert told == [("error", "Parse error: Object not found. 101", 101)]


@pytest.mark.parametrize(("level", "told"), [("info", ["info"]), ("warn", ["warn"]), ("silent", [])])
def test_a_name_that_is_taken_has_a_level_of_its_own(start: Start, level: str, told: list[str]) -> None:
    api = start(logLevels={"signupUsernameTaken": level})
    api.application.reset()
    for _ in range(2):
        api.post("/users", {"username": "bob", "password": "x"})
    entries = api.get("/scriptlog", master=True).json
    assert [entry["level"] for entry in entries if "taken" in entry["message"] or entry.get("code") == 202] == told
