"""Servers with Cloud Code in Python: they load it before they answer, or say what is wrong with it and stop."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import httpx
import pytest
from django.test import override_settings

from parse_core.configuration import configured
from tests.process.conftest import PROJECT, wait_until
from tests.process.test_start import StartServer, start
from tests.support.server import LiveServer

__all__ = ["start"]  # the fixture

HELLO = """
    from parse_cloud import cloud

    @cloud.function
    def hello(request):
        return "{}"
"""
BROKEN = "from parse_cloud import cloud\n\ncloud.nonsense()\n"


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return path


def hello(server: LiveServer) -> object:
    headers = {"X-Parse-Application-Id": server.app_id, "X-Parse-REST-API-Key": server.rest_key}
    return httpx.post(f"{server.url}/functions/hello", headers=headers, json={}).json()


@pytest.mark.slow
def test_every_worker_has_it_from_the_first_request_on(database_url: str, tmp_path: Path) -> None:
    main = written(tmp_path / "main.py", HELLO.format("hi"))
    with LiveServer({"cloud": str(main)}, workers=2) as server:
        assert [hello(server) for _ in range(6)] == [{"result": "hi"}] * 6
        assert f"{server.app_id}: 1 function ({main})" in server.log.read_text()


@pytest.mark.slow
def test_a_server_does_not_start_with_code_that_fails(database_url: str, tmp_path: Path) -> None:
    main = written(tmp_path / "main.py", BROKEN)
    with pytest.raises(RuntimeError) as raised, LiveServer({"cloud": str(main)}):
        pass
    last = str(raised.value).strip().splitlines()[-1]
    assert last.startswith(f'CommandError: Cloud Code cannot be loaded: File "{main}", line 3: AttributeError: ')


@pytest.mark.slow
def test_code_that_changes_is_loaded_again_and_the_server_is_not_started_anew(
    start: StartServer, home: Path, tmp_path: Path
) -> None:
    main = written(tmp_path / "main.py", HELLO.format("old"))
    server = start(PARSE_SERVER_CLOUD=str(main), PARSE_SERVER_CLOUD_AUTO_RELOAD="true")
    server.wait_until_running()
    headers = {"X-Parse-Application-Id": json.loads((home / "application.json").read_text())["appId"]}

    def answer() -> object:
        return httpx.post(f"{server.url}/parse/functions/hello", headers=headers, json={}).json().get("result")

    assert answer() == "old"
    time.sleep(1.1)  # until Django's reloader has seen the file
    written(main, BROKEN)
    wait_until(lambda: "The former code stays in force." in server.output, "it is told", seconds=60)
    assert answer() == "old"
    written(main, HELLO.format("new"))
    wait_until(lambda: answer() == "new", "the new code is there", seconds=60)
    assert server.output.count("running on") == 1


@pytest.mark.slow
def test_the_development_server_tells_file_and_line(start: StartServer, tmp_path: Path) -> None:
    main = written(tmp_path / "main.py", BROKEN)
    server = start("runserver", "--noreload", PARSE_SERVER_CLOUD=str(main))
    assert server.process.wait(60) != 0
    wait_until(lambda: f'File "{main}", line 3: AttributeError' in server.output, "it says so")
    assert "running on" not in server.output


def test_the_only_application_has_the_code_where_it_is_looked_for(tmp_path: Path) -> None:
    main = written(tmp_path / "cloud" / "main.py", HELLO.format("hi"))
    one = {"appId": "a", "masterKey": "m"}
    config = written(tmp_path / "config.json", json.dumps(one))
    with override_settings(PARSE_DEFAULT_CLOUD=[main], PARSE_SERVER={}, PARSE_SERVER_CONFIG_FILE=str(config)):
        assert [each["cloud"] for each in configured()] == [str(main)]
        config.write_text(json.dumps({**one, "cloud": "other.py"}))
        assert [each["cloud"] for each in configured()] == ["other.py"]
        config.write_text(json.dumps({"apps": [one, {**one, "appId": "b"}]}))
        assert [each.get("cloud") for each in configured()] == [None, None]
        config.write_text(json.dumps(one))
        main.unlink()
        assert [each.get("cloud") for each in configured()] == [None]


@pytest.mark.slow
def test_a_command_lists_what_is_registered(home: Path, tmp_path: Path, database_url: str) -> None:
    main = written(tmp_path / "main.py", HELLO.format("hi"))
    with LiveServer({"cloud": str(main)}) as server:
        listed = subprocess.run(
            [sys.executable, "manage.py", "cloud_code"],
            cwd=PROJECT,
            env=server.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert listed.stdout.strip() == f"{server.app_id}: 1 function ({main})"
