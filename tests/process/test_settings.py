"""What the environment and the configuration file say about the process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from parse_server.config_file import process_options
from parse_server.embedded import EmbeddedServer
from parse_server.environment import database_name, flag, number, text
from parse_server.private_files import read_or_create
from parse_server.providers import ExternalServer, provider


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", "")
    monkeypatch.setenv("OTHER", "value")
    assert text("ONE", "OTHER") == "value"
    assert number("ONE", default=7) == 7
    assert flag("ONE", default=True) is True


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("1", True), ("False", False), ("0", False)])
def test_a_flag(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("FLAG", value)
    assert flag("FLAG", default=not expected) is expected


def test_wrong_values_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODD", "odd")
    with pytest.raises(ImproperlyConfigured, match="ODD"):
        number("ODD", default=1)
    with pytest.raises(ImproperlyConfigured, match="ODD"):
        flag("ODD", default=True)


@pytest.mark.parametrize(
    ("uri", "name"),
    [("", "parse"), ("postgres://u:p@h:5/shop", "shop"), ("postgresql://h", "parse"), ("host=/tmp dbname=x", "x")],
)
def test_the_database_of_an_address(uri: str, name: str) -> None:
    assert database_name(uri, default="parse") == name


def test_the_file_says_where_to_listen(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    assert process_options("") == process_options(str(file)) == {}
    file.write_text(json.dumps({"appId": "a", "port": 1338, "mountPath": "/1"}))
    assert process_options(str(file)) == {"port": 1338, "mountPath": "/1"}
    file.write_text(json.dumps({"port": 2, "apps": [{"appId": "a", "port": 1, "mountPath": "/1"}, {"appId": "b"}]}))
    assert process_options(str(file)) == {"port": 2, "mountPath": "/1"}
    file.write_text("{")
    with pytest.raises(ImproperlyConfigured, match=r"config\.json"):
        process_options(str(file))


def test_an_address_is_used_and_without_one_the_embedded_server(tmp_path: Path) -> None:
    external = provider("postgres://me@db.example/shop", tmp_path)
    assert isinstance(external, ExternalServer)
    assert external.connection_info("shop") == "user=me dbname=shop host=db.example"
    assert isinstance(provider("", tmp_path), EmbeddedServer)


def test_a_private_file_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    assert read_or_create(path, lambda: "first") == "first"
    assert read_or_create(path, lambda: "second") == "first"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret"]
